"""BandingOfFields: banding over all images."""

from collections.abc import Sequence

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, mean, of_fields
from graingraph.nodes.tables.stated import Stated


@node(
    "BandingOfFields",
    category="Report",
    version=2,  # 1 took fields whose lines meet too few bands
    synonyms=("banded structure", "anisotropy index", "degree of orientation", "mean of fields", "ASTM E1268"),
)
def banding_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average banding over the fields of a specimen: anisotropy index, degree of orientation and band spacing.

    Puts the tables of Banding of all images into one, as Pool does. N_L is what is entered on all test lines; the
    anisotropy index and the degree of orientation are those of N_L of all fields together, and the band spacing all
    lines by all that is entered. Each has its 95 % confidence interval over fields. With Specimen wired, all this is of
    each specimen, and of all it is the mean of the specimens with its interval over them. Under five fields, or with a
    relative accuracy over 10 %, a result is not reportable.

    Standard: ASTM E1268, which gives the 95 % interval and the relative accuracy of each. Oracle: the t interval of
    fields of one size.
    """
    return of_fields(
        pool(tables, specimens),
        _measure,
        of="Banding",
        needs=("Anisotropy index", "Entered perpendicular", "Test line parallel"),
        main=("Anisotropy index", "Degree of orientation", "Band spacing"),
    )


def _measure(fields: Fields) -> Sequence[Stated]:
    from graingraph.nodes.imaging.stereology.chords import ORIENTED

    square, parallel = fields["N_L perpendicular"], fields["N_L parallel"]
    entered, line = fields["Entered perpendicular"], fields["Test line perpendicular"]
    unit, spacing = fields.units["N_L perpendicular"], fields.units["Band spacing"]
    factor = 1000.0 if spacing == "µm" else 1.0
    return [
        mean("Anisotropy index", "", square, parallel),
        mean("Degree of orientation", "", square - parallel, square + ORIENTED * parallel),
        mean("Band spacing", spacing, line, entered, factor=factor),
        mean(
            "Mean free path perpendicular",
            spacing,
            (1 - fields["Area fraction"] / 100) * line,
            entered,
            factor=factor,
        ),
        mean("N_L perpendicular", unit, entered, line),
        mean("N_L parallel", unit, fields["Entered parallel"], fields["Test line parallel"]),
    ]
