"""Statistics of axes: directions that are the same turned by 180°."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


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
    probability is exp(−n R²) to second order (there, 6.3). Oracles: scipy.stats.circmean and circstd of the doubled
    angles; the probability is even for directions at random.
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
    chance = math.exp(-z) * (1 + (2 * z - z * z) / (4 * count))
    deviation = math.degrees(math.sqrt(-2 * math.log(length))) / 2 if length > 0 else math.inf
    return AxialMean(90.0 if mean <= -90 else mean, length, deviation, min(max(chance, 0.0), 1.0))
