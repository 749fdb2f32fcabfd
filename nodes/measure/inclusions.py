"""Inclusions: stringers and globules by type, and their severity in the worst half square millimetre."""

import math
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import GreyLevel, Label, Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, MeasuredField, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import short
from graingraph.nodes.reading.pixel_types import to_grey
from graingraph.nodes.tables.inclusion_rating import FIELD_AREA, TYPES, index, series_of

if TYPE_CHECKING:
    from graingraph.nodes.imaging.features.regions import Regions
    from graingraph.nodes.imaging.features.stringers import Boxes

SULPHIDE, GLOBULE, DRAWN_OUT = range(3)
"""What a particle is by its grey and shape."""
IN_STRINGER = 3
"""Particles from which a line of them is one of type B."""


class Inclusions(NamedTuple):
    """One row an inclusion or stringer, and one row with the severity of the image."""

    table: Table
    rating: Table


@node(
    "Inclusions",
    category="Measure",
    version=3,  # 1 counted features that the frame cuts as whole, 2 DS as oversized
    synonyms=(
        "stringer",
        "cleanliness",
        "sulphide",
        "sulfide",
        "oxide",
        "silicate",
        "ISO 4967",
        "ASTM E45",
        "DIN 50602",
        "ASTM E1122",
        "ASTM E1245",
    ),
)
def inclusions(
    particles: Labels | Mask,
    image: Image,
    *,
    rolling: Annotated[Literal["horizontal", "vertical"], Label("rolling direction")] = "horizontal",
    sulphide: Annotated[float, Range(0, 1), GreyLevel(of="image"), Label("sulphides are brighter than")] = 0.4,
    ratio: Annotated[float, Range(1, 20), Label("globular up to length / width")] = 3.0,
    gap: Annotated[float, Range(0, 1000), Unit("µm"), Label("longest gap in a stringer")] = 40.0,
    offset: Annotated[float, Range(0, 1000), Unit("µm"), Label("largest offset in a stringer")] = 10.0,
) -> Inclusions:
    """Tell inclusions by type, join them to stringers along the rolling direction, and rate their severity.

    Takes the inclusions as features of an unetched section along the rolling direction. Type A are sulphides, whose
    mean grey is above the level. Darker ones are oxides: type B lie in a line of at least three, type C are drawn out,
    type D are globular, DS those of 13 µm or more among them. Two of a kind that lie no further apart than the gap
    along and the offset across count as one stringer; its width is the widest particle's. The rating is the severity
    index of each type and series in the worst square of 0.5 mm², which is moved over the image: total length of A, B
    and C, number of D, diameter of the largest DS. Join neighbouring fields to one image first, as an image smaller
    than 0.5 mm² gives no rating.

    Standard: ISO 4967 (limits of indices 0.5 to 3 and of widths); ASTM E45 takes globular up to a ratio of 2. Types by
    grey and shape are what an image can tell, not chemistry. Known error: the window moves in steps of a sixteenth.
    Oracle: drawn sulphides, stringers and globules; brute force for the worst window. Limits and factors are from
    memory of the standards, not read in them: compare them with your edition.

    Settings:
        rolling: How the rolling direction lies in the image.
        sulphide: Grey level between dark oxides and lighter sulphides, as a fraction of full scale.
        ratio: A single oxide up to this ratio of length to width is globular.
        gap: Longest gap along the rolling direction inside a stringer, in µm.
        offset: Largest offset across it inside a stringer, in µm.
    """
    from graingraph.nodes.imaging.features.regions import grey_levels, measure
    from graingraph.nodes.imaging.features.runs import at_frame, feature_runs
    from graingraph.nodes.imaging.features.stringers import Boxes, gathered, in_line

    if image.shape != particles.shape:
        raise Problem("The image and the particles differ in size; wire the image that they were found in.")
    scale = particles.scale or image.scale
    if scale is None:
        raise Problem("Inclusions are told by sizes in µm, so the pixel size is needed; wire SetScale before it.")
    runs = feature_runs(particles.pixels, particles.count if isinstance(particles, Labels) else None)
    regions = measure(runs)
    found = regions.area > 0
    sides = [np.asarray(one, float)[found] * scale.um_per_px for one in _sides(regions, rolling)]
    boxes = Boxes(*sides)
    black, white = image.range
    bright = grey_levels(runs, to_grey(image.pixels)).mean[found] > black + sulphide * (white - black)
    kind = np.where(bright, SULPHIDE, np.where(boxes.length <= ratio * boxes.width, GLOBULE, DRAWN_OUT))
    number = in_line(boxes, kind, gap, offset)
    # A few globules near each other are no stringer: each counts for itself.
    alone = (kind == GLOBULE) & (np.bincount(number)[number] < IN_STRINGER)
    number = np.unique(np.where(alone, number.size + np.arange(number.size), number), return_inverse=True)[1]
    whole, members = gathered(boxes, number), np.bincount(number)
    widest = np.zeros(len(members))
    np.maximum.at(widest, number, np.where(kind == GLOBULE, np.maximum(boxes.length, boxes.width), boxes.width))
    first = np.zeros(len(members), int)
    first[number] = kind
    types = np.array(["A", "D", "C"], object)[first]
    types[(types == "D") & (members >= IN_STRINGER)] = "B"
    columns = {
        "Label": np.arange(1, len(members) + 1),
        "Type": types,
        "Series": np.array([series_of(one, width) for one, width in zip(types, widest, strict=True)], object),
        "Length": whole.length,
        "Width": widest,
        "Particles": members,
        "Area": np.bincount(number, regions.area[found]) * scale.pixel_area,
    }
    units = dict(zip(columns, ("", "", "", "µm", "µm", "", "µm²"), strict=True))
    cut = len(at_frame(runs, particles.shape[1]))
    field = MeasuredField(*image.shape, scale, int(found.sum()) - cut, cut + particles.cut)
    told = ", ".join(f"{np.count_nonzero(types == one)} {one}" for one in TYPES if (types == one).any())
    table = Table(columns, units, headline=told or "no inclusion", fields=(field,))
    across, along = (side * scale.um_per_px for side in (image.shape if rolling == "horizontal" else image.shape[::-1]))
    return Inclusions(table, _rating(table, whole, (across, along), field))


def _sides(regions: "Regions", rolling: str) -> tuple[np.ndarray, ...]:
    """The boxes' ends along the rolling direction and across it, px."""
    rows, columns = (regions.top, regions.bottom), (regions.left, regions.right)
    return (*columns, *rows) if rolling == "horizontal" else (*rows, *columns)


def _rating(table: Table, boxes: "Boxes", extent: tuple[float, float], field: MeasuredField) -> Table:
    """The severity index of each type and series in the worst window, one row; ``extent`` across and along rolling."""
    from graingraph.nodes.imaging.stereology.worst_window import most_in_window

    side = 1000 * math.sqrt(FIELD_AREA)  # µm
    large_enough = min(extent) >= 0.99 * side
    types, series = table.columns["Type"], table.columns["Series"]
    middle, across = (boxes.begin + boxes.end) / 2, (boxes.low + boxes.high) / 2
    row: dict[str, float] = {}
    for kind in TYPES:
        amount = np.ones(table.count) if kind == "D" else np.asarray(table.columns["Length"], float)
        for one in ("thin", "thick"):
            chosen = (types == kind) & (series == one)
            worst = most_in_window(middle[chosen], across[chosen], amount[chosen], extent, side)
            row[f"{kind} {one}"] = index(kind, worst) if large_enough else np.nan
    large = np.asarray(table.columns["Width"], float)[(types == "D")]
    row["DS"] = index("DS", float(large.max(initial=0.0))) if large_enough else np.nan
    row["Oversized"] = float(np.count_nonzero(series == "oversized"))
    said = [f"{name} {value:g}" for name, value in row.items() if value > 0 and name != "Oversized"]
    rating = Table(
        {name: np.array([value]) for name, value in row.items()},
        dict.fromkeys(row, ""),
        rows="fields",
        headline=", ".join(said) or ("no inclusion that counts" if large_enough else "no rating"),
        fields=(field,),
    )
    if not large_enough:
        text = f"the image shows {short(field.area, 2)} mm² and no square of {FIELD_AREA:g} mm², so there is no rating."
        rating = rating.with_note(Note("not reportable", text, about="inclusion rating"))
    return rating
