"""Feret diameters: the largest and the smallest distance between two parallel lines that hold a feature.

A feature is the union of its pixel squares, so its Feret diameters reach to pixel *corners*: a single pixel has a
maximum of √2 and a minimum of 1 px, a row of n pixels a minimum of 1. (Programs that measure between pixel centres
give about one pixel less.)
"""

import numpy as np
from numba import float64, int32, int64, njit, types

from graingraph.nodes.imaging.features.regions import Regions
from graingraph.nodes.imaging.features.runs import Runs


def feret(runs: Runs, regions: Regions) -> tuple[np.ndarray, np.ndarray]:
    """Largest and smallest Feret diameter of each feature, float64 (features,) in px; 0 where a number has no pixels.

    Row extremes give the convex hull of the pixel corners in whole numbers (Andrew's monotone chain); the maximum is
    the farthest pair of its corners, the minimum the smallest width over its edges (Toussaint 1983, "Solving geometric
    problems with the rotating calipers"). Oracles: exact rectangles, rotated squares and discs; a brute-force search
    over directions; skimage.measure.regionprops (maximum).
    """
    tops = np.append(0, regions.top).astype(np.int32)
    heights = np.append(0, np.maximum(regions.bottom - regions.top, 0))
    offsets = np.append(0, np.cumsum(heights + 1)).astype(np.int64)
    found = _feret(runs.first, runs.start, runs.stop, runs.label, tops, heights.astype(np.int32), offsets)
    return found[1:, 0], found[1:, 1]


@njit(int64(int32[::1], int32[::1], int64[:, ::1]), cache=True, nogil=True)
def _hull(left: np.ndarray, right: np.ndarray, hull: np.ndarray) -> int:
    """Corners of the convex hull in order round it: down the left side, then up the right."""
    n = 0
    lines = left.size
    for step in range(2 * lines):
        going_down = step < lines
        y = step if going_down else 2 * lines - 1 - step
        x = left[y] if going_down else right[y]
        if x < 0 or x >= 2**30:
            continue  # a feature in several pieces may leave rows empty
        while n >= 2:
            dx, dy = hull[n - 1, 0] - hull[n - 2, 0], hull[n - 1, 1] - hull[n - 2, 1]
            if dx * (y - hull[n - 2, 1]) - dy * (x - hull[n - 2, 0]) < 0:
                break
            n -= 1
        hull[n, 0], hull[n, 1] = x, y
        n += 1
    return n


@njit(types.UniTuple(float64, 2)(int64[:, ::1], int64), cache=True, nogil=True)
def _calipers(hull: np.ndarray, n: int) -> tuple[float, float]:
    """Farthest pair and smallest width. A digital hull has few corners (about D to the power 2/3): compare them all."""
    farthest = 0
    narrowest = np.inf
    for i in range(n):
        x, y = hull[i, 0], hull[i, 1]
        ex, ey = hull[(i + 1) % n, 0] - x, hull[(i + 1) % n, 1] - y
        across = 0
        for j in range(n):
            dx, dy = hull[j, 0] - x, hull[j, 1] - y
            farthest = max(farthest, dx * dx + dy * dy)
            across = max(across, abs(ex * dy - ey * dx))
        narrowest = min(narrowest, across / np.sqrt(ex * ex + ey * ey))
    return np.sqrt(farthest), narrowest


@njit(
    float64[:, ::1](int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int32[::1], int64[::1]),
    cache=True,
    nogil=True,
)
def _feret(
    first: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
    label: np.ndarray,
    tops: np.ndarray,
    heights: np.ndarray,
    offsets: np.ndarray,
) -> np.ndarray:
    # Leftmost and rightmost corner of each feature on each line between two rows of pixels.
    left = np.full(offsets[-1], np.int32(2**30))
    right = np.full(offsets[-1], np.int32(-1))
    for r in range(first.size - 1):
        for k in range(first[r], first[r + 1]):
            at = offsets[label[k]] + r - tops[label[k]]
            for line in range(at, at + 2):
                left[line] = min(left[line], start[k])
                right[line] = max(right[line], stop[k])
    longest = 2 * (heights.max() + 1) if heights.size else 0
    hull = np.empty((longest + 2, 2), np.int64)
    found = np.zeros((heights.size, 2))
    for i in range(1, heights.size):
        if heights[i] > 0:
            a, b = offsets[i], offsets[i] + heights[i] + 1
            n = _hull(left[a:b], right[a:b], hull)
            found[i] = _calipers(hull, n)
    return found
