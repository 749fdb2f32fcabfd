"""MeasureByHand: lengths, distances of edges, angles, radii and counts that a person draws on the image."""

from typing import Annotated, NamedTuple

import numpy as np

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import MEASURING, DrawnOn
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Image, Table
from graingraph.engine.values.wording import counted, short

KINDS = {"length": "length", "edges": "distance of edges", "angle": "angle", "radius": "radius", "pick": "count"}
"""What is measured by each tool."""


class MeasureByHand(NamedTuple):
    """A row for everything drawn, and the image with what was measured written on it."""

    table: Table
    picture: Image


@node(
    "MeasureByHand",
    category="Measure",
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
    ),
    drawn_on=DrawnOn(tools=lambda settings: MEASURING, over="image", pauses=lambda settings, wired: True),
)
def measure_by_hand(
    image: Image,
    *,
    reach: Annotated[float, Range(1, 100), Unit("px")] = 6.0,
    band: Annotated[int, Range(1, 101), Unit("px")] = 5,
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
    from graingraph.nodes.imaging.marks.edges import angle_between, circle_through, snapped
    from graingraph.nodes.imaging.picture.measured_lines import MeasuredLine, with_lines
    from graingraph.nodes.reading.pixel_types import to_grey

    per_px, unit = (image.scale.um_per_px, "µm") if image.scale else (1.0, "px")
    drawn = [mark for mark in marks.marks if mark.tool in KINDS]
    grey = to_grey(image.pixels).astype(np.float32) if any(mark.tool == "edges" for mark in drawn) else None
    length: list[float] = []
    angle: list[float] = []
    radius: list[float] = []
    remark: list[str] = []
    shown: list[tuple[np.ndarray, str]] = []
    for mark in drawn:
        points = np.asarray(mark.points, float)
        values, said = {"length": np.nan, "angle": np.nan, "radius": np.nan}, ""
        if mark.tool == "edges" and grey is not None:
            ends = snapped(grey, points[0], points[-1], reach=reach, band=band)
            said = "" if ends else "No clear edge near both ends: not snapped"
            points = points[[0, -1]] if ends is None else np.stack(ends)
        if mark.tool in ("length", "edges"):
            values["length"] = float(np.hypot(*np.diff(points, axis=0).T).sum()) * per_px
        elif mark.tool == "angle":
            values["angle"] = angle_between(points)
        elif mark.tool == "radius":
            values["radius"] = circle_through(points)[1] * per_px
        for column, name in ((length, "length"), (angle, "angle"), (radius, "radius")):
            column.append(values[name])
        remark.append(said)
        shown.append((points, _text(values, unit)))
    columns: dict[str, np.ndarray] = {
        "Label": np.arange(1, len(drawn) + 1),
        "Length": np.array(length, float),
        "Angle": np.array(angle, float),
        "Radius": np.array(radius, float),
        "Centroid X": np.array([float(points[:, 0].mean()) * per_px for points, _ in shown], float),
        "Centroid Y": np.array([float(points[:, 1].mean()) * per_px for points, _ in shown], float),
        "Kind": np.array([KINDS[mark.tool] for mark in drawn], object),
        "Remark": np.array(remark, object),
    }
    units = {"Label": "", "Length": unit, "Angle": "°", "Radius": unit, "Centroid X": unit, "Centroid Y": unit}
    table = Table(columns, units, headline=_headline(drawn, columns, unit))
    if image.scale is None:
        table = table.with_note("The pixel size is unknown, so lengths are in pixels.")
    lines = [
        MeasuredLine(points, text, circles=points if mark.tool == "pick" else None)
        for mark, (points, text) in zip(drawn, shown, strict=True)
    ]
    picture = with_lines(image.pixels, image.range, lines)
    return MeasureByHand(table, Image(picture, image.scale, name=image.name))


def _text(values: dict[str, float], unit: str) -> str:
    units = {"length": unit, "angle": "°", "radius": unit}
    return next((f"{short(value, 4)} {units[name]}" for name, value in values.items() if np.isfinite(value)), "")


def _headline(drawn: list[Mark], columns: dict[str, np.ndarray], unit: str) -> str:
    if not drawn:
        return "nothing drawn"
    lengths = columns["Length"][np.isfinite(columns["Length"])]
    picked = sum(mark.tool == "pick" for mark in drawn)
    said = [f"mean length {short(float(lengths.mean()), 4)} {unit} (n = {lengths.size})"] if lengths.size else []
    said += [f"count {picked}"] if picked else []
    return ", ".join(said) or counted(len(drawn), "measurement")
