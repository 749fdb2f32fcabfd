"""Wires keep clear of nodes: a wire that would run behind one takes a lane beside it."""

import numpy as np

from graingraph.app.gui.canvas.routes import Obstacles, Route, route
from graingraph.app.rendering.geometry import Box, Point

EMPTY = np.zeros((0, 4))


def node(left: float, top: float) -> Box:
    return Box(left, top, left + 190, top + 170)


def between(source: Box, target: Box, *others: Box, slot: int = 0) -> Route:
    boxes = np.array((source, target, *others), float)
    start, end = Point(source.right, source.top + 39), Point(target.left, target.top + 39)
    return route(start, end, (source, target), Obstacles(boxes, EMPTY, EMPTY), slot)


def runs_behind(way: Route, box: Box) -> bool:
    return any(box.grown(-1).holds(point) for point in way.points)


def test_a_wire_to_the_next_column_is_one_curve():
    assert len(between(node(0, 0), node(260, 0), node(520, 0)).pieces) == 1
    assert len(between(node(0, 0), node(1000, 300)).pieces) == 1


def test_a_wire_past_a_node_goes_around_it():
    obstacle = node(260, 0)
    way = between(node(0, 0), node(520, 0), obstacle)
    assert not runs_behind(way, obstacle)
    assert (way.at(0), way.at(1)) == (Point(190, 39), Point(520, 39))


def test_a_wire_back_to_the_next_row_runs_between_the_rows():
    upper, lower = [node(260 * i, 0) for i in range(4)], [node(260 * i, 230) for i in range(4)]
    way = between(upper[-1], lower[0], *upper[:-1], *lower[1:])
    assert not any(runs_behind(way, box) for box in (*upper, *lower))
    assert 170 < way.at(0.5).y < 230


def test_wires_of_different_outputs_lie_beside_each_other_in_a_lane():
    one, other = (between(node(0, 0), node(520, 0), node(260, 0), slot=slot) for slot in (0, 1))
    assert one.at(0.5).y != other.at(0.5).y


def test_the_pieces_of_a_route_are_laid_end_to_end():
    way = between(node(780, 0), node(0, 230), node(260, 0))
    assert all(a.end == b.start for a, b in zip(way.pieces, way.pieces[1:], strict=False))
    assert all(way.box.grown(1).holds(point) for point in way.points)


def test_a_lane_keeps_out_of_foreign_frames_and_off_titles():
    source, target, obstacle = node(0, 0), node(520, 0), node(260, 0)
    frame, title = Box(240, -52, 470, 190), Box(240, -52, 470, -20)
    boxes = np.array((source, target, obstacle), float)
    obstacles = Obstacles(boxes, np.array([frame], float), np.array([title], float))
    start, end = Point(source.right, 39), Point(target.left, 39)
    lane = route(start, end, (source, target), obstacles, 0).at(0.5).y
    assert not frame.top <= lane <= frame.bottom
