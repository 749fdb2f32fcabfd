"""Results: the answers of a measurement with their intervals, as they stand on a report."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from graingraph.engine.values import wording
from graingraph.engine.values.registry import record

Sampled = Literal["field", "specimen"]
"""What an interval is taken over: the fields of a specimen, or specimens."""


@record
@dataclass(frozen=True)
class Result:
    """One answer: the ``value`` of a ``quantity`` in its ``unit``, and its 95 % interval from ``low`` to ``high``.

    The interval is over ``count`` fields of one ``specimen`` or over so many specimens, as ``over`` says; its ends are
    NaN where it is not known. ``spread`` is the standard deviation between these fields or specimens, ``needed`` how
    many of them a relative accuracy of 10 % takes. ``reasons`` say why it must not be reported; without, it may be.
    ``per_scale`` is by how much the value changes for a relative change of 1 of the pixel size. ``column`` is that of
    the tables of single images that it is the mean of.
    """

    quantity: str
    unit: str
    value: float
    low: float
    high: float
    count: int
    over: Sampled = "field"
    spread: float = math.nan
    needed: float = math.nan
    specimen: str = ""
    reasons: tuple[str, ...] = ()
    per_scale: float = 0.0
    column: str = ""

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2

    @property
    def relative_accuracy(self) -> float:
        """Half of the interval's width in per cent of the value; NaN of 0, and of angles."""
        return 100 * self.half_width / abs(self.value) if self.value and self.unit != "°" else math.nan

    def __str__(self) -> str:
        """The answer in a line, with its interval and what that is over."""
        over = wording.counted(self.count, self.over)
        value = wording.with_uncertainty(self.value, self.half_width, self.unit)
        return f"{self.quantity} {value} ({f'95 % CI over {over}' if math.isfinite(self.low) else over})"


def overall(results: Iterable[Result]) -> tuple[Result, ...]:
    """The answers of all fields or specimens together: the last of each quantity."""
    return tuple({one.quantity: one for one in results}.values())


def in_digits(value: float, unit: str, results: Iterable[Result]) -> str:
    """A statistic to the place that the uncertainty of its result allows, to four digits if it is of none."""
    for one in results:
        if unit == one.unit and value in (one.value, one.low, one.high, one.half_width):
            return wording.to_digits_of(value, one.half_width)
    return wording.cell(value)


_POWERS = {
    "µm": 1,
    "mm": 1,
    "µm²": 2,
    "mm²": 2,
    "1/µm": -1,
    "1/mm": -1,
    "1/µm²": -2,
    "1/mm²": -2,
    "1/mm³": -3,
    "HV": -2,
}


def per_scale(value: float, unit: str) -> float:
    """By how much a quantity in this unit changes for a relative change of 1 of the pixel size; 0 for other units."""
    return _POWERS.get(unit, 0) * value
