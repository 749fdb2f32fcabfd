"""OME-Zarr 0.4 and 0.5: a folder, or a zip file, that is one image in many pieces; its planes are pages.

Attributes in JSON name the axes, the resolution levels and the size of a pixel in units; the pieces are read by
tensorstore, whose codecs are its own (no pickles, no code from the file). Only level 0 is taken, labels never. Nothing
outside the image is read: links in it are refused, as are paths that lead out of it, and every size is checked before
pixels are. Sources: the OME-NGFF specification, versions 0.4 and 0.5; bioformats2raw for several series.
"""

import itertools
import math
import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

import numpy as np
import orjson

from graingraph.engine.images.files import parts_of
from graingraph.engine.problem import Problem
from graingraph.nodes.reading.pixel_size import PixelSize, both, micrometres

INSTALL = "pip install 'graingraph[zarr]'"
FORMATS = "export it as OME-TIFF"
MOST_JSON_BYTES, MOST_FILES, MOST_SERIES = 10_000_000, 1_000_000, 1000
MOST_PIECE_BYTES = 1 << 29
"""A piece (chunk, shard) that claims to unfold to more is refused."""
KINDS = frozenset(
    ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64", "|b1", "|u1", "|i1"]
    + [f"{order}{kind}" for order in "<>" for kind in ("u2", "i2", "u4", "i4", "f4", "f8")]
)
"""Types of samples, as Zarr 3 and Zarr 2 spell them."""
WORDS = {"t": "time", "z": "depth", "c": "channel"}
RGB = ("FF0000", "00FF00", "0000FF")
"""Colours of three channels that are one picture in colour."""


@dataclass(frozen=True)
class ZarrPlane:
    """One page: where in the array it lies, its size, type and number of samples, and what it is of the acquisition."""

    array: str
    zarr: int
    axes: tuple[str, ...]
    place: Mapping[str, int]
    width: int
    height: int
    dtype: np.dtype[Any]
    samples: int
    words: str
    pixel_size: PixelSize | None


class OmeZarr:
    """An image in a folder or a zip file. ``Problem`` where it is none, or of a kind that is not offered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = None if path.is_dir() else zipfile.ZipFile(path)
        self._base = ""
        if self._zip is None:
            _refuse_links(path)
        else:
            names = self._zip.namelist()
            if len(names) > MOST_FILES:
                raise Problem(f"The file holds {len(names)} pieces, more than can be read; {FORMATS}.")
            if any(item.file_size > MOST_PIECE_BYTES for item in self._zip.infolist()):
                raise Problem(f"A piece in the file is too large to be read; {FORMATS}.")
            tops = {name.split("/")[0] for name in names}
            if len(tops) == 1 and not {"zarr.json", ".zattrs"} & tops:
                self._base = f"{tops.pop()}/"  # the folder was zipped, not what is in it
        self.planes = tuple(self._found())

    def __enter__(self) -> "OmeZarr":
        return self

    def __exit__(self, *error: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def pixels(self, plane: ZarrPlane) -> np.ndarray:
        """The pixels of a page, (H, W) or (H, W, 3); pieces that were never written have the array's fill value."""
        import tensorstore

        kind = "zarr3" if plane.zarr == 3 else "zarr"
        if self._zip is None:
            store: dict[str, Any] = {"driver": "file", "path": f"{self._path}/{plane.array}/"}
        else:
            base = {"driver": "file", "path": str(self._path)}
            store = {"driver": "zip", "base": base, "path": f"{self._base}{plane.array}/"}
        context = tensorstore.Context({"cache_pool": {"total_bytes_limit": 0}})
        array = tensorstore.open({"driver": kind, "kvstore": store}, open=True, read=True, context=context).result()
        at = tuple(plane.place.get(axis, slice(None)) for axis in plane.axes)
        pixels = np.asarray(array[at].read().result())
        kept = [axis for axis in plane.axes if axis not in plane.place]
        return np.ascontiguousarray(np.transpose(pixels, [kept.index(axis) for axis in "yxc"[: len(kept)]]))

    # what the attributes say -------------------------------------------------------------------------------------

    def _found(self) -> Iterator[ZarrPlane]:
        attributes, zarr = self._attributes("")
        if "plate" in attributes or "well" in attributes:
            raise Problem(
                "This OME-Zarr is a plate of many wells; name one field of it, such as plate.zarr/A/1/0, as an image."
            )
        if "image-label" in attributes or "labels" in attributes:
            raise Problem("This OME-Zarr holds the labels of an image, not the image; name the one they belong to.")
        if "multiscales" in attributes:
            yield from self._planes_of("", attributes, zarr, "")
            return
        if "bioformats2raw.layout" not in attributes:
            raise Problem(f"This Zarr is no OME-Zarr image (it has no multiscales); {FORMATS}.")
        series = [name for name in map(str, range(MOST_SERIES)) if self._is_group(name)]
        for number, name in enumerate(series, 1):
            attributes, zarr = self._attributes(name)
            yield from self._planes_of(name, attributes, zarr, f"series {number}" if len(series) > 1 else "")

    def _planes_of(self, group: str, attributes: Mapping[str, Any], zarr: int, series: str) -> Iterator[ZarrPlane]:
        image = _first(attributes.get("multiscales"))
        version = str(attributes.get("version") or image.get("version") or "0.4")
        if not version.startswith(("0.4", "0.5")):
            raise Problem(f"OME-Zarr {version[:20]} is not read here, 0.4 and 0.5 are; {FORMATS}.")
        axes = [axis for axis in image.get("axes", ()) if isinstance(axis, dict)]
        names = tuple(str(axis.get("name", "")).lower() for axis in axes)
        if len(set(names)) < len(names) or not {"x", "y"} <= set(names) <= {"x", "y", *WORDS}:
            raise Problem(
                f"The axes of this OME-Zarr are {', '.join(names) or 'not told'}, not t, c, z, y, x; {FORMATS}."
            )
        level = _first(image.get("datasets"))
        array = _inside(group, level.get("path"))
        shape, dtype = self._array(array, zarr)
        if len(shape) != len(names):
            raise Problem(f"This OME-Zarr tells {len(names)} axes of an array with {len(shape)}; {FORMATS}.")
        sides = dict(zip(names, shape, strict=True))
        size = _pixel_size(axes, names, level, image)
        in_color = sides.get("c") == 3 and _colors(attributes) == RGB and dtype.kind == "u"
        several = [name for name in names if name in WORDS and not (name == "c" and in_color)]
        labels = _channel_names(attributes)
        for place in itertools.product(*(range(sides[name]) for name in several)):
            at = dict(zip(several, place, strict=True))
            words = [series] if series else []
            for name, number in at.items():
                if sides[name] > 1:
                    label = f" ({labels[number]})" if name == "c" and number < len(labels) and labels[number] else ""
                    words.append(f"{WORDS[name]} {number + 1}{label}")
            samples = 3 if in_color else 1
            yield ZarrPlane(array, zarr, names, at, sides["x"], sides["y"], dtype, samples, ", ".join(words), size)

    def _array(self, path: str, zarr: int) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and type of an array, whose pieces are small enough to be unfolded."""
        told = self._json(f"{path}/zarr.json" if zarr == 3 else f"{path}/.zarray")
        if told is None:
            raise Problem(f"The array {path} of this OME-Zarr is missing; copy all of it again.")
        kind = told.get("data_type" if zarr == 3 else "dtype")
        grid = (
            told.get("chunk_grid", {}).get("configuration", {}).get("chunk_shape") if zarr == 3 else told.get("chunks")
        )
        shape = told.get("shape")
        if not isinstance(kind, str) or kind not in KINDS:
            raise Problem(
                f"The pixels of this OME-Zarr are of a type that is not offered ({str(kind)[:40]}); {FORMATS}."
            )
        if not _whole(shape) or not _whole(grid) or len(shape) != len(grid) or not 2 <= len(shape) <= 5:
            raise Problem(f"The array of this OME-Zarr has no shape that can be; {FORMATS}.")
        dtype = np.dtype(kind)
        if math.prod(grid) * dtype.itemsize > MOST_PIECE_BYTES:
            raise Problem(f"The pieces of this OME-Zarr are too large to be read one by one; {FORMATS}.")
        if math.prod(shape) and math.prod(shape) // max(1, math.prod(shape[-2:])) > MOST_FILES:
            raise Problem(f"This OME-Zarr claims more planes than any micrograph has; {FORMATS}.")
        return tuple(shape), dtype

    def _is_group(self, name: str) -> bool:
        return any(self._json(f"{name}/{file}") is not None for file in ("zarr.json", ".zgroup"))

    def _attributes(self, group: str) -> tuple[Mapping[str, Any], int]:
        """The attributes of a group, and the version of Zarr that it is written in."""
        prefix = f"{group}/" if group else ""
        told = self._json(f"{prefix}zarr.json")
        if told is not None:
            found = told.get("attributes", {})
            found = found.get("ome", found) if isinstance(found, dict) else {}
            return (found if isinstance(found, dict) else {}), 3
        return self._json(f"{prefix}.zattrs") or {}, 2

    def _json(self, name: str) -> dict[str, Any] | None:
        """A JSON object in the image; None where there is none."""
        data = self._bytes(name)
        try:
            found = orjson.loads(data) if data is not None else None
        except orjson.JSONDecodeError:
            raise Problem(f"{PurePosixPath(name).name} of this OME-Zarr is damaged; copy all of it again.") from None
        return found if isinstance(found, dict) else None

    def _bytes(self, name: str) -> bytes | None:
        if self._zip is None:
            path = self._path / name
            try:
                state = os.lstat(path)
            except OSError:
                return None
            if not stat.S_ISREG(state.st_mode) or state.st_size > MOST_JSON_BYTES:
                raise Problem(f"{name} of this OME-Zarr is no file that can be read; {FORMATS}.")
            return path.read_bytes()
        try:
            with self._zip.open(f"{self._base}{name}") as file:
                data = file.read(MOST_JSON_BYTES + 1)
        except KeyError:
            return None
        if len(data) > MOST_JSON_BYTES:
            raise Problem(f"{name} of this OME-Zarr is no file that can be read; {FORMATS}.")
        return data


def is_zipped(path: Path) -> bool:
    """Whether a zip file is a Zarr."""
    with zipfile.ZipFile(path) as archive:
        return any(
            PurePosixPath(name).name in (".zattrs", ".zgroup", "zarr.json") for name in archive.namelist()[:1000]
        )


def _refuse_links(folder: Path) -> None:
    try:
        parts_of(folder)
    except OSError as error:
        raise Problem(f"The OME-Zarr cannot be read whole ({error}); copy the image itself.") from None


def _first(rows: Any) -> Mapping[str, Any]:
    """The first object of a JSON list."""
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        raise Problem(f"The OME-Zarr does not tell where its pixels are; {FORMATS}.")
    return rows[0]


def _inside(group: str, path: Any) -> str:
    """The path of an array from the top of the image, which does not lead out of it."""
    parts = PurePosixPath(path).parts if isinstance(path, str) else ()
    if not parts or any(part in ("..", "/") or "\\" in part or "\0" in part for part in parts):
        raise Problem(f"The OME-Zarr names an array outside of itself ({str(path)[:80]}), which is not read.")
    return "/".join((*([group] if group else []), *parts))


def _whole(sides: Any) -> TypeGuard[list[int]]:
    return isinstance(sides, list) and all(isinstance(side, int) and 0 < side < 2**31 for side in sides)


def _pixel_size(
    axes: list[dict[str, Any]], names: tuple[str, ...], level: Mapping[str, Any], image: Mapping[str, Any]
) -> PixelSize | None:
    """The scale of level 0 times that of the whole, in the units of x and y; None where an axis has no unit."""
    factors = dict.fromkeys(names, 1.0)
    told = False
    for part in (level, image):
        for one in part.get("coordinateTransformations") or ():
            scale = one.get("scale") if isinstance(one, dict) and one.get("type") == "scale" else None
            if isinstance(scale, list) and len(scale) == len(names):
                told = True
                for name, factor in zip(names, scale, strict=True):
                    factors[name] *= factor if isinstance(factor, int | float) else math.nan
    x, y = (micrometres(factors[name], str(axes[names.index(name)].get("unit") or "")) for name in "xy")
    return both(x, y) if told and x and y else None


def _omero(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    omero = attributes.get("omero")
    channels = omero.get("channels") if isinstance(omero, dict) else None
    return [one for one in channels if isinstance(one, dict)] if isinstance(channels, list) else []


def _colors(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(channel.get("color", "")).upper() for channel in _omero(attributes))


def _channel_names(attributes: Mapping[str, Any]) -> list[str]:
    return [str(channel.get("label", ""))[:60] for channel in _omero(attributes)]
