"""PorosityOfFields: porosity, pores per area and the largest pore of all images together."""

from collections.abc import Sequence

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, count, extreme, of_fields, share
from graingraph.nodes.tables.stated import Stated


@node(
    "PorosityOfFields",
    category="Report",
    version=2,  # 1 gave numbers that no field tells among the results
    synonyms=("pores", "voids", "density", "mean of fields", "largest pore", "worst field", "VDI 3405", "ASTM E2109"),
)
def porosity_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average porosity and pores per area over the fields of a specimen, and find its largest pore and worst window.

    Puts the tables of Porosity of all images into one, as Pool does. Porosity is the area of all pores by that of all
    fields, with its 95 % confidence interval over fields, on the logit, so that it stays between 0 and 100 %; where no
    field shows a pore there is none. Pores per area are all pores on all areas, with a Poisson interval where there are
    fewer than 30: it also holds for empty fields, whose upper end is 3.7 pores on the area looked at. The largest pore
    and the worst window are those of all fields; more fields find larger ones, so they have no interval. With Specimen
    wired, all this is of each specimen. Under five fields, or with a relative accuracy over 10 %, a result is not
    reportable.

    Standard: VDI 3405-2, ASTM E2109. Oracles: those of AreaFractionOfFields and NumberPerAreaOfFields, whose statistics
    these are.
    """
    return of_fields(
        pool(tables, specimens),
        _measure,
        of="Porosity",
        needs=("Porosity", "Counted pores", "Worst window"),
        main=("Porosity", "Pores per area", "Largest pore"),
    )


def _measure(fields: Fields) -> Sequence[Stated]:
    area, shaped, unit = fields["Analysed area"], fields["Area of shaped pores"], fields.units["Pores per area"]
    return [
        share("Porosity", fields["Porosity"] / 100 * area, area),
        count("Pores per area", unit, fields["Counted pores"], fields["Pores"], fields["Counting area"]),
        extreme("Largest pore", fields.units["Largest pore"], fields["Largest pore"], np.max),
        extreme("Worst window", "%", fields["Worst window"], np.max),
        share("Gas share of pores", fields["Gas share of pores"] / 100 * shaped, shaped),
    ]
