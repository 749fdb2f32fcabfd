"""Statistics and histogram of one column over all images."""

from typing import Annotated, Literal, NamedTuple

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import NamesClass, Range, When
from graingraph.engine.values import Plot, Table


class Distribution(NamedTuple):
    """The statistics, one a row, and the histogram."""

    statistics: Table
    plot: Plot


@node(
    "Distribution",
    category="Report",
    synonyms=("histogram", "statistics", "mean", "standard deviation", "percentiles", "confidence interval"),
)
def distribution(
    table: Table,
    *,
    column: Annotated[str, NamesClass("Area fraction {}")] = "",
    weighting: Literal["number", "area"] = "number",
    bins: Literal["automatic", "fixed"] = "automatic",
    count: Annotated[int, Range(1, 500), When(bins="fixed")] = 20,
) -> Distribution:
    """Show how one measured quantity is distributed: histogram, mean, spread, percentiles and 95 % intervals.

    Two intervals of the mean are given where features come from several images: over all features, which takes them
    as independent, and over fields, from the means of the images, which is what ASTM E112 asks for and the safer one.

    Oracle: NumPy's mean, deviation and percentiles, and SciPy's Student interval, on the same numbers.

    Settings:
        column: Name of the column. Empty takes "Equivalent diameter", "Mean intercept circles", or the first column of
            numbers.
        weighting: Whether each feature counts once, or by the area it covers (column "Area").
        bins: Number of bars from the spread (Freedman-Diaconis), or a fixed number.
        count: Number of bars.
    """
    from graingraph.nodes.imaging.stereology import distribution as parts

    sample = parts.sample(table, column, weighting)
    return Distribution(parts.statistics_table(sample), parts.histogram(sample, count if bins == "fixed" else None))
