"""The uncertainty budget of a result: what each source adds, and all together with k = 2."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graingraph.engine.values import MeasuredField, Result

COVERAGE = 2
"""The coverage factor k of the expanded uncertainty, about 95 %."""


@dataclass(frozen=True)
class Contribution:
    """What a source adds to the standard uncertainty of a result, in its unit; NaN where nobody knows."""

    source: str
    standard: float


@dataclass(frozen=True)
class Budget:
    """The contributions to the uncertainty of a result. Source: JCGM 100 (GUM), 5.1.2, uncorrelated sources."""

    result: Result
    contributions: tuple[Contribution, ...]

    @property
    def combined(self) -> float:
        """The root of the sum of the squares of what is known; NaN where nothing is."""
        known = [one.standard for one in self.contributions if math.isfinite(one.standard)]
        return math.sqrt(sum(one * one for one in known)) if known else math.nan

    @property
    def expanded(self) -> float:
        """The expanded uncertainty, k = 2; NaN where that over fields is not known, the largest as a rule."""
        return COVERAGE * self.combined if math.isfinite(self.contributions[0].standard) else math.nan


def budget_of(result: Result, fields: Sequence[MeasuredField], moved: float = math.nan) -> Budget:
    """The budget of a result measured in these fields.

    What fields add is half of the half width of the 95 % interval, so that Student's factor for few fields is kept.
    The pixel size adds its relative uncertainty, the largest of all fields, as it is common to them.
    ``moved`` is what the exposed settings add, NaN where nobody has moved them.
    """
    scales = [field.scale for field in fields]
    if not result.per_scale:
        scale = 0.0
    elif not scales or any(one is None or one.uncertainty is None for one in scales):
        scale = math.nan
    else:
        scale = abs(result.per_scale) * max(one.uncertainty or 0.0 for one in scales if one is not None)
    return Budget(
        result,
        (
            Contribution(f"{result.over.capitalize()}s (n = {result.count})", result.half_width / 2),
            Contribution("Pixel size", scale),
            Contribution("Exposed settings ± 10 %", moved),
        ),
    )
