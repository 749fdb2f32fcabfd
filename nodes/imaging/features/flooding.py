"""Watershed by flooding from markers: every pixel belongs to the marker whose water reaches it first."""

import numpy as np
import numpy.typing as npt
from numba import int32, int64, njit, types, uint16

LEVELS = 65536
WALL = -1
"""What water never enters."""


def flood(
    landscape: npt.NDArray[np.floating], markers: npt.NDArray[np.int32], inside: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int32]:
    """Grow the markers (int32, H, W, 0 where none is) over the landscape (float, H, W): int32 (H, W).

    Water rises evenly and spreads by the sides of pixels; where two waters meet is a border without width. It stays
    ``inside`` (bool, H, W); what no water reaches is 0. Heights are told apart in 65 536 steps.
    Source: F. Meyer, "Color image segmentation", IEE Image Processing (1992) 303: a queue for each level, first come
    first served. Oracle: skimage.segmentation.watershed, but for which of two equal ways comes first.
    """
    low, high = float(landscape.min(initial=np.inf)), float(landscape.max(initial=-np.inf))
    steps = (LEVELS - 1) / (high - low) if high > low else 0.0
    levels = np.pad(np.rint((landscape - low) * steps).astype(np.uint16), 1)
    walled = np.pad(markers.astype(np.int32), 1, constant_values=WALL)
    if inside is not None:
        walled[1:-1, 1:-1][~inside] = WALL
    _flood(levels.reshape(-1), walled.reshape(-1), walled.shape[1])
    return np.maximum(walled[1:-1, 1:-1], 0)


@njit(types.boolean(int32[::1], int64, int64), cache=True, nogil=True, inline="always")
def _all_taken(labels: np.ndarray, i: int, columns: int) -> bool:
    """Whether no pixel beside this one is free."""
    return labels[i - columns] != 0 and labels[i - 1] != 0 and labels[i + 1] != 0 and labels[i + columns] != 0


@njit(types.void(int64, int64, int32[::1], int32[::1], int32[::1]), cache=True, nogil=True, inline="always")
def _enqueue(i: int, level: int, first: np.ndarray, last: np.ndarray, behind: np.ndarray) -> None:
    if first[level] < 0:
        first[level] = i
    else:
        behind[last[level]] = i
    last[level], behind[i] = i, -1


@njit(types.void(uint16[::1], int32[::1], int64), cache=True, nogil=True)
def _flood(height: np.ndarray, labels: np.ndarray, columns: int) -> None:
    """Fill the zeros of ``labels`` from its positive entries, in a picture with a wall around it, row by row."""
    # A queue for each level, as a chain from its first pixel to its last.
    first = np.full(LEVELS, -1, np.int32)
    last = np.full(LEVELS, -1, np.int32)
    behind = np.empty(labels.size, np.int32)
    around = (-columns, -1, 1, columns)
    for i in range(labels.size):
        if labels[i] > 0 and not _all_taken(labels, i, columns):
            _enqueue(i, height[i], first, last, behind)
    for level in range(LEVELS):
        while first[level] >= 0:
            i = first[level]
            first[level] = behind[i]
            for step in around:
                k = i + step
                if labels[k] == 0:
                    labels[k] = labels[i]
                    if not _all_taken(labels, k, columns):
                        # Water that flows down into a basin is there at once, at the level it has come from.
                        _enqueue(k, max(level, height[k]), first, last, behind)
