"""The holes of features and masks: how many there are, and the same with their holes filled."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import float64, int32, int64, njit, types, void

from graingraph.nodes.imaging.features.regions import Regions, crofton
from graingraph.nodes.imaging.features.runs import Runs, at_sides, mask_runs, paint_mask, root


class Filled(NamedTuple):
    """Of each feature the number of its holes, and its area (px²) and perimeter (px) with the holes filled.

    Each is float64 (features,).
    """

    holes: npt.NDArray[np.float64]
    area: npt.NDArray[np.float64]
    perimeter: npt.NDArray[np.float64]


def holes_of(mask: npt.NDArray[np.bool_]) -> tuple[Runs, npt.NDArray[np.bool_]]:
    """The pieces of what a mask (bool, H, W) leaves free, and which of them are holes, bool (pieces + 1,).

    A hole does not reach the frame. Features connect at corners, so the background between them connects at sides only.
    """
    background = mask_runs(mask, value=False, connectivity=4)
    is_hole = np.ones(background.features + 1, bool)
    for reaches_frame in at_sides(background, mask.shape[1]).values():
        is_hole[reaches_frame] = False
    return background, is_hole


def without_holes(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The mask (bool, H, W) with all its holes filled."""
    return paint_mask(*holes_of(mask), True, mask)


def filled(runs: Runs, regions: Regions) -> Filled:
    """Fill the holes of every feature by itself; what else lies in a hole is filled as well.

    A hole is what a feature encloses, connected by its sides. Only features with several runs in a row are looked
    at again. Oracles: scipy.ndimage.binary_fill_holes, exact rings.
    """
    area, perimeter = regions.area.astype(float), np.array(regions.perimeter, float)
    holes = np.zeros(runs.features)
    several = np.flatnonzero(regions.parted)
    if several.size:
        order = np.argsort(runs.label, kind="stable")
        begin = np.searchsorted(runs.label[order], np.arange(runs.features + 2))
        row = np.repeat(np.arange(runs.first.size - 1, dtype=np.int32), np.diff(runs.first))[order]
        sums = _filled(row, runs.start[order], runs.stop[order], begin[several + 1], begin[several + 2])
        holes[several], area[several] = sums[:, 0], sums[:, 1]
        perimeter[several] = crofton(sums[:, 1], *sums[:, 2:].T)
    return Filled(holes, area, perimeter)


FAR = 2**30
"""A column beyond every image."""


@njit(types.UniTuple(int64, 2)(int32[::1], int32[::1], int64, int64, int64), cache=True, nogil=True)
def _gap(start: np.ndarray, stop: np.ndarray, first: int, last: int, i: int) -> tuple[int, int]:
    """The columns from and to which gap i of the runs ``first`` to ``last`` - 1 of a row reaches."""
    return (
        int(stop[first + i - 1]) if i > 0 else -FAR,
        int(start[first + i]) if first + i < last else FAR,
    )


@njit(void(int32[::1], int64, int64), cache=True, nogil=True)
def _join(parent: np.ndarray, a: int, b: int) -> None:
    one, two = root(parent, a), root(parent, b)
    parent[max(one, two)] = min(one, two)


@njit(void(int32[::1], int32[::1], int64[::1], int32[::1]), cache=True, nogil=True)
def _join_gaps(start: np.ndarray, stop: np.ndarray, begin: np.ndarray, parent: np.ndarray) -> None:
    """Join the gaps of a feature that meet; its row r has runs ``begin[r]`` to ``begin[r + 1]`` - 1.

    Such a row has a gap before each run and one behind the last, numbered on from ``begin[r]`` + r + 1; 0 is the
    outside.
    """
    rows = begin.size - 1
    for r in range(rows):
        first, last = begin[r], begin[r + 1]
        own = first + r + 1
        _join(parent, own, 0)
        _join(parent, own + last - first, 0)
        if r in (0, rows - 1):
            for i in range(last - first + 1):
                _join(parent, own + i, 0)
        if r == 0:
            continue
        i, j = 0, 0
        while i <= last - first and j <= first - begin[r - 1]:
            a, b = _gap(start, stop, first, last, i)
            c, d = _gap(start, stop, begin[r - 1], first, j)
            if max(a, c) < min(b, d):
                _join(parent, own + i, begin[r - 1] + r + j)
            if b <= d:
                i += 1
            else:
                j += 1


@njit(
    void(int32[::1], int32[::1], int64[::1], int32[::1], int32[::1], int32[::1], float64[::1]), cache=True, nogil=True
)
def _sum_filled(
    start: np.ndarray,
    stop: np.ndarray,
    begin: np.ndarray,
    parent: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Holes, area and pairs of neighbours (along rows, columns and both diagonals) with the gaps inside filled.

    ``left`` and ``right`` take the filled runs.
    """
    n, above, above_end = 0, 0, 0
    for r in range(begin.size - 1):
        own, here = begin[r] + r + 1, n
        for k in range(begin[r], begin[r + 1]):
            gap = own + k - begin[r]
            if root(parent, gap) != 0:
                sums[0] += parent[gap] == gap
                right[n - 1] = stop[k]
            else:
                left[n], right[n] = start[k], stop[k]
                n += 1
        over = above
        for k in range(here, n):
            a, b = left[k], right[k]
            sums[1] += b - a
            sums[2] += b - a - 1
            while over < above_end and right[over] < a:
                over += 1
            j = over
            while j < above_end and left[j] <= b:
                sums[3] += max(0, min(b, right[j]) - max(a, left[j]))
                sums[4] += max(0, min(b + 1, right[j]) - max(a + 1, left[j]))
                sums[5] += max(0, min(b - 1, right[j]) - max(a - 1, left[j]))
                j += 1
        above, above_end = here, n


@njit(float64[:, ::1](int32[::1], int32[::1], int32[::1], int64[::1], int64[::1]), cache=True, nogil=True)
def _filled(row: np.ndarray, start: np.ndarray, stop: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    sums = np.zeros((first.size, 6))
    most, highest = 0, 0
    for i in range(first.size):
        most = max(most, last[i] - first[i])
        highest = max(highest, row[last[i] - 1] - row[first[i]] + 1)
    parent, begins = np.empty(most + highest + 1, np.int32), np.empty(highest + 1, np.int64)
    left, right = np.empty(most, np.int32), np.empty(most, np.int32)
    for i in range(first.size):
        a, b = first[i], last[i]
        rows = row[b - 1] - row[a] + 1
        k = 0
        for r in range(rows):
            begins[r] = k
            while k < b - a and row[a + k] == row[a] + r:
                k += 1
        begins[rows] = k
        for gap in range(b - a + rows + 1):
            parent[gap] = gap
        _join_gaps(start[a:b], stop[a:b], begins[: rows + 1], parent)
        _sum_filled(start[a:b], stop[a:b], begins[: rows + 1], parent, left, right, sums[i])
    return sums
