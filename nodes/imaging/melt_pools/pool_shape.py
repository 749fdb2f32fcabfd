"""One melt pool of a label image: what is visible of it, and the whole shape that this suggests.

Everything here takes the left part as hidden; a pool hidden on its right is mirrored first (``reconstruct``).
Coordinates are image pixels, x right, y down, pixel centres at integers + 1/2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import find_objects

from graingraph.nodes.imaging.marks import strokes
from graingraph.nodes.imaging.melt_pools.pool_fit import Arc, fit_pools
from graingraph.nodes.imaging.melt_pools.pool_models import PoolModel, Shape, mirror_visible

GAP, GAP_SHARE = 2, 1 / 75
"""Pools this many pixels apart, or this share of their median width, still touch: a boundary line may lie between."""
MIN_POINTS = 24
BEYOND_AXIS = 0.1
"""So far a pool must be seen on either side of its axis, as a share of its half-width."""
WHOLE_HALF = 0.8
"""And so far its free half where the picture's edge cuts it, if that half is to be mirrored."""
MIN_FIT = 0.7
MAX_FOLDS = 1.25
"""A whole outline may be this much longer than its convex hull; a keyhole's is 1.1 times as long."""


@dataclass(frozen=True)
class PoolShape:
    """What was found of one pool: areas in px², lengths in px, ``tilt`` in degrees (positive clockwise), others 0 to 1.

    ``outline`` (k, 2) is the closed whole outline, ``visible_outline`` (j, 2) the pool's own visible points, both as
    (x, y). ``fit`` is the overlap (intersection over union) of the whole shape with the visible region, outside the
    neighbours that hide it. ``refusal`` says why there is no number; ``framed`` that the picture's edge cuts the pool.
    """

    label: int
    visible_area: float
    visible_outline: np.ndarray
    outline: np.ndarray
    overlap: float = np.nan
    width: float = np.nan
    depth: float = np.nan
    area: float = np.nan
    tilt: float = np.nan
    fit: float = np.nan
    framed: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class _Visible:
    """``reach`` (k, k) is the neighbourhood within which pools touch."""

    region: np.ndarray
    cover: np.ndarray
    points: np.ndarray
    spacing: float
    corner: np.ndarray
    framed: bool
    reach: np.ndarray


def reconstruct(
    labels: npt.NDArray[np.int32],
    wanted: Sequence[int] | np.ndarray,
    model: Shape = "mirror",
    side: Literal["left", "right"] = "left",
    min_visible: float = 0.4,
    step: Callable[[float], None] = lambda done: None,
) -> list[PoolShape]:
    """Estimate the whole shapes of the ``wanted`` pools of ``labels``, int32 (H, W), of which ``side`` lies hidden.

    The axis of symmetry comes from a fit to the pools' own outlines (their borders with the pools that cover them are
    left out), all pools together (``fit_pools``), wanted or not. "mirror" then mirrors the visible outline over the
    axis, the other models are the fitted curve itself. The hidden part is where that whole shape meets the covering
    neighbours; overlap is its share of the whole. Never raises for a difficult pool: ``refusal`` says what is the
    matter. ``step`` is told the part that is done, 0 to 1.
    """
    if side == "right":
        found = reconstruct(labels[:, ::-1], wanted, model, "left", min_visible, step)
        return [_flip(shape, labels.shape[1]) for shape in found]
    reach = _reach(labels)
    seen = {int(label): _visible(labels, int(label), reach) for label in np.unique(labels[labels > 0])}
    arcs = {label: Arc(one.points, one.spacing) for label, one in seen.items() if len(one.points) >= MIN_POINTS}
    fitted = dict(zip(arcs, fit_pools(list(arcs.values()), model, step=step), strict=True))
    return [_judge(int(label), seen[label], fitted.get(label), model, min_visible) for label in wanted]


def hidden_side(labels: npt.NDArray[np.int32]) -> Literal["left", "right"]:
    """Tell which side of the pools lies hidden: a covered pool is hollow where the one above it bulges into it.

    Every pool's area missing from its convex hull is summed by the side on which it is missing.
    """
    balance = 0.0
    for label in np.unique(labels[labels > 0]):
        rows, columns = np.nonzero(labels == label)
        points = np.c_[columns, rows].astype(np.int32)
        hull = np.zeros((int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1), np.uint8)
        origin = points.min(0)
        cv2.fillConvexPoly(hull, cv2.convexHull(points - origin), 1)
        hull[points[:, 1] - origin[1], points[:, 0] - origin[0]] = 0
        missing = np.nonzero(hull)[1] + origin[0]
        balance += float(np.sign(missing - columns.mean()).sum())
    return "right" if balance > 0 else "left"


def _reach(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    """A square of ones, uint8 (k, k): the same share of the pools at every magnification."""
    widths = [box[1].stop - box[1].start for box in find_objects(labels) if box is not None]
    gap = max(GAP, round(GAP_SHARE * float(np.median(widths)))) if widths else GAP
    return np.ones((2 * gap + 1, 2 * gap + 1), np.uint8)


def _visible(labels: np.ndarray, label: int, reach: npt.NDArray[np.uint8]) -> _Visible:
    everywhere = labels == label
    rows, columns = np.flatnonzero(everywhere.any(1)), np.flatnonzero(everywhere.any(0))
    height, width = int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1
    top, left = max(0, rows[0] - height), max(0, columns[0] - 2 * width)
    crop = labels[top : rows[-1] + height + 1, left : columns[-1] + width + 1]
    region = crop == label
    corner = np.array([left, top])
    framed = bool(rows[0] == 0 or columns[0] == 0 or rows[-1] == labels.shape[0] - 1)
    framed |= bool(columns[-1] == labels.shape[1] - 1)
    cover = _cover(crop, region, reach)
    # The crop leaves a margin round the pool wherever the picture does, so its rim is met only at the picture's edge.
    foreign = np.pad(cv2.dilate(cover.view(np.uint8), reach), 1, constant_values=1)
    points, spacing = _own_points(region, foreign.view(bool))
    return _Visible(region, cover, points + corner, spacing, corner, framed, reach)


def _cover(crop: np.ndarray, region: np.ndarray, reach: npt.NDArray[np.uint8]) -> np.ndarray:
    """The pools to the left of the region, bool (h, w), if one of them touches it; none of them otherwise."""
    outside = np.where(region, 0, crop)
    touching = np.unique(outside[cv2.dilate(region.view(np.uint8), reach) > 0])
    x = np.nonzero(region)[1].mean()
    left = [n for n in np.unique(outside) if n > 0 and np.nonzero(outside == n)[1].mean() < x]
    return np.isin(outside, left) if np.isin(left, touching).any() else np.zeros_like(region)


def _own_points(region: np.ndarray, foreign: np.ndarray) -> tuple[np.ndarray, float]:
    """Points (k, 2) on the edges of the region's pixels that border on no foreign pixel, and their distance apart."""
    from skimage.measure import find_contours

    padded = np.pad(region, 1)
    contours = [c[:-1] for c in find_contours(padded.astype(np.float32), 0.5) if len(c) >= 12]
    block = max(1, sum(map(len, contours)) // 160)
    own = [np.empty((0, 2))]
    for contour in contours:
        low, high = np.floor(contour).astype(int), np.ceil(contour).astype(int)
        out = np.where(padded[low[:, 0], low[:, 1]][:, None], high, low)
        keep = len(contour) // block * block
        good = ~foreign[out[:keep, 0], out[:keep, 1]].reshape(-1, block).any(1)
        own.append(contour[:keep, ::-1].reshape(-1, block, 2).mean(1)[good])
    # The padding shifts by one, a pixel's centre by one half; a contour takes about 0.8 px a step.
    return np.concatenate(own) - 0.5, 0.8 * block


def _judge(label: int, seen: _Visible, fitted: PoolModel | None, model: Shape, min_visible: float) -> PoolShape:
    area = float(np.count_nonzero(seen.region))
    nothing = PoolShape(label, area, seen.points, np.empty((0, 2)), framed=seen.framed)
    if fitted is None:
        return _refuse(nothing, "too little of its own outline is visible")
    if not np.isfinite([fitted.x, fitted.y, fitted.a, fitted.d]).all() or fitted.a > 3 * np.ptp(seen.points[:, 0]):
        return _refuse(nothing, "its outline is not like a pool's")
    across = fitted.to_pool(seen.points)[:, 0]
    if across.min() > -BEYOND_AXIS * fitted.a:
        return _refuse(nothing, "its deepest point is hidden, so the axis of symmetry cannot be found")
    if across.max() < (WHOLE_HALF if seen.framed and model == "mirror" else BEYOND_AXIS) * fitted.a:
        return _refuse(nothing, "the picture shows too little of the half that is mirrored")
    if model == "mirror":
        right = mirror_visible(seen.points, fitted)
        width = 2 * float(across.max())
    else:
        right, width = fitted.right_half(), 2 * float(fitted.a)
    shape = _measure(nothing, seen, fitted, right, width)
    if shape.fit < MIN_FIT or _folds(shape.outline):
        return _refuse(nothing, "what is visible of it is not symmetric")
    if shape.overlap > 1 - min_visible:
        return _refuse(nothing, f"only {1 - shape.overlap:.0%} of it is visible")
    return shape


def _folds(outline: np.ndarray) -> bool:
    """Tell whether mirroring about a wrong axis has made spikes."""
    closed = outline.astype(np.float32)[:, None]
    return cv2.arcLength(closed, True) > MAX_FOLDS * cv2.arcLength(cv2.convexHull(closed), True)


def _measure(blank: PoolShape, seen: _Visible, fitted: PoolModel, right: np.ndarray, width: float) -> PoolShape:
    outline = fitted.to_image(np.r_[right, right[::-1] * (-1, 1)])
    whole = np.zeros_like(seen.region)
    patch = strokes.polygon(outline - seen.corner, whole.shape)
    height, breadth = patch.inside.shape
    whole[patch.y : patch.y + height, patch.x : patch.x + breadth] = patch.inside
    # A boundary line of a pixel or two between the labels belongs to the hidden part, not to neither.
    hiding = _closed(seen)
    covered = np.count_nonzero(whole & hiding)
    visible = np.count_nonzero(seen.region)
    union = np.count_nonzero(seen.region | (whole & ~hiding))
    return replace(
        blank,
        outline=outline,
        overlap=covered / (covered + visible),
        width=width,
        depth=float(right[0, 1] - right[-1, 1]),
        area=float(covered + visible),
        tilt=float(np.degrees(fitted.tilt)),
        fit=np.count_nonzero(seen.region & whole) / union,
    )


def _closed(seen: _Visible) -> np.ndarray:
    """The covering pools with the thin line between them and the visible region filled, bool (h, w)."""
    if not seen.cover.any():
        return seen.cover
    both = (seen.cover | seen.region).view(np.uint8)
    grown: np.ndarray = cv2.dilate(seen.cover.view(np.uint8), seen.reach)
    closed: np.ndarray = cv2.morphologyEx(both, cv2.MORPH_CLOSE, seen.reach)
    return seen.cover | ((grown & closed).view(bool) & ~seen.region)


def _refuse(shape: PoolShape, reason: str) -> PoolShape:
    return replace(shape, refusal=reason)


def _flip(shape: PoolShape, width: int) -> PoolShape:
    flip, shift = np.array([-1, 1]), np.array([width, 0])
    outlines = shape.outline * flip + shift, shape.visible_outline * flip + shift
    return replace(shape, outline=outlines[0], visible_outline=outlines[1], tilt=-shape.tilt)
