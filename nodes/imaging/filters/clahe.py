"""Contrast-limited adaptive histogram equalisation that keeps levels between the 256 of its histograms."""

import math

import cv2
import numpy as np
import numpy.typing as npt
from numba import float32, float64, njit, types

BINS = 256


def equalise_locally(unit: npt.NDArray[np.float32], limit: float, tiles: int) -> npt.NDArray[np.float32]:
    """Equalise each of ``tiles`` × ``tiles`` parts of grey levels from 0 to 1, float32 (H, W), for itself.

    The histogram of a part has 256 levels, of which none counts more than ``limit`` times their mean; what is above
    goes to all alike. A pixel takes the mean of the four parts around it, by its distance to their middles, and between
    two levels that between both. Source: K. Zuiderveld, Graphics Gems IV, 1994, 474-485. Oracle: OpenCV's for 8 bits,
    which is met within its rounding.
    """
    height, width = unit.shape
    down, across = -(-height // tiles), -(-width // tiles)
    framed = cv2.copyMakeBorder(unit, 0, down * tiles - height, 0, across * tiles - width, cv2.BORDER_REFLECT_101)
    bins = np.rint(np.clip(framed, 0, 1) * np.float32(BINS - 1)).astype(np.uint8)
    parts = bins.reshape(tiles, down, tiles, across).swapaxes(1, 2).reshape(tiles * tiles, -1)
    area = down * across
    most = max(int(limit * area / BINS), 1)
    curves = np.empty((tiles * tiles, BINS + 1), np.float32)
    for part, curve in zip(parts, curves, strict=True):
        counts = np.bincount(part, minlength=BINS)
        above = int(np.maximum(counts - most, 0).sum())
        curve[:BINS] = np.cumsum(np.minimum(counts, most) + above / BINS) / area
        curve[BINS] = curve[BINS - 1]
    return _applied(unit, curves.reshape(tiles, tiles, BINS + 1), float(down), float(across))


_READ = types.Array(float32, 2, "C", readonly=True)


@njit(float32[:, ::1](_READ, float32[:, :, ::1], float64, float64), cache=True, nogil=True)
def _applied(unit: np.ndarray, curves: np.ndarray, down: float, across: float) -> np.ndarray:
    height, width = unit.shape
    tiles = curves.shape[0]
    found = np.empty((height, width), np.float32)
    for y in range(height):
        at = y / down - 0.5
        upper = math.floor(at)
        low = np.float32(at - upper)
        below, above = min(upper + 1, tiles - 1), max(upper, 0)
        for x in range(width):
            beside = x / across - 0.5
            left = math.floor(beside)
            right = np.float32(beside - left)
            first, second = max(left, 0), min(left + 1, tiles - 1)
            level = min(max(unit[y, x], np.float32(0)), np.float32(1)) * np.float32(BINS - 1)
            k = int(level)
            part = level - np.float32(k)
            top = (1 - right) * (curves[above, first, k] * (1 - part) + curves[above, first, k + 1] * part)
            top += right * (curves[above, second, k] * (1 - part) + curves[above, second, k + 1] * part)
            bottom = (1 - right) * (curves[below, first, k] * (1 - part) + curves[below, first, k + 1] * part)
            bottom += right * (curves[below, second, k] * (1 - part) + curves[below, second, k + 1] * part)
            found[y, x] = (1 - low) * top + low * bottom
    return found
