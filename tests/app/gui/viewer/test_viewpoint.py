import pytest

from graingraph.app.gui.viewer.viewpoint import Viewpoint
from graingraph.app.rendering.geometry import Point


def shown(**changes) -> Viewpoint:
    viewpoint = Viewpoint(**changes)
    viewpoint.show((1000, 2000), (400, 300))
    return viewpoint


def test_another_image_shape_is_fitted_and_the_same_one_keeps_the_view():
    viewpoint = shown()
    assert viewpoint.view.zoom == pytest.approx(0.2)
    viewpoint.wheel(3, Point(10, 10))
    kept = viewpoint.view
    viewpoint.show((1000, 2000), (500, 300))
    assert viewpoint.view == kept
    viewpoint.show((500, 500), (500, 300))
    assert viewpoint.view.zoom == pytest.approx(0.6)


def test_a_view_never_moved_follows_the_size_of_the_panel():
    viewpoint = shown()
    viewpoint.show((1000, 2000), (800, 600))
    assert viewpoint.view.zoom == pytest.approx(0.4)


def test_a_drag_pans_and_a_click_is_told_once():
    viewpoint = shown()
    before = viewpoint.view.to_image((100, 100))
    viewpoint.press("left", Point(100, 100))
    viewpoint.move(Point(130, 120))
    viewpoint.release(Point(130, 120))
    assert viewpoint.view.to_image((130, 120)).distance(before) < 1e-9
    assert viewpoint.take_click() is None
    viewpoint.press("left", Point(50, 60))
    viewpoint.release(Point(50, 60))
    clicked = viewpoint.take_click()
    assert clicked == viewpoint.view.to_image((50, 60))
    assert viewpoint.take_click() is None


def test_a_distance_is_measured_by_dragging_and_a_click_clears_it():
    viewpoint = shown(mode="measure")
    viewpoint.press("left", Point(10, 100))
    viewpoint.move(Point(110, 100))
    viewpoint.release(Point(110, 100))
    assert viewpoint.line[0].distance(viewpoint.line[1]) == pytest.approx(500)
    viewpoint.press("left", Point(10, 10))
    viewpoint.release(Point(10, 10))
    assert viewpoint.line is None


def test_the_wipe_line_is_dragged_within_the_panel_and_takes_the_press():
    viewpoint = shown(compare="wipe")
    assert not viewpoint.free(Point(202, 50))
    assert viewpoint.free(Point(300, 50))
    viewpoint.press("left", Point(202, 50))
    viewpoint.move(Point(900, 50))
    assert viewpoint.wipe == 1.0
    viewpoint.release(Point(900, 50))
    assert viewpoint.take_click() is None


def test_one_to_one_keeps_the_middle():
    viewpoint = shown()
    middle = viewpoint.view.to_image((200, 150))
    viewpoint.actual_size()
    assert viewpoint.view.zoom == 1
    assert viewpoint.view.to_image((200, 150)).distance(middle) < 1e-9


def test_a_feature_out_of_sight_is_brought_into_the_middle_and_one_in_sight_left_alone():
    viewpoint = shown()
    viewpoint.actual_size()
    before = viewpoint.view
    viewpoint.look_at(before.to_image((10, 10)))
    assert viewpoint.view == before
    viewpoint.look_at((5, 5))
    assert viewpoint.view.to_panel((5, 5)) == (200, 150)
