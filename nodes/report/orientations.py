"""Orientations: the rose of directions, their circular mean, and how well they are aligned."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import Plot, Series, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.engine.values.wording import short

SIZES = {"number": "", "length": "Feret max", "area": "Area"}


class OrientationsFound(NamedTuple):
    """The statistics, one a row, and the rose."""

    statistics: Table
    rose: Plot


@node(
    "Orientations",
    category="Report",
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
    well. Features without a direction are left out, and edge weights count. The test takes features as independent,
    which those of one field are not quite; compare the means of the fields, which stand in the statistics.

    Source: Mardia and Jupp 2000, Directional Statistics. Oracles: SciPy's circmean and circstd; directions at random.

    Settings:
        column: The angle, in ° counterclockwise from the rows.
        weighting: Whether each feature counts once, by its length (Feret max), or by its area.
        sectors: Bars of the rose between -90 and 90°.
    """
    from graingraph.nodes.imaging.stereology.axial import axial_mean
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
    each = [axial_mean(angles[images == name], weights[images == name]) for name in dict.fromkeys(images.tolist())]
    off = np.array([(one.mean - found.mean + 90) % 180 - 90 for one in each])
    rows = [
        Statistic("Number of features", float(angles.size), ""),
        Statistic("Number of fields", float(len(each)), ""),
        Statistic("Circular mean", found.mean, "°"),
        Statistic("Circular standard deviation", found.deviation, "°"),
        Statistic("Alignment", found.alignment, ""),
        Statistic("Probability of such alignment by chance", 100 * found.chance, "%"),
        Statistic("Standard deviation of the fields' means", spread(off), "°"),
    ]
    headline = f"{column} {short(found.mean, 3)}°, alignment {short(found.alignment, 2)} (n = {angles.size})"
    statistics = Table(
        statistics_columns(rows),
        {},
        rows="statistics",
        headline=headline if angles.size else "no direction",
        fields=table.fields,
        notes=table.notes,
    )
    if angles.size and found.chance > 0.05:
        statistics = statistics.with_note(
            "The features have no preferred direction that chance would not give as well."
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
