"""NumberPerAreaOfFields: the number of features per area of all images together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.wording import between, counted, short
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.stated import Stated


class NumberPerAreaOfFields(NamedTuple):
    """The fields' rows under the number per area of all, and its statistics."""

    table: Table
    statistics: Table


@node(
    "NumberPerAreaOfFields",
    category="Report",
    synonyms=("number density", "nodule count", "particles per mm²", "N_A", "mean of fields", "Poisson", "ASTM E1245"),
)
def number_per_area_of_fields(
    tables: PerImage[Table], specimens: PerImage[Table] | None = None
) -> NumberPerAreaOfFields:
    """Average the number of features per area over the fields of a specimen, and say whether it may be reported.

    Puts the tables of NumberPerArea of all images into one, as Pool does. The number per area is all features on all
    areas, so that fields may differ in size and one without a feature counts. Its 95 % confidence interval is over the
    fields (t · s / √n for fields of one size). With fewer than 30 features in all, their scatter between fields is not
    known well enough; the interval is then that of a Poisson count, which is also known for one field and for none
    found, and takes features to lie independently of each other. A note says so. With Specimen wired, all this is of
    each specimen, and of all it is the mean of the specimens with its interval over them.

    Standard: ASTM E1245, statistical analysis; Garwood 1936 (Poisson). Oracles: the t interval of fields of one size,
    SciPy's Poisson distribution, coverage on counts of known intensity (at least 95 % of the intervals hold it).
    """
    from graingraph.nodes.imaging.stereology.number_per_area import FEWEST_COUNTED
    from graingraph.nodes.imaging.stereology.statistics import Statistic
    from graingraph.nodes.tables.reportable import of_notes, refusal
    from graingraph.nodes.tables.specimens import SPECIMEN
    from graingraph.nodes.tables.stated import Group, of_specimens, statistics

    fields = pool(tables, specimens)
    if not {"Features", "Counted", "Field area", "Number per area"} <= fields.columns.keys():
        raise Problem("Wire the table of NumberPerArea into it; this one has other columns.")
    groups = of_specimens(fields, _density, of_notes(fields.notes))
    whole, unit = groups[-1], fields.units["Number per area"]

    def counts(group: Group) -> Sequence[Statistic]:
        chosen = fields.columns[SPECIMEN] == group.specimen if group.specimen else np.ones(fields.count, bool)
        return [
            Statistic("Number of features", float(fields.columns["Features"][chosen].sum()), ""),
            Statistic(
                "Area of all fields", float(fields.columns["Field area"][chosen].sum()), fields.units["Field area"]
            ),
        ]

    seen, found = int(fields.columns["Features"].sum()), whole.stated[0]
    headline = f"{short(found.mean.value, 3)} per {unit.removeprefix('1/')}"
    if np.isfinite(found.mean.half_width):
        headline += f", 95 % CI {between(found.mean.low, found.mean.high)}"
    headline += f" ({whole.how_many}, n = {seen})"
    notes = refusal(found.reasons, about="number per area", beside=fields.notes)
    of_all = statistics(groups, counts)
    table = replace(fields, headline=headline, results=of_all.results, notes=(*notes, *fields.notes))
    few = [group.specimen for group in groups if group.over == "field" and counts(group)[0].value < FEWEST_COUNTED]
    if few:
        how_many = f"few features, under {FEWEST_COUNTED}" if any(few) else counted(seen, "feature")
        which = f"Of specimen {', '.join(few)} only {how_many}" if any(few) else f"Only {how_many}"
        table = table.with_note(
            f"{which}: the interval is that of a Poisson count, which takes features to lie independently of each "
            f"other; from {FEWEST_COUNTED} on it is from the scatter between the fields."
        )
    of_all = replace(of_all, headline=headline, notes=table.notes, fields=table.fields)
    return NumberPerAreaOfFields(table, of_all)


def _density(fields: Table) -> Sequence[Stated]:
    """The number per area over fields (rows of NumberPerArea)."""
    from graingraph.nodes.tables.answers import count

    features, counted_as, area = (
        np.asarray(fields.columns[name], float) for name in ("Features", "Counted", "Field area")
    )
    return [count("Number per area", fields.units["Number per area"], counted_as, features, area)]
