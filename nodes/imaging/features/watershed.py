"""Watershed by steepest ascent: every pixel belongs to the summit it climbs to; shallow summits join a neighbour.

No pixel is spent on dividing lines: the features partition the mask.
"""

import numpy as np
import numpy.typing as npt
from numba import float32, int32, int64, njit, types

from graingraph.nodes.imaging.features.runs import root

_SLANT = 0.5**0.5
_NEIGHBOURS = (
    (-1, 0, 1.0),
    (1, 0, 1.0),
    (0, -1, 1.0),
    (0, 1, 1.0),
    (-1, -1, _SLANT),
    (-1, 1, _SLANT),
    (1, -1, _SLANT),
    (1, 1, _SLANT),
)
"""Row step, column step, and 1 / distance of the eight neighbours."""

READ_HEIGHT = types.Array(types.float32, 2, "C", readonly=True)


def split_summits(height: npt.NDArray[np.floating], depth: float) -> tuple[npt.NDArray[np.int32], int]:
    """Label the summits of a landscape that stand more than ``depth`` above the pass to a higher one.

    ``height`` is float32 (H, W); 0 and below is outside. Returns int32 (H, W) labels, numbered row by row, and their
    number; every pixel above 0 has a label, and a label is connected (by sides or corners).

    Steepest ascent gives one basin per local maximum (the drop-of-water rule; Cousty et al. 2009, "Watershed cuts",
    IEEE PAMI 31:1362); passes are then taken from the highest down, and two basins join unless both summits rise more
    than ``depth`` above the pass (dynamics; Grimaud 1992), which leaves the h-maxima of the landscape.
    Oracle: skimage.segmentation.watershed from skimage.morphology.h_maxima (number and sizes).
    """
    height = np.ascontiguousarray(height, np.float32)
    basin = np.empty(height.shape, np.int32)
    _climb(height, basin)
    peaks = _number_basins(height, basin.reshape(-1))
    ends, passes = _passes(height, basin)
    # Sixteen bits of the height are sorted many times faster (radix sort) than floating-point numbers.
    lowness = ((peaks.max() - passes) * (65535.0 / max(peaks.max(), 1e-30))).astype(np.uint16)
    order = np.argsort(lowness, kind="stable")
    number = _join(ends, passes, order, peaks, np.float32(depth))
    return basin, _renumber(basin.reshape(-1), number)


@njit(types.void(READ_HEIGHT, int32[:, ::1]), cache=True, nogil=True)
def _climb(height: np.ndarray, up: np.ndarray) -> None:
    """Write into ``up`` the flat index of the neighbour reached by the steepest way up, or of the pixel itself."""
    rows, columns = height.shape
    steepest = np.empty(columns, np.float32)
    for r in range(rows):
        steepest[:] = 0.0
        for c in range(columns):
            up[r, c] = r * columns + c
        for dy, dx, per_px in _NEIGHBOURS:
            if 0 <= r + dy < rows:
                a, b = max(0, -dx), columns - max(0, dx)
                here, there = height[r, a:b], height[r + dy, a + dx : b + dx]
                best, way = steepest[a:b], up[r, a:b]
                weight = np.float32(per_px)
                to = np.int32((r + dy) * columns + a + dx)
                for c in range(here.size):  # written without branches so that it compiles to vector instructions
                    gain = (there[c] - here[c]) * weight
                    steeper = gain > best[c]
                    best[c] = gain if steeper else best[c]
                    way[c] = to + np.int32(c) if steeper else way[c]


@njit(float32[::1](READ_HEIGHT, int32[::1]), cache=True, nogil=True)
def _number_basins(height: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Replace each pixel's way up by minus the number of the summit it leads to; return the height of each summit.

    One sweep forward and one backward settle nearly all pixels by one look at a pixel settled before; what winds more
    is followed to its end.
    """
    flat = height.reshape(-1)
    peaks = np.zeros(1024, np.float32)
    count = 1  # number 0 is the outside
    for i in range(flat.size):
        k = up[i]
        if flat[i] <= 0.0:
            up[i] = 0
        elif k == i:
            if count == peaks.size:
                peaks = np.concatenate((peaks, np.zeros(count, np.float32)))
            peaks[count] = flat[i]
            up[i] = -count
            count += 1
        elif k < i:
            up[i] = up[k]  # its summit, or a step further up; so nothing leads to pixel 0 any more
    for i in range(flat.size - 1, -1, -1):
        if up[i] > 0:
            up[i] = up[up[i]]
    for i in range(flat.size):
        k = up[i]
        while k > 0:
            k = up[k]
        up[i] = k
    return peaks[:count].copy()


@njit(types.Tuple((int32[:, ::1], float32[::1]))(READ_HEIGHT, int32[:, ::1]), cache=True, nogil=True)
def _passes(height: np.ndarray, basin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of touching pixels of different basins: the basins, and the lower of the two heights."""
    rows, columns = height.shape
    ends = np.empty((4096, 2), np.int32)
    level = np.empty(4096, np.float32)
    n = 0
    for r in range(rows):
        if n + 4 * columns > level.size:
            ends = np.concatenate((ends, np.empty((level.size + 4 * columns, 2), np.int32)))
            level = np.concatenate((level, np.empty(level.size + 4 * columns, np.float32)))
        below = min(r + 1, rows - 1)
        for c in range(columns):
            # The four pairs in a block of two by two pixels; nearly all blocks lie inside one basin.
            right = min(c + 1, columns - 1)
            a, b, d, e = basin[r, c], basin[r, right], basin[below, c], basin[below, right]
            if a == b and a == d and a == e:
                continue
            for one, other, low in (
                (a, b, min(height[r, c], height[r, right])),
                (a, d, min(height[r, c], height[below, c])),
                (a, e, min(height[r, c], height[below, right])),
                (b, d, min(height[r, right], height[below, c])),
            ):
                if one != other and one != 0 and other != 0:
                    ends[n, 0], ends[n, 1], level[n] = -one, -other, low
                    n += 1
    return ends[:n].copy(), level[:n].copy()


@njit(int32[::1](int32[:, ::1], float32[::1], int64[::1], float32[::1], float32), cache=True, nogil=True)
def _join(ends: np.ndarray, level: np.ndarray, order: np.ndarray, peaks: np.ndarray, depth: np.float32) -> np.ndarray:
    """Take the passes from the highest down and join basins over shallow ones; return each basin's representative."""
    parent = np.arange(peaks.size).astype(np.int32)
    for i in order:
        a, b = root(parent, ends[i, 0]), root(parent, ends[i, 1])
        if a == b:
            continue
        if peaks[a] < peaks[b]:
            a, b = b, a
        if peaks[b] - level[i] <= depth:
            parent[b] = a
    for k in range(parent.size):
        parent[k] = root(parent, k)
    return parent


@njit(int64(int32[::1], int32[::1]), cache=True, nogil=True)
def _renumber(basin: np.ndarray, representative: np.ndarray) -> int:
    """Turn basin numbers (as minus the number) into labels 1, 2, ... in the order met; return how many."""
    label = np.zeros(representative.size, np.int32)
    count = 0
    for i in range(basin.size):
        if basin[i] == 0:
            continue
        k = representative[-basin[i]]
        if label[k] == 0:
            count += 1
            label[k] = count
        basin[i] = label[k]
    return count
