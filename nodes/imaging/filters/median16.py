"""Median over a large square for 16-bit pixels, which OpenCV does not have.

A histogram moves along each row (T. S. Huang et al., IEEE Trans. ASSP 27, 1979, 13-18), kept at three resolutions
(64, 2048 and 65 536 bins) so that the median is found in about a hundred steps, however much noise there is.
"""

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True)
def median16(padded: npt.NDArray[np.uint16], size: int) -> npt.NDArray[np.uint16]:
    """Exact median over ``size`` × ``size`` (odd) of uint16 (H + size - 1, W + size - 1); returns uint16 (H, W)."""
    height, width = padded.shape[0] - size + 1, padded.shape[1] - size + 1
    result = np.empty((height, width), np.uint16)
    fine, middle, coarse = np.zeros(65536, np.int32), np.zeros(2048, np.int32), np.zeros(64, np.int32)
    rank = size * size // 2
    for y in range(height):
        for x in range(size):
            _count(padded, y, x, size, 1, fine, middle, coarse)
        for x in range(width):
            result[y, x] = _select(rank, fine, middle, coarse)
            _count(padded, y, x, size, -1, fine, middle, coarse)
            if x + 1 < width:
                _count(padded, y, x + size, size, 1, fine, middle, coarse)
        for x in range(width, width + size - 1):
            _count(padded, y, x, size, -1, fine, middle, coarse)
    return result


@njit(cache=True, nogil=True, inline="always")
def _count(
    padded: np.ndarray, y: int, x: int, size: int, change: int, fine: np.ndarray, middle: np.ndarray, coarse: np.ndarray
) -> None:
    for row in range(y, y + size):
        level = padded[row, x]
        fine[level] += change
        middle[level >> 5] += change
        coarse[level >> 10] += change


@njit(cache=True, nogil=True, inline="always")
def _select(rank: int, fine: np.ndarray, middle: np.ndarray, coarse: np.ndarray) -> int:
    left = rank
    bin_ = 0
    while coarse[bin_] <= left:
        left -= coarse[bin_]
        bin_ += 1
    bin_ *= 32
    while middle[bin_] <= left:
        left -= middle[bin_]
        bin_ += 1
    bin_ *= 32
    while fine[bin_] <= left:
        left -= fine[bin_]
        bin_ += 1
    return bin_
