"""Corrections of features told apart by labels: add, erase, cut, merge, delete, fill."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.injected import Mark
from graingraph.nodes.imaging.marks.strokes import NOTHING, Patch, flood, footprint, line, pixel_of

THIN = 1.5
"""The thinnest line, in pixels, that parts what hangs together by corners; a cut is never thinner."""


def edit_features(
    pixels: npt.NDArray[np.bool_ | np.int32],
    marks: Sequence[Mark],
    line_width: float = 0.0,
    *,
    boundaries: bool = False,
) -> tuple[npt.NDArray[np.int32], int]:
    """Replay marks on labels int32 (H, W) or a mask bool (H, W), whose features are its 8-connected components.

    With ``boundaries`` a pen line cuts and an eraser stroke merges, as they do on a network of boundaries. Returns new
    labels int32 1..count without gaps, in the old order with new features last, and the count.
    """
    labels = cv2.connectedComponents(pixels.view(np.uint8))[1] if pixels.dtype == bool else pixels.astype(np.int32)
    editor = _Editor(labels, line_width)
    across = {"pen": "cut", "livewire": "cut", "eraser": "merge"} if boundaries else {}
    for mark in marks:
        editor.apply(across.get(mark.tool, mark.tool), mark)
    return _renumbered(editor.labels, sorted(editor.boxes))


def _renumbered(labels: np.ndarray, present: list[int]) -> tuple[np.ndarray, int]:
    """The features of these (ascending) numbers numbered 1..count in the same order."""
    count = len(present)
    if (count and present[-1] == count) or not count:
        return labels, count
    table = np.zeros(present[-1] + 1, np.int32)
    table[present] = np.arange(1, count + 1)
    return np.take(table, labels), count


class _Editor:
    """Labels being edited in place; ``boxes`` knows where each feature lies, so an edit costs its feature's size."""

    def __init__(self, labels: np.ndarray, line_width: float) -> None:
        from scipy.ndimage import find_objects

        self.labels = labels
        self.line_width = line_width
        self.next = int(labels.max(initial=0)) + 1
        self.boxes = {i: box for i, box in enumerate(find_objects(labels), 1) if box is not None}

    def apply(self, tool: str, mark: Mark) -> None:
        if tool in ("pen", "livewire", "brush", "polygon"):
            self.add(footprint(mark, self.labels.shape), self._at(mark.points[0]))
        elif tool in ("rectangle", "ellipse", "region"):
            self.add(footprint(mark, self.labels.shape), 0)
        elif tool == "eraser":
            self.erase(footprint(mark, self.labels.shape))
        elif tool == "cut":
            self.cut(line(mark.points, max(self.line_width, THIN), self.labels.shape))
        elif tool == "merge":
            self.merge(mark)
        elif tool == "delete":
            self.delete(self._at(mark.points[-1]))
        elif tool == "fill":
            self.fill(mark.points[-1])

    def add(self, patch: Patch, label: int) -> None:
        """Background under the patch joins ``label``, or a new feature where that is 0."""
        window = self.labels[patch.box]
        fresh = patch.inside & (window == 0)
        if not fresh.any():
            return
        if not label:
            label, self.next = self.next, self.next + 1
        window[fresh] = label
        self.boxes[label] = _around(self.boxes.get(label, patch.box), patch.box)

    def erase(self, patch: Patch) -> None:
        """The patch becomes background; a feature that falls apart becomes several."""
        for label in self._under(patch):
            before = self._pieces(label)[0]
            self.labels[patch.box][patch.inside & (self.labels[patch.box] == label)] = 0
            self._part(label, before)

    def cut(self, patch: Patch) -> None:
        """Each feature that the line parts is parted; one that it does not part stays as it was."""
        for label in self._under(patch):
            before = self._pieces(label)[0]
            window = self.labels[patch.box]
            cut = patch.inside & (window == label)
            window[cut] = 0
            if self._pieces(label)[0] > before:
                self._part(label, before)
            else:
                window[cut] = label

    def merge(self, mark: Mark) -> None:
        """The features along the line become one, and so does the background between two that follow each other."""
        path = [self._at(p) for p in along(mark.points)]
        order = [label for i, label in enumerate(path) if label and (i == 0 or path[i - 1] != label)]
        first = order[0] if order else 0
        for other in order[1:]:
            if other == first or other not in self.boxes:
                continue
            self._bridge(first, other)
            box = self.boxes.pop(other)
            self.labels[box][self.labels[box] == other] = first
            self.boxes[first] = _around(self.boxes[first], box)

    def delete(self, label: int) -> None:
        """The feature becomes background."""
        if label:
            box = self.boxes.pop(label)
            self.labels[box][self.labels[box] == label] = 0

    def fill(self, point: np.ndarray) -> None:
        """Fill the holes of the feature under the point; a hole goes to the one feature around it, or is a new one."""
        from scipy.ndimage import binary_fill_holes

        label = self._at(point)
        if label:
            box = self.boxes[label]
            window = self.labels[box]
            window[binary_fill_holes(window == label) & (window == 0)] = label
            return
        patch = flood(self.labels, point)
        if patch is NOTHING:
            return
        y, x = max(patch.y - 1, 0), max(patch.x - 1, 0)
        rim = self.labels[y : patch.box[0].stop + 1, x : patch.box[1].stop + 1]
        hole = np.zeros(rim.shape, np.uint8)
        hole[patch.y - y :, patch.x - x :][: patch.inside.shape[0], : patch.inside.shape[1]] = patch.inside
        around = np.unique(rim[(cv2.dilate(hole, np.ones((3, 3), np.uint8)) > hole) & (rim > 0)])
        self.add(patch, int(around[0]) if len(around) == 1 else 0)

    def _at(self, point: np.ndarray) -> int:
        pixel = pixel_of(point, self.labels.shape)
        return int(self.labels[pixel]) if pixel else 0

    def _under(self, patch: Patch) -> list[int]:
        found = np.unique(self.labels[patch.box][patch.inside])
        return [int(label) for label in found if label]

    def _pieces(self, label: int) -> tuple[int, np.ndarray]:
        feature = (self.labels[self.boxes[label]] == label).view(np.uint8)
        count, pieces = cv2.connectedComponents(feature, connectivity=8)
        return count - 1, pieces

    def _part(self, label: int, before: int) -> None:
        """The largest piece keeps the number; the others become features, unless it was in pieces all along."""
        box = self.boxes[label]
        feature = (self.labels[box] == label).view(np.uint8)
        count, pieces, facts, _ = cv2.connectedComponentsWithStats(feature, connectivity=8)
        if count == 1:
            del self.boxes[label]
        if count - 1 <= before:
            return
        largest = 1 + int(facts[1:, cv2.CC_STAT_AREA].argmax())
        for piece in range(1, count):
            x, y, w, h, _ = facts[piece].tolist()
            number = label if piece == largest else self.next
            top, left = box[0].start + y, box[1].start + x
            self.boxes[number] = (slice(top, top + h), slice(left, left + w))
            if piece != largest:
                self.labels[box][pieces == piece] = number
                self.next += 1

    def _bridge(self, one: int, other: int) -> None:
        """Give to ``one`` the strip of background that parts it from ``other`` and touches no third feature."""
        box = _around(self.boxes[one], self.boxes[other])
        window = self.labels[box]
        away = [cv2.distanceTransform((window != n).view(np.uint8), cv2.DIST_L2, 5) for n in (one, other)]
        both = away[0] + away[1]
        free = window == 0
        if not free.any():
            return
        third = (~free & (window != one) & (window != other)).view(np.uint8)
        free &= cv2.dilate(third, np.ones((3, 3), np.uint8)) == 0
        gap = float(both[free].min()) if free.any() else np.inf
        # A strip along the shared border, not much wider anywhere than at its narrowest.
        window[free & (both <= 1.5 * gap + 2)] = one


def along(points: npt.NDArray[np.floating], step: float = 0.25) -> npt.NDArray[np.floating]:
    """Points (m, 2) at most ``step`` apart along a polyline (n, 2), its corners among them."""
    points = np.asarray(points, np.float64)
    counts = np.ceil(np.hypot(*np.diff(points, axis=0).T) / step).astype(int)
    parts = [
        a + (b - a) * (np.arange(n) / max(n, 1))[:, None] for a, b, n in zip(points, points[1:], counts, strict=False)
    ]
    return np.concatenate([*parts, points[-1:]])


def _around(a: tuple[slice, ...], b: tuple[slice, ...]) -> tuple[slice, ...]:
    return tuple(slice(min(p.start, q.start), max(p.stop, q.stop)) for p, q in zip(a, b, strict=True))
