"""What is drawn on one image for one node: strokes in order, layers, and what makes a stroke a valid one."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.roles import MEASURING, PIXEL_SIZE, SCALE_BAR

MAX_POINTS = 5_000_000
MAX_MARKS = 500_000
MAX_COORDINATE = 1_000_000.0
MAX_WIDTH = 10_000.0
MAX_AREA = 1_000_000_000
"""Pixels of a box with run lengths: as many as the largest image that is read has."""
MEASURE_TOOLS = frozenset(MEASURING) - {"pick"}
LINE_TOOLS = frozenset({"pen", "brush", "eraser", "livewire", "cut", "merge", "accept", "reject", SCALE_BAR})
LINE_TOOLS |= MEASURE_TOOLS
AREA_TOOLS = frozenset({"polygon", "rectangle", "ellipse", "region", "complete"})
RUN_TOOLS = frozenset({"region", "complete"})
POINT_TOOLS = frozenset({"fill", "pick", "delete", PIXEL_SIZE})
TOOLS = LINE_TOOLS | AREA_TOOLS | POINT_TOOLS
_LEAST_POINTS = {"polygon": 3, "rectangle": 2, "ellipse": 2, "region": 2, "complete": 2, SCALE_BAR: 2}
_LEAST_POINTS |= {"length": 2, "edges": 2, "angle": 3, "radius": 3}
_MOST_POINTS = {"rectangle": 2, "ellipse": 2, "region": 2, "complete": 2, SCALE_BAR: 2, PIXEL_SIZE: 1}
_MOST_POINTS |= {"length": 2, "edges": 2, "angle": 3}


@dataclass(frozen=True)
class Layer:
    """How a class is shown while drawing; it changes no number, so it is no part of the marks' hash."""

    name: str
    visible: bool = True
    locked: bool = False
    opacity: float = 0.5


@dataclass
class Drawing:
    """What the lines of a marks file add up to. ``removed`` remembers ids, so that a merge does not revive them."""

    marks: dict[str, Mark] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    drawn_on: str = ""
    digests: dict[str, bytes] = field(default_factory=dict, repr=False)
    points: int = 0

    def check_place(self, mark_id: str, before: str = "") -> None:
        """Raise ``ValueError`` where a mark of this id cannot be added there."""
        if mark_id in self.marks:
            raise ValueError(f"two marks have the id {mark_id!r}")
        if before and before not in self.marks:
            raise ValueError(f"there is no mark {before!r} to put another in front of")

    def check_room(self, mark: Mark) -> None:
        """Raise ``ValueError`` where this mark is more than a marks file may hold."""
        if self.points + _size(mark) > MAX_POINTS or len(self.marks) >= MAX_MARKS:
            raise ValueError(f"an image may have {MAX_MARKS} strokes and {MAX_POINTS} points")

    def add(self, mark: Mark, before: str = "", drawn_on: str = "") -> None:
        """Put a mark last, or in front of ``before``; the first mark settles what the drawing was drawn on."""
        self.check_place(mark.id, before)
        if not self.marks:
            self.drawn_on = drawn_on
        if before:
            order = list(self.marks.items())
            place = [key for key, _ in order].index(before)
            self.marks = dict([*order[:place], (mark.id, mark), *order[place:]])
        else:
            self.marks[mark.id] = mark
        self.points += _size(mark)
        self.removed.pop(mark.id, None)

    def remove(self, mark_id: str) -> None:
        """Take a mark away; when it was the last, it is as if nothing had been drawn."""
        if mark_id not in self.marks:
            raise ValueError(f"there is no mark {mark_id!r} to remove")
        self.points -= _size(self.marks.pop(mark_id))
        self.digests.pop(mark_id, None)
        self.removed[mark_id] = None
        if not self.marks:
            self.drawn_on = ""

    def copy(self) -> "Drawing":
        """The same drawing, to be changed by itself."""
        return replace(
            self,
            marks=dict(self.marks),
            removed=dict(self.removed),
            layers=dict(self.layers),
            digests=dict(self.digests),
        )

    def hash(self) -> str:
        """Hash of what the marks say, in order; independent of ids, authors and of what was drawn and undone."""
        if not self.marks:
            return ""
        whole = hashlib.blake2b(self.drawn_on.encode() + b"\0", digest_size=16)
        for mark in self.marks.values():
            if mark.id not in self.digests:
                self.digests[mark.id] = digest(mark)
            whole.update(self.digests[mark.id])
        return whole.hexdigest()


def _size(mark: Mark) -> int:
    return len(mark.points) + (0 if mark.runs is None else len(mark.runs))


def digest(mark: Mark) -> bytes:
    """Hash of what one mark says: its tool, geometry, width and layer."""
    runs = b"" if mark.runs is None else np.ascontiguousarray(mark.runs, "<i4").tobytes()
    facts = f"{mark.tool}\0{mark.layer}\0{float(mark.width)!r}\0{len(mark.points)}\0".encode()
    return hashlib.blake2b(facts + np.ascontiguousarray(mark.points, "<f4").tobytes() + runs, digest_size=16).digest()


def checked(mark: Mark) -> Mark:
    """Return the mark with canonical read-only arrays, or raise ``ValueError`` saying what is wrong with it."""
    points = np.asarray(mark.points, np.float32)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"mark {mark.id} has no points (x, y)")
    if not in_image(points):
        raise ValueError(f"mark {mark.id} has a coordinate that is not a number in an image")
    mark = replace(mark, points=canonical(points), width=float(mark.width))
    check_facts(mark)
    return replace(mark, runs=_checked_runs(mark, mark.points)) if mark.runs is not None else mark


def is_all_complete(mark: Mark, shape: tuple[int, int]) -> bool:
    """Whether a mark says that nothing is missing or wrong in the whole of an image (H, W)."""
    low, high = mark.points.min(axis=0), mark.points.max(axis=0)
    return mark.tool == "complete" and bool((low <= 0).all() and (high >= shape[::-1]).all())


def in_image(points: np.ndarray) -> bool:
    """Whether all coordinates are numbers that can lie in an image."""
    return bool((np.abs(points) <= MAX_COORDINATE).all())  # NaN fails a comparison written this way round


def canonical(points: np.ndarray) -> np.ndarray:
    """Coordinates as they are kept and hashed: read-only, and -0 as 0."""
    points = points + np.float32(0)
    points.flags.writeable = False
    return points


def check_facts(mark: Mark) -> None:
    """Raise ``ValueError`` where anything but the coordinates and the run lengths is wrong with a mark."""
    tool, count = mark.tool, len(mark.points)
    if tool not in TOOLS:
        raise ValueError(f"{tool!r} is not a drawing tool")
    if not isinstance(mark.id, str) or not 0 < len(mark.id) <= 100:
        raise ValueError("a mark has no id, or one of more than 100 letters")
    if not isinstance(mark.layer, str) or not isinstance(mark.author, str) or len(mark.layer) + len(mark.author) > 500:
        raise ValueError(f"mark {mark.id} has a layer or author that is not a short text")
    if not _LEAST_POINTS.get(tool, 1) <= count <= _MOST_POINTS.get(tool, MAX_POINTS):
        raise ValueError(f"a {tool} cannot have {count} points (mark {mark.id})")
    if not 0 <= mark.width <= MAX_WIDTH:
        raise ValueError(f"mark {mark.id} has the width {mark.width}")
    if mark.runs is None and tool == "region":
        raise ValueError(f"region {mark.id} has no run lengths")
    if mark.runs is not None and tool not in RUN_TOOLS:
        raise ValueError(f"a {tool} has no run lengths (mark {mark.id})")


def _checked_runs(mark: Mark, points: np.ndarray) -> np.ndarray:
    wide = np.asarray(mark.runs, np.int64)
    width, height = np.diff(points, axis=0)[0]
    whole = (points == np.floor(points)).all() and width >= 0 and height >= 0
    area = int(width) * int(height)
    if area > MAX_AREA:
        raise ValueError(f"the box of {mark.tool} {mark.id} is larger than any image")
    # Each is looked at first: of numbers as large as these may be, the sum would begin anew at 0.
    if not whole or wide.ndim != 1 or ((wide < 0) | (wide > area)).any() or wide.sum() != area:
        raise ValueError(f"the run lengths of {mark.tool} {mark.id} do not add up to its box")
    runs = wide.astype(np.int32)
    runs.flags.writeable = False
    return runs
