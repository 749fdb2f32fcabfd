from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.gui.base.panel_layout import PanelLayout
from graingraph.app.gui.canvas.minimap import Minimap
from graingraph.app.rendering.geometry import (
    Box,
    Point,
    Viewpoint,
    chains_cross,
    distance_to_chain,
    fit,
    rerouted_curves,
    wire_curve,
)

coordinate = st.floats(-5000, 5000)
point = st.builds(Point, coordinate, coordinate)
viewpoint = st.builds(Viewpoint, st.floats(0.1, 3.9), coordinate, coordinate)


def near(one: Point, other: Point, slack: float = 1e-6) -> bool:
    return one.distance(other) <= slack * (1 + abs(other.x) + abs(other.y))


@given(viewpoint, point)
def test_screen_and_canvas_are_inverse(view: Viewpoint, at: Point):
    assert near(view.to_canvas(view.to_screen(at)), at)


@given(viewpoint, point, st.floats(0.2, 5))
def test_zoom_keeps_the_point_under_the_pointer(view: Viewpoint, pixel: Point, factor: float):
    assert near(view.zoomed(factor, pixel).to_screen(view.to_canvas(pixel)), pixel)


@given(point, st.floats(1, 4000), st.floats(1, 4000))
def test_fit_shows_all_of_the_box(corner: Point, width: float, height: float):
    box = Box(corner.x, corner.y, corner.x + width, corner.y + height)
    seen = fit(box, 900, 600).seen(900, 600)
    assert seen.grown(1e-6).holds(box[:2])
    assert seen.grown(1e-6).holds(box[2:])
    assert near(seen.centre, box.centre)


@given(point, point)
def test_a_wire_leaves_to_the_right_and_arrives_from_the_left(start: Point, end: Point):
    curve = wire_curve(start, end)
    assert (curve.at(0), curve.at(1)) == (start, end)
    assert curve.first.x > start.x
    assert curve.second.x < end.x
    assert all(curve.box.grown(1e-6).holds(at) for at in curve.points())


def test_distance_to_a_chain_of_pieces():
    chain = [(0, 0), (10, 0), (10, 10)]
    assert distance_to_chain((5, 3), chain) == 3
    assert distance_to_chain((13, 14), chain) == 5


def test_crossing_is_told_from_passing_by():
    line = [(0, 0), (10, 10)]
    assert chains_cross(line, [(0, 10), (10, 0)])
    assert not chains_cross(line, [(0, 10), (4, 6)])
    assert not chains_cross(line, [(20, 0), (30, 10)])


@given(st.floats(0, 1000), st.floats(0, 800))
def test_the_minimap_leads_back_to_where_it_shows(x: float, y: float):
    minimap = Minimap.of(Box(0, 0, 1000, 800), (900, 500), 1.0)
    pixel = minimap.to_map((x, y))
    assert minimap.box.holds(pixel)
    assert near(minimap.to_canvas(pixel), Point(x, y))


@given(st.sampled_from(["left", "right", "viewer", "bottom"]), st.floats(-500, 3000), st.floats(-500, 3000))
def test_panels_never_overlap_nor_vanish_however_a_border_is_dragged(grip, x: float, y: float):
    area = Box(0, 27, 1280, 770)
    layout = PanelLayout().dragged(grip, Point(x, y), area)
    boxes = list(layout.boxes(area).values())
    assert all(box.width > 40 and box.height > 20 for box in boxes)
    assert all(area.holds(box[:2]) and area.holds(box[2:]) for box in boxes)
    for i, one in enumerate(boxes):
        assert not any(one.meets(other) for other in boxes[i + 1 :])


def test_each_border_can_be_gripped_between_its_panels():
    area = Box(0, 27, 1280, 770)
    boxes = PanelLayout().boxes(area)
    canvas = boxes["canvas"]
    assert PanelLayout().grip_at(Point(canvas.left - 2, 400), area) == "left"
    assert PanelLayout().grip_at(Point(canvas.right + 2, 400), area) == "right"
    assert PanelLayout().grip_at(Point(canvas.centre.x, canvas.top - 2), area) == "viewer"
    assert PanelLayout().grip_at(Point(canvas.centre.x, canvas.bottom + 2), area) == "bottom"
    assert PanelLayout().grip_at(canvas.centre, area) is None


@given(st.floats(1e3, 1e7), st.floats(1e2, 1e7))
def test_fit_shows_a_recipe_however_large(width: float, height: float):
    seen = fit(Box(0, 0, width, height), 900, 600).seen(900, 600)
    assert seen.left <= 0
    assert seen.top <= 0
    assert seen.right >= width
    assert seen.bottom >= height
    nearer = fit(Box(0, 0, width, height), 900, 600).zoomed(1.15, (450, 300))
    assert nearer.zoom == pytest.approx(1.15 * fit(Box(0, 0, width, height), 900, 600).zoom)


@given(point, st.lists(point, max_size=4), point)
def test_a_rerouted_wire_goes_through_its_points_in_order_and_bends_nowhere_sharply(start, points, end):
    curves = rerouted_curves(start, points, end)
    assert [curve.start for curve in curves] == [start, *points]
    assert [curve.end for curve in curves] == [*points, end]
    for before, after in pairwise(curves):
        into = before.end.moved(-before.second.x, -before.second.y)
        out = after.first.moved(-after.start.x, -after.start.y)
        long = 1 + into.distance((0, 0)) * out.distance((0, 0))
        assert into.x * out.x + into.y * out.y >= -1e-6 * long
        assert abs(into.x * out.y - into.y * out.x) <= 1e-6 * long
