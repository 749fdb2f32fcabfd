"""Whether a result keeps a specification limit, by a stated decision rule."""

import math
from dataclasses import dataclass
from typing import Literal

from graingraph.engine.problem import Problem
from graingraph.engine.values import Result
from graingraph.engine.values.wording import short
from graingraph.nodes.reading.pixel_size import number_in

DecisionRule = Literal["simple acceptance", "guarded acceptance"]
Verdict = Literal["pass", "fail", "not reportable"]


@dataclass(frozen=True)
class Limit:
    """What a quantity must be at least and at most (NaN: no such limit), and how that is decided.

    Simple acceptance takes the value as it is. Guarded acceptance moves the limits inwards by the expanded uncertainty
    (k = 2), so that a result passes only if it keeps them with its uncertainty. Source: ILAC-G8, binary statements.
    """

    quantity: str
    low: float
    high: float
    rule: DecisionRule

    def is_on(self, quantity: str) -> bool:
        """Whether it limits this quantity of a table of results: named, or begun to be named."""
        return quantity.casefold().startswith(self.quantity.strip().casefold())

    def __str__(self) -> str:
        ends = [f"at least {short(self.low, 6)}"] * math.isfinite(self.low)
        ends += [f"at most {short(self.high, 6)}"] * math.isfinite(self.high)
        return f"{self.quantity} {' and '.join(ends)}, decided by {self.rule}"


def limit_of(quantity: str, at_least: str, at_most: str, rule: DecisionRule) -> Limit | None:
    """The limit that the settings of a report state; None where none is. ``Problem`` where they are no numbers."""
    low, high = (_number(text) for text in (at_least, at_most))
    if not quantity and math.isnan(low) and math.isnan(high):
        return None
    if not quantity or (math.isnan(low) and math.isnan(high)):
        raise Problem("A specification limit needs the quantity that it is on, and at least or at most; fill in both.")
    return Limit(quantity, low, high, rule)


def _number(text: str) -> float:
    if not text.strip():
        return math.nan
    found = number_in(text)
    if found is None:
        raise Problem(f"The specification limit '{text}' is no number; write one, or leave it empty.")
    return found


def decide(limit: Limit, result: Result, expanded: float) -> Verdict:
    """Whether a result keeps the limit; ``expanded`` is its expanded uncertainty (k = 2), NaN where not known.

    A result that must not be reported, and one without an uncertainty where the rule needs it, decides nothing.
    """
    guard = expanded if limit.rule == "guarded acceptance" else 0.0
    if result.reasons or not math.isfinite(result.value) or not math.isfinite(guard):
        return "not reportable"
    too_low = math.isfinite(limit.low) and result.value < limit.low + guard
    too_high = math.isfinite(limit.high) and result.value > limit.high - guard
    return "fail" if too_low or too_high else "pass"
