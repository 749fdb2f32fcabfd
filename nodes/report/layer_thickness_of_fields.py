"""LayerThicknessOfFields: the thickness of a layer over all images."""

from collections.abc import Sequence

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, extreme, mean, of_fields
from graingraph.nodes.tables.stated import Stated


@node(
    "LayerThicknessOfFields",
    category="Report",
    version=2,  # 1 took fields in which a scrap was found for the layer
    synonyms=("coating thickness", "mean of fields", "plating", "ISO 1463", "ASTM B487"),
)
def layer_thickness_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average the thickness of a layer over the fields of a specimen, and say how sure it is.

    Puts the tables of LayerThickness of all images into one, as Pool does. The mean thickness is over the length that
    was measured in all fields, so that a field counts by its length, with its 95 % confidence interval over the fields
    (t · s / √n for fields of one length). Smallest and largest are those of all places in all fields. With Specimen
    wired, all this is of each specimen, and of all it is the mean of the specimens with its interval over them. Under
    five fields, or with a relative accuracy over 10 %, the mean is not reportable.

    Standard: ISO 1463 and ASTM B487, which ask for at least five measurements along the layer. Oracle: the t interval
    of fields of one length. Limits and factors are from memory of the standards, not read in them: compare them with
    your edition.
    """
    return of_fields(
        pool(tables, specimens),
        _measure,
        of="LayerThickness",
        needs=("Mean thickness", "Smallest thickness", "Measured length"),
        main=("Mean thickness",),
    )


def _measure(fields: Fields) -> Sequence[Stated]:
    length, unit = fields["Measured length"], fields.units["Mean thickness"]
    return [
        mean("Mean thickness", unit, fields["Mean thickness"] * length, length),
        extreme("Smallest thickness", unit, fields["Smallest thickness"], np.min),
        extreme("Largest thickness", unit, fields["Largest thickness"], np.max),
    ]
