"""NeighboursOfFields: how features lie to each other over all images."""

from collections.abc import Sequence

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, mean, of_fields
from graingraph.nodes.tables.stated import Stated


@node(
    "NeighboursOfFields",
    category="Report",
    version=2,  # 1 gave numbers that no field tells among the results
    synonyms=("neighbors", "clustering", "dispersion", "nearest neighbour", "Clark-Evans", "mean of fields"),
)
def neighbours_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average the neighbour ratio, nearest neighbours and edge distances over the fields, and say how sure they are.

    Puts the tables of Neighbours of all images into one, as Pool does. The neighbour ratio is that of the distances of
    all features to those of features at random; it is 1 at random, and is so within its 95 % confidence interval over
    fields or is not. Distances are over all features. With Specimen wired, all this is of each specimen, and of all it
    is the mean of the specimens with its interval over them. Under five fields, or with a relative accuracy over 10 %,
    a result is not reportable.

    Oracle: Poisson points, whose interval holds 1 in 95 of 100 cases.
    """
    return of_fields(
        pool(tables, specimens),
        _measure,
        of="Neighbours",
        needs=("Neighbour ratio", "Nearest neighbour at random", "Edge distance"),
        main=("Neighbour ratio", "Edge distance"),
    )


def _measure(fields: Fields) -> Sequence[Stated]:
    count, unit = fields["Features"], fields.units["Edge distance"]
    nearest, expected = fields["Nearest neighbour"] * count, fields["Nearest neighbour at random"] * count
    return [
        mean("Neighbour ratio", "", nearest, expected),
        mean("Nearest neighbour", unit, nearest, count),
        mean("Edge distance", unit, fields["Edge distance"] * count, count),
        mean("Spread of zones", "%", fields["Spread of zones"], np.ones(count.size)),
    ]
