"""MeasureByHand: lengths, distances of edges, angles, radii and counts that a person draws on the image."""

from typing import Annotated, NamedTuple

import numpy as np

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import MEASURING, DrawnOn
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Image, MeasuredField, Table
from graingraph.engine.values.wording import counted, short
from graingraph.nodes.imaging.marks.measured import BAND, REACH, Measured, measured

KINDS = {"length": "length", "edges": "distance of edges", "angle": "angle", "radius": "radius", "pick": "count"}
"""What is measured by each tool."""
NOT_SNAPPED = "No clear edge near both ends: not snapped"
SAYS_NOTHING = {
    "length": "Both ends lie at one place",
    "edges": "Both ends lie at one place",
    "angle": "An angle takes three points apart from each other",
    "radius": "The points lie in line",
}
"""Why a stroke of each tool may measure nothing."""


class MeasureByHand(NamedTuple):
    """A row for everything drawn, and the image with what was measured written on it."""

    table: Table
    picture: Image


@node(
    "MeasureByHand",
    category="Measure",
    version=2,  # 1 gave points in line an infinite radius, and lines without length 0
    synonyms=(
        "ruler",
        "manual measurement",
        "length",
        "distance",
        "angle",
        "radius",
        "count by hand",
        "edge distance",
        "interactive",
        "ASTM B487",
        "weld throat",
        "crack length",
    ),
    drawn_on=DrawnOn(tools=lambda settings: MEASURING, over="image", pauses=lambda settings, wired: True),
)
def measure_by_hand(
    image: Image,
    *,
    reach: Annotated[float, Range(1, 100), Unit("px")] = REACH,
    band: Annotated[int, Range(1, 101), Unit("px")] = BAND,
    marks: Marks,
) -> MeasureByHand:
    """Measure what is drawn on the image: lengths, distances of two edges, angles, radii, and counts.

    Length: from one end of the line to the other. Edges: a line drawn across a bar or layer; both ends snap along the
    line to the steepest change of grey nearby, between the pixels, where the profile is the mean over a band. Draw it
    square to the edges: the distance is along the line. Angle: at the second of three points, 0 to 180°. Radius: of the
    circle that fits all points of the line best. Pick: one more for the count. What is drawn is kept with the image and
    measured again in every run; a length drawn three times shows how well it repeats.

    Standard: laboratory procedure; ASTM B487 and ISO 1463 for layers. Assumes that grey changes most where the edge is.
    Oracles: bars of known width in any direction, blurred as by an objective; exact circles and angles. Known error:
    distances of edges blurred by 1 px under 0.06 px from 9 px on, under 0.3 px at 4 px; three repeats differ by 0.08 px
    or less (s).

    Settings:
        reach: How far from the ends of the line an edge is looked for.
        band: Width of the band over which the profile is the mean.
    """
    from graingraph.nodes.imaging.picture.measured_lines import MeasuredLine, with_lines
    from graingraph.nodes.reading.pixel_types import to_grey

    per_px, unit = (image.scale.um_per_px, "µm") if image.scale else (1.0, "px")
    drawn = [mark for mark in marks.marks if mark.tool in KINDS]
    grey = to_grey(image.pixels).astype(np.float32) if any(mark.tool == "edges" for mark in drawn) else None
    found = [measured(mark.tool, np.asarray(mark.points, float), grey, reach=reach, band=band) for mark in drawn]
    middles = np.array([one.points.mean(axis=0) for one in found], float).reshape(-1, 2) * per_px
    columns: dict[str, np.ndarray] = {
        "Label": np.arange(1, len(drawn) + 1),
        "Length": np.array([one.length for one in found], float) * per_px,
        "Angle": np.array([one.angle for one in found], float),
        "Radius": np.array([one.radius for one in found], float) * per_px,
        "Centroid X": middles[:, 0],
        "Centroid Y": middles[:, 1],
        "Kind": np.array([KINDS[mark.tool] for mark in drawn], object),
        "Remark": np.array([_remark(mark, one) for mark, one in zip(drawn, found, strict=True)], object),
    }
    units = {"Label": "", "Length": unit, "Angle": "°", "Radius": unit, "Centroid X": unit, "Centroid Y": unit}
    field = MeasuredField(*image.shape, image.scale)
    table = Table(columns, units, headline=_headline(drawn, columns, unit), fields=(field,))
    remarked = int(np.count_nonzero(columns["Remark"]))
    if remarked:
        table = table.with_note(f"{counted(remarked, 'measurement has', 'measurements have')} a remark; look at them.")
    if image.scale is None:
        table = table.with_note("The pixel size is unknown, so lengths are in pixels.")
    lines = [
        MeasuredLine(one.points, _text(one, per_px, unit), circles=one.points if mark.tool == "pick" else None)
        for mark, one in zip(drawn, found, strict=True)
    ]
    picture = with_lines(image.pixels, image.range, lines)
    return MeasureByHand(table, Image(picture, image.scale, name=image.name))


def _remark(mark: Mark, found: Measured) -> str:
    if found.says_nothing:
        return SAYS_NOTHING.get(mark.tool, "")
    return NOT_SNAPPED if found.missed else ""


def _text(found: Measured, per_px: float, unit: str) -> str:
    values = ((found.length * per_px, f" {unit}"), (found.angle, "°"), (found.radius * per_px, f" {unit}"))
    return next((f"{short(value, 4)}{its}" for value, its in values if np.isfinite(value)), "")


def _headline(drawn: list[Mark], columns: dict[str, np.ndarray], unit: str) -> str:
    if not drawn:
        return "nothing drawn"
    lengths = columns["Length"][np.isfinite(columns["Length"])]
    picked = sum(mark.tool == "pick" for mark in drawn)
    said = [f"mean length {short(float(lengths.mean()), 4)} {unit} (n = {lengths.size})"] if lengths.size else []
    said += [f"count {picked}"] if picked else []
    return ", ".join(said) or counted(len(drawn), "measurement")
