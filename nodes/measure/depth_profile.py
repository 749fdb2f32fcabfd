"""DepthProfile: how a structure changes with the depth below a surface."""

from typing import Annotated, Any, Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, Mask, MeasuredField, Plot, Series, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import named, short
from graingraph.nodes.reading.pixel_types import unit_grey
from graingraph.nodes.tables.reportable import NO_SCALE, refusal


class DepthProfile(NamedTuple):
    """One row a layer, one row of depths for the image, and the profile as a plot."""

    layers: Table
    depths: Table
    plot: Plot


@node(
    "DepthProfile",
    category="Measure",
    synonyms=(
        "case depth",
        "CHD",
        "decarburisation",
        "decarburization",
        "carburised layer",
        "nitriding",
        "ASTM E1077",
        "surface",
        "ISO 3887",
        "alpha case",
    ),
)
def depth_profile(
    structure: ClassMap | Labels | Mask | Image,
    specimen: Mask,
    *,
    step: Annotated[float, Range(0.01, 100_000, log=True), Unit("µm"), Label("width of a layer")] = 10.0,
    level: Annotated[float, Range(0, 100), Unit("%"), Label("depth is where it passes")] = 50.0,
    surface: Literal["all sides", "top", "bottom", "left", "right"] = "all sides",
) -> DepthProfile:
    """Measure area fraction, or grey level, in layers parallel to the surface, and the depth of a changed layer.

    The specimen is a mask of all that is metal; its surface is where the mask ends, on all sides or on one, not where
    the image ends. The depth of a pixel is its distance to the nearest point of the surface, so curved surfaces are
    followed. In each layer the share of each class is measured (of features or a mask, what they cover; of an image,
    the mean grey level between black and white). The depth of a class is where its share first passes the level on the
    way in, linear between the middles of layers: the limit of decarburisation where ferrite falls below it. Without a
    pixel size the layers are in px.

    Standard: ASTM E1077 (decarburised layers). Assumes a section square to the surface: one that is tilted by 10°
    makes depths 1.5 % too large. Oracles: layers and ramps of known depth under flat and curved surfaces. Known error
    of a depth: a tenth of the width of a layer, where the share changes evenly.

    Settings:
        step: Width of a layer, in µm; in px without a pixel size.
        level: The share whose depth is stated.
        surface: Which sides of the specimen are its surface.
    """
    if structure.shape != specimen.shape:
        raise Problem("The structure and the specimen differ in size; wire what was made of the same image.")
    scale = specimen.scale or structure.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    known = specimen.pixels & (structure.pixels != UNLABELLED) if isinstance(structure, ClassMap) else specimen.pixels
    depth = _depth(specimen.pixels, surface) * per_px
    inside = known & np.isfinite(depth)
    layer = (depth[inside] / step).astype(np.int64)
    count = int(layer.max(initial=-1)) + 1
    if count > 100_000:
        raise Problem(f"There would be {count} layers; make them wider than {short(step, 2)} {unit}.")
    pixels = np.bincount(layer, minlength=count)
    edges = step * np.arange(count + 1)
    shares = {
        name: 100 * np.bincount(layer, part[inside], count) / np.maximum(pixels, 1)
        for name, part in _parts(structure).items()
    }
    for share in shares.values():
        share[pixels == 0] = np.nan
    columns = {"Depth from": edges[:-1], "Depth to": edges[1:], **shares, "Analysed area": pixels * per_px**2}
    units = {"Depth from": unit, "Depth to": unit, **dict.fromkeys(shares, "%"), "Analysed area": f"{unit}²"}
    field = MeasuredField(*specimen.shape, scale)
    middles = (edges[:-1] + edges[1:]) / 2
    depths = {
        f"Depth of {_short(name)}" if len(shares) > 1 else "Depth": _passing(middles, share, level)
        for name, share in shares.items()
    }
    said = [
        f"{_short(name)} {short(found, 3)} {unit}"
        for name, found in zip(shares, depths.values(), strict=True)
        if found > 0
    ]
    headline = f"{level:g} % passed at " + ", ".join(said) if said else f"{level:g} % is not passed"
    row = Table(
        {name: np.array([value]) for name, value in depths.items()},
        dict.fromkeys(depths, unit),
        rows="fields",
        headline=headline,
        fields=(field,),
    )
    layers = Table(columns, units, rows="statistics", headline=headline, fields=(field,))
    notes = _notes(count, scaled=scale is not None)
    missed = [_short(name) for name, found in zip(shares, depths.values(), strict=True) if not np.isfinite(found)]
    if count and missed:
        notes.append(Note("advice", f"The share of {named(missed)} does not pass {level:g} %, so it has no depth."))
    series = tuple(Series(_short(name), middles, share) for name, share in shares.items())
    plot = Plot("Profile below the surface", f"Depth ({unit})", "Share (%)", series)
    return DepthProfile(layers.with_note(*notes), row.with_note(*notes), plot)


def _depth(specimen: npt.NDArray[np.bool_], surface: str) -> npt.NDArray[np.float32]:
    """Distance of each pixel to the surface in px, float32 (H, W); infinite where there is no surface.

    From the edge of the outermost pixels, half a pixel beyond their middles.
    """
    outside = ~specimen
    if surface != "all sides":
        # What lies outside before the specimen, in each row or column that meets it.
        turned = {"top": outside, "bottom": outside[::-1], "left": outside.T, "right": outside.T[::-1]}[surface]
        first = np.logical_and.accumulate(turned, axis=0) & ~turned.all(axis=0)
        outside = {"top": first, "bottom": first[::-1], "left": first.T, "right": first[::-1].T}[surface]
    if not outside.any():
        return np.full(specimen.shape, np.inf, np.float32)
    away = cv2.distanceTransform((~outside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.maximum(away - np.float32(0.5), 0)


def _parts(structure: ClassMap | Labels | Mask | Image) -> dict[str, npt.NDArray[Any]]:
    """What is averaged in each layer, by the name of its column: (H, W) each, from 0 to 1."""
    if isinstance(structure, ClassMap):
        return {f"Area fraction {item.name}": structure.pixels == k for k, item in enumerate(structure.classes)}
    if isinstance(structure, Image):
        return {"Grey level": unit_grey(structure)}
    return {"Area fraction": structure.pixels > 0}


def _short(name: str) -> str:
    """What a column is of: the class, or what stands there where there are no classes."""
    return name.removeprefix("Area fraction ") if name.startswith("Area fraction ") else name.lower()


def _passing(middles: np.ndarray, share: np.ndarray, level: float) -> float:
    """Where the share first passes the level on the way in, linear between the middles; NaN where it does not."""
    known = np.isfinite(share)
    above = share[known] >= level
    changes = np.flatnonzero(above[1:] != above[:-1])
    if not changes.size:
        return np.nan
    k = int(changes[0])
    (a, b), (here, there) = middles[known][k : k + 2], share[known][k : k + 2]
    return float(a + (b - a) * (level - here) / (there - here))


def _notes(layers: int, *, scaled: bool) -> list[Note]:
    if not layers:
        return [
            Note(
                "not reportable",
                "The specimen has no surface in the image: the mask is empty or fills it.",
                about="depth",
            )
        ]
    return [] if scaled else refusal([NO_SCALE], about="depth")
