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
    synonyms=("ASTM E112", "grain size number", "G", "mean of fields", "relative accuracy", "specimen"),
)
def grain_size_of_fields(tables: PerImage[Table]) -> GrainSizeOfFields:
    """Average the ASTM E112 grain size over the fields of a specimen.

    Puts the tables of GrainSize of all images into one, as Pool does, and gives for each method the mean over the
    fields, its 95 % confidence interval (t · s / √n), the relative accuracy, and the grain size number G of the mean.
    With one field the interval is that of the field itself.

    Oracle: the t interval of the fields' values; E112's equations for G.
    """
    from graingraph.nodes.imaging.stereology.grain_size_fields import (
        headline,
        remarks,
        sizes_over_fields,
        statistics_of,
    )
    from graingraph.nodes.imaging.stereology.grain_size_table import FIELD_ACCURACY

    sizes = pool(tables)
    found, fields = sizes_over_fields(sizes), sizes.count
    kept = tuple(note for note in sizes.notes if note.about != FIELD_ACCURACY)
    table = replace(sizes, headline=headline(found, fields), notes=kept).with_note(*remarks(found, fields))
    return GrainSizeOfFields(table, replace(statistics_of(found, fields), notes=table.notes))
