"""Statistics and histogram of one column over all images."""

from dataclasses import replace
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
    version=2,  # 1 took features as independent, and counted those behind EdgeReject all the same
    synonyms=(
        "histogram",
        "statistics",
        "mean",
        "standard deviation",
        "percentiles",
        "confidence interval",
        "average",
    ),
)
def distribution(
    table: Table,
    *,
    column: Annotated[str, NamesClass("Area fraction {}")] = "",
    weighting: Literal["number", "area"] = "number",
    bins: Literal["automatic", "fixed"] = "automatic",
    count: Annotated[int, Range(1, 500), When(bins="fixed")] = 20,
) -> Distribution:
    """Show how one measured quantity is distributed: histogram, mean and its interval, deviation, percentiles.

    The interval is over fields, the only one that holds: features in one field are not independent of each other. It
    is t · s / √n of the field means where fields are of one size, else that of the ratio of the sums over the fields
    (features, areas, test lines); of area fractions it is taken on the logit and stays between 0 and 100 %. With fewer
    than two fields there is none, and the standard deviation of the features is shown. Features from behind EdgeReject
    count by their edge weight; the mean without is given beside. Under five fields, with a relative accuracy over 10 %
    or without a pixel size the mean is not reportable, and the result says so; neither is a circularity or roundness
    where more than 5 % of the features are under 10 px across.

    Standard: ASTM E112, E1382 and E562, statistical analysis. Oracles: NumPy's deviation and percentiles, SciPy's
    Student interval for fields of one size; the intervals hold the truth in 93 to 97 of 100 cases at 5 and 20 fields,
    equal and unequal, for diameters by number and area and area fractions of sections of 3-D Voronoi grains.

    Settings:
        column: Name of the column. Empty takes "Equivalent diameter", "Mean intercept circles", or the first column of
            numbers.
        weighting: Whether each feature counts once, or by the area it covers (column "Area").
        bins: Number of bars from the spread (Freedman-Diaconis), or a fixed number.
        count: Number of bars.
    """
    from graingraph.nodes.tables import distribution as parts
    from graingraph.nodes.tables.reportable import of_notes

    sample = parts.sample(table, column, weighting)
    statistics = replace(parts.statistics_table(sample, of_notes(table.notes)), fields=table.fields)
    return Distribution(statistics, parts.histogram(sample, count if bins == "fixed" else None))
