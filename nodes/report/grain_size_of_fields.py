"""GrainSizeOfFields: the ASTM E112 grain size of all images together."""

from dataclasses import replace
from typing import NamedTuple

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool


class GrainSizeOfFields(NamedTuple):
    """The fields' rows under the grain size of all, and its statistics."""

    table: Table
    statistics: Table


@node(
    "GrainSizeOfFields",
    category="Report",
    version=2,  # 1 took the mean of the fields' means, and for one field its own interval
    synonyms=("ASTM E112", "grain size number", "G", "mean of fields", "relative accuracy", "specimen"),
)
def grain_size_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> GrainSizeOfFields:
    """Average the ASTM E112 grain size over the fields of a specimen, and say whether it may be reported.

    Puts the tables of GrainSize of all images into one, as Pool does. Grains per area are all grains on all areas, the
    mean intercept all test lines on all crossings, so that fields may differ in size and one without a crossing counts
    with its lines. Each has the 95 % confidence interval over the fields (t · s / √n), the standard deviation of the
    fields, the relative accuracy, how many fields 10 % takes, and the grain size number G of the mean. With one field
    there is no interval. With Specimen wired, all this is of each specimen, and the size of all is the mean of the
    specimens' grains per area or mean intercepts (never of their G), its interval over them. Where E112's demands are
    not met, or grains and intercepts contradict each other, the result says "not reportable" and why.

    Standard: ASTM E112, statistical analysis. Oracles: the t interval of fields of one size; E112's equations for G;
    coverage on sections of 3-D Voronoi grains (95 % of the intervals hold the truth, at 5 and at 20 fields). Limits and
    factors are from memory of the standard, not read in it: compare them with your edition.
    """
    from graingraph.nodes.tables.grain_size_fields import (
        headline,
        results_of,
        specimens_of,
        statistics_of,
    )
    from graingraph.nodes.tables.reportable import ABOUT, of_notes, refusal

    sizes = pool(tables, specimens)
    found = specimens_of(sizes, of_notes(sizes.notes, but=ABOUT))
    why = found[-1].reasons
    kept = tuple(said for said in sizes.notes if said.about != ABOUT)
    table = replace(
        sizes, headline=headline(found), results=results_of(found), notes=(*refusal(why, beside=kept), *kept)
    )
    return GrainSizeOfFields(table, replace(statistics_of(found), notes=table.notes, fields=table.fields))
