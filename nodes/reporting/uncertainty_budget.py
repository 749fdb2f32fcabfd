"""The uncertainty budget of a result: what each source adds, and all together with k = 2."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graingraph.engine.values import MeasuredField, Result
from graingraph.nodes.learning.model.card import Answer

COVERAGE = 2
"""The coverage factor k of the expanded uncertainty, about 95 %."""
PIXEL_SIZE, CERTIFICATE = 1, 2
"""Where among the contributions the pixel size and its calibration stand."""
STATED = {
    "focus_uncertainty": "Focus",
    "preparation_uncertainty": "Preparation and etching",
    "operator_uncertainty": "Operator and choice of fields",
}
"""The sources whose share a laboratory states, by the settings of the report."""


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
        """The root of the sum of squares of what is known; NaN where that over fields is not, the largest as a rule."""
        known = [one.standard for one in self.contributions if math.isfinite(one.standard)]
        return math.sqrt(sum(one * one for one in known)) if math.isfinite(self.contributions[0].standard) else math.nan

    @property
    def expanded(self) -> float:
        """The expanded uncertainty, k = 2."""
        return COVERAGE * self.combined


@dataclass(frozen=True)
class Sources:
    """What is known of the sources besides the fields.

    ``calibration`` is the relative expanded uncertainty (k = 2) by the certificate, ``moved`` what the exposed settings
    add to a result by its quantity, ``answers`` what the models answered on held-out images (None: no model), ``known``
    what a laboratory states as shares of a length by the names of ``STATED``, ``disturbed`` what images taken otherwise
    add by these names and the quantity, ``corrections`` the number of corrections by hand; what is not known is NaN or
    missing.
    """

    calibration: float = math.nan
    moved: Mapping[str, float] = field(default_factory=dict)
    answers: tuple[Answer, ...] | None = None
    known: Mapping[str, float] = field(default_factory=dict)
    corrections: int = 0
    disturbed: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


NOTHING_KNOWN = Sources()
"""Of a measurement without a model and corrections, of which only the fields and the pixel size are known."""


def budget_of(result: Result, fields: Sequence[MeasuredField], sources: Sources = NOTHING_KNOWN) -> Budget:
    """The budget of a result measured in these fields.

    What fields add is half of the half width of the 95 % interval, so that Student's factor for few fields is kept.
    The pixel size adds its relative uncertainty, the largest of all fields, as it is common to them; the certificate of
    the calibration half of its expanded one. Where one of the two is stated the other counts as in it.
    """
    scales = [one.scale for one in fields]
    pixel = math.nan
    if scales and all(one is not None and one.uncertainty is not None for one in scales):
        pixel = max(one.uncertainty or 0.0 for one in scales if one is not None)

    def of_length(share: float) -> float:
        return abs(result.per_scale) * share if result.per_scale else 0.0

    found = [
        Contribution(f"{result.over.capitalize()}s (n = {result.count})", result.half_width / 2),
        Contribution("Pixel size, as read or typed", of_length(pixel)),
        Contribution("Calibration, by its certificate", of_length(sources.calibration / COVERAGE)),
        Contribution("Exposed settings ± 10 %", sources.moved.get(result.quantity, math.nan)),
    ]
    if sources.answers is not None:
        found.append(Contribution("Model, on held-out images", _of_model(result, sources.answers)))
    found.append(Contribution("Corrections by hand", math.nan if sources.corrections else 0.0))
    for name, title in STATED.items():
        stated = _of_size(result, sources.known.get(name, math.nan))
        tried = sources.disturbed.get(name, {}).get(result.quantity, math.nan)
        found.append(Contribution(title, tried if math.isnan(stated) else stated))
    return Budget(result, tuple(found))


def _of_size(result: Result, share: float) -> float:
    """What a source adds that is known as a share of a length."""
    return abs(result.per_scale or result.value) * share


def _of_model(result: Result, answers: Sequence[Answer]) -> float:
    """What a model adds: its mean error on held-out images and what is left open of that; NaN where it is not known.

    A bias that nobody corrects enters by its size (GUM F.2.4.5). Of images of other materials each, the specimen is
    like one: what they differ by is then left open, and no number of fields makes it smaller. Lengths and areas err by
    a share, numbers and per cent as they are.
    """
    found = next((one for one in answers if result.column and one.quantity == result.column), None)
    if found is None:
        return math.nan
    open_by = (found.spread or 0.0) / (math.sqrt(len(found.found)) if found.alike else 1.0)
    error = math.hypot(found.error, open_by)
    if found.unit in ("", "%"):
        return error
    truth = sum(found.true) / len(found.true)
    return abs(result.value) * error / abs(truth) if truth else math.nan
