"""ChordsOfFields: mean intercept, boundary area per volume and anisotropy of all images together."""

from collections.abc import Sequence

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, mean, of_fields
from graingraph.nodes.tables.stated import Stated


@node(
    "ChordsOfFields",
    category="Report",
    version=2,  # 1 took fields whose lines meet too few boundaries
    synonyms=("intercept length", "S_V", "anisotropy", "mean of fields", "mean lineal intercept", "ASTM E112"),
)
def chords_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average mean intercept, boundary area per volume and anisotropy over the fields, and say how sure they are.

    Puts the tables of Chords of all images into one, as Pool does. The mean intercept is all test lines by all
    crossings, boundary area per volume twice the crossings by the lines, so that fields may differ in size. The mean
    intercept of a direction is over the fields, and so is the anisotropy. Each has its 95 % confidence interval over
    fields. With Specimen wired, all this is of each specimen, and of all it is the mean of the specimens with its
    interval over them. Under five fields, or with a relative accuracy over 10 %, a result is not reportable.

    Standard: ASTM E112, statistical analysis. Oracle: the t interval of fields of one size.
    """
    return of_fields(
        pool(tables, specimens),
        _measure,
        of="Chords",
        needs=("Test line", "Crossings", "Anisotropy"),
        main=("Mean intercept", "Anisotropy"),
    )


def _measure(fields: Fields) -> Sequence[Stated]:
    line, crossings, unit = fields["Test line"], fields["Crossings"], fields.units["Mean intercept"]
    per = fields.units["Boundary area per volume"]
    finite = np.where(np.isfinite(fields["Anisotropy"]), fields["Anisotropy"], np.nan)
    phases = [name for name in fields.columns if name.startswith("Mean chord")]
    return [
        mean("Mean intercept", unit, line, crossings),
        mean("Boundary area per volume", per, 2 * crossings, line, factor=1000.0 if per == "1/mm" else 1.0),
        mean("Anisotropy", "", finite, np.ones(line.size)),
        *(mean(name, unit, fields[name] * line, line) for name in phases),
    ]
