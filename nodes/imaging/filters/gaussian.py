"""The Gaussian filter of every kind of pixels, alike in every depth and on every machine.

OpenCV's is quick for 8 bits, whose result it rounds to 8, and takes nearly three times as long for 16. This one adds up
in float32, in one order, without contracting products and sums, so that every processor gives the same last digit.
"""

import cv2
import numpy as np
import numpy.typing as npt
from numba import njit

REACH = 4.0
"""How far the weights go, in standard deviations, as OpenCV's do for more than 8 bits."""


def gaussian(pixels: npt.NDArray[np.uint16 | np.float32], sigma: float) -> npt.NDArray[np.uint16 | np.float32]:
    """Smooth (H, W) or (H, W, C) by a Gaussian of ``sigma`` px, mirrored at the frame (its own pixel once).

    8-bit levels are made 16-bit ones before (``pixel_types.at_16_bits``): rounded to 8 bits, smooth ones make steps.
    Oracle: scipy.ndimage.gaussian_filter in float64, but for the rounding to whole levels.
    """
    size = round(2 * REACH * sigma + 1) | 1
    weights = cv2.getGaussianKernel(size, sigma, cv2.CV_64F)[size // 2 :, 0]
    result = np.empty(pixels.shape, np.float32 if pixels.dtype == np.float32 else np.uint16)
    rows = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    _smooth(
        rows,
        weights.astype(np.float32),
        pixels.shape[2] if pixels.ndim == 3 else 1,
        np.float32(0 if pixels.dtype == np.float32 else 0.5),
        result.reshape(rows.shape),
    )
    return result


@njit(cache=True, nogil=True)
def _smooth(pixels: np.ndarray, weights: np.ndarray, channels: int, rounding: np.float32, result: np.ndarray) -> None:
    """``pixels`` (H, W · C), smoothed, into ``result``, by the ``weights`` (R + 1,) of the middle and those beside.

    The last 2 R + 1 rows, smoothed across, are kept in a ring. Two weights are taken at a time.
    """
    height, width = pixels.shape
    reach = weights.size - 1
    beside = reach * channels
    ring = np.empty((2 * reach + 1, width), np.float32)
    framed = np.empty(width + 2 * beside, np.float32)
    total = np.empty(width, np.float32)
    row = -reach
    for y in range(height):
        while row <= y + reach:
            _frame(pixels[_mirrored(row, height)], beside, channels, framed)
            across = ring[row % (2 * reach + 1)]
            _begin(framed[beside : beside + width], weights[0], across)
            for d in range(1, reach + 1, 2):
                e = min(d + 1, reach)
                _add(
                    framed[beside - d * channels :],
                    framed[beside + d * channels :],
                    weights[d],
                    framed[beside - e * channels :],
                    framed[beside + e * channels :],
                    weights[e] if e > d else np.float32(0),
                    across,
                )
            row += 1
        _begin(ring[y % (2 * reach + 1)], weights[0], total)
        for d in range(1, reach + 1, 2):
            e = min(d + 1, reach)
            _add(
                ring[(y - d) % (2 * reach + 1)],
                ring[(y + d) % (2 * reach + 1)],
                weights[d],
                ring[(y - e) % (2 * reach + 1)],
                ring[(y + e) % (2 * reach + 1)],
                weights[e] if e > d else np.float32(0),
                total,
            )
        line = result[y]
        for x in range(width):
            line[x] = total[x] + rounding


@njit(cache=True, nogil=True, inline="always")
def _begin(middle: np.ndarray, weight: np.float32, total: np.ndarray) -> None:
    for x in range(total.size):
        total[x] = weight * middle[x]


@njit(cache=True, nogil=True, inline="always")
def _add(
    left: np.ndarray,
    right: np.ndarray,
    weight: np.float32,
    farther_left: np.ndarray,
    farther_right: np.ndarray,
    farther_weight: np.float32,
    total: np.ndarray,
) -> None:
    for x in range(total.size):
        total[x] += weight * (left[x] + right[x]) + farther_weight * (farther_left[x] + farther_right[x])


@njit(cache=True, nogil=True, inline="always")
def _frame(line: np.ndarray, beside: int, channels: int, framed: np.ndarray) -> None:
    """A row of pixels with what is mirrored at both of its ends."""
    size = line.size // channels
    middle = framed[beside : beside + line.size]
    for x in range(line.size):
        middle[x] = line[x]
    for x in range(beside):
        at, channel = x // channels, x % channels
        framed[x] = line[_mirrored(at - beside // channels, size) * channels + channel]
        framed[beside + line.size + x] = line[_mirrored(size + at, size) * channels + channel]


@njit(cache=True, nogil=True, inline="always")
def _mirrored(at: int, size: int) -> int:
    """The place in 0 to ``size`` − 1 that one beyond the frame mirrors."""
    if size == 1:
        return 0
    at %= 2 * (size - 1)
    return min(at, 2 * (size - 1) - at)
