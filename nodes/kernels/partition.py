"""Grains between the lines of a boundary network: cells, partitions of the plane, watershed by flooding.

A *network* is a bool (H, W) array of boundary pixels; a *partition* is an int32 (H, W) array in which every pixel
belongs to a grain 1..n, so grains meet along pixel edges and a boundary has no width of its own.
"""

import cv2
import numpy as np
from numba import njit

WALL = 255
"""The flooding level of a certain boundary: basins never merge across it."""


def connect_diagonals(network: np.ndarray) -> np.ndarray:
    """Return the network (bool, H, W) 4-connected: where two pixels touch by a corner only, a third joins them.

    Without it a thin test line, or a neighbouring grain, slips through a one-pixel diagonal line.
    """
    joined = network.copy()
    a, b, c, d = network[:-1, :-1], network[:-1, 1:], network[1:, :-1], network[1:, 1:]
    joined[:-1, 1:] |= a & d & ~b & ~c
    joined[:-1, :-1] |= b & c & ~a & ~d
    return joined


def cells(network: np.ndarray) -> np.ndarray:
    """Number the regions enclosed by the network (bool, H, W): int32 (H, W), 0 on the network itself."""
    open_area = (~connect_diagonals(network)).view(np.uint8)
    return np.asarray(cv2.connectedComponents(open_area, connectivity=4, ltype=cv2.CV_32S)[1])


def fill_plane(labels: np.ndarray) -> np.ndarray:
    """Give every background pixel of ``labels`` (int32, H, W) to the nearest feature; a partition of the plane."""
    background = (labels == 0).view(np.uint8)
    if not background.any() or background.all():
        return labels.copy()
    _, nearest = cv2.distanceTransformWithLabels(background, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    features = labels > 0
    owner[nearest[features]] = labels[features]
    return owner[nearest]


def drop_small(labels: np.ndarray, smallest: int) -> np.ndarray:
    """Return ``labels`` (int32, H, W) without features of fewer than ``smallest`` pixels, numbered without gaps."""
    sizes = np.bincount(labels.ravel())
    keep = sizes >= max(smallest, 1)
    keep[0] = False
    number = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    return np.asarray(number[labels])


def borders(labels: np.ndarray) -> np.ndarray:
    """Pixels (bool, H, W) whose right, lower or lower right neighbour belongs to another feature; 4-connected lines."""
    lines = np.zeros(labels.shape, bool)
    lines[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    lines[:-1] |= labels[:-1] != labels[1:]
    lines[:-1, :-1] |= labels[:-1, :-1] != labels[1:, 1:]
    return lines


def border_length(partition: np.ndarray) -> float:
    """Total length, in pixels, of the borders between grains (Crofton: pixel edges overstate it by 4/π)."""
    edges = np.count_nonzero(partition[:, 1:] != partition[:, :-1])
    edges += np.count_nonzero(partition[1:] != partition[:-1])
    return float(edges * np.pi / 4)


def triple_points(partition: np.ndarray) -> np.ndarray:
    """Where three or more grains meet: bool (H, W), true at the upper left pixel of such a 2×2 block."""
    a, b, c, d = partition[:-1, :-1], partition[:-1, 1:], partition[1:, :-1], partition[1:, 1:]
    changes = (a != b).view(np.uint8) + (b != d) + (d != c) + (c != a)
    points = np.zeros(partition.shape, bool)
    points[:-1, :-1] = changes >= 3
    return points


def relief(network: np.ndarray, max_gap: int) -> np.ndarray:
    """The relief (uint8, H, W) whose basins, half of 255 deep, are grains with gaps up to ``max_gap`` px closed.

    It falls from the boundary with distance, down to ``max_gap`` pixels from it: a gap of that width is then a pass
    half way up, and only a piece wide enough to reach the bottom counts as a grain of its own.
    """
    open_area = (~connect_diagonals(network)).view(np.uint8)
    distance = cv2.distanceTransform(open_area, cv2.DIST_L2, 5)
    levels = np.rint((WALL - 1) * (1 - np.minimum(distance, max_gap) / max_gap)).astype(np.uint8)
    levels[open_area == 0] = WALL
    return levels


def basins(levels: np.ndarray, depth: int) -> np.ndarray:
    """Watershed of a grey relief (uint8, H, W): a partition into catchment basins at least ``depth`` levels deep.

    Water rises from every regional minimum; two basins that meet stay apart only if each is at least ``depth`` deep
    below their lowest pass (the *dynamics* of Grimaud, 1992), or if that pass is a ``WALL``. With a boundary
    probability as the relief, this closes a gap at its most probable place.
    """
    flooded, count, floors = _flood(np.ascontiguousarray(levels))
    passes, pairs = [], []
    for here, there in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        apart = flooded[here] != flooded[there]
        height = np.maximum(levels[here][apart], levels[there][apart])
        below_wall = height < WALL
        passes.append(height[below_wall])
        pairs.append(np.stack([flooded[here][apart][below_wall], flooded[there][apart][below_wall]], axis=1))
    heights, pair = np.concatenate(passes), np.concatenate(pairs)
    order = np.argsort(heights, kind="stable")
    root = _merge_shallow(pair[order], heights[order], floors[: count + 1], depth)
    return drop_small(root[flooded], 1)


@njit(cache=True, nogil=True)
def _flood(levels: np.ndarray) -> tuple[np.ndarray, int, np.ndarray]:
    """Flood from every regional minimum, level by level, first come first served on a plateau (Meyer, 1994).

    Returns the basin of each pixel, how many there are, and the level of each basin's minimum by its number.
    """
    height, width = levels.shape
    flat = levels.ravel()
    order, first = _by_level(flat)
    labels = np.zeros(flat.size, np.int32)
    floors = np.zeros(flat.size + 1, np.uint8)
    following = np.full(flat.size, -1, np.int64)
    heads = np.full(256, -1, np.int64)
    tails = np.full(256, -1, np.int64)
    count = 0
    for level in range(256):
        k = first[level]
        while True:
            if heads[level] < 0:
                while k < first[level + 1] and labels[order[k]] > 0:
                    k += 1
                if k == first[level + 1]:
                    break
                count += 1
                labels[order[k]] = count
                floors[count] = level
                heads[level] = tails[level] = order[k]
            p = heads[level]
            heads[level] = following[p]
            for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0)):
                row, column = p // width + dy, p % width + dx
                q = row * width + column
                if 0 <= row < height and 0 <= column < width and labels[q] == 0:
                    labels[q] = labels[p]
                    at = max(level, flat[q])
                    if heads[at] < 0:
                        heads[at] = q
                    else:
                        following[tails[at]] = q
                    tails[at] = q
    return labels.reshape(height, width), count, floors


@njit(cache=True, nogil=True)
def _by_level(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixel numbers sorted by level, in raster order within one, and where each of the 256 levels starts."""
    first = np.zeros(257, np.int64)
    for p in range(flat.size):
        first[flat[p] + 1] += 1
    for level in range(256):
        first[level + 1] += first[level]
    order = np.empty(flat.size, np.int64)
    cursor = first[:-1].copy()
    for p in range(flat.size):
        order[cursor[flat[p]]] = p
        cursor[flat[p]] += 1
    return order, first


@njit(cache=True, nogil=True)
def _merge_shallow(pairs: np.ndarray, passes: np.ndarray, floors: np.ndarray, depth: int) -> np.ndarray:
    """Join basins over their passes, lowest pass first, while one of the two is shallower than ``depth``."""
    root = np.arange(floors.size).astype(np.int32)
    for k in range(passes.size):
        a, b = pairs[k, 0], pairs[k, 1]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a == b:
            continue
        if floors[a] > floors[b]:
            a, b = b, a
        if int(passes[k]) - int(floors[b]) < depth:
            root[b] = a
    for a in range(root.size):
        b = a
        while root[b] != b:
            b = root[b]
        root[a] = b
    return root
