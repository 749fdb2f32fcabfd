"""Wires picked, taken to other pins and led through reroute points, and drags that scroll, without a display."""

import pytest

from graingraph.app.gui.canvas.controller import Canvas, Modifiers
from graingraph.app.gui.canvas.edge_scroll import REST_S, ZONE, EdgeScroll
from graingraph.app.gui.canvas.gestures import DragWire
from graingraph.app.gui.canvas.reroutes import Reroute
from graingraph.app.gui.canvas.scene import Hit
from graingraph.app.rendering.geometry import Box, Point
from graingraph.engine.recipe.parts import Frame, Wire
from tests.support.canvas import NONE, drag, pin_pixel, pixel_of

INTO_THRESHOLD = Wire("filter", "image", "threshold", "image")


def spread(canvas: Canvas) -> None:
    """Room between the nodes for wires to be seen."""
    recipe = canvas.session.recipe
    at = recipe.layout.positions
    canvas.session.show_recipe(recipe.with_positions({node: (1.6 * x, y) for node, (x, y) in at.items()}))


def on_wire(canvas: Canvas, share: float, wire: Wire = INTO_THRESHOLD) -> Point:
    return canvas.viewpoint.to_screen(canvas.scene.curves[wire].at(share))


def test_a_click_picks_a_wire_and_delete_takes_it_away(canvas: Canvas):
    spread(canvas)
    canvas.session.select(["load"])
    for share in (0.1, 0.5, 0.9):
        drag(canvas, on_wire(canvas, share), on_wire(canvas, share).moved(2, 1))
        assert canvas.wire_selection.wire == INTO_THRESHOLD
        assert canvas.session.selection == frozenset()
        assert canvas.session.undo_label == ""
    canvas.hover = Hit()
    canvas.delete()
    assert INTO_THRESHOLD not in canvas.session.recipe.wires
    assert canvas.wire_selection.wire is None
    canvas.session.undo()
    assert canvas.wire_selection.wire is None


def test_what_is_picked_is_let_go_by_another_click(canvas: Canvas):
    spread(canvas)
    at = on_wire(canvas, 0.5)
    for act in (
        lambda: drag(canvas, pixel_of(canvas, "load"), pixel_of(canvas, "load")),
        lambda: drag(canvas, Point(500, 650), Point(500, 650)),
        canvas.cancel,
    ):
        drag(canvas, at, at)
        assert canvas.wire_selection.wire
        act()
        assert canvas.wire_selection.wire is None


def test_the_end_of_a_picked_wire_is_taken_to_another_pin_and_its_points_go_along(canvas: Canvas):
    recipe, invert = canvas.session.recipe.add("Invert", (600, 300))
    canvas.session.show_recipe(recipe)
    spread(canvas)
    canvas.session.show_recipe(canvas.session.recipe.with_reroutes({INTO_THRESHOLD: [(680.0, 150.0)]}))
    drag(canvas, on_wire(canvas, 0.95), pin_pixel(canvas, invert, "image", False))
    moved = Wire("filter", "image", invert, "image")
    assert canvas.session.recipe.layout.reroutes == {moved: ((680.0, 150.0),)}
    assert canvas.session.recipe.wire_into("threshold", "image") is None
    assert canvas.wire_selection.wire == moved
    drag(canvas, on_wire(canvas, 0.3, moved), pin_pixel(canvas, "load", "image", True))
    assert canvas.session.recipe.wire_into(invert, "image").source == "load"


def test_an_end_dropped_on_nothing_leaves_the_wire(canvas: Canvas):
    spread(canvas)
    canvas.press("left", on_wire(canvas, 0.9), NONE)
    canvas.move(Point(700, 600))
    assert isinstance(canvas.gesture, DragWire)
    assert canvas.gesture.moved
    canvas.release(Point(700, 600))
    assert INTO_THRESHOLD in canvas.session.recipe.wires
    assert "stays" in canvas.complaint


def test_a_double_click_a_drag_and_the_menu_put_reroute_points_in_order(canvas: Canvas):
    spread(canvas)
    canvas.double_click(on_wire(canvas, 0.5))
    (first,) = canvas.session.recipe.layout.reroutes[INTO_THRESHOLD]
    drag(canvas, canvas.viewpoint.to_screen(first), canvas.viewpoint.to_screen((first[0], first[1] - 100)))
    assert canvas.session.undo_label == "Move reroute point"
    (moved,) = canvas.session.recipe.layout.reroutes[INTO_THRESHOLD]
    assert moved[1] == pytest.approx(first[1] - 100, abs=6)
    canvas.open_menu(canvas.viewpoint.to_canvas(on_wire(canvas, 0.75)))
    assert canvas.menu
    assert canvas.menu.wire == INTO_THRESHOLD
    canvas.add_reroute()
    assert canvas.session.recipe.layout.reroutes[INTO_THRESHOLD][0] == moved
    canvas.menu = None
    start = canvas.scene.curves[INTO_THRESHOLD].pieces[1].at(0.4)
    drag(canvas, canvas.viewpoint.to_screen(start), canvas.viewpoint.to_screen(start).moved(0, 90))
    points = canvas.session.recipe.layout.reroutes[INTO_THRESHOLD]
    assert len(points) == 3
    assert points[0] == moved
    assert points[1][1] > start.y + 80
    assert canvas.wire_selection.points == {Reroute(INTO_THRESHOLD, 1)}
    canvas.delete()
    assert len(canvas.session.recipe.layout.reroutes[INTO_THRESHOLD]) == 2
    for _ in range(5):
        canvas.session.undo()
    assert canvas.session.recipe.layout.reroutes == {}


@pytest.fixture
def led(canvas: Canvas) -> Canvas:
    """Two points on the wire into the threshold, below the nodes."""
    canvas.session.show_recipe(canvas.session.recipe.with_reroutes({INTO_THRESHOLD: [(300.0, 320.0), (450.0, 340.0)]}))
    return canvas


def points(canvas: Canvas) -> list[tuple[float, float]]:
    return list(canvas.session.recipe.layout.reroutes.get(INTO_THRESHOLD, ()))


def test_points_are_selected_by_a_box_moved_nudged_aligned_and_deleted_together(led: Canvas):
    at = led.viewpoint.to_screen
    drag(led, at((280, 300)), at((460, 360)))
    assert len(led.wire_selection.points) == 2
    drag(led, at((300, 320)), at((320, 360)))
    assert points(led) == [(320.0, 360.0), (470.0, 380.0)]
    led.nudge(1, 0)
    assert points(led) == [(330.0, 360.0), (480.0, 380.0)]
    led.align("bottom")
    assert points(led) == [(330.0, 380.0), (480.0, 380.0)]
    led.delete()
    assert points(led) == []
    assert len(led.session.recipe.steps) == 6
    for _ in range(4):
        led.session.undo()
    assert points(led) == [(300.0, 320.0), (450.0, 340.0)]


def test_points_go_with_the_nodes_of_their_wire_and_with_a_frame_around_them(led: Canvas):
    led.session.select(["filter", "threshold"])
    grip = pixel_of(led, "filter")
    drag(led, grip, grip.moved(0, 80))
    assert points(led) == [(300.0, 420.0), (450.0, 440.0)]
    led.session.undo()
    led.session.select(["filter"])
    drag(led, grip, grip.moved(0, 80))
    assert points(led) == [(300.0, 320.0), (450.0, 340.0)]
    led.session.show_recipe(led.session.recipe.with_frames([Frame(260, 290, 240, 100, "Around")]))
    title = led.viewpoint.to_screen((350, 295))
    drag(led, title, title.moved(0, 80))
    assert points(led) == [(300.0, 420.0), (450.0, 440.0)]


def test_copies_and_an_arrangement(led: Canvas):
    led.session.select(["filter", "threshold"])
    led.duplicate()
    copied = led.session.recipe.layout.reroutes[Wire("filter_2", "image", "threshold_2", "image")]
    assert copied == ((340.0, 360.0), (490.0, 380.0))
    led.session.undo()
    led.session.select(())
    led.arrange()
    assert points(led) == []


def test_a_drag_scrolls_at_the_edge_the_faster_the_further_out_and_stops_inside(canvas: Canvas):
    start = pixel_of(canvas, "filter")
    canvas.move(start)
    canvas.press("left", start, NONE)
    speeds = []
    for x in (canvas.size[0] / 2, canvas.size[0] - ZONE / 2, canvas.size[0] + 50, canvas.size[0] / 2):
        canvas.move(Point(x, start.y))
        canvas.scroll_at_edge(0.0)
        canvas.scroll_at_edge(REST_S)
        before = canvas.viewpoint.x
        for _ in range(5):
            canvas.scroll_at_edge(0.02)
        speeds.append((before - canvas.viewpoint.x) / 0.1)
    assert speeds[0] == speeds[3] == 0
    assert 50 < speeds[1] < speeds[2] / 2
    right = canvas.viewpoint.to_canvas((canvas.size[0] / 2, 0)).x
    assert canvas.scene.boxes["filter"].box.holds((right, 12))  # it is still under the pointer
    canvas.release(Point(canvas.size[0] / 2, start.y))


@pytest.mark.parametrize(("button", "held"), [("middle", NONE), ("left", Modifiers(space=True))])
def test_panning_does_not_scroll_at_the_edge(canvas: Canvas, button, held: Modifiers):
    canvas.press(button, Point(500, 500), held)
    canvas.move(Point(-50, 500))
    before = canvas.viewpoint
    canvas.scroll_at_edge(0.1)
    assert canvas.viewpoint == before


def test_a_press_at_the_edge_scrolls_only_after_the_pointer_has_left_it():
    edge = EdgeScroll(Point(5, 300), (800, 600), 1.0)
    assert edge.step(Point(3, 301), 0.1) == (0, 0)
    assert edge.step(Point(-20, 301), 0.1).x > 0
    edge = EdgeScroll(Point(5, 300), (800, 600), 1.0)
    edge.step(Point(60, 300), 0.1)
    assert edge.step(Point(3, 301), 0.1) == (0, 0)  # it may be dropped there
    assert edge.step(Point(3, 301), REST_S).x > 0
    assert edge.step(Point(400, 601), 10.0).y == pytest.approx(edge.step(Point(400, 601), 0.1).y)


def test_a_box_of_everything_holds_its_points(led: Canvas):
    assert led.scene.reroutes_in(Box(-1e4, -1e4, 1e4, 1e4)) == set(led.scene.reroutes)
    assert led.scene.extent.bottom >= 340
