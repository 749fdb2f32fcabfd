"""NumberPerAreaOfFields: the number of features per area of all images together."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.results import Result, per_scale
from graingraph.engine.values.wording import between, counted, short
from graingraph.nodes.report.pool import pool


class NumberPerAreaOfFields(NamedTuple):
    """The fields' rows under the number per area of all, and its statistics."""

    table: Table
    statistics: Table


@node(
    "NumberPerAreaOfFields",
    category="Report",
    synonyms=("number density", "nodule count", "particles per mm²", "N_A", "mean of fields", "Poisson", "ASTM E1245"),
)
def number_per_area_of_fields(tables: PerImage[Table]) -> NumberPerAreaOfFields:
    """Average the number of features per area over the fields of a specimen, and say whether it may be reported.

    Puts the tables of NumberPerArea of all images into one, as Pool does. The number per area is all features on all
    areas, so that fields may differ in size and one without a feature counts. Its 95 % confidence interval is over the
    fields (t · s / √n for fields of one size). With fewer than 30 features in all, their scatter between fields is not
    known well enough; the interval is then that of a Poisson count, which is also known for one field and for none
    found, and takes features to lie independently of each other. A note says so.

    Standard: ASTM E1245, statistical analysis; Garwood 1936 (Poisson). Oracles: the t interval of fields of one size,
    SciPy's Poisson distribution, coverage on counts of known intensity (at least 95 % of the intervals hold it).
    """
    from graingraph.nodes.imaging.stereology.number_per_area import FEWEST_COUNTED, number_per_area
    from graingraph.nodes.imaging.stereology.statistics import spread, statistics_columns
    from graingraph.nodes.tables.reportable import NO_SCALE, Sampling, note, of_sampling

    fields = pool(tables)
    if not {"Features", "Counted", "Field area", "Number per area"} <= fields.columns.keys():
        raise Problem("Wire the table of NumberPerArea into it; this one has other columns.")
    features, count, area, density = (
        np.asarray(fields.columns[name], float) for name in ("Features", "Counted", "Field area", "Number per area")
    )
    found, unit, seen = number_per_area(count, features, area), fields.units["Number per area"], int(features.sum())
    rows = [
        ("Number of fields", float(fields.count), ""),
        ("Number of features", float(seen), ""),
        ("Area of all fields", float(area.sum()), fields.units["Field area"]),
        ("Number per area", found.value, unit),
        ("Number per area, 95 % CI from", found.low, unit),
        ("Number per area, 95 % CI to", found.high, unit),
        ("Number per area, standard deviation of fields", spread(density), unit),
        ("Relative accuracy", found.relative_accuracy, "%"),
        ("Fields needed for 10 %", found.fields_needed, ""),
    ]
    why = [] if unit == "1/mm²" else [NO_SCALE]
    why += of_sampling(Sampling(fields.count, found.relative_accuracy))
    notes = [note(why, about="number per area")] if why else []
    result = Result(
        "Number per area",
        unit,
        found.value,
        found.low,
        found.high,
        fields.count,
        spread=spread(density),
        needed=found.fields_needed,
        reasons=tuple(why),
        per_scale=per_scale(found.value, unit),
    )
    headline = f"{short(found.value, 3)} per {unit.removeprefix('1/')}"
    if np.isfinite(found.half_width):
        headline += f", 95 % CI {between(found.low, found.high)}"
    headline += f" ({counted(fields.count, 'field')}, n = {seen})"
    table = replace(fields, headline=headline, results=(result,), notes=(*notes, *fields.notes))
    if seen < FEWEST_COUNTED:
        table = table.with_note(
            f"Only {counted(seen, 'feature')}: the interval is that of a Poisson count, which takes features to lie "
            f"independently of each other; from {FEWEST_COUNTED} on it is from the scatter between the fields."
        )
    statistics = Table(statistics_columns(rows), {}, rows="statistics", headline=headline)
    return NumberPerAreaOfFields(
        table, replace(statistics, results=table.results, notes=table.notes, fields=table.fields)
    )
