"""Quantities over fields by what adds up in them, and the two tables in which a node states them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from graingraph.engine.values.wording import between, named, short, within
from graingraph.nodes.imaging.stereology.over_fields import OverFields, proportion, ratio
from graingraph.nodes.imaging.stereology.statistics import spread
from graingraph.nodes.tables.reportable import at_its_end, note_at_its_end, of_mean, of_notes, refusal
from graingraph.nodes.tables.stated import Group, Stated, of_specimens, statistics

Numbers = npt.NDArray[np.floating]


class OfFields(NamedTuple):
    """The fields' rows under what all of them say together, and its statistics."""

    table: Table
    statistics: Table


@dataclass(frozen=True)
class Fields:
    """The numbers of the fields of one specimen: columns by name, float (fields,), and their units."""

    columns: dict[str, Numbers]
    units: dict[str, str]

    def __getitem__(self, name: str) -> Numbers:
        return self.columns[name]


def mean(quantity: str, unit: str, amounts: Numbers, sizes: Numbers, *, factor: float = 1.0) -> Stated:
    """``factor`` · Σ amounts / Σ sizes over the fields that have both; a field counts by its size."""
    amounts, sizes = _known(factor * amounts, sizes)
    return _stated(quantity, unit, ratio(amounts, sizes), amounts[sizes > 0] / sizes[sizes > 0])


def share(quantity: str, amounts: Numbers, sizes: Numbers) -> Stated:
    """100 · Σ amounts / Σ sizes in per cent, a share of a whole: its interval stays between 0 and 100 %."""
    amounts, sizes = _known(amounts, sizes)
    found = proportion(amounts, sizes).times(100)
    return _stated(quantity, "%", found, 100 * amounts[sizes > 0] / sizes[sizes > 0])


def count(quantity: str, unit: str, counted_as: Numbers, seen: Numbers, areas: Numbers) -> Stated:
    """A number of features per area; ``seen`` are the features of each field, ``counted_as`` what they count for.

    With fewer than 30 features in all the interval is that of a Poisson count.
    """
    from graingraph.nodes.imaging.stereology.number_per_area import FEWEST_COUNTED, number_per_area

    few = seen.sum() < FEWEST_COUNTED
    stated = _stated(quantity, unit, number_per_area(counted_as, seen, areas), counted_as / areas)
    return replace(stated, interval="of a Poisson count" if few else "")


def extreme(quantity: str, unit: str, values: Numbers, of: Callable[[Numbers], np.floating]) -> Stated:
    """The largest (``np.max``) or smallest value of all fields; over specimens, the mean of theirs.

    It has no interval, as more fields find a more extreme one.
    """
    known = values[np.isfinite(values)]
    found = OverFields(float(of(known)) if known.size else math.nan, math.nan, math.nan, values.size)
    return _stated(quantity, unit, found, known, is_extreme=True)


def _stated(quantity: str, unit: str, found: OverFields, each: Numbers, *, is_extreme: bool = False) -> Stated:
    why = of_mean(unit, found, extreme=is_extreme)
    return Stated(quantity, unit, found, spread(each), tuple(why), is_extreme=is_extreme)


def _known(amounts: Numbers, sizes: Numbers) -> tuple[Numbers, Numbers]:
    good = np.isfinite(amounts) & np.isfinite(sizes)
    return amounts[good], sizes[good]


def of_fields(
    fields: Table,
    measure: Callable[[Fields], Sequence[Stated]],
    *,
    of: str,
    needs: Sequence[str],
    main: Sequence[str],
) -> OfFields:
    """What ``measure`` states of the fields of each specimen, and of all, as the tables that a node gives.

    ``fields`` is the pooled table of the node named ``of``, which has at least the columns ``needs``; a ``Problem``
    says so where it has not. The ``main`` quantities stand in the headline; where one is not reportable a note says
    why, and a note says whose intervals are those of Poisson counts. Where no field holds anything to measure the first
    of them by it is not reportable, and others are no results but in a note.
    """
    if not set(needs) <= fields.columns.keys():
        raise Problem(f"Wire the table of {of} into it; this one has other columns.")

    def measured(part: Table) -> Sequence[Stated]:
        columns = {name: np.asarray(part.columns[name], float) for name in part.quantities}
        found = measure(Fields(columns, dict(part.units)))
        return [one if one.known or one.quantity == main[0] else replace(one, answers=False) for one in found]

    groups = of_specimens(fields, measured, of_notes(fields.notes))
    whole = groups[-1]
    mains = [one for one in whole.stated if one.quantity in main and (one.known or one.quantity == main[0])]
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in mains:
        if one.reasons:
            alike.setdefault(one.reasons, []).append(within(one.quantity))
    notes = [one for why, names in alike.items() for one in refusal(why, about=named(names), beside=fields.notes)]
    told = ", ".join(_said(one) for one in mains if one.known) or "nothing to measure"
    headline = f"{told} ({whole.how_many})"
    headline = f"{headline[:1].upper()}{headline[1:]}"
    of_all = statistics(groups)
    notes = list(dict.fromkeys((*notes, *fields.notes)))
    table = replace(fields, headline=headline, results=of_all.results, notes=tuple(notes))
    table = table.with_note(*_poisson(groups), *_without(groups))
    return OfFields(table, replace(of_all, headline=headline, notes=table.notes, fields=table.fields))


def _poisson(groups: Sequence[Group]) -> list[str]:
    """A note on each quantity of which few features were found."""
    found: dict[str, list[str]] = {}
    for group in groups:
        for one in group.stated:
            if one.interval:
                found.setdefault(one.quantity, []).append(group.specimen)
    return [
        f"{quantity}{' of specimen ' if any(names) else ''}{', '.join(names)}: of few features, so its interval is "
        "that of a Poisson count, which takes them to lie independently of each other."
        for quantity, names in found.items()
    ]


def _without(groups: Sequence[Group]) -> list[str]:
    """A note on what is 0, or 100 %, in every field, and one on what no field tells and is left out of the results."""
    fields = [group for group in groups if group.over == "field"]
    found = [
        f"{f'Specimen {group.specimen}, ' if group.specimen else ''}{note_at_its_end(one.quantity, one.unit, one.mean)}"
        for group in fields
        for one in group.stated
        if not (one.interval or one.is_extreme) and at_its_end(one.unit, one.mean)
    ]
    untold = dict.fromkeys(within(one.quantity) for group in fields for one in group.stated if not one.known)
    return [*found, *([f"No field holds anything to measure these by: {', '.join(untold)}."] if untold else [])]


def _said(one: Stated) -> str:
    mean = one.mean
    interval = f", 95 % CI {between(mean.low, mean.high)}" if math.isfinite(mean.half_width) else ""
    return f"{within(one.quantity)} {short(mean.value, 3)} {one.unit}".rstrip() + interval
