"""Zeiss CZI (ZEN, light microscopes): the planes of a file as pages, their pixels, and the size of a pixel.

A file is a row of segments: a directory lists blocks of pixels, each with its place in x and y and in the dimensions of
an acquisition (scene, time, depth, channel ...), and XML tells the scaling. Blocks of one plane are laid side by side;
those of coarser copies (a pyramid) are passed over. Sources: Zeiss' description of the format (ZISRAW, libCZI) and
czifile, where they agree. Every position and size is checked against the file before it is believed.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.nodes.reading.pixel_size import PixelSize, number_in
from graingraph.nodes.reading.pixel_types import full_scale
from graingraph.nodes.reading.untrusted_xml import Xml, parse_xml
from graingraph.nodes.reading.zen_scaling import zen_size

SIGNATURE = b"ZISRAWFILE"
MOST_BLOCKS, MOST_DIMENSIONS = 200_000, 40
MOST_XML_BYTES = 50_000_000
MOST_CELLS = 50_000_000
"""Places between edges of tiles beyond which nobody asks which of them are covered."""
PIXEL_TYPES: dict[int, tuple[str, int]] = {
    0: ("<u1", 1),
    1: ("<u2", 1),
    2: ("<f4", 1),
    3: ("<u1", 3),
    4: ("<u2", 3),
    9: ("<u1", 4),
}
"""By number the type of a sample and how many there are: Gray8, Gray16, Gray32Float, Bgr24, Bgr48, Bgra32."""
ORDER = "SBVIRHTZC"
"""Dimensions that make planes: scene, block, view, illumination, rotation, phase, time, depth, channel."""
WORDS = {"S": "scene", "T": "time", "Z": "depth", "C": "channel", "R": "rotation", "I": "illumination", "H": "phase"}
RAW, JPEG, LZW, JPEG_XR, ZSTD, ZSTD_WITH_HEADER = 0, 1, 2, 4, 5, 6
DAMAGED = "The CZI file is damaged or incomplete; copy it again from the microscope."
FORMATS = "export it from ZEN as TIFF"


class _Block(NamedTuple):
    """An entry of the directory: where its segment is, how it is stored, and its start and size by dimension."""

    position: int
    pixel_type: int
    compression: int
    starts: dict[str, int]
    sizes: dict[str, int]

    @property
    def plane(self) -> tuple[int, ...]:
        return tuple(self.starts.get(name, 0) for name in ORDER)


@dataclass(frozen=True)
class CziPlane:
    """One page: its size, the type of its samples, their number, what it is of the acquisition, and its ``bits``.

    A camera of 12 bits says so, and has white at 4095; 0 where nothing is said.
    """

    width: int
    height: int
    dtype: np.dtype[Any]
    samples: int
    words: str
    bits: int
    blocks: tuple[_Block, ...]

    @property
    def is_narrow(self) -> bool:
        """Whether the camera has fewer bits than its samples are kept in."""
        return self.dtype == np.dtype("<u2") and 8 < self.bits < 16

    @property
    def share_covered(self) -> float:
        """What share of the picture its blocks cover; the rest, between tiles, is black."""
        starts = np.array([(block.starts["Y"], block.starts["X"]) for block in self.blocks])
        ends = starts + [(block.sizes["Y"], block.sizes["X"]) for block in self.blocks]
        rows, columns = (np.unique((starts[:, axis], ends[:, axis])) for axis in (0, 1))
        if columns.size * rows.size > MOST_CELLS:
            return 1.0
        covered = np.zeros((rows.size - 1, columns.size - 1), bool)
        tops, bottoms = (np.searchsorted(rows, edges[:, 0]) for edges in (starts, ends))
        lefts, rights = (np.searchsorted(columns, edges[:, 1]) for edges in (starts, ends))
        for top, bottom, left, right in zip(tops, bottoms, lefts, rights, strict=True):
            covered[top:bottom, left:right] = True
        area = float(np.diff(rows) @ covered @ np.diff(columns))
        return area / (self.width * self.height)


class CziFile:
    """An open file. ``Problem`` or some other error where it is none, or damaged."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        try:
            self._length = path.stat().st_size
            start, size = self._segment(0, SIGNATURE)
            fields = struct.unpack("<iiii16s16siqqiq", self._read(start, min(size, 80) if size else 80))
            if fields[6]:
                raise Problem(f"This is a part of an image that is stored in several CZI files; {FORMATS}.")
            self._directory, self._metadata = fields[7], fields[8]
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "CziFile":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    @cached_property
    def planes(self) -> tuple[CziPlane, ...]:
        """The pages, by scene, time, depth and channel."""
        found: dict[tuple[int, ...], list[_Block]] = {}
        for block in self._blocks():
            found.setdefault(block.plane, []).append(block)
        several = [place for place in range(len(ORDER)) if len({plane[place] for plane in found}) > 1]
        channels = self._channels()
        return tuple(_plane(found[plane], plane, several, channels) for plane in sorted(found))

    @property
    def pixel_size(self) -> PixelSize | None:
        """What the metadata tell of the scaling."""
        return zen_size(self._xml) if self._xml else None

    def pixels(self, plane: CziPlane) -> np.ndarray:
        """The pixels of a page, (H, W) or (H, W, C) in the order RGB; black where no block lies."""
        left, top = _corner(plane.blocks)
        shape = (plane.height, plane.width) + ((plane.samples,) if plane.samples > 1 else ())
        picture = np.zeros(shape, plane.dtype.newbyteorder("="))
        for block in plane.blocks:
            x, y = block.starts["X"] - left, block.starts["Y"] - top
            picture[y : y + block.sizes["Y"], x : x + block.sizes["X"]] = self._decoded(block, plane)
        white = 2**plane.bits - 1
        if plane.is_narrow and int(picture.max(initial=0)) <= white:
            picture = full_scale(picture, white)
        return picture[..., :3] if plane.samples == 4 else picture  # the fourth is no transparency, and mostly 0

    # the parts of the file ---------------------------------------------------------------------------------------

    def _read(self, position: int, count: int) -> bytes:
        if position < 0 or count < 0 or position + count > self._length:
            raise Problem(DAMAGED)
        self._file.seek(position)
        return self._file.read(count)

    def _segment(self, position: int, name: bytes) -> tuple[int, int]:
        """Where the contents of a segment begin, and how many bytes are used."""
        found, allocated, used = struct.unpack("<16sqq", self._read(position, 32))
        if found.rstrip(b"\0") != name:
            raise Problem(DAMAGED)
        return position + 32, used or allocated

    def _blocks(self) -> Iterator[_Block]:
        start, _ = self._segment(self._directory, b"ZISRAWDIRECTORY")
        (count,) = struct.unpack("<i", self._read(start, 4))
        if not 0 < count <= MOST_BLOCKS:
            raise Problem(f"The CZI file holds {count} blocks of pixels, which cannot be read; {FORMATS}.")
        at = start + 128
        for _ in range(count):
            block, length, is_copy = self._entry(at)
            at += length
            if not is_copy:
                yield block

    def _entry(self, at: int) -> tuple[_Block, int, bool]:
        """An entry of the directory, its length in bytes, and whether it is of a coarser copy of the picture."""
        schema, pixel_type, position, part, compression, _, _, count = struct.unpack("<2siqiiB5si", self._read(at, 32))
        if schema != b"DV" or not 0 < count <= MOST_DIMENSIONS:
            raise Problem(DAMAGED)
        if part:
            raise Problem(f"The picture is stored in several CZI files; {FORMATS}.")
        starts, sizes, is_copy = {}, {}, False
        for number in range(count):
            raw = struct.unpack("<4siifi", self._read(at + 32 + 20 * number, 20))
            name = raw[0].rstrip(b"\0 ").decode("ascii", "replace")
            starts[name], sizes[name] = raw[1], raw[2]
            is_copy = is_copy or (name in "XY" and raw[4] not in (0, raw[2]))
        if not {"X", "Y"} <= sizes.keys() or min(sizes["X"], sizes["Y"]) <= 0:
            raise Problem(DAMAGED)
        if any(size > 1 for name, size in sizes.items() if name not in ("X", "Y", "M")):
            raise Problem(f"This CZI file holds several planes in one block, which is not offered; {FORMATS}.")
        return _Block(position, pixel_type, compression, starts, sizes), 32 + 20 * count, is_copy

    def _decoded(self, block: _Block, plane: CziPlane) -> np.ndarray:
        start, _ = self._segment(block.position, b"ZISRAWSUBBLOCK")
        metadata, _, size = struct.unpack("<iiq", self._read(start, 16))
        _, length, _ = self._entry(start + 16)
        data = self._read(start + 16 + max(240, length) + max(0, metadata), size)
        shape = (block.sizes["Y"], block.sizes["X"]) + ((plane.samples,) if plane.samples > 1 else ())
        pixels = _decompressed(data, block.compression, plane.dtype, shape)
        if plane.samples > 1 and block.compression != JPEG_XR:  # whose decoder gives RGB
            pixels = pixels[..., [2, 1, 0, 3][: plane.samples]]
        return pixels

    @cached_property
    def _xml(self) -> Xml | None:
        """The metadata; None where there are none that can be read: a picture is a picture without them."""
        try:
            start, _ = self._segment(self._metadata, b"ZISRAWMETADATA")
            (size,) = struct.unpack("<i", self._read(start, 4))
            return parse_xml(self._read(start + 256, size)) if 0 < size < MOST_XML_BYTES else None
        except (Problem, struct.error):
            return None

    def _channels(self) -> list[tuple[str, int]]:
        """The names and bits of the channels, in their order; empty where none are told."""
        found = []
        dimensions = self._xml.first("Dimensions", "Channels") if self._xml else None
        for channel in dimensions.all("Channel") if dimensions else ():
            bits = channel.first("ComponentBitCount")
            found.append((channel.get("Name") or "", int(number_in(bits.text) or 0) if bits else 0))
        return found


def _corner(blocks: tuple[_Block, ...] | list[_Block]) -> tuple[int, int]:
    return min(block.starts["X"] for block in blocks), min(block.starts["Y"] for block in blocks)


def _plane(
    blocks: list[_Block], place: tuple[int, ...], several: list[int], channels: list[tuple[str, int]]
) -> CziPlane:
    kinds = {block.pixel_type for block in blocks}
    kind = kinds.pop()
    if kinds or kind not in PIXEL_TYPES:
        raise Problem(f"The pixels of this CZI file are of a type that is not offered ({kind}); {FORMATS}.")
    left, top = _corner(blocks)
    width = max(block.starts["X"] + block.sizes["X"] for block in blocks) - left
    height = max(block.starts["Y"] + block.sizes["Y"] for block in blocks) - top
    dtype, samples = PIXEL_TYPES[kind]
    number = place[ORDER.index("C")]
    name, bits = channels[number] if 0 <= number < len(channels) else ("", 0)
    return CziPlane(
        width, height, np.dtype(dtype), samples, _words(place, several, name), bits, tuple(sorted(blocks, key=_layer))
    )


def _layer(block: _Block) -> int:
    """The number of a tile; where tiles overlap, those of higher ones lie on top (libCZI)."""
    return block.starts.get("M", 0)


def _words(plane: tuple[int, ...], several: list[int], channel: str) -> str:
    """What a page is, in the dimensions in which there are several, counted from 1: ``scene 2, channel 1 (DAPI)``."""
    words = []
    for place in several:
        name, number = ORDER[place], plane[place]
        label = f"{WORDS.get(name, name)} {number + 1}"
        words.append(f"{label} ({channel})" if name == "C" and channel else label)
    return ", ".join(words)


def _decompressed(data: bytes, compression: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
    """The pixels of a block; what it holds cannot be larger than was said."""
    import imagecodecs

    size = math.prod(shape) * dtype.itemsize
    if compression in (JPEG, JPEG_XR):
        pixels = np.empty(shape, dtype.newbyteorder("="))
        (imagecodecs.jpeg8_decode if compression == JPEG else imagecodecs.jpegxr_decode)(data, out=pixels)
        return pixels
    high_and_low = False
    if compression == ZSTD_WITH_HEADER:
        length = data[0]
        high_and_low = length >= 3 and data[1] == 1 and bool(data[2] & 1)
        data = data[length:]
    if compression in (ZSTD, ZSTD_WITH_HEADER):
        data = bytes(imagecodecs.zstd_decode(data, out=bytearray(size)))
    elif compression == LZW:
        data = bytes(imagecodecs.lzw_decode(data, out=bytearray(size)))
    elif compression != RAW:
        raise Problem(f"The CZI file is compressed in a way that is not offered ({compression}); {FORMATS}.")
    if len(data) < size:
        raise Problem(DAMAGED)
    if high_and_low:  # all low bytes come before all high ones
        data = np.frombuffer(data[:size], np.uint8).reshape(2, -1).T.tobytes()
    return np.frombuffer(data[:size], dtype).reshape(shape)
