"""Corrections of a boundary network (a mask of boundary pixels): close gaps, cross out false boundaries."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import is_all_complete
from graingraph.engine.marks.run_lengths import run_lengths
from graingraph.nodes.imaging.boundaries.skeleton_branches import Branches, half_widths, skeleton
from graingraph.nodes.imaging.features.feature_edits import along
from graingraph.nodes.imaging.marks.strokes import flood, footprint, line, region

DRAWS = ("pen", "livewire", "cut", "accept")
"""Tools that draw a boundary."""
STEP = 0.25
"""Distance of the samples along a stroke, in px."""
ALONG = 3.0
"""How far, in px, two lines may be apart and be the same boundary."""
AROUND = 16.0
"""How far, in px, what is near a stroke is looked at: boundaries that pass by are seen to do so."""
MOSTLY = 0.6
"""The share of a branch that lies along a stroke, from which the stroke means the branch."""
BESIDE = 8.0
"""How far, in px, it is known on either side of an accepted boundary that there is no other."""
REACH = 48
"""Pixels around the ends of a stroke in which the network's own width is measured."""


def edit_boundaries(
    pixels: npt.NDArray[np.bool_], marks: Sequence[Mark], line_width: float = 0.0, *, whole: bool = True
) -> npt.NDArray[np.bool_]:
    """Replay marks on a network bool (H, W); returns a new one.

    Pen, live-wire and cut close (``line_width`` 0: in the network's own width), and so does what was accepted; eraser,
    merge and delete cross out the boundary between two junctions (``whole``) or rub out what the eraser covers; what
    was rejected goes wherever the network runs along it; shapes and fills add what they cover. What was said to be
    complete is again what it was then.
    """
    mask = pixels.copy()
    for mark in marks:
        if mark.tool in DRAWS:
            close(mask, mark, line_width)
        elif mark.tool == "reject":
            remove_along(mask, mark)
        elif mark.tool == "complete":
            if mark.runs is not None:
                patch = region(mark, mask.shape)
                mask[patch.box] = patch.inside
        elif mark.tool in ("eraser", "merge", "delete") and (whole or mark.tool != "eraser"):
            cross_out(mask, mark)
        else:
            patch = flood(mask, mark.points[-1]) if mark.tool == "fill" else footprint(mark, mask.shape)
            mask[patch.box][patch.inside] = mark.tool != "eraser"
    return mask


def confirmed(pixels: npt.NDArray[np.bool_], block: Mark) -> Mark:
    """A block that is complete, in whole pixels and with the network bool (H, W) as it is in it.

    So it stays right whatever is found under it later. A block in which no pixel has its centre is returned as it is.
    """
    size = pixels.shape[::-1]
    left, top = np.clip(np.ceil(block.points.min(0) - 0.5), 0, size).astype(int)
    right, bottom = np.clip(np.ceil(block.points.max(0) - 0.5), 0, size).astype(int)
    if left >= right or top >= bottom:
        return block
    box = np.array([(left, top), (right, bottom)], np.float32)
    return replace(block, points=box, runs=run_lengths(pixels[top:bottom, left:right].reshape(-1)))


def is_confirmed(marks: Sequence[Mark], shape: tuple[int, int]) -> bool:
    """Whether all of an image (H, W) is kept as it was when it was said to be right."""
    return any(mark.runs is not None and is_all_complete(mark, shape) for mark in marks)


def superfluous(marks: Sequence[Mark], block: Mark, shape: tuple[int, int]) -> list[str]:
    """The ids of the blocks before one that keeps a whole image (H, W) as it is, whatever they kept."""
    if block.runs is None or not is_all_complete(block, shape):
        return []
    return [mark.id for mark in marks if mark.tool == "complete" and mark.runs is not None]


def close(mask: npt.NDArray[np.bool_], mark: Mark, line_width: float = 0.0) -> None:
    """Draw a boundary along the stroke, joined to the network where an end is near it; changes ``mask`` in place."""
    points = np.asarray(mark.points, np.float64)
    width = line_width or _network_width(mask, points) or max(mark.width, 1.0)
    reach = max(8.0, 3 * width)
    for _ in range(2):
        points = _joined(mask, points, reach)[::-1]
    path = along(points, STEP)
    new = _outside(_hits(mask, path), int(np.ceil(width / 2 / STEP)))
    box, _ = _crop(path.min(0) - 4 * width - 4, path.max(0) + 4 * width + 4, mask.shape)
    before = mask[box].copy()
    for start, stop in _runs(new):
        patch = line(path[start:stop], width, mask.shape)
        mask[patch.box] |= patch.inside
    _fill_pinholes(mask[box], before, width)


def cross_out(mask: npt.NDArray[np.bool_], mark: Mark) -> None:
    """Remove each boundary that the stroke crosses, from junction to junction; changes ``mask`` in place.

    A boundary that the stroke only grazes (a quarter of the pixels, or less, that it covers of another) stays;
    of those that it touches only where they meet, one goes.
    """
    points = np.asarray(mark.points, np.float64)
    margin = 96 + mark.width / 2
    while True:
        box, complete = _crop(points.min(0) - margin, points.max(0) + margin, mask.shape)
        network = Branches(mask[box], complete)
        path = _pixels(along(points - (box[1].start, box[0].start)), mask[box].shape)
        crossed = network.one_of_each_junction(network.branches_at(path), path)
        if not crossed and mark.width > 1:
            patch = footprint(mark, mask.shape, width=mark.width)
            covered = np.zeros(mask.shape, bool)[box]
            _paste(covered, patch.inside, patch.y - box[0].start, patch.x - box[1].start)
            pixels = np.argwhere(covered & network.thin)
            crossed = network.one_of_each_junction(network.branches_at(pixels), pixels)
        if not network.reaches_out(crossed):
            break
        margin *= 2
    if crossed:
        mask[box][network.zone(crossed)] = False


def remove_along(mask: npt.NDArray[np.bool_], mark: Mark) -> None:
    """Remove what runs along the stroke, at most ``ALONG`` px beside it; changes ``mask`` in place.

    A branch that does so for most of its length goes as a whole. Of one that merely shares a stretch with the stroke
    that stretch goes, but for the ends of the stroke: what passes by there is another boundary.
    """
    points = np.asarray(mark.points, np.float64)
    box, cut = _crop(points.min(0) - AROUND, points.max(0) + AROUND, mask.shape)
    network = Branches(mask[box], cut)
    path = along(points, STEP) - (box[1].start, box[0].start)
    shape = (box[0].stop - box[0].start, box[1].stop - box[1].start)
    near = np.zeros(shape, bool)
    reach = line(path, 2 * ALONG, shape)
    near[reach.box] = reach.inside
    sizes = np.bincount(network.branch.reshape(-1))
    shared = np.bincount(network.branch[near], minlength=len(sizes))
    shared[0] = 0
    gone = [int(b) for b in np.flatnonzero(shared > MOSTLY * sizes)]
    if gone:
        mask[box][network.zone(gone)] = False
    inner = path[int(2 * ALONG / STEP) : len(path) - int(2 * ALONG / STEP)]
    if len(inner):
        rest = line(inner, 2 * ALONG, shape)
        mask[box][rest.box][rest.inside] = False


def settled(
    before: npt.NDArray[np.bool_], after: npt.NDArray[np.bool_], marks: Sequence[Mark]
) -> npt.NDArray[np.bool_]:
    """Where it is known what a corrected network bool (H, W) should be: bool (H, W).

    Known are what was drawn or accepted and ``BESIDE`` px on either side of it, short of other boundaries that nobody
    has said anything of; where a boundary was removed; and what was said to be complete.
    """
    drawn, said = np.zeros(after.shape, bool), np.zeros(after.shape, bool)
    for mark in marks:
        if mark.tool in DRAWS:
            patch = line(mark.points, 2 * ALONG, after.shape)
            drawn[patch.box] |= patch.inside
        elif mark.tool in ("complete", "reject"):
            patch = footprint(mark, after.shape, 2 * ALONG)
            said[patch.box] |= patch.inside
    boundary = after & drawn
    others = after & ~boundary
    known = _within(boundary, BESIDE) & ~_within(others, ALONG)
    known |= _within(before & ~after, ALONG) & ~others
    return known | boundary | said


def _within(lines: np.ndarray, distance: float) -> np.ndarray:
    """Pixels at most so far from the lines (bool, H, W)."""
    if not lines.any():
        return np.zeros(lines.shape, bool)
    return np.asarray(cv2.distanceTransform((~lines).view(np.uint8), cv2.DIST_L2, 5) <= distance)


def _network_width(mask: np.ndarray, points: np.ndarray) -> float:
    """Median width of the network near both ends of a stroke; 0 where there is none."""
    found = []
    for end in (points[0], points[-1]):
        box, _ = _crop(end - REACH, end + REACH, mask.shape)
        thin = skeleton(mask[box])
        found.append(half_widths(mask[box])[thin])
    half = np.concatenate(found)
    # Distance to the background is (w + 1) / 2 at the middle of odd widths and w / 2 of even ones.
    return min(max(1.5, 2 * float(np.median(half)) - 0.5), REACH) if len(half) else 0.0


def _joined(mask: np.ndarray, points: np.ndarray, reach: float) -> np.ndarray:
    """The stroke with its first end led to the middle of the network, or cut back to it where it overshot."""
    path = along(points, STEP)
    hit = _hits(mask, path)
    if hit[0]:
        return points
    end = points[0]
    box, _ = _crop(end - reach - 1, end + reach + 1, mask.shape)
    corner = np.array([box[1].start, box[0].start])
    near = np.argwhere(mask[box])[:, ::-1] + corner + 0.5
    away = np.hypot(*(near - end).T)
    edge = _to_edge(end, mask.shape)
    to_edge = float(np.hypot(*(edge - end)))
    if to_edge <= min(reach, away.min(initial=np.inf)):
        return np.concatenate([[edge], points])
    if away.min(initial=np.inf) > reach:
        return points
    nearest = near[away.argmin()]
    if hit.any():
        first = int(hit.argmax())
        overshoot = first * STEP
        met_there = np.hypot(*(nearest - path[first])) <= 0.75 * overshoot
        if overshoot <= reach and met_there and not hit[first:].all():
            return path[first:]
    middle = np.argwhere(skeleton(mask[box]))[:, ::-1] + corner + 0.5
    target = middle[np.hypot(*(middle - nearest).T).argmin()] if len(middle) else nearest
    return np.concatenate([[target], points])


def _to_edge(point: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The nearest point (x, y) on the edge of the image; a point outside is its own."""
    size = np.array([shape[1], shape[0]], float)
    if (point <= 0).any() or (point >= size).any():
        return point
    gaps = np.concatenate([point, size - point])
    side = int(gaps.argmin())
    edge = point.copy()
    edge[side % 2] = 0.0 if side < 2 else size[side % 2]
    return edge


def _outside(hit: np.ndarray, overlap: int) -> np.ndarray:
    """Which samples to draw: those off the network, and ``overlap`` more to either side to join them to it."""
    return cv2.dilate((~hit).astype(np.uint8)[:, None], np.ones((2 * overlap + 1, 1), np.uint8))[:, 0] > 0


def _runs(chosen: np.ndarray) -> np.ndarray:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


def _fill_pinholes(window: np.ndarray, before: np.ndarray, width: float) -> None:
    """Fill slivers that the new line enclosed against the old network: they are no grains."""
    _, holes, facts, _ = cv2.connectedComponentsWithStats((~window).view(np.uint8), connectivity=4)
    drawn = cv2.dilate((window & ~before).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    for hole in np.unique(holes[drawn & ~window]):
        x, y, w, h, area = facts[hole]
        inner = x > 0 and y > 0 and x + w < window.shape[1] and y + h < window.shape[0]
        if inner and area <= 4 * width * width:
            window[holes == hole] = True


def _hits(mask: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Whether each sample (x, y) lies on the network."""
    columns, rows = np.floor(path).astype(int).T
    inside = (rows >= 0) & (rows < mask.shape[0]) & (columns >= 0) & (columns < mask.shape[1])
    hit = np.zeros(len(path), bool)
    hit[inside] = mask[rows[inside], columns[inside]]
    return hit


def _pixels(path: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Row and column (m, 2) of the pixels under samples (x, y), outside ones left out."""
    rows_columns = np.floor(path[:, ::-1]).astype(int)
    return np.unique(rows_columns[((rows_columns >= 0) & (rows_columns < shape)).all(1)], axis=0)


def _paste(target: np.ndarray, patch: np.ndarray, y: int, x: int) -> None:
    top, left = max(-y, 0), max(-x, 0)
    part = patch[top : max(top, target.shape[0] - y), left : max(left, target.shape[1] - x)]
    target[y + top : y + top + part.shape[0], x + left : x + left + part.shape[1]] |= part


def _crop(low: np.ndarray, high: np.ndarray, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], np.ndarray]:
    """The part of the image between two corners (x, y), and which of its sides (top, left, bottom, right) are cut."""
    left, top = np.clip(np.floor(low).astype(int), 0, (shape[1] - 1, shape[0] - 1))
    right, bottom = np.clip(np.ceil(high).astype(int), (left + 1, top + 1), (shape[1], shape[0]))
    cut = np.array([top > 0, left > 0, bottom < shape[0], right < shape[1]])
    return (slice(int(top), int(bottom)), slice(int(left), int(right))), cut
