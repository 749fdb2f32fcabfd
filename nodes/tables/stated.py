"""Quantities over the fields of each specimen, and over specimens among each other, as results and statistics."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graingraph.engine.values import Result, Table
from graingraph.engine.values.results import Sampled, per_scale
from graingraph.engine.values.wording import counted
from graingraph.nodes.imaging.stereology.over_fields import OverFields
from graingraph.nodes.imaging.stereology.statistics import Statistic, spread, statistics_columns
from graingraph.nodes.tables.specimens import SPECIMEN, by_specimen, over_specimens, rows_of


@dataclass(frozen=True)
class Stated:
    """A quantity over fields or specimens, their standard deviation, and why it must not be reported.

    ``extent`` says that statistics give half of the interval instead of its ends, ``interval`` what it is where it
    is not one over fields, ``answers`` whether it is one of the results, ``is_extreme`` that it is the largest or
    smallest of all fields and so has no interval.
    """

    quantity: str
    unit: str
    mean: OverFields
    spread: float = np.nan
    reasons: tuple[str, ...] = ()
    extent: bool = False
    interval: str = ""
    answers: bool = True
    is_extreme: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.mean.value)


@dataclass(frozen=True)
class Group:
    """What is stated of one specimen, or of all together (no name): over so many fields or specimens."""

    specimen: str
    over: Sampled
    count: int
    stated: tuple[Stated, ...]

    @property
    def how_many(self) -> str:
        """Over how many fields or specimens, in words."""
        return counted(self.count, self.over)

    @property
    def results(self) -> tuple[Result, ...]:
        """The answers."""
        return tuple(
            Result(
                one.quantity,
                one.unit,
                one.mean.value,
                one.mean.low,
                one.mean.high,
                self.count,
                self.over,
                one.spread,
                one.mean.fields_needed,
                self.specimen,
                one.reasons,
                per_scale(one.mean.value, one.unit),
                one.quantity,
            )
            for one in self.stated
            if one.answers
        )


def of_specimens(
    table: Table,
    measure: Callable[[Table], Sequence[Stated]],
    refused: Sequence[str],
    fields_in: Callable[[Table], int] = lambda table: table.count,
) -> list[Group]:
    """What ``measure`` states of the fields of each specimen, and last of all together where there are several.

    Over specimens each counts the same. ``refused`` says why nothing at all may be reported, ``fields_in`` how many
    fields the rows are from where they are not one a field.
    """
    parts = by_specimen(table) or {"": np.ones(table.count, bool)}
    found = []
    for name, chosen in parts.items():
        fields = rows_of(table, chosen)
        found.append(Group(name, "field", fields_in(fields), tuple(measure(fields))))
    if len(found) > 1:
        alike = zip(*(group.stated for group in found), strict=True)
        names = [group.specimen for group in found]
        found.append(Group("", "specimen", len(found), tuple(_between(names, one) for one in alike)))
    return [
        replace(group, stated=tuple(replace(one, reasons=(*one.reasons, *refused)) for one in group.stated))
        for group in found
    ]


def _between(names: Sequence[str], each: Sequence[Stated]) -> Stated:
    """One quantity over specimens."""
    means = np.array([one.mean.value for one in each])
    why = tuple(
        f"specimen {name}: {'; '.join(one.reasons)}" for name, one in zip(names, each, strict=True) if one.reasons
    )
    mean = over_specimens(means, share=each[0].unit == "%")
    return replace(each[0], interval="", mean=mean, spread=spread(means[np.isfinite(means)]), reasons=why)


def statistics(groups: Sequence[Group], counts: Callable[[Group], Sequence[Statistic]] = lambda group: ()) -> Table:
    """One statistic a row, of every specimen, with the answers of all; ``counts`` gives further ones of a group."""
    rows = [(group.specimen, row) for group in groups for row in (*_number(group), *counts(group), *_rows(group))]
    columns = statistics_columns([row for _, row in rows])
    if any(group.specimen for group in groups):
        columns = {SPECIMEN: np.array([name for name, _ in rows], object), **columns}
    results = tuple(result for group in groups for result in group.results)
    return Table(columns, {}, rows="statistics", results=results)


def _number(group: Group) -> list[Statistic]:
    return [Statistic(f"Number of {group.over}s", float(group.count), "")]


def _rows(group: Group) -> list[Statistic]:
    found = []
    over = f"{group.over}s"
    for one in group.stated:
        name, mean, unit, no = one.quantity, one.mean, one.unit, bool(one.reasons)
        found.append(Statistic(name, mean.value, unit, no))
        if one.extent:
            found.append(Statistic(f"{name}, 95 % CI over {over} (±)", mean.half_width, unit, no))
            continue
        found += [
            Statistic(f"{name}, 95 % CI {one.interval or f'over {over}'}, from", mean.low, unit, no),
            Statistic(f"{name}, 95 % CI {one.interval or f'over {over}'}, to", mean.high, unit, no),
            Statistic(f"{name}, standard deviation of {over}", one.spread, unit),
            Statistic(f"{name}, relative accuracy", mean.relative_accuracy, "%"),
            Statistic(f"{name}, {over} needed for 10 %", mean.fields_needed, ""),
        ]
    return found
