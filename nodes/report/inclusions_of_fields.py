"""InclusionsOfFields: the severity of inclusions in the worst field of all images."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.wording import short
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, extreme, of_fields
from graingraph.nodes.tables.inclusion_rating import TYPES
from graingraph.nodes.tables.stated import Stated

LEAST_AREA = 160.0
"""mm² of a specimen that ASTM E45 asks for; ISO 4967 asks for some 200."""
RATED = (*(f"{kind} {series}" for kind in TYPES for series in ("thin", "thick")), "DS")


@node(
    "InclusionsOfFields",
    category="Report",
    synonyms=("worst field", "inclusion rating", "severity index", "cleanliness", "ISO 4967", "ASTM E45", "method A"),
)
def inclusions_of_fields(ratings: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """State the severity of inclusions in the worst field of a specimen, by type and series.

    Takes the ratings of Inclusions of all images. The index of each type and series is the highest of all fields, as
    every half square millimetre counts and the worst one rates the specimen. With Specimen wired it is stated of each
    specimen, and of all it is the mean of the specimens. Not reportable under 160 mm² in all, or where an image is too
    small to hold a square of 0.5 mm².

    Standard: ISO 4967, method A, and ASTM E45, method A (worst fields). An extreme has no interval: more area finds a
    worse field. Oracle: the highest of ratings that are known. Limits and factors are from memory of the standards, not
    read in them: compare them with your edition.
    """
    fields = pool(ratings, specimens)
    areas = {field.image: field.area for field in fields.fields}
    column = np.array([areas.get(str(image), np.nan) for image in fields.columns["Image"]], float)
    fields = replace(
        fields,
        columns={**fields.columns, "Field area": column},
        units={**fields.units, "Field area": "mm²"},
    )
    return of_fields(fields, _measure, of="Inclusions", needs=RATED, main=[_worst(name) for name in RATED])


def _worst(name: str) -> str:
    return f"Worst field, {name}"


def _measure(fields: Fields) -> Sequence[Stated]:
    area = float(np.nansum(fields["Field area"]))
    why = (f"{short(area, 3)} mm² of at least {LEAST_AREA:g} mm²",) if area < LEAST_AREA else ()
    worst = [extreme(_worst(name), "", fields[name], np.max) for name in RATED]
    return [replace(one, reasons=(*one.reasons, *why)) for one in worst]
