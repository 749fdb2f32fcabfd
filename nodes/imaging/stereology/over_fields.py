"""What is known of a specimen from its fields: means over fields and their 95 % intervals.

Fields are the sample; the features or crossings in one are not independent of each other, so nothing is known of the
uncertainty from one field.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class OverFields:
    """A mean over so many ``fields`` with the ends of its 95 % interval; these are NaN where it is not known."""

    value: float
    low: float
    high: float
    fields: int

    def times(self, factor: float) -> "OverFields":
        """The mean in another unit, so many times as large; the factor is above 0."""
        return OverFields(factor * self.value, factor * self.low, factor * self.high, self.fields)

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.high - self.low) / 2

    @property
    def relative_accuracy(self) -> float:
        """Half of the interval's width in per cent of the mean (ASTM E112, %RA)."""
        return 100 * self.half_width / abs(self.value) if self.value else math.nan

    @property
    def fields_needed(self) -> float:
        """How many such fields a relative accuracy of 10 % takes: n · (%RA / 10)², at least 2; NaN where not known."""
        if not math.isfinite(self.relative_accuracy):
            return math.nan
        return max(2.0, math.ceil(self.fields * (self.relative_accuracy / 10) ** 2))


def ratio(amounts: npt.NDArray[np.floating], sizes: npt.NDArray[np.floating]) -> OverFields:
    """Σ ``amounts`` / Σ ``sizes`` over fields (both float (fields,)), with t · s / √n from the fields' residuals.

    A mean of features is their sum on their number; grains per area their number on the area; a mean intercept the
    test lines on the crossings. A field counts by its size, and one without a crossing enters with its lines.
    The variance is Σ e² / (1 − h) / (Σ sizes)² with the residuals e = amount − ratio · size and the shares h = size / Σ
    sizes; its degrees of freedom are Satterthwaite's (Cochran 1977, Sampling Techniques, ch. 6; Bell and McCaffrey
    2002, Survey Methodology 28:169). For fields of one size this is the mean with t · s / √n and n − 1 degrees (ASTM
    E112, statistical analysis). Oracles: scipy.stats.t.interval; coverage on 3-D Voronoi sections.
    """
    value, error, degrees = _ratio(np.asarray(amounts, float), np.asarray(sizes, float))
    half = _student(degrees) * error
    return OverFields(value, value - half, value + half, len(sizes))


def proportion(amounts: npt.NDArray[np.floating], sizes: npt.NDArray[np.floating]) -> OverFields:
    """Like ``ratio`` for shares between 0 and 1: the interval is taken on the logit, so that it stays between them.

    A share of exactly 0 or 1 in all fields has no interval. Oracle: coverage on thrown discs and on grains of two
    phases.
    """
    value, error, degrees = _ratio(np.asarray(amounts, float), np.asarray(sizes, float))
    if not 0 < value < 1:
        return OverFields(value, math.nan, math.nan, len(sizes))
    half = _student(degrees) * error / (value * (1 - value))
    odds = math.log(value / (1 - value))
    low, high = (1 / (1 + math.exp(-min(max(end, -700.0), 700.0))) for end in (odds - half, odds + half))
    return OverFields(value, low, high, len(sizes)) if math.isfinite(half) else ratio(amounts, sizes)


def _ratio(amounts: np.ndarray, sizes: np.ndarray) -> tuple[float, float, float]:
    """The ratio, its standard error and the degrees of freedom of that; NaN where they are not known."""
    total = float(sizes.sum())
    if not total > 0:
        return math.nan, math.nan, math.nan
    value = float(amounts.sum()) / total
    share = sizes / total
    if np.count_nonzero(share) < 2 or share.max() > 1 - 1e-9:
        return value, math.nan, math.nan
    residual = amounts - value * sizes
    variance = float((residual**2 / (1 - share)).sum()) / total**2
    # Satterthwaite: of the covariance of the scaled residuals, where a field's variance grows with its size.
    across = share / np.sqrt(1 - share)
    squares = float((share**2).sum() + (across**2).sum() ** 2 - (across**4).sum())
    return value, math.sqrt(variance), 1 / squares


def _student(degrees: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.975)) if math.isfinite(degrees) else math.nan
