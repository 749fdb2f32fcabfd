"""The class of each pixel: which of the planes is largest there."""

import numpy as np
from numba import njit, types, uint8

READ_PLANES = types.Array(types.float32, 3, "A", readonly=True)


@njit(uint8[:, ::1](READ_PLANES), cache=True, nogil=True)
def class_indices(planes: np.ndarray) -> np.ndarray:
    """Index of the largest of the planes (C, h, w), float32 in any layout, at each pixel; the first wins a tie.

    Returns uint8 (h, w). Oracle: numpy.argmax.
    """
    count, height, width = planes.shape
    index = np.zeros((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            best = planes[0, y, x]
            for number in range(1, count):
                if planes[number, y, x] > best:
                    best = planes[number, y, x]
                    index[y, x] = number
    return index
