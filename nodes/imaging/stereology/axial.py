"""Statistics of axes: directions that are the same turned by 180°."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.stereology.over_fields import OverFields, ratio

SERIES_HOLDS = 0.5
"""The second term of Rayleigh's series down to which it is good."""


class AxialMean(NamedTuple):
    """The circular mean of axes in ° (above −90 and up to 90), their alignment, and what chance has to do with it.

    ``alignment`` is the mean resultant length of the doubled angles, 0 for all directions alike and 1 for one;
    ``deviation`` the circular standard deviation in °; ``chance`` the probability of such an alignment where all
    directions are alike (Rayleigh's test).
    """

    mean: float
    alignment: float
    deviation: float
    chance: float


def axial_mean(degrees: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> AxialMean:
    """The mean of axes (n,) in °, each counted by its weight. NaN of none.

    Doubled angles turn axes into directions (Mardia and Jupp 2000, Directional Statistics, ch. 9). Rayleigh's
    probability is exp(−n R²) to second order (there, 6.3); where directions are so alike that the series does not hold,
    exp(√(1 + 4n + 4n²(1 − R²)) − 1 − 2n) (Zar 1999, Biostatistical Analysis, ch. 27). Oracles: scipy.stats.circmean and
    circstd of the doubled angles; the probability is even for directions at random.
    """
    total = float(weights.sum())
    if not total > 0:
        return AxialMean(math.nan, math.nan, math.nan, math.nan)
    doubled = np.radians(2 * degrees)
    x, y = float((weights * np.cos(doubled)).sum()) / total, float((weights * np.sin(doubled)).sum()) / total
    length = min(math.hypot(x, y), 1.0)
    mean = math.degrees(math.atan2(y, x)) / 2
    count = total**2 / float((weights**2).sum())
    z = count * length**2
    second_order = 1 + (2 * z - z * z) / (4 * count)
    if second_order > SERIES_HOLDS:
        chance = math.exp(-z) * second_order
    else:
        chance = math.exp(math.sqrt(1 + 4 * count + 4 * count**2 * (1 - length**2)) - (1 + 2 * count))
    deviation = math.degrees(math.sqrt(-2 * math.log(length))) / 2 if length > 0 else math.inf
    return AxialMean(90.0 if mean <= -90 else mean, length, deviation, min(max(chance, 0.0), 1.0))


def over_fields(
    degrees: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], fields: npt.NDArray[np.generic]
) -> tuple[OverFields, OverFields]:
    """The mean of axes (n,) in ° and their alignment over ``fields`` (n,), the field of each, with 95 % intervals.

    The sums of the doubled directions along the mean and square to it are means over fields (``ratio``), of which the
    mean turns by half their quotient and the alignment is the first. The ends of the mean's interval may pass 90°.
    Oracle: coverage, at 5 fields of 20 axes, 93 to 97 of 100.
    """
    found = axial_mean(degrees, weights)
    names, place = np.unique(fields, return_inverse=True)
    turned = np.radians(2 * (degrees - found.mean))

    def sums(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.bincount(place, values, len(names)).astype(np.float64)

    along, across, total = sums(weights * np.cos(turned)), sums(weights * np.sin(turned)), sums(weights)
    half = math.degrees(ratio(across, along).half_width) / 2 if len(names) > 1 and along.sum() > 0 else math.nan
    aligned = ratio(along, total) if len(names) else OverFields(math.nan, math.nan, math.nan, 0)
    return (
        OverFields(found.mean, found.mean - half, found.mean + half, len(names)),
        OverFields(aligned.value, max(aligned.low, 0.0), min(aligned.high, 1.0), len(names)),
    )
