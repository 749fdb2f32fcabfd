"""What is known of a specimen from its fields: means over fields and their 95 % intervals.

Fields are the sample; the features or crossings in one are not independent of each other, so nothing is known of the
uncertainty from one field.
"""

import math
from collections.abc import Sequence
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


def geometric_mean(parts: Sequence[tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]]) -> OverFields:
    """The geometric mean of ratios, each of its own fields: the mean of three planes, (l · t · p)^⅓ of ASTM E112.

    ``parts`` are the amounts and sizes of the fields of each, as ``ratio`` takes them. The interval is taken on the
    logarithm by the delta method: the variance is that of the mean of the logarithms, Σ (error / ratio)² / k², its
    degrees of freedom Satterthwaite's of the parts'. NaN where one of them is not above 0 or has one field. Oracle:
    coverage on sections of 3-D Voronoi grains stretched 1 : 2 : 4.
    """
    found = [_ratio(np.asarray(amounts, float), np.asarray(sizes, float)) for amounts, sizes in parts]
    fields = sum(len(sizes) for _, sizes in parts)
    if not all(value > 0 for value, _, _ in found):
        return OverFields(math.nan, math.nan, math.nan, fields)
    value = math.exp(math.fsum(math.log(one) for one, _, _ in found) / len(found))
    variances = [(error / one / len(found)) ** 2 for one, error, _ in found]
    variance = math.fsum(variances)
    rest = math.fsum(each**2 / degrees for each, (_, _, degrees) in zip(variances, found, strict=True))
    half = _student(variance**2 / rest) * math.sqrt(variance) if rest > 0 else math.nan
    return OverFields(value, value * math.exp(-half), value * math.exp(half), fields)


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
