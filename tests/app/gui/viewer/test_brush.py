import numpy as np
import pytest

from graingraph.app.gui.viewer import tools
from graingraph.app.gui.viewer.brush import Brush
from graingraph.app.rendering.geometry import Point
from graingraph.engine.marks.drawing import TOOLS
from graingraph.engine.marks.store import make_marks


def drag(brush: Brush, *points: tuple[float, float], zoom: float = 1.0):
    brush.press(Point(*points[0]), zoom)
    for point in points[1:]:
        brush.move(Point(*point), zoom)
    return brush.release(Point(*points[-1]), zoom)


def click(brush: Brush, x: float, y: float, zoom: float = 1.0):
    return brush.press(Point(x, y), zoom) or brush.release(Point(x, y), zoom)


def test_every_tool_makes_marks_that_can_be_kept():
    assert set(tools.TOOLS) <= TOOLS
    for tool, gesture in ((name, tool.gesture) for name, tool in tools.TOOLS.items()):
        brush = Brush(tool, layer="grain", take_branch=lambda at, reach: np.array([at, (9, 9)], np.float32))
        mark = (
            click(brush, 5, 5) if gesture in ("click", "branch") else drag(brush, (5, 5), (40, 20), (60, 70), (20, 80))
        )
        if tools.TOOLS[tool].most:
            brush.give_up()
            mark = [click(brush, *point) for point in ((5, 5), (40, 20), (60, 70))][-1]
        if gesture == "snap":
            mark = click(brush, 50, 50) or brush.finish()
        assert mark, tool
        assert (mark.tool, mark.layer) == (tool, "grain" if tools.TOOLS[tool].layered else "")
        assert make_marks([mark])
        assert not brush.busy


def test_a_freehand_stroke_keeps_its_path():
    mark = drag(Brush("pen", size=3), (1, 1), (10, 1), (20, 5))
    assert mark.points.tolist() == [[1, 1], [10, 1], [20, 5]]
    assert mark.width == 3


def test_clicks_make_corners_until_a_double_click_or_enter():
    brush = Brush("pen")
    assert [click(brush, x, 0) for x in (0, 20, 40)] == [None, None, None]
    mark = click(brush, 40, 0)
    assert mark.points[:, 0].tolist() == [0, 20, 40]
    for x in (0, 20):
        click(brush, x, 0)
    assert brush.finish().points[:, 0].tolist() == [0, 20]


def test_a_polygon_closes_on_its_first_corner_and_needs_three():
    brush = Brush("polygon")
    for point in ((0, 0), (30, 0), (30, 30)):
        assert click(brush, *point) is None
    assert len(click(brush, 1, 1).points) == 3
    click(brush, 0, 0)
    click(brush, 30, 0)
    assert brush.finish() is None


def test_a_dot_of_the_brush_is_one_click():
    assert drag(Brush("brush", size=9), (4, 4)).points.tolist() == [[4, 4]]


def test_a_box_too_small_to_be_meant_is_dropped():
    assert drag(Brush("rectangle"), (4, 4), (5, 4.5)) is None
    assert drag(Brush("rectangle"), (4, 4), (15, 9)).points.tolist() == [[4, 4], [15, 9]]


def test_escape_gives_up_and_backspace_takes_back_a_corner():
    brush = Brush("pen")
    for x in (0, 20, 40):
        click(brush, x, 0)
    brush.step_back()
    assert brush.finish().points[:, 0].tolist() == [0, 20]
    click(brush, 0, 0)
    brush.give_up()
    assert brush.finish() is None


def test_the_live_wire_goes_through_what_snaps():
    brush = Brush("livewire", snap=lambda a, b: np.array([a, ((a.x + b.x) / 2, 99), b], np.float32))
    click(brush, 0, 0)
    brush.move(Point(10, 0), 1.0)
    assert [tuple(point) for point in brush.preview(1.0)] == [(0, 0), (5, 99), (10, 0)]
    click(brush, 20, 0)
    assert brush.finish().points.tolist() == [[0, 0], [10, 99], [20, 0]]


def test_a_click_takes_the_boundary_beside_it_and_nothing_where_there_is_none():
    line = np.array([(0, 10), (5, 10), (9, 10)], np.float32)
    brush = Brush("reject", take_branch=lambda at, reach: line if abs(at.y - 10) <= reach else None)
    brush.move(Point(3, 12), 4.0)
    assert brush.preview(4.0) == [(0, 10), (5, 10), (9, 10)]
    assert click(brush, 3, 40, zoom=4.0) is None
    mark = click(brush, 3, 12, zoom=4.0)
    assert mark.points.tolist() == line.tolist()
    assert not brush.busy


@pytest.mark.parametrize("start", [1.0, 5.0, 40.0])
def test_sizes_go_up_and_down_by_at_least_a_pixel(start: float):
    brush = Brush(size=start)
    brush.resize(1.25)
    assert brush.size >= start + 1
    brush.resize(1 / 1.25)
    assert brush.size == pytest.approx(start, abs=3)
    for _ in range(40):
        brush.resize(0.5)
    assert brush.size == 1
