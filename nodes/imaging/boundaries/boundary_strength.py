"""Grains by how much of each boundary is visible: of an over-segmentation, the least visible boundaries go first.

A watershed by the lowest pass joins two grains through the smallest gap between them. Here a boundary is judged over
its whole length, so that a gap does not open it and a dark spot does not make one.
"""

import heapq

import cv2
import numpy as np
import numpy.typing as npt
from numba import boolean, float64, int32, njit

from graingraph.nodes.imaging.boundaries.partition import at_frame, highest
from graingraph.nodes.imaging.features.runs import root
from graingraph.nodes.imaging.features.watershed import split_summits

CERTAINLY_INSIDE = 0.25
"""Lines fainter than this fraction of a visible one do not steer the watershed; the middle between lines does."""

A_MIDDLE = 0.2
"""A piece in which the middle of a grain is nowhere this probable is none. From 0.1 to 0.3 the mean diameter of brass
changes by half a percent."""


CLEAR = 0.75
"""Share of the outline of a grain at the frame that has to be clear where its middle is not seen; a sliver between a
true boundary and a faint line has half."""

SHOWN_FULLY = 0.95
"""A grain too small for its middle to be seen needs boundaries that show by this much, each of them. Of 21 such pieces
on 29 micrographs of generated brass, each seen by three networks, 16 are grains and 5 corners that a twin cuts off; at
0.8 they are 36 and 25."""


def visible_boundaries(
    shown: npt.NDArray[np.floating],
    visible: float,
    middles: npt.NDArray[np.floating] | None = None,
    *,
    by_outline: bool = False,
) -> npt.NDArray[np.int32]:
    """Divide the plane along the lines of ``shown`` (float32, H, W): labels 1..n (int32, H, W), no background.

    ``shown`` is how much of a boundary a pixel shows: 0 nothing, 1 and above all of it. The watershed's pieces are
    joined over the boundary that shows least, which is then judged anew with what it becomes part of, until
    every boundary left shows over at least ``visible`` (0 to 1) of its length (hierarchical merging of a region
    adjacency graph by mean boundary strength; Haris et al. 1998, IEEE Trans. Image Processing 7:1684; Arbeláez et al.
    2011, IEEE PAMI 33:898). Where it is known how probable the middle of a grain is (``middles`` float32, H, W), pieces
    without one are joined to their neighbours too, over the boundary that shows least, until each grain has one. With
    ``by_outline`` a clear outline stands for it where it may not be seen: the middle of a grain that the frame cuts may
    lie outside, and that of a small one be too small.
    Oracles: grains with drawn boundaries of known strength and known gaps; sections of Voronoi grains cut by the frame.
    On five micrographs of generated brass 187 of 192 cut grains are found instead of 152, and 4 false ones as before;
    of 53 whole grains on each 0.9 too few were found, and with the small ones 0.5 (three networks).
    """
    pieces, count = split_summits(_landscape(shown), 0.0)
    along = np.minimum(shown, 1)
    if middles is None or by_outline:
        grains = joined(*contacts(pieces, along), count, visible, None)[pieces]
        return grains if middles is None else _with_middle_or_outline(grains, along, visible, middles)
    whole = highest(middles, pieces, count) >= A_MIDDLE
    return joined(*contacts(pieces, along), count, visible, whole)[pieces]


def _with_middle_or_outline(
    grains: npt.NDArray[np.int32],
    shown: npt.NDArray[np.floating],
    visible: float,
    middles: npt.NDArray[np.floating],
) -> npt.NDArray[np.int32]:
    """Join grains that have neither a middle nor an outline that stands for it to their neighbours.

    At the frame most of the outline has to show halfway between ``visible`` and fully, so that no sliver beside a faint
    line is taken for a grain; elsewhere all of it fully, round an inside that is none of the boundary.
    """
    count = int(grains.max(initial=0))
    pairs, total, length = contacts(grains, shown)
    both = pairs.ravel()

    def outline(least: float) -> np.ndarray:
        """How much of each grain's outline consists of boundaries that show by at least so much, in pixel sides."""
        return np.bincount(both, np.repeat(np.where(total >= least * length, length, 0), 2), count + 1)

    inside = highest(1 - shown, grains, count) >= 1 - CERTAINLY_INSIDE
    all_of_it, cut = outline(0), at_frame(grains)
    closed = inside & (outline(SHOWN_FULLY) == all_of_it)
    closed[cut] = outline((1 + visible) / 2)[cut] >= CLEAR * all_of_it[cut]
    whole = closed | (highest(middles, grains, count) >= A_MIDDLE)
    return joined(pairs, total, length, count, visible, whole)[grains]


def _landscape(shown: np.ndarray) -> np.ndarray:
    """Grains as plateaus that rise faintly towards their middle, lines as valleys; above 0 everywhere."""
    inside = (shown <= CERTAINLY_INSIDE).view(np.uint8)
    # An image without any line would be infinitely far from one.
    distance = np.minimum(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32(sum(inside.shape)))
    # Unblurred, the middle of a plateau would have a summit at every few pixels.
    middle = cv2.GaussianBlur(distance, (0, 0), 1.5).reshape(shown.shape)
    depth = np.maximum(shown, CERTAINLY_INSIDE)
    return np.float32(depth.max() + 1) - depth + middle * np.float32(0.003)


def contacts(
    pieces: npt.NDArray[np.int32], shown: npt.NDArray[np.floating]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which pieces (labels from 1, every pixel) touch by sides: pairs int32 (n, 2), the sum of ``shown`` along each
    common border (of the two pixels at every step the one that shows more), and the border's length in pixel sides.
    """
    keys, values = [], []
    base = int(pieces.max(initial=0)) + 1
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        apart = np.flatnonzero(pieces[here] != pieces[there])
        a, b = pieces[here].reshape(-1)[apart].astype(np.int64), pieces[there].reshape(-1)[apart].astype(np.int64)
        keys.append(np.minimum(a, b) * base + np.maximum(a, b))
        values.append(np.maximum(shown[here].reshape(-1)[apart], shown[there].reshape(-1)[apart]))
    key = np.concatenate(keys)
    pair, which = np.unique(key, return_inverse=True)
    total = np.bincount(which, np.concatenate(values), len(pair)).astype(float)
    length = np.bincount(which, minlength=len(pair)).astype(float)
    return np.stack([pair // base, pair % base], axis=1).astype(np.int32), total, length


def joined(
    pairs: npt.NDArray[np.int32],
    shown: npt.NDArray[np.floating],
    length: npt.NDArray[np.floating],
    count: int,
    visible: float,
    whole: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.int32]:
    """The grain (1..n) of each piece, int32 (count + 1,), 0 for number 0; see ``visible_boundaries``.

    Pieces that are not ``whole`` (bool, count + 1) are never left alone.
    """
    whole = np.ones(count + 1, bool) if whole is None else whole.copy()
    representative = _join(pairs.copy(), shown.copy(), length.copy(), whole, visible)
    return np.unique(representative, return_inverse=True)[1].astype(np.int32)


@njit(int32[::1](int32[:, ::1], float64[::1], float64[::1], boolean[::1], float64), cache=True, nogil=True)
def _join(ends: np.ndarray, shown: np.ndarray, length: np.ndarray, whole: np.ndarray, visible: float) -> np.ndarray:
    """Join pieces over the border with the smallest mean while that is below ``visible`` or one of them is not whole;
    each one's representative.

    The borders of a piece are a linked list: border e has two entries, 2 e in the list of its first piece and 2 e + 1
    in that of its second. The arguments are overwritten.
    """
    count = len(whole) - 1
    first = np.full(count + 1, -1, np.int64)
    following = np.empty(2 * len(ends), np.int64)
    for entry in range(2 * len(ends)):
        piece = ends[entry // 2, entry % 2]
        following[entry], first[piece] = first[piece], entry
    queue = [
        (shown[e] / length[e], np.int64(e))
        for e in range(len(ends))
        if shown[e] < visible * length[e] or not (whole[ends[e, 0]] and whole[ends[e, 1]])
    ]
    heapq.heapify(queue)
    parent = np.arange(count + 1).astype(np.int32)
    border_with = np.full(count + 1, -1, np.int64)
    while len(queue):
        mean, e = heapq.heappop(queue)
        if length[e] == 0.0 or mean != shown[e] / length[e]:
            continue  # this border is gone, or has grown since
        a, b = ends[e]
        if mean >= visible and whole[a] and whole[b]:
            continue  # one of the two was not whole before
        whole[a] |= whole[b]
        parent[b] = a
        length[e] = 0.0
        kept = np.int64(-1)
        for piece in (a, b):
            entry = first[piece]
            while entry >= 0:
                after, f = following[entry], entry // 2
                neighbour = ends[f, 1 - entry % 2]
                same = border_with[neighbour]
                if length[f] > 0.0 and same < 0:
                    ends[f, entry % 2] = a
                    border_with[neighbour] = f
                    following[entry], kept = kept, entry
                elif length[f] > 0.0:
                    shown[same] += shown[f]
                    length[same] += length[f]
                    length[f] = 0.0
                    if shown[same] < visible * length[same] or not (whole[a] and whole[neighbour]):
                        heapq.heappush(queue, (shown[same] / length[same], same))
                entry = after
        first[a] = kept
        while kept >= 0:
            border_with[ends[kept // 2, 1 - kept % 2]] = -1
            kept = following[kept]
    for k in range(count + 1):
        parent[k] = root(parent, k)
    return parent
