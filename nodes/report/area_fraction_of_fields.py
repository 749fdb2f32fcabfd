"""AreaFractionOfFields: the fraction, mean free path and mean chord of the phases over all images."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.results import Result, per_scale
from graingraph.engine.values.wording import between, counted, short
from graingraph.nodes.report.pool import pool

FRACTION = "Area fraction"


class AreaFractionOfFields(NamedTuple):
    """The fields' rows under the fractions over all, and their statistics."""

    table: Table
    statistics: Table


@node(
    "AreaFractionOfFields",
    category="Report",
    synonyms=("volume fraction", "phase fraction", "relative accuracy", "mean free path", "ASTM E562", "ISO 9042"),
)
def area_fraction_of_fields(tables: PerImage[Table]) -> AreaFractionOfFields:
    """Average area fraction, mean free path and mean chord over the fields of a specimen, and say how sure they are.

    Puts the tables of AreaFraction of all images into one, as Pool does. The fraction V_V of each class is its area in
    all fields by that of all fields, with the 95 % confidence interval over fields (taken on the logit, so that it
    stays between 0 and 100 %), the standard deviation s of the fields, the relative accuracy %RA (half of the interval
    in per cent of the mean), and how many such fields 10 % takes. Intercepts per length N_L, mean free path
    λ = (1 − V_V) / N_L and mean chord V_V / N_L are those of all fields together with half of their 95 % interval. With
    one field there is no interval. Under five fields, or with %RA over 10 %, the result is not reportable.

    Standard: ASTM E562 and ISO 9042, statistical analysis; E1245 (λ). For fields of one size away from 0 and 100 % the
    interval is E562's t · s / √n. Oracles: E562's equations; coverage on grains of two phases; Boolean discs, whose
    mean free path is 1 / (intensity · diameter).
    """
    from graingraph.nodes.imaging.stereology.over_fields import OverFields, proportion, ratio
    from graingraph.nodes.imaging.stereology.statistics import spread, statistics_columns
    from graingraph.nodes.tables.reportable import NO_SCALE, Sampling, note, of_sampling

    fields = pool(tables)
    names = [name.removeprefix(FRACTION) for name in fields.columns if name.startswith(FRACTION)]
    if not names or not all(f"Intercepts per length{name}" in fields.columns for name in names):
        raise Problem("Wire the table of AreaFraction into it; this one has other columns.")
    all_areas = np.asarray(fields.columns["Analysed area"], float)
    rows: list[tuple[str, float, str]] = [("Number of fields", float(fields.count), "")]
    notes, parts, results = [], [], []
    for name in names:
        fraction, per_length = f"{FRACTION}{name}", f"Intercepts per length{name}"
        good = (all_areas > 0) & np.isfinite(fields.columns[fraction]) & np.isfinite(fields.columns[per_length])
        share, entered, area = fields.columns[fraction][good] / 100, fields.columns[per_length][good], all_areas[good]
        part = proportion(share * area, area)
        found = OverFields(100 * part.value, 100 * part.low, 100 * part.high, part.fields)
        unit, length = fields.units[per_length], fields.units[f"Mean free path{name}"]
        factor = 1000.0 if (unit, length) == ("1/mm", "µm") else 1.0
        rows += [
            (fraction, found.value, "%"),
            (f"{fraction}, 95 % CI over fields, from", found.low, "%"),
            (f"{fraction}, 95 % CI over fields, to", found.high, "%"),
            (f"{fraction}, standard deviation of fields", spread(100 * share), "%"),
            (f"Relative accuracy{name}", found.relative_accuracy, "%"),
            (f"Fields needed for 10 %{name}", found.fields_needed, ""),
        ]
        why = of_sampling(Sampling(int(good.sum()), found.relative_accuracy))
        notes += [note([f"{name.strip()}: {why[0]}".removeprefix(": "), *why[1:]], about=fraction)] if why else []
        answers = [(fraction, "%", found, spread(100 * share), why)]
        for quantity, amounts, sizes, its_unit in (
            (per_length, entered * area, area, unit),
            (f"Mean free path{name}", factor * (1 - share) * area, entered * area, length),
            (f"Mean chord{name}", factor * share * area, entered * area, length),
        ):
            mean = ratio(amounts, sizes)
            rows += [
                (quantity, mean.value, its_unit),
                (f"{quantity}, 95 % CI over fields (±)", mean.half_width, its_unit),
            ]
            if quantity != per_length:
                unsure = [NO_SCALE] if its_unit == "px" else []
                unsure += of_sampling(Sampling(int(good.sum()), mean.relative_accuracy))
                answers.append((quantity, its_unit, mean, math.nan, unsure))
        results += [
            Result(
                quantity,
                its_unit,
                mean.value,
                mean.low,
                mean.high,
                mean.fields,
                spread=deviation,
                needed=mean.fields_needed,
                reasons=tuple(unsure),
                per_scale=per_scale(mean.value, its_unit),
            )
            for quantity, its_unit, mean, deviation, unsure in answers
        ]
        interval = f" (95 % CI {between(found.low, found.high)})" if np.isfinite(found.half_width) else ""
        parts.append(f"{name} {short(found.value, 3)} %{interval}".strip())
    if fields.units["Analysed area"] == "px²":
        notes.append(note([f"{NO_SCALE}, so that mean free path and chord are in pixels"], about="Mean free path"))
    headline = f"{', '.join(parts)}, {counted(fields.count, 'field')}"
    table = replace(fields, headline=headline, results=tuple(results), notes=(*notes, *fields.notes))
    statistics = Table(statistics_columns(rows), {}, rows="statistics", headline=headline)
    return AreaFractionOfFields(
        table, replace(statistics, results=table.results, notes=table.notes, fields=table.fields)
    )
