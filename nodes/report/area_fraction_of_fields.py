"""AreaFractionOfFields: the fraction, mean free path and mean chord of the phases over all images."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import between, short
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.stated import Stated

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
def area_fraction_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> AreaFractionOfFields:
    """Average area fraction, mean free path and mean chord over the fields of a specimen, and say how sure they are.

    Puts the tables of AreaFraction of all images into one, as Pool does. The fraction V_V of each class is its area in
    all fields by that of all fields, with the 95 % confidence interval over fields (taken on the logit, so that it
    stays between 0 and 100 %), the standard deviation s of the fields, the relative accuracy %RA (half of the interval
    in per cent of the mean), and how many such fields 10 % takes. Intercepts per length N_L, mean free path
    λ = (1 − V_V) / N_L and mean chord V_V / N_L are those of all fields together with half of their 95 % interval. With
    one field there is no interval. With Specimen wired, all this is of each specimen, and of all it is the mean of the
    specimens with its interval over them. Under five fields, or with %RA over 10 %, the result is not reportable.

    Standard: ASTM E562 and ISO 9042, statistical analysis; E1245 (λ). For fields of one size away from 0 and 100 % the
    interval is E562's t · s / √n. Oracles: E562's equations; coverage on grains of two phases; Boolean discs, whose
    mean free path is 1 / (intensity · diameter). Limits and factors are from memory of the standards, not read in them:
    compare them with your edition.
    """
    from graingraph.nodes.tables.reportable import NO_SCALE, at_its_end, note_at_its_end, of_notes, refusal
    from graingraph.nodes.tables.stated import of_specimens, statistics

    fields = pool(tables, specimens)
    names = [name.removeprefix(FRACTION) for name in fields.columns if name.startswith(FRACTION)]
    if not names or not all(f"Intercepts per length{name}" in fields.columns for name in names):
        raise Problem("Wire the table of AreaFraction into it; this one has other columns.")
    groups = of_specimens(
        fields, lambda part: [one for name in names for one in _phase(part, name)], of_notes(fields.notes)
    )
    whole = groups[-1]
    notes: list[Note] = []
    for one in whole.stated:
        if one.quantity.startswith(FRACTION):
            phase = one.quantity.removeprefix(FRACTION).strip()
            notes += refusal(one.reasons, about=one.quantity, of=phase, beside=fields.notes)
    if fields.units["Analysed area"] == "px²":
        notes += refusal([f"{NO_SCALE}, so that mean free path and chord are in pixels"], about="Mean free path")
    parts = [
        f"{one.quantity.removeprefix(FRACTION)} {short(one.mean.value, 3)} %"
        + (f" (95 % CI {between(one.mean.low, one.mean.high)})" if np.isfinite(one.mean.half_width) else "")
        for one in whole.stated
        if one.quantity.startswith(FRACTION)
    ]
    notes += [
        Note("advice", note_at_its_end(one.quantity, one.unit, one.mean))
        for one in whole.stated
        if one.unit == "%" and at_its_end(one.unit, one.mean)
    ]
    headline = f"{', '.join(part.strip() for part in parts)}, {whole.how_many}"
    of_all = statistics(groups)
    table = replace(fields, headline=headline, results=of_all.results, notes=(*notes, *fields.notes))
    return AreaFractionOfFields(
        table,
        replace(of_all, headline=headline, notes=table.notes, fields=table.fields),
    )


def _phase(fields: Table, name: str) -> Sequence[Stated]:
    """Fraction, intercepts per length, mean free path and chord of a phase over fields (rows of AreaFraction)."""
    from graingraph.nodes.imaging.stereology.over_fields import proportion, ratio
    from graingraph.nodes.imaging.stereology.statistics import spread
    from graingraph.nodes.tables.reportable import of_mean

    fraction, per_length = f"{FRACTION}{name}", f"Intercepts per length{name}"
    areas = np.asarray(fields.columns["Analysed area"], float)
    good = (areas > 0) & np.isfinite(fields.columns[fraction]) & np.isfinite(fields.columns[per_length])
    share, entered, area = fields.columns[fraction][good] / 100, fields.columns[per_length][good], areas[good]
    found = proportion(share * area, area).times(100)
    unit, length = fields.units[per_length], fields.units[f"Mean free path{name}"]
    factor = 1000.0 if (unit, length) == ("1/mm", "µm") else 1.0
    why = of_mean("%", found)
    stated = [Stated(fraction, "%", found, spread(100 * share), tuple(why))]
    for quantity, amounts, sizes, its_unit in (
        (per_length, entered * area, area, unit),
        (f"Mean free path{name}", factor * (1 - share) * area, entered * area, length),
        (f"Mean chord{name}", factor * share * area, entered * area, length),
    ):
        mean = ratio(amounts, sizes)
        unsure = of_mean(its_unit, mean) if np.isfinite(mean.value) else ()
        answers = quantity != per_length and bool(np.isfinite(mean.value))
        stated.append(Stated(quantity, its_unit, mean, reasons=tuple(unsure), extent=True, answers=answers))
    return stated
