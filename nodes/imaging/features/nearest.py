"""The distance of every point from the nearest other one."""

import numpy as np
import numpy.typing as npt
from numba import float64, int64, njit, types

READ_POINTS = types.Array(types.float64, 1, "C", readonly=True)


def nearest_distances(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Distance of each of the points (n,) from the nearest other, float64 (n,); NaN for a single one.

    The points lie in square cells of about one each; rings of cells are searched outward until no nearer one can come.
    Oracle: distances of all pairs.
    """
    if x.size < 2:
        return np.full(x.size, np.nan)
    left, top = float(x.min()), float(y.min())
    width, height = float(x.max()) - left, float(y.max()) - top
    side = max(np.sqrt(width * height / x.size), max(width, height) / x.size, 1e-12)
    across, down = int(width / side) + 1, int(height / side) + 1
    cell = np.minimum((y - top) / side, down - 1).astype(np.int64) * across
    cell += np.minimum((x - left) / side, across - 1).astype(np.int64)
    order = np.argsort(cell, kind="stable")
    begin = np.searchsorted(cell[order], np.arange(across * down + 1))
    found = np.empty(x.size)
    found[order] = _nearest(x[order], y[order], cell[order], begin, across, side)
    return found


@njit(float64[::1](READ_POINTS, READ_POINTS, int64[::1], int64[::1], int64, float64), cache=True, nogil=True)
def _nearest(x: np.ndarray, y: np.ndarray, cell: np.ndarray, begin: np.ndarray, across: int, side: float) -> np.ndarray:
    down = (begin.size - 1) // across
    found = np.empty(x.size)
    for i in range(x.size):
        row, column = cell[i] // across, cell[i] % across
        best, ring = np.inf, 0
        # What lies beyond a ring is at least that many sides away.
        while ring <= max(across, down) and (ring == 0 or best > ((ring - 1) * side) ** 2):
            for r in range(max(row - ring, 0), min(row + ring, down - 1) + 1):
                step = 1 if abs(r - row) == ring or ring == 0 else 2 * ring
                for c in range(column - ring, column + ring + 1, step):
                    if 0 <= c < across:
                        for j in range(begin[r * across + c], begin[r * across + c + 1]):
                            if j != i:
                                best = min(best, (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
            ring += 1
        found[i] = np.sqrt(best)
    return found
