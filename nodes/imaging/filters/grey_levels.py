"""Grey levels that part a picture in two or more, from its histogram alone."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

STEPS = 65536
"""Steps between the darkest and the brightest level of a floating-point picture."""
MOST_BINS = 256
"""Bins that are looked at where the cost grows with their square, or the shape of the histogram decides."""


def histogram(grey: np.ndarray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The levels that occur in (H, W) pixels, in rising order, and how many pixels have each; both float64 (n,).

    Whole-number levels are counted one by one, floating-point ones in 65 536 steps between darkest and brightest, of
    which each is told by its upper end, so that pixels above a level are those of the steps above.
    """
    if grey.dtype == np.float32:
        darkest, brightest = cv2.minMaxLoc(grey)[:2]
        step = (brightest - darkest) / (STEPS - 1) or 1.0
        steps = ((grey - np.float32(darkest)) * np.float32(1 / step)).astype(np.uint16)
        numbers, counts = histogram(steps)
        return np.nextafter((darkest + step * (numbers + 1)).astype(np.float32), -np.inf).astype(float), counts
    bins = np.iinfo(grey.dtype).max + 1
    count = cv2.calcHist([grey], [0], None, [bins], [0, bins]).ravel()
    occurring = np.flatnonzero(count)
    return occurring.astype(float), count[occurring].astype(float)


def percentiles(pixels: np.ndarray, wanted: Sequence[float]) -> list[float]:
    """The levels below which such shares of the pixels (any shape) lie, in per cent, between two levels if need be.

    Oracle: numpy.percentile.
    """
    if pixels.dtype.kind == "f":
        return [float(level) for level in np.percentile(pixels, wanted)]
    levels, counts = histogram(pixels.reshape(len(pixels), -1))
    until = np.cumsum(counts)
    found = []
    for share in wanted:
        rank = share / 100 * (until[-1] - 1)
        below, above = (levels[np.searchsorted(until, place, "right")] for place in (math.floor(rank), math.ceil(rank)))
        found.append(float(below + (above - below) * (rank - math.floor(rank))))
    return found


def automatic_level(levels: np.ndarray, counts: np.ndarray, method: str) -> float:
    """The level up to which pixels with this histogram of at least two levels count as dark, by "otsu", "li" or
    "triangle"."""
    if method == "otsu":
        return otsu(levels, counts, 2)[0]
    return li(levels, counts) if method == "li" else triangle(levels, counts)


ONE_HILL = 0.7
"""Separability under which greys do not part in two; a hill cut in its middle has 0.64."""
UNSTEADY = 0.1
"""Change of the area with the level from which an area is not known to 10 %."""


class Parting(NamedTuple):
    """How well a level parts a picture in two.

    ``separability`` is the share of the variance of the greys that lies between both, 0 to 1: 0.64 for a normal
    distribution cut in its middle, 0.75 for greys that all occur alike, near 1 for two greys with little noise.
    ``change`` is by what share of itself the rarer of both changes where the level is moved by a tenth of the step from
    the mean of one to that of the other, to the worse side.
    """

    separability: float
    change: float

    @property
    def is_clear(self) -> bool:
        """Whether there are two sides, or the level hardly matters; else one hill of greys is cut by chance."""
        return self.separability >= ONE_HILL or self.change <= UNSTEADY


def parting(levels: np.ndarray, counts: np.ndarray, level: float) -> Parting:
    """What is to be said of a ``level`` up to which pixels count as dark, of a picture with this histogram.

    Source: N. Otsu, IEEE Trans. SMC 9 (1979) 62 (separability). Oracle: variances of the pixels themselves.
    """
    total, below = float(counts.sum()), levels <= level
    dark = float(counts[below].sum())
    if not 0 < dark < total:
        return Parting(0.0, math.inf)
    means = [float(np.average(levels[side], weights=counts[side])) for side in (below, ~below)]
    mean = float(np.average(levels, weights=counts))
    variance = float(np.average((levels - mean) ** 2, weights=counts))
    step = (means[1] - means[0]) / 10
    moved = [float(counts[levels <= level + off].sum()) for off in (-step, step)]
    between = dark / total * (1 - dark / total) * (means[1] - means[0]) ** 2
    return Parting(between / variance, max(abs(one - dark) for one in moved) / min(dark, total - dark))


def otsu(levels: np.ndarray, counts: np.ndarray, classes: int) -> list[float]:
    """The ``classes`` − 1 levels that part the pixels with the least variance inside the classes, in rising order.

    Exact for up to 256 levels, by dynamic programming over where each class ends; more are put into 256 bins first.
    Each is the last level of its class. ``ValueError`` where there are fewer levels than classes.
    Source: N. Otsu, IEEE Trans. SMC 9 (1979) 62; P.-S. Liao et al., J. Inf. Sci. Eng. 17 (2001) 713.
    Oracle: skimage.filters.threshold_multiotsu.
    """
    if len(levels) < classes:
        raise ValueError(f"there are {len(levels)} grey levels for {classes} classes")
    if classes == 2:  # every level can be tried
        weight, moment = np.cumsum(counts), np.cumsum(counts * levels)
        below, above = weight[:-1], weight[-1] - weight[:-1]
        apart = moment[:-1] / below - (moment[-1] - moment[:-1]) / above
        return [float(levels[int(np.argmax(below * above * apart**2))])]
    ends, levels, counts = binned(levels, counts, MOST_BINS)
    weight, moment = (np.concatenate([[0.0], np.cumsum(part)]) for part in (counts, counts * levels))
    with np.errstate(invalid="ignore", divide="ignore"):
        # Gain of one class from bin i up to before bin j: the square of its sum over its weight.
        gain = (moment[None, :] - moment[:, None]) ** 2 / (weight[None, :] - weight[:, None])
    gain[np.tril_indices(len(weight))] = -np.inf
    best, came_from = gain[0], []
    for _ in range(classes - 1):
        all_ways = best[:, None] + gain
        came_from.append(np.argmax(all_ways, axis=0))
        best = all_ways.max(axis=0)
    cut, found = len(weight) - 1, []
    for step in reversed(came_from):
        cut = int(step[cut])
        found.append(float(ends[cut - 1]))
    return found[::-1]


def li(levels: np.ndarray, counts: np.ndarray) -> float:
    """The level of least cross entropy between the picture and its two means.

    Source: C. H. Li and P. K. S. Tam, Pattern Recognition Letters 19 (1998) 771. Oracle: skimage.filters.threshold_li.
    """
    above_darkest = levels - levels[0]
    weight, moment = np.cumsum(counts), np.cumsum(counts * above_darkest)
    level, before = moment[-1] / weight[-1], -math.inf
    tolerance = float(np.diff(levels).min()) / 2
    while abs(level - before) > tolerance:
        before = level
        last = int(np.searchsorted(above_darkest, level, side="right")) - 1
        dark = moment[last] / weight[last]
        if dark == 0 or last == len(levels) - 1:
            break
        bright = (moment[-1] - moment[last]) / (weight[-1] - weight[last])
        level = (dark - bright) / (math.log(dark) - math.log(bright))
    return float(levels[0] + level)


def triangle(levels: np.ndarray, counts: np.ndarray) -> float:
    """The level furthest below the line from the highest bin of the histogram to the far end of its longer flank.

    Of up to 256 equal bins between the darkest and the brightest level, no finer than levels usually follow each other,
    so that a picture has one level in every depth. Source: G. W. Zack et al., J. Histochem. Cytochem. 25 (1977) 741.
    Oracle: skimage.filters.threshold_triangle.
    """
    span = levels[-1] - levels[0]
    bins = min(MOST_BINS, round(span / float(np.median(np.diff(levels)))) + 1)
    width = span / max(bins - 1, 1)
    place = np.rint((levels - levels[0]) / width).astype(int)
    heights = np.bincount(place, counts, bins)
    peak = int(np.argmax(heights))
    flank = heights[peak:][::-1] if bins - 1 - peak > peak else heights[: peak + 1]
    # From the far end (0) towards the peak; the scale of either axis does not move the furthest point.
    along = np.arange(len(flank) - 1)
    furthest = int(np.argmax(heights[peak] * along - (len(flank) - 1) * flank[:-1])) if len(along) else 0
    at = bins - 1 - furthest if bins - 1 - peak > peak else furthest
    return float(levels[0] + at * width)


def binned(levels: np.ndarray, counts: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At most so many bins of neighbouring levels: the last level of each, its mean level and its count, (bins,)."""
    if len(levels) <= most:
        return levels, levels, counts
    place = np.minimum(((levels - levels[0]) / (levels[-1] - levels[0]) * most).astype(int), most - 1)
    weight, moment = np.bincount(place, counts, most), np.bincount(place, counts * levels, most)
    ends = np.zeros(most)
    ends[place] = levels  # in rising order, so the last stays
    used = weight > 0
    return ends[used], moment[used] / weight[used], weight[used]
