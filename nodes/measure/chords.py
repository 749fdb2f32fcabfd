"""Chords: intercepts in many directions, boundary area per volume, and anisotropy."""

from typing import Annotated, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import ClassMap, Labels, Mask, Plot, Series, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import amount, counted, short
from graingraph.nodes.tables.reportable import refusal

COARSE = 8.0
"""Mean intercept in px below which crossings that fall between the pixels bias it by more than 2 %."""
FEWEST = 2
"""Boundaries that a line across the picture meets at least, on average."""


class ChordsFound(NamedTuple):
    """One row for the image, a row a chord, and the mean intercept against direction."""

    table: Table
    chords: Table
    rose: Plot


@node(
    "Chords",
    category="Measure",
    version=3,  # 1 let lines end at the frame itself, beyond where a boundary shows; 2 began them outside of it
    synonyms=(
        "intercept length",
        "mean lineal intercept",
        "chord length distribution",
        "S_V",
        "surface area per volume",
        "P_L",
        "mean intercept length",
        "MIL",
        "anisotropy",
        "elongation",
        "ASTM E112",
    ),
)
def chords(
    structure: Labels | ClassMap | Mask,
    *,
    directions: Annotated[int, Range(2, 180)] = 12,
    spacing: Annotated[float, Range(2, 10_000), Unit("px")] = 20.0,
) -> ChordsFound:
    """Measure intercepts in many directions: mean, boundary area per volume, ellipse of anisotropy, all chords.

    Parallel lines in each direction cross the boundaries. P_L is how often, by length; mean intercept l = 1 / P_L;
    boundary area per volume S_V = 2·P_L, over all directions. Of features the boundaries are those between grains,
    which are grown until they fill the plane; of a mask or of classes, those between phases; the mean chord of a phase
    is the length of line in it by half of the crossings of its boundary. The ellipse fits the mean intercepts of all
    directions (P_L² as a quadratic form); its longest by its shortest axis is the anisotropy, and its direction the
    orientation, counterclockwise from the rows. Every chord from boundary to boundary stands in the second table with
    its direction, and with an edge weight, as the frame cuts long ones more often.

    Standard: ASTM E112 (mean lineal intercept); Underwood 1970 (S_V = 2·P_L, where sections in all directions look
    alike); Harrigan and Mann 1984 (ellipse). Oracles: stripes, discs, sections of 3-D Voronoi grains, also drawn out; a
    reference program's intercepts on etched steel. Known error: of grains 0.7 % at a mean intercept of 10 px, as
    crossings closer than a pixel are made good on average; of phases, whose edges are smoothed by 0.8 px, mean chords
    are 3 % too long for discs of 30 px, and 7 % where discs of 24 px overlap. One field has no interval: wire
    ChordsOfFields.

    Settings:
        directions: How many directions there are between 0 and 180°.
        spacing: Distance between neighbouring lines; about a mean intercept is enough.
    """
    from graingraph.nodes.imaging.boundaries.partition import fill_plane
    from graingraph.nodes.imaging.stereology import chords as parts
    from graingraph.nodes.measure.field_table import field_table

    if isinstance(structure, Labels):
        names: list[str] = []
        along, found = parts.chords_of_grains(fill_plane(structure.pixels), spacing, parts.directions(directions))
        own = np.empty(0)
    elif isinstance(structure, ClassMap):
        names = [item.name for item in structure.classes]
        along, found, own = parts.chords_of_phases(
            structure.pixels, range(len(names)), spacing, parts.directions(directions)
        )
    else:
        names = ["selected", "rest"]
        pixels = np.where(structure.pixels, np.uint8(0), np.uint8(1))
        along, found, own = parts.chords_of_phases(pixels, (0, 1), spacing, parts.directions(directions))
    scale = structure.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    per_mm, per_unit = (1000.0 / per_px, "1/mm") if scale else (1.0, "1/px")
    crossed = along.mean_per_length
    ellipse = parts.intercept_ellipse(along.degrees, along.per_length)
    values = [
        ("Mean intercept", per_px / crossed if crossed else np.nan, unit),
        ("Boundary area per volume", 2 * crossed * per_mm, per_unit),
        ("Test line", float(along.lengths.sum()) * per_px, unit),
        ("Crossings", crossed * float(along.lengths.sum()), ""),
        ("Longest mean intercept", ellipse.longest * per_px, unit),
        ("Shortest mean intercept", ellipse.shortest * per_px, unit),
        ("Anisotropy", ellipse.anisotropy, ""),
        ("Orientation", ellipse.degrees, "°"),
    ]
    values += [(f"Mean chord {name}", float(one) * per_px, unit) for name, one in zip(names, own, strict=True)]
    intercepts = np.divide(per_px, along.per_length, out=np.full(directions, np.nan), where=along.crossings > 0)
    values += [
        (f"Mean intercept {angle:g}°", float(one), unit) for angle, one in zip(along.degrees, intercepts, strict=True)
    ]
    headline = f"mean intercept {short(values[0][1], 3)} {unit}, anisotropy {amount(ellipse.anisotropy, digits=3)}"
    table = field_table(values, structure, headline=headline if crossed else "no boundary")
    why = []
    if crossed and 1 / crossed < COARSE:
        why.append(f"the mean intercept is {short(1 / crossed, 2)} px, of at least {COARSE:g}")
    if not crossed * min(structure.shape) >= FEWEST:
        why.append(f"a line across the picture meets fewer than {FEWEST} boundaries")
    table = table.with_note(*refusal(why, about="mean intercept"))
    unmet = int(np.count_nonzero(~np.isfinite(intercepts)))
    if crossed and unmet:
        text = (
            f"Lines in {counted(unmet, 'direction')} meet no boundary, so there is no mean intercept; lay them closer."
        )
        table = table.with_note(text)
    columns: dict[str, np.ndarray] = {
        "Length": found.length * per_px,
        "Direction": found.direction,
        EDGE_WEIGHT: found.weight,
    }
    if isinstance(structure, Labels):
        columns["Grain"] = found.owner.astype(float)
    else:
        columns["Phase"] = np.array(names, object)[found.owner]
    units = {"Length": unit, "Direction": "°", EDGE_WEIGHT: ""}
    if "Grain" in columns:
        units["Grain"] = ""
    rows = Table(columns, units, headline=table.headline, fields=table.fields)
    grid = np.linspace(0, 180, 91)
    series = [Series("measured", along.degrees, intercepts, "points")]
    if np.isfinite(ellipse.longest):
        series.append(Series("ellipse", grid, ellipse.mean_intercept(grid) * per_px))
    return ChordsFound(
        table, rows, Plot("Mean intercept by direction", "Direction (°)", f"Mean intercept ({unit})", tuple(series))
    )
