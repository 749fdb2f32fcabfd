"""The way of a wire between two pins: one curve, or, where nodes lie in between, through a lane beside them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from graingraph.app.gui.canvas.bounds import meeting
from graingraph.app.rendering.geometry import Box, Curve, Point, distance_to_chain, wire_curve

TURN = 70.0
"""Room that a wire takes to change into a lane, canvas units; what the columns of an arranged recipe are apart."""
CLEARANCE = 14.0


@dataclass(frozen=True)
class Route:
    """Curves laid end to end, from an output to an input."""

    pieces: tuple[Curve, ...]

    def at(self, t: float) -> Point:
        """The point at t from 0 (output) to 1 (input), every piece as long as the others."""
        place = min(int(t * len(self.pieces)), len(self.pieces) - 1)
        return self.pieces[place].at(t * len(self.pieces) - place)

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The route as a chain of straight pieces, close enough for hit-testing."""
        return tuple(point for piece in self.pieces for point in piece.points())

    def nearest_piece(self, point: Point) -> int:
        """Which of the pieces passes nearest to a point."""
        return min(range(len(self.pieces)), key=lambda i: distance_to_chain(point, self.pieces[i].points()))

    def share_at(self, point: Point) -> float:
        """How far along the route, from 0 (output) to 1 (input) by its length, it passes nearest to a point."""
        chain = self.points
        lengths = [0.0, *accumulate(a.distance(b) for a, b in pairwise(chain))]
        nearest = min(range(len(chain)), key=lambda i: chain[i].distance(point))
        return lengths[nearest] / lengths[-1] if lengths[-1] else 0.0

    @cached_property
    def box(self) -> Box:
        """A box that surely holds the route."""
        return Box.around(point for piece in self.pieces for point in piece)


class Obstacles(NamedTuple):
    """What wires keep clear of: boxes of nodes, of frames and of their titles, each float (n, 4)."""

    nodes: np.ndarray
    frames: np.ndarray
    titles: np.ndarray


def route(start: Point, end: Point, ends: tuple[Box, Box], obstacles: Obstacles, slot: int) -> Route:
    """The route of a wire between pins at the nodes ``ends``.

    A wire to the next column is one curve. One that would run behind other nodes, or back to the left, takes the lane
    above or below a node or frame that crosses the least. Wires of different ``slot`` lie side by side in a lane.
    """
    nodes = obstacles.nodes
    plain = wire_curve(start, end)
    dx = end.x - start.x
    if 0 <= dx <= 2 * TURN:
        return Route((plain,))
    others = nodes[~(_same(nodes, ends[0]) | _same(nodes, ends[1]))]
    blocking = others[_holding_any(others, plain.points())]
    if dx > 0 and not len(blocking):
        return Route((plain,))
    apart = CLEARANCE + 6.0 * slot
    frames = obstacles.frames[meeting(obstacles.frames, ends[0].joined(ends[1]))]
    around = np.vstack((np.array(ends, float), blocking, frames))
    lanes = np.concatenate((around[:, 1] - apart, around[:, 3] + apart))
    foreign = frames[~_covering(frames, ends[0].joined(ends[1]))]
    cost = _costs(start, end, lanes, obstacles._replace(frames=foreign))
    return Route(_by_lane(start, end, float(lanes[int(np.argmin(cost))])))


def _by_lane(start: Point, end: Point, lane: float) -> tuple[Curve, Curve, Curve]:
    """Into the lane, along it, out of it; a wire that goes back turns round at both ends."""
    if end.x > start.x:
        a, b, bend = Point(start.x + TURN, lane), Point(end.x - TURN, lane), TURN * 0.8
        first = Curve(start, start.moved(bend, 0), a.moved(-bend, 0), a)
        last = Curve(b, b.moved(bend, 0), end.moved(-bend, 0), end)
    else:
        a, b, bend = Point(start.x, lane), Point(end.x, lane), TURN * 0.7
        first = Curve(start, start.moved(bend, 0), a.moved(bend, 0), a)
        last = Curve(b, b.moved(-bend, 0), end.moved(-bend, 0), end)
    along = Curve(a, Point(a.x + (b.x - a.x) / 3, lane), Point(b.x + (a.x - b.x) / 3, lane), b)
    return first, along, last


def _costs(start: Point, end: Point, lanes: np.ndarray, obstacles: Obstacles) -> np.ndarray:
    """For each lane how many nodes and titles it crosses, then how many frames, then how far it is out of the way."""
    turn = TURN / 2 if end.x <= start.x else TURN
    left, right = min(start.x, end.x), max(start.x, end.x)
    boxes = (
        (start.x + 1, np.minimum(start.y, lanes), start.x + turn - 1, np.maximum(start.y, lanes)),
        (left, lanes - 4, right, lanes + 4),
        (end.x - turn + 1, np.minimum(end.y, lanes), end.x - 1, np.maximum(end.y, lanes)),
    )
    nodes = sum(_crossed(obstacles.nodes, *box) for box in boxes)
    titles, frames = (_crossed(them, *boxes[1]) for them in (obstacles.titles, obstacles.frames))
    out_of_the_way = np.abs(lanes - start.y) + np.abs(lanes - end.y)
    return (nodes + titles) * 10_000.0 + frames * 300.0 + out_of_the_way


def _crossed(boxes: np.ndarray, left: float, top: np.ndarray, right: float, bottom: np.ndarray) -> np.ndarray:
    """How many boxes (n, 4) meet each of m boxes that differ in height only: int (m,)."""
    near = boxes[(boxes[:, 0] <= right) & (boxes[:, 2] >= left)]
    return ((near[:, 1] <= bottom[:, None]) & (near[:, 3] >= top[:, None])).sum(axis=1)  # type: ignore[no-any-return]


def _same(boxes: np.ndarray, box: Box) -> np.ndarray:
    return (boxes == np.array(box)).all(axis=1)  # type: ignore[no-any-return]


def _covering(boxes: np.ndarray, box: Box) -> np.ndarray:
    """Which boxes (n, 4) hold all of a box: bool (n,)."""
    left, top, right, bottom = boxes.T
    return (left <= box.left) & (right >= box.right) & (top <= box.top) & (bottom >= box.bottom)


def _holding_any(boxes: np.ndarray, points: list[Point]) -> np.ndarray:
    """Which boxes (n, 4) hold any of the points: bool (n,)."""
    x, y = np.array(points, float).T
    left, top, right, bottom = (side[:, None] for side in boxes.T)
    return ((left < x) & (x < right) & (top < y) & (y < bottom)).any(axis=1)  # type: ignore[no-any-return]
