"""Run lengths: a mask or label image as the list of its horizontal stretches, and the same painted back.

A micrograph of 24 million pixels holds a few hundred thousand runs, so whatever can be asked of runs (connected
components, area, moments, perimeter, hulls, erasing) costs next to nothing once the image has been read through once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int32, int64, njit, types, uint8, uint64

READ_MASK = types.Array(types.uint8, 2, "C", readonly=True)
READ_LABELS = types.Array(types.int32, 2, "C", readonly=True)
READ_INTS = types.Array(types.int32, 1, "C", readonly=True)


class Runs(NamedTuple):
    """The runs of an image, row by row from left to right; every array is int32.

    Row r has runs ``first[r]`` to ``first[r + 1] - 1``. Run k covers columns ``start[k]`` to ``stop[k] - 1`` and
    belongs to feature ``label[k]`` (1 to ``features``).
    """

    first: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    label: np.ndarray
    features: int


def mask_runs(mask: npt.NDArray[np.bool_], value: bool = True, connectivity: int = 8) -> Runs:
    """Runs of the pixels of a bool (H, W) mask that equal ``value``, numbered by connected component.

    Components are numbered 1, 2, ... in the order in which their first pixel is met, row by row.
    ``connectivity`` is 8 (corners connect) or 4. Method: union-find over runs (He, Chao & Suzuki 2008, "A run-based
    two-scan labeling algorithm", IEEE Trans. Image Process. 17:749). Oracle: scipy.ndimage.label.
    """
    first, start, stop = _scan_mask(np.ascontiguousarray(mask).view(np.uint8), np.uint8(value))
    label, count = _components(first, start, stop, 1 if connectivity == 8 else 0)
    return Runs(first, start, stop, label, count)


def label_runs(labels: npt.NDArray[np.int32], count: int) -> Runs:
    """Runs of equal label of an int32 (H, W) label image whose features are 1 to ``count``; 0 is skipped."""
    first, start, stop, label = _scan_labels(np.ascontiguousarray(labels))
    return Runs(first, start, stop, label, count)


def at_sides(runs: Runs, width: int) -> dict[str, np.ndarray]:
    """Numbers of the features at each side of the image, by side ("top", "bottom", ...); may repeat."""
    return {
        "top": runs.label[: runs.first[1]],
        "bottom": runs.label[runs.first[-2] :],
        "left": runs.label[runs.start == 0],
        "right": runs.label[runs.stop == width],
    }


def at_frame(runs: Runs, width: int) -> npt.NDArray[np.int32]:
    """Numbers of the features that the frame cuts, each once, in rising order."""
    return np.unique(np.concatenate(list(at_sides(runs, width).values())))


def renumber(labels: npt.NDArray[np.int32], number: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Int32 (H, W) label image in which label k has become ``number[k]`` (int32, features + 1)."""
    numbered = np.empty(labels.shape, np.int32)
    _renumber(np.ascontiguousarray(labels), number, numbered)
    return numbered


def paint_mask(
    runs: Runs, chosen: npt.NDArray[np.bool_], value: bool, onto: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Copy a bool (H, W) mask and give ``value`` to the features for which ``chosen`` (features + 1,) is true."""
    painted = onto.copy()
    _paint_mask(runs.first, runs.start, runs.stop, runs.label, chosen, np.uint8(value), painted.view(np.uint8))
    return painted


def paint_labels(runs: Runs, number: npt.NDArray[np.int32], shape: tuple[int, int]) -> npt.NDArray[np.int32]:
    """Int32 (H, W) label image in which feature k has label ``number[k]`` (int32, features + 1); 0 leaves it out."""
    painted = np.zeros(shape, np.int32)
    _paint_labels(runs.first, runs.start, runs.stop, runs.label, number, painted)
    return painted


@njit(int64(uint8[::1], uint64[::1], int32[::1]), cache=True, nogil=True)
def _places(marked: np.ndarray, in_eights: np.ndarray, place: np.ndarray) -> int:
    """Write into ``place`` where ``marked`` is 1 and return how often; eight zeros in a row cost one look."""
    n = 0
    for eight in range(in_eights.size):
        if in_eights[eight] != 0:
            for c in range(8 * eight, 8 * eight + 8):
                place[n] = c
                n += marked[c]
    return n


@njit(types.UniTuple(int32[::1], 3)(READ_MASK, uint8), cache=True, nogil=True)
def _scan_mask(pixels: np.ndarray, value: np.uint8) -> tuple[np.ndarray, ...]:
    height, width = pixels.shape
    first = np.zeros(height + 1, np.int32)
    start = np.empty(4096, np.int32)
    stop = np.empty(4096, np.int32)
    differs = np.zeros((width + 7) // 8 * 8, np.uint8)  # 1 where a pixel differs from the one before it
    in_eights = differs.view(np.uint64)
    change = np.empty(width + 8, np.int32)
    n = 0
    for r in range(height):
        row = pixels[r]
        if n + width // 2 + 1 > start.size:
            start = np.concatenate((start, np.empty(start.size + width, np.int32)))
            stop = np.concatenate((stop, np.empty(stop.size + width, np.int32)))
        for c in range(1, width):  # compiles to vector instructions
            differs[c] = row[c] != row[c - 1]
        changes = _places(differs, in_eights, change)
        change[changes] = width
        k = 0
        if row[0] == value:
            start[n], stop[n] = 0, change[0]
            n, k = n + 1, 1
        while k < changes:
            start[n], stop[n] = change[k], change[k + 1]
            n, k = n + 1, k + 2
        first[r + 1] = n
    return first, start[:n].copy(), stop[:n].copy()


@njit(types.UniTuple(int32[::1], 4)(READ_LABELS), cache=True, nogil=True)
def _scan_labels(pixels: np.ndarray) -> tuple[np.ndarray, ...]:
    height, width = pixels.shape
    first = np.zeros(height + 1, np.int32)
    start = np.empty(4096, np.int32)
    stop = np.empty(4096, np.int32)
    label = np.empty(4096, np.int32)
    n = 0
    for r in range(height):
        row = pixels[r]
        if n + width > start.size:
            spare = np.empty(start.size + width, np.int32)
            start = np.concatenate((start, spare))
            stop = np.concatenate((stop, spare))
            label = np.concatenate((label, spare))
        c = 0
        while c < width:
            begin, here = c, row[c]
            while c < width and row[c] == here:
                c += 1
            if here != 0:
                start[n], stop[n], label[n] = begin, c, here
                n += 1
        first[r + 1] = n
    return first, start[:n].copy(), stop[:n].copy(), label[:n].copy()


@njit(int32(int32[::1], int32), cache=True, nogil=True)
def root(parent: np.ndarray, k: int) -> int:
    """Representative of k in a union-find forest, halving the path on the way."""
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@njit(types.Tuple((int32[::1], int32))(int32[::1], int32[::1], int32[::1], int32), cache=True, nogil=True)
def _components(first: np.ndarray, start: np.ndarray, stop: np.ndarray, reach: int) -> tuple[np.ndarray, int]:
    """Join runs of neighbouring rows that overlap, or with ``reach`` 1 touch at a corner."""
    parent = np.arange(start.size).astype(np.int32)
    for r in range(1, first.size - 1):
        above = first[r - 1]
        for k in range(first[r], first[r + 1]):
            while above < first[r] and stop[above] + reach <= start[k]:
                above += 1
            a = above
            while a < first[r] and start[a] < stop[k] + reach:
                one, two = root(parent, a), root(parent, k)
                parent[max(one, two)] = min(one, two)
                a += 1
    label = np.empty(start.size, np.int32)
    count = 0
    for k in range(start.size):  # the root is the first run of its component, so it is numbered before the others
        if parent[k] == k:
            count += 1
            label[k] = count
        else:
            label[k] = label[root(parent, k)]
    return label, count


@njit(
    types.void(int32[::1], int32[::1], int32[::1], int32[::1], types.boolean[::1], uint8, uint8[:, ::1]),
    cache=True,
    nogil=True,
)
def _paint_mask(
    first: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
    label: np.ndarray,
    chosen: np.ndarray,
    value: np.uint8,
    onto: np.ndarray,
) -> None:
    for r in range(onto.shape[0]):
        for k in range(first[r], first[r + 1]):
            if chosen[label[k]]:
                onto[r, start[k] : stop[k]] = value


@njit(types.void(int32[::1], int32[::1], int32[::1], int32[::1], READ_INTS, int32[:, ::1]), cache=True, nogil=True)
def _paint_labels(
    first: np.ndarray, start: np.ndarray, stop: np.ndarray, label: np.ndarray, number: np.ndarray, onto: np.ndarray
) -> None:
    for r in range(onto.shape[0]):
        for k in range(first[r], first[r + 1]):
            onto[r, start[k] : stop[k]] = number[label[k]]


@njit(types.void(READ_LABELS, READ_INTS, int32[:, ::1]), cache=True, nogil=True)
def _renumber(labels: np.ndarray, number: np.ndarray, onto: np.ndarray) -> None:
    for r in range(labels.shape[0]):
        for c in range(labels.shape[1]):
            onto[r, c] = number[labels[r, c]]


def feature_runs(pixels: npt.NDArray[np.bool_ | np.int32], count: int | None) -> Runs:
    """Runs of the ``count`` features of labels (int32, H, W), or of those of a mask (bool, H, W; ``count`` is None).

    The features of a mask are its groups of pixels that meet at sides or corners.
    """
    return mask_runs(pixels.view(bool)) if count is None else label_runs(pixels.view(np.int32), count)
