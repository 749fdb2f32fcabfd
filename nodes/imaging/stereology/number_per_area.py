"""How many features a field counts for, and the interval of a count: the number of features per area."""

import math
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.features.regions import measure
from graingraph.nodes.imaging.features.runs import Runs
from graingraph.nodes.imaging.stereology.edge_weight import edge_weights
from graingraph.nodes.imaging.stereology.over_fields import OverFields, ratio

FEWEST_COUNTED = 30
"""Features in all fields below which their scatter between fields is not known, and Poisson's is taken."""


def counting_area(shape: tuple[int, int]) -> float:
    """The area in px² on which features are counted: the corners of (H, W) pixels, (H − 1)(W − 1)."""
    return float((shape[0] - 1) * (shape[1] - 1))


def counts(runs: Runs, shape: tuple[int, int], whole_at: Collection[str] = ()) -> npt.NDArray[np.float64]:
    """What each feature counts, float64 (features,); the sum by ``counting_area`` is without bias their number by area.

    A feature counts where a point associated with it lies. Averaged over its four possible corners that is: 1, less ½
    for each stretch of a side of the frame that it covers, and ¼ more for each corner of the frame; so ½ where one side
    cuts it and ¼ where it holds a corner. Along a direction at one of whose sides (``whole_at``) cut features are left
    out, the others count 1; where they are at both, one over the chance that the frame holds the feature whole.
    Source: Jeffries' and Saltykov's count, as the Euler number of the frame less that of two of its sides (Ohser and
    Mücklich 2000, Statistical Analysis of Microstructures, ch. 3); Miles 1974; Lantuéjoul 1980.
    Oracle: the mean over all places of the frame on a periodic pattern is the number by area, exactly.
    """
    found = (measure(runs).area > 0).astype(float)
    cut = {side for side in ("top", "bottom", "left", "right") if _opposite(side).isdisjoint(whole_at)}
    frame = _frame(runs, shape)
    for side in cut:
        line = frame[side]
        begins = np.append(True, line[1:] != line[:-1]) & (line > 0)
        found -= np.bincount(line[begins], minlength=runs.features + 1)[1:] / 2
    if len(cut) == 4:
        for side in ("left", "right"):
            for corner in (frame[side][0], frame[side][-1]):
                if corner:
                    found[corner - 1] += 0.25
    if whole_at:
        found *= np.where(found > 0, edge_weights(measure(runs), shape, whole_at), 1.0)
    return found


def _opposite(side: str) -> set[str]:
    """The side and the one across from it."""
    return {"top", "bottom"} if side in ("top", "bottom") else {"left", "right"}


def _frame(runs: Runs, shape: tuple[int, int]) -> dict[str, npt.NDArray[np.int64]]:
    """The labels along each side of the image, 0 where there is no feature."""
    row = np.repeat(np.arange(shape[0]), np.diff(runs.first))
    lines = {side: np.zeros(shape[side in ("top", "bottom")], np.int64) for side in ("top", "bottom", "left", "right")}
    for side, k0, k1 in (("top", 0, runs.first[1]), ("bottom", runs.first[-2], runs.first[-1])):
        for k in range(k0, k1):
            lines[side][runs.start[k] : runs.stop[k]] = runs.label[k]
    for side, at in (("left", runs.start == 0), ("right", runs.stop == shape[1])):
        lines[side][row[at]] = runs.label[at]
    return lines


def poisson(counted: float, features: int, area: float) -> OverFields:
    """``counted`` by ``area`` with the 95 % interval of a Poisson count of so many ``features`` (``fields`` is 1).

    It holds where features lie independently of each other, from one field on, and also where none was found: the upper
    end is then 3.7 features. Source: Garwood 1936, Biometrika 28:437. Oracles: scipy.stats.poisson; the coverage is at
    least 95 %.
    """
    from scipy.special import chdtri

    each = counted / features if features and counted > 0 else 1.0
    low = chdtri(2 * features, 0.975) / 2 if features else 0.0
    high = chdtri(2 * features + 2, 0.025) / 2
    if not area > 0:
        return OverFields(math.nan, math.nan, math.nan, 1)
    return OverFields(counted / area, float(each * low) / area, float(each * high) / area, 1)


def number_per_area(counted: np.ndarray, features: np.ndarray, areas: np.ndarray) -> OverFields:
    """The number of features per area over fields: counts, features seen and areas, each float (fields,).

    The interval is that of the ratio over fields; of fewer than 30 features, Poisson's. NaN where all together count
    less than nothing, as what reaches across the frame does.
    """
    seen = int(features.sum())
    if counted.sum() < 0:
        return OverFields(math.nan, math.nan, math.nan, len(areas))
    if seen >= FEWEST_COUNTED:
        return ratio(counted, areas)
    found = poisson(float(counted.sum()), seen, float(areas.sum()))
    return OverFields(found.value, found.low, found.high, len(areas))
