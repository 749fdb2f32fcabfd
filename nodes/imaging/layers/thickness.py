"""The thickness of a layer along its length, between its two interfaces."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.filters.between_pixels import read_between

STEP = 0.5
"""Pixels from one sample to the next along a normal."""
BEYOND = 1.5
"""Pixels by which a normal has to go on beyond the layer within the picture: then the interface is there."""
STEEP = 1.5
"""Pixels across by a pixel of length from which an end of a normal lies on the face in which a layer ends."""
FEWEST = 5
"""Pixels of length without which there is no direction."""


@dataclass(frozen=True)
class Thickness:
    """``thickness`` (n,) in px at n places along the layer, a px of its length each, and the ``ends`` (n, 2, 2).

    The ends are the two points (x, y) on the interfaces. Places where an interface lies outside the picture are left
    out.
    """

    thickness: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]


NOTHING = Thickness(np.empty(0), np.empty((0, 2, 2)))


def layer_of(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The largest piece of the mask (bool, H, W), connected by sides or corners; all False where there is none."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    if count < 2:
        return np.zeros(mask.shape, bool)
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def along_normals(layer: npt.NDArray[np.bool_], degree: int) -> Thickness:
    """How much of the layer (bool, H, W) lies on each normal of its mean interface, a normal each px of its length.

    The mean interface is a polynomial of this ``degree`` (1 is a straight line) through the middles of the layer,
    along its long direction; where the frame cuts the layer, its middle is not known. Along a normal the mask is read
    between the pixels, so that the mean thickness is area by length. Where the layer ends within the picture, normals
    that meet the face in which it ends are left out. Oracles: bands, wedges and sine interfaces in any direction.
    """
    rows, columns = np.nonzero(layer)
    if rows.size < 2 * FEWEST:
        return NOTHING
    centre = np.array([columns.mean(), rows.mean()])
    along = np.linalg.eigh(np.cov(np.stack([columns, rows])))[1][:, 1]
    across = np.array([-along[1], along[0]])
    points = np.stack([columns, rows], axis=1) - centre
    u, v = points @ along, points @ across
    bins = np.floor(u - u.min()).astype(np.int64)
    height, width = layer.shape
    at_frame = (rows == 0) | (rows == height - 1) | (columns == 0) | (columns == width - 1)
    pixels = np.bincount(bins)
    known = (pixels > 0) & (np.bincount(bins, at_frame) == 0)
    if known.sum() < max(FEWEST, degree + 2):
        return NOTHING
    half = (u.max() - u.min()) / 2 + 1
    middle = np.bincount(bins, v)[known] / pixels[known]
    place = np.bincount(bins, u)[known] / pixels[known]
    line = np.polynomial.Polynomial.fit(place, middle, degree, domain=[-half, half])
    # Places a px of arc length apart, and the normals there.
    fine = np.linspace(u.min(), u.max(), 4 * int(2 * half) + 2)
    arc = np.append(0.0, np.cumsum(np.hypot(np.diff(fine), np.diff(line(fine)))))
    at = np.interp(np.arange(0.5, arc[-1], 1.0), arc, fine)
    slope = line.deriv()(at)
    norm = np.hypot(slope, 1.0)
    normals = (across - slope[:, None] * along) / norm[:, None]
    middles = centre + at[:, None] * along + line(at)[:, None] * across
    found = _read(layer, middles, normals, float(np.abs(v - line(u)).max()))
    inner = _between_faces((found.ends - centre) @ across)
    return Thickness(found.thickness[inner], found.ends[inner])


def between_sides(layer: npt.NDArray[np.bool_]) -> Thickness:
    """How thick the layer (bool, H, W) is square to its middle line, at a place each px or so of it.

    The middle line is as far from one side as from the other (Euclidean distance), and the normal points to where it is
    nearest, so that the layer may bend as it likes. The sides are the two regions beside the layer that it has most in
    common with; what else it encloses belongs to it. ``ValueError`` where it does not part two regions. Places nearer
    to the frame than to a side are left out. Oracles: rings, and bands in any direction.
    """
    beside = cv2.connectedComponents((~layer).view(np.uint8), connectivity=4)[1]
    touched = beside[cv2.dilate(layer.view(np.uint8), np.ones((3, 3), np.uint8)) > 0]
    contact = np.bincount(touched.ravel())[1:]
    if contact.size < 2:
        raise ValueError("the layer does not part two regions")
    one, other = (1 + np.argsort(contact)[::-1][:2]).tolist()
    from_one, from_other = (
        np.asarray(cv2.distanceTransform((beside != side).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), float)
        for side in (one, other)
    )
    inside = (beside != one) & (beside != other)
    nearer = from_one - from_other
    rows, columns = np.nonzero(inside & (nearer > -1.0) & (nearer <= 1.0))  # a px broad in every direction
    height, width = layer.shape
    to_frame = np.minimum.reduce([rows + 1, height - rows, columns + 1, width - columns])
    depth = np.maximum(from_one, from_other)[rows, columns]
    rows, columns = rows[to_frame >= depth], columns[to_frame >= depth]
    if not rows.size:
        return NOTHING
    down, right = (
        np.asarray(cv2.Sobel(cv2.GaussianBlur(nearer, (0, 0), 1.0), cv2.CV_64F, *order))[rows, columns]
        for order in ((0, 1), (1, 0))
    )
    normals = np.stack([right, down], axis=1) / np.maximum(np.hypot(right, down), 1e-9)[:, None]
    return _read(inside, np.stack([columns, rows], axis=1).astype(float), normals, float(depth.max()))


def _read(
    layer: npt.NDArray[np.bool_], middles: npt.NDArray[np.float64], normals: npt.NDArray[np.float64], reach: float
) -> Thickness:
    """What of the layer lies on the normals through the middles, each (n, 2) as (x, y), up to so far from these."""
    count = int((reach + 2 * BEYOND) / STEP) + 1
    off = STEP * np.arange(-count, count + 1)
    x, y = (middles[:, k, None] + normals[:, k, None] * off for k in (0, 1))
    read = read_between(layer.astype(np.float32), x.astype(np.float32), y.astype(np.float32), outside=0)
    first, last = _ends(read >= 0.5)
    height, width = layer.shape
    in_picture = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    each, further = np.arange(len(middles)), round(BEYOND / STEP)
    kept = (last >= 0) & in_picture[each, np.maximum(first - further, 0)]
    kept &= in_picture[each, np.minimum(last + further, off.size - 1)]
    ends = middles[:, None, :] + normals[:, None, :] * np.stack([off[first], off[last]], axis=1)[:, :, None]
    return Thickness(STEP * read.sum(axis=1)[kept].astype(float), ends[kept])


def _between_faces(off: npt.NDArray[np.float64]) -> slice:
    """Which of the places along a layer lie between its two end faces; ``off`` (n, 2) are the interfaces across it."""
    flat = (np.abs(np.diff(off, axis=0)) < STEEP).all(axis=1)
    settled = np.convolve(flat, np.ones(FEWEST), "valid") == FEWEST if flat.size >= FEWEST else np.zeros(0, bool)
    at = np.flatnonzero(settled)
    return slice(int(at[0]), int(at[-1]) + FEWEST + 1) if at.size else slice(None)


def _ends(inside: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The first and the last True in each row of bool (n, m); the last is −1 where there is none."""
    first = inside.argmax(axis=1)
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    return first, np.where(inside.any(axis=1), last, -1)
