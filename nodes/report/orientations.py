"""Orientations: the rose of directions, their circular mean, and how well they are aligned."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import Plot, Result, Series, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import short, with_uncertainty
from graingraph.nodes.tables.reportable import Sampling, of_notes, of_sampling, refusal

UNLIKELY = 0.05
"""Probability of an alignment by chance above which there is no mean direction."""
CHANCE = "the features have no preferred direction that chance would not give as well"
SIZES = {"number": "", "length": "Feret max", "area": "Area"}


class OrientationsFound(NamedTuple):
    """The statistics, one a row, and the rose."""

    statistics: Table
    rose: Plot


@node(
    "Orientations",
    category="Report",
    version=2,  # 1 gave no intervals over fields
    synonyms=(
        "orientation distribution",
        "rose",
        "rose diagram",
        "circular mean",
        "alignment",
        "Rayleigh test",
        "fibre direction",
        "fiber direction",
        "texture direction",
    ),
)
def orientations(
    table: Table,
    *,
    column: Literal["Orientation", "Feret angle", "Direction"] = "Orientation",
    weighting: Literal["number", "length", "area"] = "number",
    sectors: Annotated[int, Range(4, 180)] = 18,
) -> OrientationsFound:
    """Show how the directions of features are distributed: rose, circular mean, alignment, and whether it is chance.

    Takes a table of features of all images, such as that of MeasureFeatures through Pool. Features have axes, the same
    at 0 and 180°, so angles are doubled before they are averaged. Alignment is the mean resultant length, 0 where all
    directions are alike and 1 where there is one; the circular standard deviation tells how far directions spread about
    the mean. Rayleigh's test says with which probability features without a preferred direction would be aligned as
    well; above 5 % there is no mean direction to report. Features without a direction are left out, and edge weights
    count. The 95 % intervals of mean and alignment are over the fields, as the features of one are not independent of
    each other; under five fields neither is reportable.

    Source: Mardia and Jupp 2000, Directional Statistics. Oracles: SciPy's circmean and circstd; directions at random;
    coverage of the intervals. Known error: the test takes features as independent, which those of one field are not
    quite; directions of features under 10 px are those of the grid.

    Settings:
        column: The angle, in ° counterclockwise from the rows.
        weighting: Whether each feature counts once, by its length (Feret max), or by its area.
        sectors: Bars of the rose between -90 and 90°.
    """
    from graingraph.nodes.imaging.stereology.axial import axial_mean, over_fields
    from graingraph.nodes.imaging.stereology.statistics import Statistic, spread, statistics_columns

    needed = [name for name in (column, SIZES[weighting]) if name]
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise Problem(f"The table has no column '{missing[0]}'; wire that of MeasureFeatures through Pool.")
    angles = np.asarray(table.columns[column], float)
    weights = np.asarray(table.columns.get(EDGE_WEIGHT, np.ones(angles.size)), float)
    if SIZES[weighting]:
        weights = weights * np.asarray(table.columns[SIZES[weighting]], float)
    good = np.isfinite(angles) & np.isfinite(weights)
    images = np.asarray(table.columns.get("Image", np.zeros(angles.size)))[good]
    angles, weights = angles[good], weights[good]
    found = axial_mean(angles, weights)
    mean, aligned = over_fields(angles, weights, images)
    each = [axial_mean(angles[images == name], weights[images == name]) for name in dict.fromkeys(images.tolist())]
    off = np.array([(one.mean - found.mean + 90) % 180 - 90 for one in each])
    few = (*of_sampling(Sampling(len(each), np.nan)), *of_notes(table.notes))
    chance = (CHANCE,) if found.chance > UNLIKELY else ()
    if not angles.size:
        few = ("no feature has a direction", *few[1:])
    no_mean = (*few, *chance)
    results = (
        Result("Circular mean", "°", found.mean, mean.low, mean.high, len(each), spread=spread(off), reasons=no_mean),
        Result("Alignment", "", found.alignment, aligned.low, aligned.high, len(each), reasons=few),
    )
    rows = [
        Statistic("Number of features", float(angles.size), ""),
        Statistic("Number of fields", float(len(each)), ""),
        Statistic("Circular mean", found.mean, "°", bool(no_mean)),
        Statistic("Circular mean, 95 % CI over fields (±)", mean.half_width, "°", bool(no_mean)),
        Statistic("Circular standard deviation", found.deviation, "°"),
        Statistic("Alignment", found.alignment, "", bool(few)),
        Statistic("Alignment, 95 % CI over fields, from", aligned.low, "", bool(few)),
        Statistic("Alignment, 95 % CI over fields, to", aligned.high, "", bool(few)),
        Statistic("Probability of such alignment by chance", 100 * found.chance, "%"),
        Statistic("Standard deviation of the fields' means", spread(off), "°"),
    ]
    direction = "no preferred direction" if chance else f"{column} {with_uncertainty(found.mean, mean.half_width)}°"
    headline = f"{direction}, alignment {short(found.alignment, 2)} (n = {angles.size})"
    statistics = Table(
        statistics_columns(rows),
        {},
        rows="statistics",
        headline=headline if angles.size else "no direction",
        fields=table.fields,
        notes=(*refusal(no_mean, about="mean direction", beside=table.notes), *table.notes),
        results=results if angles.size else (),
    )
    edges = np.linspace(-90, 90, sectors + 1)
    heights = np.histogram((angles + 90) % 180 - 90, edges, weights=weights)[0]
    shares = 100 * heights / heights.sum() if heights.sum() else heights.astype(float)
    label = {
        "number": "Share of the features (%)",
        "length": "Share of the length (%)",
        "area": "Share of the area (%)",
    }
    rose = Plot("Directions", f"{column} (°)", label[weighting], (Series("features", edges, shares, "bars"),))
    return OrientationsFound(statistics, rose)
