"""ArmSpacing: how far apart the secondary arms of dendrites lie, along lines that a person draws."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Image, Table
from graingraph.engine.values.wording import counted, short, with_uncertainty
from graingraph.nodes.imaging.stereology.over_fields import OverFields

NEAR = 12.0
"""Pixels within which a picked arm belongs to a line."""
WIDE_GAP = 1.7
"""A gap so many times the median of its line may hide an arm."""


class ArmSpacing(NamedTuple):
    """A row for every line, and the image with the lines and the arms on them."""

    table: Table
    picture: Image


@node(
    "ArmSpacing",
    category="Measure",
    synonyms=(
        "dendrite",
        "secondary dendrite arm spacing",
        "SDAS",
        "DAS",
        "aluminium casting",
        "aluminum casting",
        "BDG P 220",
        "solidification",
    ),
    drawn_on=DrawnOn(
        tools=lambda settings: ("length", "pen", "pick"), over="image", pauses=lambda settings, wired: True
    ),
)
def arm_spacing(
    image: Image,
    *,
    arms: Literal["brighter", "darker"] = "brighter",
    smoothing: Annotated[float, Range(0.25, 50), Unit("px")] = 2.0,
    band: Annotated[int, Range(1, 101), Unit("px")] = 9,
    reach: Annotated[float, Range(0, 100), Unit("px")] = 6.0,
    marks: Marks,
) -> ArmSpacing:
    """Measure the spacing of secondary dendrite arms along the lines drawn on the image.

    Draw a line along the trunk from the middle of the first arm to the middle of the last, straight or freehand. Along
    it the arms are counted, and the spacing is the way from the first to the last divided by their number less one.
    Every arm counted has a circle in the picture: where one is missing or wrong, pick the arms of that line yourself,
    all of them; then those count. The mean over the lines is all ways on all gaps, its interval t · s / √n over the
    lines of this image; for several images wire Pool and Distribution (column "Arm spacing").

    Standard: BDG guideline P 220 (secondary dendrite arm spacing of aluminium castings). Assumes arms that are cut
    square to their trunk. Oracle: drawn arms at known places in all directions, blurred and noisy. Known error: under
    1 % of the spacing where all arms are found, from arms 10 px apart on.

    Settings:
        arms: Whether arms are brighter or darker than what is between them.
        smoothing: Blur along the line; finer structure is not taken for arms.
        band: Width of the band across the line over which the grey level is the mean.
        reach: How far beyond the ends of a line its first and last arm may lie.
    """
    from graingraph.nodes.imaging.marks.arms import arms_along
    from graingraph.nodes.imaging.picture.measured_lines import MeasuredLine, with_lines
    from graingraph.nodes.imaging.stereology.over_fields import ratio
    from graingraph.nodes.reading.pixel_types import to_grey

    per_px, unit = (image.scale.um_per_px, "µm") if image.scale else (1.0, "px")
    lines = [mark for mark in marks.marks if mark.tool in ("length", "pen") and len(mark.points) > 1]
    grey = to_grey(image.pixels).astype(np.float32) if lines else np.zeros((1, 1), np.float32)
    picked = _picked(lines, marks)
    counts: list[int] = []
    lengths: list[float] = []
    remarks: list[str] = []
    shown: list[MeasuredLine] = []
    for k, mark in enumerate(lines):
        points = np.asarray(mark.points, float)
        found, at = picked.get(k) or arms_along(
            grey, points, bright=arms == "brighter", smoothing=smoothing, band=band, beyond=reach
        )
        gaps = np.diff(at)
        counts.append(at.size)
        lengths.append(float(gaps.sum()) * per_px)
        remarks.append(_remark(gaps))
        shown.append(MeasuredLine(points, f"{short(lengths[-1] / gaps.size, 3)} {unit}" if gaps.size else "", found))
    number, length = np.array(counts, float), np.array(lengths, float)
    gaps = np.maximum(number - 1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        spacing = np.where(gaps > 0, length / gaps, np.nan)
    middles = np.array([line.points.mean(axis=0) for line in shown], float).reshape(-1, 2) * per_px
    table = Table(
        {
            "Label": np.arange(1, len(lines) + 1),
            "Arms": number,
            "Length": length,
            "Arm spacing": spacing,
            "Centroid X": middles[:, 0],
            "Centroid Y": middles[:, 1],
            "Remark": np.array(remarks, object),
        },
        {"Label": "", "Arms": "", "Length": unit, "Arm spacing": unit, "Centroid X": unit, "Centroid Y": unit},
        headline=_headline(ratio(length[gaps > 0], gaps[gaps > 0]), unit),
    )
    if any(remarks):
        table = table.with_note(f"{counted(sum(map(bool, remarks)), 'line has', 'lines have')} a remark; look at them.")
    if image.scale is None:
        table = table.with_note("The pixel size is unknown, so lengths are in pixels.")
    picture = with_lines(image.pixels, image.range, shown)
    return ArmSpacing(table, Image(picture, image.scale, name=image.name))


def _picked(lines: list[Mark], marks: Marks) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """The arms (n, 2) that were picked on a line, in its order, and how far along it they are in px, by its number."""
    from graingraph.nodes.imaging.marks.arms import along

    ways = [along(np.asarray(line.points, float), 0.0) for line in lines]
    found: dict[int, list[tuple[float, float, float]]] = {}
    for pick in (np.asarray(mark.points[0], float) for mark in marks.marks if mark.tool == "pick" and lines):
        nearest = [_nearest(on_line, at, pick) for on_line, at in ways]
        k = int(np.argmin([away for away, _ in nearest]))
        away, at = nearest[k]
        if away <= NEAR:
            found.setdefault(k, []).append((at, *pick.tolist()))
    in_order = {k: np.array(sorted(picks)) for k, picks in found.items() if len(picks) > 1}
    return {k: (picks[:, 1:], picks[:, 0]) for k, picks in in_order.items()}


def _nearest(on_line: np.ndarray, at: np.ndarray, place: np.ndarray) -> tuple[float, float]:
    """How far a place is from a line (n, 2) in px, and how far along the line that is."""
    if not len(on_line):
        return np.inf, 0.0
    away = np.hypot(*(on_line - place).T)
    k = int(away.argmin())
    return float(away[k]), float(at[k])


def _remark(gaps: np.ndarray) -> str:
    if not gaps.size:
        return "Fewer than two arms found: pick them"
    if gaps.max() > WIDE_GAP * np.median(gaps):
        return "A wide gap: is an arm missing?"
    return ""


def _headline(mean: OverFields, unit: str) -> str:
    if not np.isfinite(mean.value):
        return "no arms"
    many = counted(mean.fields, "line")
    if not np.isfinite(mean.half_width):
        return f"arm spacing {short(mean.value, 3)} {unit} ({many})"
    return f"arm spacing {with_uncertainty(mean.value, mean.half_width, unit)} (95 % CI over {many})"
