"""Phases on test points and test lines: what share of the points lies in each, and how often the lines enter it."""

import math

import numpy as np
import numpy.typing as npt
from numba import int64, njit, types

STEPS = (1.0, 1.0, math.sqrt(2), math.sqrt(2))
"""Pixels from one to the next along a row, a column and the two diagonals."""


def point_grid(shape: tuple[int, int], points: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the pixels under about so many points, evenly spaced in a square grid over the (H, W) image.

    ``np.ix_`` of the two is the grid. Never closer than the pixels.
    """
    spacing = math.sqrt(shape[0] * shape[1] / points)
    numbers = (min(max(1, round(side / spacing)), side) for side in shape)
    rows, columns = (
        ((np.arange(count) + 0.5) * (side / count)).astype(np.intp) for count, side in zip(numbers, shape, strict=True)
    )
    return rows, columns


def intercepts_per_length(phases: npt.NDArray[np.uint8], count: int) -> npt.NDArray[np.float64]:
    """N_L of phases 0 to ``count`` − 1 in uint8 (H, W): how often test lines enter each, by length, (count,) in 1/px.

    N_L is half of the crossings of its boundary, P_L / 2. The lines are all those along the rows, columns and both
    diagonals of pixels; each direction counts the same. Where one of two neighbours is of no phase (``count`` or more)
    there is no line. NaN without a line. Source: Underwood 1970, Quantitative Stereology.
    Oracles: Boolean discs (N_L = intensity · diameter · (1 − V_V)), Gaussian textures (Rice 1945), stripes.
    """
    tally = _tally(np.ascontiguousarray(phases), count)
    found = [line[:count] / (2 * line[count] * step) for line, step in zip(tally, STEPS, strict=True) if line[count]]
    return np.mean(found, axis=0) if found else np.full(count, np.nan)


@njit(int64[:, ::1](types.Array(types.uint8, 2, "C", readonly=True), int64), cache=True, nogil=True)
def _tally(phases: np.ndarray, count: int) -> np.ndarray:
    """In each direction how often two neighbours are of different phase, by phase, and last how many pairs there are.

    It is (4, count + 1); the order of directions is that of ``STEPS``.
    """
    found = np.zeros((4, count + 1), np.int64)
    height, width = phases.shape
    for direction in range(4):
        down = 0 if direction == 0 else 1
        left, right = int(direction == 3), int(direction == 0 or direction == 2)
        across = right - left
        for r in range(height - down):
            here, there = phases[r], phases[r + down]
            unknown = 0
            for c in range(left, width - right):  # compiles to vector instructions
                unknown += (here[c] >= count) | (there[c + across] >= count)
            found[direction, count] += max(width - left - right, 0) - unknown
            for c in range(left, width - right):
                a, b = here[c], there[c + across]
                if a != b and a < count and b < count:
                    found[direction, a] += 1
                    found[direction, b] += 1
    return found
