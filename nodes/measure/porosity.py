"""Porosity: how much of a section is pores, how large they are, where they lie and of which kind they are."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Table
from graingraph.engine.values.wording import counted, short

if TYPE_CHECKING:  # they load numba, which declaring the nodes does without
    from graingraph.nodes.imaging.features.runs import Runs
    from graingraph.nodes.imaging.stereology.worst_window import Window

SHAPED = 20
"""Pixels of area from which the shape of a pore can be told."""
WORST = (255, 60, 60)


class Porosity(NamedTuple):
    """One row for the image, a row a pore, and the picture with the worst window drawn."""

    table: Table
    pores: Table
    picture: Image


@node(
    "Porosity",
    category="Measure",
    synonyms=(
        "pores",
        "voids",
        "density",
        "lack of fusion",
        "gas pores",
        "keyhole",
        "worst field",
        "largest pore",
        "additive manufacturing",
        "casting",
        "sintered",
        "VDI 3405",
        "ASTM E2109",
        "shrinkage",
        "BDG P 202",
    ),
)
def porosity(
    pores: Labels | Mask,
    specimen: Mask | None = None,
    image: Image | None = None,
    *,
    window: Annotated[float, Range(1, 1e6, log=True), Unit("µm")] = 500.0,
    gas_from: Annotated[float, Range(0, 1)] = 0.6,
) -> Porosity:
    """Measure porosity, the pores per area, the largest pore, the worst window, and what share of the pores is gas.

    Porosity is the area of the pores in per cent of that of the specimen; without a specimen, of the image. The largest
    pore is that of the largest Feret diameter. The worst window is the square of the given side, wholly inside the
    specimen and at any place, with the most pores in it. Distance to the surface: from the edge of a pore to the
    nearest edge of the specimen, its holes aside; the frame is no surface. Kind: gas where the roundness,
    4·area / (π·Feret max²), is at least the limit, else lack of fusion; pores under 20 px² have no kind. Pores per area
    are counted without bias by the frame, as NumberPerArea does. One field has no interval: wire PorosityOfFields.

    Standard: VDI 3405-2 (porosity of additively manufactured parts from sections), ASTM E2109 (area percentage porosity
    of coatings). Assumes that polishing has neither smeared pores shut nor torn new ones. Oracles: discs thrown at
    random of known fraction and number, every window counted by itself, ellipses, empty fields. Known error: half a
    pixel at the edge of the pores changes their area by half their outline; a pore that the frame cuts is larger than
    it seems, and a note says so where it is the largest.

    Settings:
        window: Side of the worst window; in px where the pixel size is unknown.
        gas_from: Roundness from which a pore is gas.
    """
    from graingraph.nodes.imaging.features.runs import at_frame, feature_runs
    from graingraph.nodes.imaging.features.shape import Shape
    from graingraph.nodes.imaging.stereology.number_per_area import counting_area, counts
    from graingraph.nodes.imaging.stereology.worst_window import worst_window
    from graingraph.nodes.measure.field_table import field_table

    for other in (specimen, image):
        if other is not None and other.shape != pores.shape:
            raise Problem("The pores, the specimen and the image differ in size; wire those of the same image.")
    scale = pores.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    per_large, large = (per_px / 1000, "mm") if scale else (1.0, "px")
    dark = np.asarray(pores.pixels, bool)
    solid = None if specimen is None else specimen.pixels | dark
    runs = feature_runs(pores.pixels, pores.count if isinstance(pores, Labels) else None)
    shape = Shape(runs, pores.shape[1])
    there = np.flatnonzero(shape.area > 0)
    cut = at_frame(runs, pores.shape[1])
    area, length, roundness = shape.area[there], shape.of("Feret max")[there], shape.of("Roundness")[there]
    kind = np.where(area < SHAPED, "", np.where(roundness >= gas_from, "gas", "lack of fusion")).astype(object)
    shaped, gas = float(area[kind != ""].sum()), float(area[kind == "gas"].sum())
    each = float(counts(runs, pores.shape).sum())
    analysed = float(dark.size if solid is None else np.count_nonzero(solid))
    counted_on = (counting_area(pores.shape) if solid is None else _counting_area(solid)) * per_large**2
    side = round(window / per_px)
    worst = worst_window(dark, solid, side)
    columns = {
        "Label": there + 1,
        "Area": area * per_px**2,
        "Equivalent diameter": 2 * np.sqrt(area / np.pi) * per_px,
        "Feret max": length * per_px,
        "Roundness": roundness,
        "Kind": kind,
    }
    units = {"Label": "", "Area": f"{unit}²", "Equivalent diameter": unit, "Feret max": unit, "Roundness": ""}
    if solid is not None:
        columns["Distance to surface"], units["Distance to surface"] = _depth(runs, solid)[there] * per_px, unit
    depth = columns.get("Distance to surface", np.empty(0))
    largest = int(length.argmax()) if length.size else -1
    share = 100 * float(area.sum()) / analysed if analysed else np.nan
    table = field_table(
        [
            ("Porosity", share, "%"),
            ("Analysed area", analysed * per_large**2, f"{large}²"),
            ("Pores", float(there.size), ""),
            ("Counted pores", each, ""),
            ("Counting area", counted_on, f"{large}²"),
            ("Pores per area", each / counted_on if counted_on and each >= 0 else np.nan, f"1/{large}²"),
            ("Largest pore", float(length[largest]) * per_px if length.size else np.nan, unit),
            ("Area of the largest pore", float(area[largest]) * per_px**2 if length.size else np.nan, f"{unit}²"),
            ("Smallest distance to surface", float(depth.min()) if depth.size else np.nan, unit),
            ("Worst window", 100 * worst.share if worst else np.nan, "%"),
            ("Gas share of pores", 100 * gas / shaped if shaped else np.nan, "%"),
            ("Area of shaped pores", shaped * per_px**2, f"{unit}²"),
        ],
        pores,
        headline=f"{short(share, 3)} % ({counted(there.size, 'pore')})",
        whole=there.size - cut.size,
        cut=cut.size,
    )
    if not there.size:
        table = table.with_note("No pore was found.")
    elif not shaped:
        table = table.with_note(f"No pore has {SHAPED} px², from which its shape can be told.")
    if each < 0:
        table = table.with_note("The pores reach across the frame, so that none counts per area: take a larger field.")
    if not counted_on:
        table = table.with_note("The specimen is a pixel high or wide, so there is no area to count pores on.")
    if worst is None:
        table = table.with_note(
            f"No window of {short(window, 6)} {unit} lies wholly inside the specimen and the image."
        )
    if largest >= 0 and there[largest] + 1 in cut:
        table = table.with_note("The frame cuts the largest pore, so it is larger than it seems.")
    rows = Table(columns, units, headline=table.headline, fields=table.fields)
    picture = _draw(dark, image, worst)
    return Porosity(table, rows, Image(picture, scale, name=image.name if image else ""))


def _counting_area(solid: npt.NDArray[np.bool_]) -> float:
    """The area in px² of a specimen (bool, H, W) on which features are counted that the frame may cut.

    Half of the pixels along the frame belong to it, a quarter in the corners: (H − 1)(W − 1) where it fills the image.
    """
    sides = sum(float(np.count_nonzero(line)) for line in (solid[0], solid[-1], solid[:, 0], solid[:, -1]))
    corners = float(np.count_nonzero(solid[np.ix_((0, -1), (0, -1))]))
    return float(np.count_nonzero(solid)) - sides / 2 + corners / 4


def _depth(runs: "Runs", solid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How far each pore lies from the edge of the specimen (bool, H, W), float64 (pores,) in px; NaN without one."""
    from graingraph.nodes.imaging.features.holes import without_holes
    from graingraph.nodes.imaging.features.regions import grey_levels

    massive = without_holes(solid)
    if massive.all():
        return np.full(runs.features, np.nan)
    away = np.asarray(cv2.distanceTransform(massive.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
    return np.maximum(grey_levels(runs, away).lowest - 1.0, 0.0)


def _draw(dark: npt.NDArray[np.bool_], image: Image | None, worst: "Window | None") -> npt.NDArray[np.uint8]:
    """The pores outlined on the image (or drawn dark on grey), and the worst window in red."""
    from graingraph.nodes.imaging.picture.overlay import as_rgb8, draw_outlines

    grey = np.where(dark, np.uint8(30), np.uint8(200))
    picture = draw_outlines(as_rgb8(grey, (0, 255)) if image is None else as_rgb8(image.pixels, image.range), dark)
    if worst is not None:
        corners = (worst.column, worst.row), (worst.column + worst.side - 1, worst.row + worst.side - 1)
        cv2.rectangle(picture, *corners, WORST, max(1, round(max(dark.shape) / 500)))
    return picture
