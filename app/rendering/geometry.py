"""Plane geometry of the canvas: points, boxes, wire curves and the viewpoint. Canvas units are pixels at zoom 1."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import NamedTuple

MIN_ZOOM, MAX_ZOOM = 0.08, 4.0
_CURVE_STEPS = 16
_REACH = 0.38
"""How far the control points of a rerouted wire are from its stops, as a share of the way to the next one."""


class Point(NamedTuple):
    """A point, or the vector to it: x to the right, y down."""

    x: float
    y: float

    def moved(self, dx: float, dy: float) -> "Point":
        """Return the point shifted by a vector."""
        return Point(self.x + dx, self.y + dy)

    def distance(self, other: tuple[float, float]) -> float:
        """Length of the straight line to another point."""
        return hypot(self.x - other[0], self.y - other[1])


class Box(NamedTuple):
    """An upright rectangle from (left, top) to (right, bottom)."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: Iterable[tuple[float, float]]) -> "Box":
        """The smallest box that holds all points (at least one)."""
        xs, ys = zip(*((x, y) for x, y in points), strict=True)
        return cls(min(xs), min(ys), max(xs), max(ys))

    @classmethod
    def union(cls, boxes: Iterable["Box"]) -> "Box | None":
        """The smallest box that holds all boxes; None for none."""
        corners = [corner for box in boxes for corner in ((box.left, box.top), (box.right, box.bottom))]
        return cls.around(corners) if corners else None

    @property
    def width(self) -> float:
        """Extent along x."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Extent along y."""
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        """The point in the middle."""
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)

    def holds(self, point: tuple[float, float]) -> bool:
        """Whether the point lies inside or on the border."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def joined(self, other: "Box") -> "Box":
        """The smallest box that holds both."""
        return Box.around((self[:2], self[2:], other[:2], other[2:]))

    def covers(self, other: "Box") -> bool:
        """Whether another box lies wholly inside."""
        return self.holds((other.left, other.top)) and self.holds((other.right, other.bottom))

    def meets(self, other: "Box") -> bool:
        """Whether the two boxes share at least a point."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def grown(self, margin: float) -> "Box":
        """The box with a margin added on every side."""
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)


@dataclass(frozen=True)
class Viewpoint:
    """Which part of the canvas is seen: screen = canvas * zoom + offset (screen from the canvas panel's corner)."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_screen(self, point: tuple[float, float]) -> Point:
        """Where a canvas point is seen in the panel, in pixels."""
        return Point(point[0] * self.zoom + self.x, point[1] * self.zoom + self.y)

    def to_canvas(self, point: tuple[float, float]) -> Point:
        """The canvas point seen at a pixel of the panel."""
        return Point((point[0] - self.x) / self.zoom, (point[1] - self.y) / self.zoom)

    def panned(self, dx: float, dy: float) -> "Viewpoint":
        """Shift the picture by screen pixels."""
        return Viewpoint(self.zoom, self.x + dx, self.y + dy)

    def zoomed(self, factor: float, about: tuple[float, float]) -> "Viewpoint":
        """Zoom so that the canvas point under the screen point ``about`` stays there."""
        zoom = min(max(self.zoom * factor, min(MIN_ZOOM, self.zoom)), MAX_ZOOM)
        fixed = self.to_canvas(about)
        return Viewpoint(zoom, about[0] - fixed.x * zoom, about[1] - fixed.y * zoom)

    def seen(self, width: float, height: float) -> Box:
        """The canvas box that a panel of this size in pixels shows."""
        return Box(*self.to_canvas((0, 0)), *self.to_canvas((width, height)))


def fit(box: Box, width: float, height: float, *, largest: float = 1.0, margin: float = 16.0) -> Viewpoint:
    """The viewpoint, however far off, that shows all of a canvas box in the middle of a panel of so many pixels."""
    room_x, room_y = max(width - 2 * margin, 1.0), max(height - 2 * margin, 1.0)
    zoom = min(room_x / max(box.width, 1.0), room_y / max(box.height, 1.0), largest)
    zoom = min(zoom, MAX_ZOOM)
    return Viewpoint(zoom, width / 2 - box.centre.x * zoom, height / 2 - box.centre.y * zoom)


def in_sight(viewpoint: Viewpoint, box: Box, width: float, height: float) -> Viewpoint:
    """The viewpoint, shifted no more than it takes to show a canvas box with room for the next one at its right."""
    start, end = viewpoint.to_screen(box[:2]), viewpoint.to_screen(box[2:])
    margin, right, bottom = 0.04 * width, 0.7 * width, 0.96 * height
    dx = min(0.0, right - end.x) or max(0.0, margin - start.x)
    dy = min(0.0, bottom - end.y)
    dy += max(0.0, 0.04 * height - (start.y + dy))
    return viewpoint.panned(dx, dy)


def _shares(t: float) -> tuple[float, float, float, float]:
    """What share each control point of a cubic Bézier curve has in its point at parameter t."""
    return (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3


_SHARES = tuple(_shares(i / _CURVE_STEPS) for i in range(_CURVE_STEPS + 1))


class Curve(NamedTuple):
    """A cubic Bézier curve by its four control points; a wire leaves to the right and arrives from the left."""

    start: Point
    first: Point
    second: Point
    end: Point

    def at(self, t: float) -> Point:
        """The point at parameter t from 0 (start) to 1 (end)."""
        return self._mixed((_shares(t),))[0]

    def points(self) -> list[Point]:
        """The curve as a chain of straight pieces, close enough for hit-testing."""
        return self._mixed(_SHARES)

    def _mixed(self, shares: Sequence[tuple[float, float, float, float]]) -> list[Point]:
        """The points in which the control points have these shares."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self
        return [Point(a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy) for a, b, c, d in shares]

    @property
    def box(self) -> Box:
        """A box that surely holds the curve (that of its control points)."""
        return Box.around(self)


def wire_curve(start: tuple[float, float], end: tuple[float, float]) -> Curve:
    """The curve of a wire between two pins; it bulges when the target lies to the left of the source."""
    dx, dy = end[0] - start[0], abs(end[1] - start[1])
    reach = max(30.0, min(dx / 2, 160.0)) if dx > 0 else 40.0 + min(-dx, 400.0) * 0.5 + min(dy, 400.0) * 0.2
    return Curve(Point(*start), Point(start[0] + reach, start[1]), Point(end[0] - reach, end[1]), Point(*end))


def rerouted_curves(
    start: tuple[float, float], points: Sequence[tuple[float, float]], end: tuple[float, float]
) -> list[Curve]:
    """The curves of a wire that is led through points: smooth there, to the right out of and into its two pins."""
    stops = [Point(*start), *(Point(*point) for point in points), Point(*end)]
    ways = [Point(1.0, 0.0), *(_direction(before, after) for before, after in zip(stops, stops[2:], strict=False))]
    ways.append(Point(1.0, 0.0))
    curves = []
    for (here, way), (there, onward) in pairwise(zip(stops, ways, strict=True)):
        reach = _REACH * here.distance(there)
        first, second = here.moved(reach * way.x, reach * way.y), there.moved(-reach * onward.x, -reach * onward.y)
        curves.append(Curve(here, first, second, there))
    return curves


def _direction(start: Point, end: Point) -> Point:
    """The vector of length 1 from one point to another; to the right where they are one."""
    length = start.distance(end)
    return Point((end.x - start.x) / length, (end.y - start.y) / length) if length else Point(1.0, 0.0)


def distance_to_chain(point: tuple[float, float], chain: Sequence[tuple[float, float]]) -> float:
    """Shortest distance from a point to a chain of straight pieces."""
    return min(_distance_to_piece(point, a, b) for a, b in pairwise(chain))


def chains_cross(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> bool:
    """Whether two chains of straight pieces cross or touch anywhere."""
    return any(_pieces_cross(a, b, c, d) for a, b in pairwise(one) for c, d in pairwise(other))


def _distance_to_piece(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = 0.0 if length == 0 else min(max(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length, 0.0), 1.0)
    return hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


def _side(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _pieces_cross(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    if not Box.around((a, b)).meets(Box.around((c, d))):
        return False
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0
