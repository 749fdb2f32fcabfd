"""Drawing a stroke: mouse and keys in, a finished stroke out. No display, no document.

Positions are image coordinates, pixel edges at integers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from graingraph.app.gui.viewer.tools import TOOLS, Gesture
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.store import new_mark_id

LEAST_SIZE, MOST_SIZE = 1.0, 500.0
CLOSE_PX = 8.0
REACH_PX = 14.0
"""How near a boundary a click has to be to take it, in panel pixels."""
Snap = Callable[[Point, Point], np.ndarray]
"""The path between two clicks that follows a ridge: float32 (n, 2)."""
Take = Callable[[Point, float], np.ndarray | None]
"""The boundary at a click, float32 (n, 2), at most so many image pixels away; None where there is none."""


@dataclass
class Brush:
    """The tool in hand and the stroke in progress. ``size`` is the width of lines in image pixels."""

    tool: str = "pen"
    size: float = 5.0
    layer: str = ""
    snap: Snap | None = None
    take_branch: Take | None = None
    points: list[Point] = field(default_factory=list)
    pointer: Point | None = None
    _down: bool = False
    _freehand: bool = False
    _corners: list[Point] = field(default_factory=list)

    @property
    def gesture(self) -> Gesture:
        """How the tool is used."""
        return TOOLS[self.tool].gesture

    @property
    def busy(self) -> bool:
        """Whether a stroke has been begun."""
        return bool(self.points)

    def take(self, tool: str) -> None:
        """Change the tool; an unfinished stroke is given up."""
        self.give_up()
        self.tool = tool

    def resize(self, factor: float) -> None:
        """Make the line wider or thinner."""
        wanted = self.size * factor
        step = max(abs(wanted - self.size), 1.0)
        size = self.size + step if factor > 1 else self.size - step
        self.size = float(round(min(max(size, LEAST_SIZE), MOST_SIZE)))

    def press(self, at: Point, zoom: float) -> Mark | None:
        """The left button went down. ``zoom`` is panel pixels per image pixel. Returns a stroke that is finished."""
        self.pointer = at
        if self.gesture == "click":
            self.points = [at]
            return self.finish()
        if self.gesture == "branch":
            self.points = self._branch(at, zoom)
            return self.finish()
        self._down = True
        if self.gesture in ("paint", "box", "span"):
            self.points = [at]
        elif self._is_closed_by(at, zoom):
            self._down = False
            return self.finish()
        else:
            self._add_corner(at)
            if len(self._corners) == TOOLS[self.tool].most:
                self._down = False
                return self.finish()
        return None

    def move(self, at: Point, zoom: float) -> None:
        """The pointer moved."""
        self.pointer = at
        if not self._down:
            return
        if self.gesture in ("box", "span"):
            self.points = [self.points[0], at]
        elif TOOLS[self.tool].most:
            return  # clicked points, and no freehand
        elif self.gesture == "paint" or self.gesture == "line":
            apart = self.points[-1].distance(at) * zoom
            if self.gesture == "paint" or self._freehand or apart > CLOSE_PX / 2:
                self._freehand = self._freehand or self.gesture == "line"
                if apart >= 1.0:
                    self.points.append(at)

    def leave(self) -> None:
        """The pointer left the picture: what a click would do there is not shown any more."""
        self.pointer = None

    def release(self, at: Point, zoom: float) -> Mark | None:
        """The left button went up. Returns a stroke that is finished."""
        if not self._down:
            return None
        self.move(at, zoom)
        self._down = False
        if self.gesture == "paint" or self._freehand:
            if self._freehand and len(self._corners) > 1:
                self._freehand = False  # the freehand stretch is part of a line of clicked corners
                self._corners = list(self.points)
                return None
            return self.finish()
        if self.gesture in ("box", "span"):
            corners, extent = self.points, min if self.gesture == "box" else max
            large = len(corners) == 2 and extent(abs(a - b) for a, b in zip(*corners, strict=True)) * zoom > 2
            if large:
                return self.finish()
            self.give_up()
        return None

    def finish(self) -> Mark | None:
        """End the stroke (Enter, double-click) and return it; None where too little was drawn."""
        points, tool = list(self.points), self.tool
        self.give_up()
        if len(points) < TOOLS[tool].least:
            return None
        width = self.size if TOOLS[tool].wide else 0.0
        layer = self.layer if TOOLS[tool].layered else ""
        return Mark(new_mark_id(), tool, np.array(points, np.float32), width, layer)

    def give_up(self) -> None:
        """Forget the stroke in progress (Escape)."""
        self.points, self._corners = [], []
        self._down = self._freehand = False

    def step_back(self) -> None:
        """Take back the last clicked corner (Backspace)."""
        if self._corners:
            self._corners.pop()
            self.points = self._through(self._corners)

    def preview(self, zoom: float) -> list[Point]:
        """The line to draw now: what is fixed and the way to the pointer, or the boundary that a click would take."""
        if self.gesture == "branch" and self.pointer:
            return self._branch(self.pointer, zoom)
        if self.points and self.pointer and not self._down and self.gesture in ("line", "snap"):
            return [*self.points, *self._leg(self.points[-1], self.pointer)]
        return list(self.points)

    def _branch(self, at: Point, zoom: float) -> list[Point]:
        found = self.take_branch(at, REACH_PX / zoom) if self.take_branch else None
        return [] if found is None else [Point(float(x), float(y)) for x, y in found]

    def _is_closed_by(self, at: Point, zoom: float) -> bool:
        """Whether a click ends a line: on its last corner (a double click), or on its first for a polygon."""
        if len(self._corners) < 2:
            return False
        ends = [self._corners[-1]] + ([self._corners[0]] if self.tool == "polygon" else [])
        return any(end.distance(at) * zoom < CLOSE_PX / 2 for end in ends)

    def _add_corner(self, at: Point) -> None:
        self.points = [*self.points, *self._leg(self.points[-1], at)] if self.points else [at]
        self._corners.append(at)

    def _leg(self, start: Point, end: Point) -> list[Point]:
        if self.gesture != "snap" or self.snap is None:
            return [end]
        return [Point(float(x), float(y)) for x, y in self.snap(start, end)[1:]]

    def _through(self, corners: list[Point]) -> list[Point]:
        points = corners[:1]
        for corner in corners[1:]:
            points += self._leg(points[-1], corner)
        return points
