"""The canvas handled with mouse and keys, without a display."""

import json
from types import SimpleNamespace

import pytest

from graingraph.app.document import commands
from graingraph.app.document.commands import WireEnd, types_that_fit
from graingraph.app.document.session import Session
from graingraph.app.gui.canvas.controller import Canvas, Modifiers
from graingraph.app.gui.canvas.gestures import DragWire
from graingraph.app.gui.canvas.state import ONE_TO_RENAME
from graingraph.app.rendering.geometry import Point, Viewpoint
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.canvas import NONE, drag, pin_pixel, pixel_of
from tests.support.recipes import chain


def test_a_click_selects_and_views(canvas: Canvas):
    at = pixel_of(canvas, "threshold")
    drag(canvas, at, at)
    assert canvas.session.selection == {"threshold"}
    assert canvas.session.viewed == ("threshold", "mask")
    assert canvas.session.undo_label == ""


def test_a_drag_moves_the_selected_nodes_as_one_edit(canvas: Canvas):
    canvas.session.select(["filter", "threshold"])
    before = canvas.session.recipe.layout.positions
    start = pixel_of(canvas, "filter")
    drag(canvas, start, start.moved(80, 160))
    after = canvas.session.recipe.layout.positions
    assert after["filter"] == (before["filter"][0] + 100, before["filter"][1] + 200)
    assert after["threshold"] == (before["threshold"][0] + 100, before["threshold"][1] + 200)
    assert after["load"] == before["load"]
    canvas.session.undo()
    assert canvas.session.recipe.layout.positions == before


def test_a_click_on_one_of_several_selected_nodes_leaves_it_alone_selected(canvas: Canvas):
    canvas.session.select(["filter", "threshold"])
    canvas.rename()
    assert (canvas.renaming, canvas.complaint) == (None, ONE_TO_RENAME)
    at = pixel_of(canvas, "filter")
    drag(canvas, at, at)
    assert canvas.session.selection == {"filter"}
    canvas.rename()
    assert canvas.renaming == "filter"


def test_a_box_selects_what_it_meets(canvas: Canvas):
    start = canvas.viewpoint.to_screen((-20, -20))
    drag(canvas, start, pixel_of(canvas, "filter"))
    assert canvas.session.selection == {"load", "filter"}


@pytest.mark.parametrize(("button", "held"), [("middle", NONE), ("right", NONE), ("left", Modifiers(space=True))])
def test_panning_keeps_the_grabbed_point_under_the_pointer(canvas: Canvas, button, held: Modifiers):
    start = Point(300, 300)
    grabbed = canvas.viewpoint.to_canvas(start)
    drag(canvas, start, Point(420, 250), button, held)
    assert canvas.viewpoint.to_canvas((420, 250)).distance(grabbed) < 1e-6
    assert canvas.session.undo_label == ""


def test_a_wire_between_fitting_pins_connects(canvas: Canvas):
    recipe = canvas.session.recipe
    canvas.session.show_recipe(recipe.disconnect([recipe.wire_into("threshold", "image")]))
    drag(canvas, pin_pixel(canvas, "filter", "image", True), pin_pixel(canvas, "threshold", "image", False))
    assert canvas.session.recipe.wire_into("threshold", "image").source == "filter"


def test_a_wire_may_be_pulled_backwards_and_dropped_on_a_node(canvas: Canvas):
    recipe = canvas.session.recipe
    canvas.session.show_recipe(recipe.disconnect([recipe.wire_into("threshold", "image")]))
    drag(canvas, pin_pixel(canvas, "threshold", "image", False), pixel_of(canvas, "load"))
    assert canvas.session.recipe.wire_into("threshold", "image").source == "load"


def test_a_wire_that_does_not_fit_is_refused_with_the_reason(canvas: Canvas):
    before = canvas.session.recipe
    start, end = pin_pixel(canvas, "load", "image", True), pin_pixel(canvas, "fill_holes", "mask", False)
    canvas.press("left", start, NONE)
    canvas.move(end)
    assert isinstance(canvas.gesture, DragWire)
    assert canvas.gesture.reason == "mask takes Mask, not Image."
    canvas.release(end)
    assert canvas.complaint == "mask takes Mask, not Image."
    assert canvas.session.recipe is before
    canvas.move(end)
    canvas.move(end.moved(3, 2))  # a hand is never quite still
    assert canvas.complaint
    canvas.leave(end.moved(0, 500))  # over another panel
    assert not canvas.complaint
    assert canvas.hover.kind == "empty"


def test_a_loop_is_refused_with_the_reason(canvas: Canvas):
    recipe, invert = canvas.session.recipe.add("Invert", (400, 300))
    canvas.session.show_recipe(
        recipe.disconnect([recipe.wire_into("filter", "image")]).connect(Wire("filter", "image", invert, "image"))
    )
    drag(canvas, pin_pixel(canvas, invert, "image", True), pin_pixel(canvas, "filter", "image", False))
    assert "loop" in canvas.complaint
    assert canvas.session.recipe.wire_into("filter", "image") is None


def test_a_wire_lifted_from_an_input_and_dropped_on_nothing_is_cut(canvas: Canvas):
    drag(canvas, pin_pixel(canvas, "filter", "image", False), Point(200, 650))
    assert canvas.session.recipe.wire_into("filter", "image") is None
    assert canvas.palette is None


def test_a_wire_dropped_on_nothing_asks_for_what_fits_and_wires_it(canvas: Canvas):
    drag(canvas, pin_pixel(canvas, "load", "image", True), Point(400, 600))
    assert canvas.palette
    canvas.choose("Invert")
    assert canvas.session.recipe.wire_into("invert", "image").source == "load"
    assert canvas.session.selection == {"invert"}
    assert canvas.palette is None


def test_a_node_dropped_on_a_wire_is_inserted_in_one_edit(canvas: Canvas):
    recipe, invert = canvas.session.recipe.add("Invert", (300, 400))
    canvas.session.show_recipe(recipe)
    curve = canvas.scene.curves[recipe.wire_into("threshold", "image")]
    middle = canvas.scene.boxes[invert].box.centre
    target = curve.at(0.5)
    start = pixel_of(canvas, invert)
    zoom = canvas.viewpoint.zoom
    drag(canvas, start, start.moved((target.x - middle.x) * zoom, (target.y - middle.y) * zoom))
    assert canvas.session.recipe.wire_into("threshold", "image").source == invert
    canvas.session.undo()
    assert canvas.session.recipe == recipe


def test_the_knife_cuts_what_it_crosses(canvas: Canvas):
    wire = canvas.session.recipe.wire_into("threshold", "image")
    middle = canvas.viewpoint.to_screen(canvas.scene.curves[wire].at(0.5))
    drag(canvas, middle.moved(0, -60), middle.moved(0, 60), held=Modifiers(alt=True))
    assert canvas.session.recipe.wire_into("threshold", "image") is None
    assert len(canvas.session.recipe.wires) == len(chain().wires) - 1


def test_escape_gives_a_drag_up(canvas: Canvas):
    before = canvas.session.recipe
    start = pixel_of(canvas, "filter")
    canvas.press("left", start, NONE)
    canvas.move(start.moved(100, 100))
    assert canvas.scene.boxes["filter"].box.left != 240
    canvas.cancel()
    canvas.release(start.moved(100, 100))
    assert canvas.session.recipe is before
    assert canvas.scene.boxes["filter"].box.left == 240


def test_copy_is_the_recipe_file_and_paste_wires_the_copies(canvas: Canvas):
    canvas.session.select(["filter", "threshold"])
    canvas.copy()
    copied = recipe_file.parse(canvas._paste().encode())
    assert set(copied.steps) == {"filter", "threshold"}
    canvas.paste()
    recipe = canvas.session.recipe
    assert canvas.session.selection == {"filter_2", "threshold_2"}
    assert recipe.wire_into("threshold_2", "image").source == "filter_2"
    assert recipe.wire_into("filter_2", "image") is None


def test_copies_take_the_frames_and_notes_around_them_along(canvas: Canvas):
    boxes = [canvas.scene.boxes[node].box for node in ("filter", "threshold")]
    left, right = min(b.left for b in boxes) - 20, max(b.right for b in boxes) + 20
    top, bottom = min(b.top for b in boxes) - 40, max(b.bottom for b in boxes) + 60
    around = Frame(left, top, right - left, bottom - top, "Mask")
    inside = Frame(left + 5, bottom - 30, 60, 20, "why", kind="note")
    elsewhere = Frame(left, bottom + 500, 60, 20, "other", kind="note")
    recipe = canvas.session.recipe.with_frames((around, inside, elsewhere))
    canvas.session.do(commands.set_frames(canvas.session.recipe, recipe.layout.frames, "Add frames"))
    canvas.session.select(["filter", "threshold"])
    canvas.duplicate()
    copies = canvas.session.recipe.layout.frames[3:]
    assert [frame.text for frame in copies] == ["Mask", "why"]
    assert (copies[0].x - around.x, copies[0].y - around.y) == (40, 40)
    canvas.session.select(["filter"])  # not all that the frame holds
    canvas.duplicate()
    assert len(canvas.session.recipe.layout.frames) == 5


def test_pasting_something_else_is_said(canvas: Canvas):
    canvas._copy("some text")
    canvas.paste()
    assert "clipboard" in canvas.complaint
    for x in (100, 150):
        canvas.move(Point(x, 100))
    assert not canvas.complaint
    canvas.paste()
    canvas.move(Point(150, 100))
    assert "clipboard" in canvas.complaint, "made again, it is of where the pointer is now"
    assert len(canvas.session.recipe.steps) == 6


def test_duplicate_mute_delete(canvas: Canvas):
    canvas.session.select(["filter"])
    canvas.duplicate()
    assert canvas.session.selection == {"filter_2"}
    canvas.mute()
    assert canvas.session.recipe.steps["filter_2"].muted
    canvas.delete()
    assert "filter_2" not in canvas.session.recipe.steps


def test_a_frame_carries_the_nodes_inside_it(canvas: Canvas):
    canvas.session.select(["load", "filter"])
    canvas.add_frame()
    frame = canvas.session.recipe.layout.frames[0]
    assert canvas.editing_frame == 0
    canvas.set_frame(0, "Prepare", "#2f7d7d")
    start = canvas.viewpoint.to_screen((frame.x + 100, frame.y + 10))
    drag(canvas, start, start.moved(80, 0))
    positions = canvas.session.recipe.layout.positions
    assert positions["load"] == (100.0, 0.0)
    assert positions["threshold"] == (480.0, 0.0)
    assert canvas.session.recipe.layout.frames[0].x == frame.x + 100
    corner = canvas.viewpoint.to_screen((frame.x + 100 + frame.width - 4, frame.y + frame.height - 4))
    drag(canvas, corner, corner.moved(80, 80))
    assert canvas.session.recipe.layout.frames[0].width == pytest.approx(frame.width + 100, abs=10)


def test_a_frame_carries_the_frames_and_notes_inside_it(canvas: Canvas):
    outer, note, other = (
        Frame(0, 300, 500, 300, "Outer"),
        Frame(50, 400, 200, 90, "Why", kind="note"),
        Frame(450, 400, 200, 90, "Beside", kind="note"),
    )
    canvas.session.show_recipe(canvas.session.recipe.with_frames((outer, note, other)))
    start = canvas.viewpoint.to_screen((200, 310))
    drag(canvas, start, start.moved(40, 0))
    moved = canvas.session.recipe.layout.frames
    assert [frame.x for frame in moved] == [outer.x + 50, note.x + 50, other.x]


def test_a_frame_changes_its_words_and_colour_in_one_edit(canvas: Canvas):
    canvas.session.show_recipe(canvas.session.recipe.with_frames((Frame(0, 300, 500, 300, "Old"),)))
    canvas.set_frame(0, "New", "#3a6ea5")
    assert canvas.session.recipe.layout.frames[0] == Frame(0, 300, 500, 300, "New", "#3a6ea5")
    canvas.session.undo()
    assert canvas.session.recipe.layout.frames[0].text == "Old"


def test_the_wheel_zooms_and_pans(canvas: Canvas):
    at = Point(100, 100)
    start = canvas.viewpoint
    canvas.wheel(1, at, Modifiers(shift=True))
    assert (canvas.viewpoint.x > start.x, canvas.viewpoint.y, canvas.viewpoint.zoom) == (True, start.y, start.zoom)
    canvas.wheel(0, at, Modifiers(), sideways=-1)
    assert canvas.viewpoint == start
    canvas.wheel_pans = True
    canvas.wheel(-1, at, Modifiers())
    assert (canvas.viewpoint.x, canvas.viewpoint.y < start.y, canvas.viewpoint.zoom) == (start.x, True, start.zoom)
    canvas.wheel(1, at, Modifiers(ctrl=True))
    assert canvas.viewpoint.zoom > start.zoom


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_align_brings_one_edge_in_line(canvas: Canvas, edge):
    canvas.session.select(["load", "measure_features"])
    canvas.align(edge)
    boxes = [canvas.scene.boxes[node].box for node in canvas.session.selection]
    assert getattr(boxes[0], edge) == getattr(boxes[1], edge)


def test_a_row_of_nudges_is_one_edit(canvas: Canvas):
    canvas.session.select(["load"])
    for _ in range(3):
        canvas.nudge(1, 0)
    assert canvas.session.recipe.layout.positions["load"] == (30.0, 0.0)
    canvas.session.undo()
    assert canvas.session.recipe == chain()


def test_fit_shows_everything_or_the_selection(canvas: Canvas):
    canvas.fit()
    seen = canvas.viewpoint.seen(*canvas.size)
    assert all(seen.holds(box.box[:2]) and seen.holds(box.box[2:]) for box in canvas.scene.boxes.values())
    canvas.session.select(["load"])
    canvas.fit()
    assert canvas.viewpoint.seen(*canvas.size).centre.distance(canvas.scene.boxes["load"].box.centre) < 1


def test_the_minimap_moves_the_view(canvas: Canvas):
    canvas.viewpoint = Viewpoint(2.0, 0, 0)
    target = canvas.scene.boxes["measure_features"].box.centre
    pixel = canvas.minimap.to_map(target)
    drag(canvas, pixel, pixel)
    assert canvas.viewpoint.seen(*canvas.size).centre.distance(target) < 1


def test_a_double_click_on_nothing_opens_the_palette(canvas: Canvas):
    canvas.double_click(Point(400, 650))
    assert canvas.palette
    assert canvas.palette.end is None


def test_an_empty_canvas_takes_every_key():
    canvas = Canvas(Session(Recipe()), copy=lambda text: None, paste=lambda: "")
    for act in (canvas.fit, canvas.mute, canvas.delete, canvas.copy, canvas.cut, canvas.duplicate, canvas.arrange):
        act()
    canvas.align("left")
    canvas.nudge(1, 1)
    canvas.add_frame()
    assert canvas.session.recipe == Recipe()


def test_a_node_dropped_from_a_wire_is_in_line_in_sight_and_viewed(canvas: Canvas):
    source = canvas.scene.spots["measure_features", "table", True].at
    canvas.open_palette(source.moved(500, 40), WireEnd("measure_features", "table", True))
    canvas.choose("Pool")
    box = canvas.scene.boxes["pool"].box
    assert box.top == canvas.scene.boxes["measure_features"].box.top
    assert canvas.viewpoint.seen(*canvas.size).covers(box)
    assert canvas.session.viewed.node == "pool"
    canvas.open_palette(source.moved(900, 400))
    canvas.choose("Filter")
    assert canvas.session.viewed.node == "pool", "a node without its input has nothing to show"


def test_what_needs_the_value_of_a_wire_is_offered_before_what_may_use_it(canvas: Canvas):
    offered = [kind.name for kind in types_that_fit(canvas.session.recipe, WireEnd("load", "image", True))]
    assert offered.index("Threshold") < offered.index("SeparateFeatures")
    assert offered.index("FlattenBackground") < offered.index("Threshold")


def test_a_pin_can_be_hit_when_seen_from_afar(canvas: Canvas):
    canvas.viewpoint = Viewpoint(0.3, 30, 200)
    canvas.move(pin_pixel(canvas, "load", "image", True).moved(6, 2))
    assert canvas.hover.kind == "output"


def test_everything_goes_with_select_all_and_delete(canvas: Canvas):
    session = canvas.session
    canvas.add_note()
    canvas.select_all()
    canvas.delete()
    assert not session.recipe.steps
    assert not session.recipe.layout.frames
    session.undo()
    assert session.recipe.layout.frames
    canvas.select_all()
    canvas.press("left", pixel_of(canvas, "filter"), NONE)
    canvas.release(pixel_of(canvas, "filter"))
    canvas.delete()  # the nodes are still selected, which the click left so; the note no longer is
    assert session.recipe.layout.frames


def test_notes_alone_go_too(canvas: Canvas):
    canvas.select_all()
    canvas.delete()
    canvas.add_note()
    canvas.select_all()
    canvas.delete()
    assert not canvas.session.recipe.layout.frames


def test_pasted_nodes_without_places_lie_beside_each_other(canvas: Canvas):
    document = json.loads(recipe_file.dump(chain(("Load", "Filter"))))
    document["layout"] = {}
    canvas._copy(json.dumps(document))
    canvas.paste()
    pasted = canvas.session.selection
    assert len({canvas.session.recipe.layout.positions[node] for node in pasted}) == len(pasted) == 2
    canvas.nudge(1, 0)


def test_arrow_keys_go_from_node_to_node_and_view_them(canvas: Canvas):
    canvas.go(1, 0)
    first = canvas.session.selection
    assert len(first) == 1
    canvas.session.select(["filter"])
    for direction, node in (((1, 0), "threshold"), ((1, 0), "fill_holes"), ((-1, 0), "threshold")):
        canvas.go(*direction)
        assert canvas.session.selection == {node}
        assert canvas.session.viewed.node == node
    canvas.go(0, 1)  # there is none below
    assert canvas.session.selection == {"threshold"}
    recipe, below = canvas.session.recipe.add("Invert", (500.0, 4000.0))
    canvas.session.show_recipe(recipe)
    canvas.go(0, 1)
    assert canvas.session.selection == {below}
    assert canvas.viewpoint.seen(*canvas.size).covers(canvas.scene.boxes[below].box)


def test_a_wire_by_the_keys_and_the_menu_begin_at_what_is_selected(canvas: Canvas):
    canvas.start_wire()
    assert canvas.wiring == ""
    assert "Select a node" in canvas.complaint
    canvas.session.select(["filter"])
    canvas.start_wire()
    assert canvas.wiring == "filter"
    canvas.cancel()
    assert canvas.wiring == ""
    assert canvas.session.selection == {"filter"}
    canvas.open_menu_of_selected()
    assert canvas.menu.node == "filter"
    assert canvas.scene.boxes["filter"].box.holds(canvas.menu_at)
    canvas.session.select(())
    canvas.select_wires(wire=Wire("filter", "image", "threshold", "image"))
    canvas.open_menu_of_selected()
    assert canvas.menu.wire == Wire("filter", "image", "threshold", "image")


def test_a_node_asked_for_with_one_selected_is_wired_behind_it_where_it_fits(canvas: Canvas):
    canvas.session.select(["filter"])
    canvas.pointer = pixel_of(canvas, "filter")
    canvas.open_palette_here()
    canvas.choose("Invert")
    recipe = canvas.session.recipe
    assert recipe.wire_into("invert", "image").source == "filter"
    assert recipe.layout.positions["invert"][0] >= recipe.layout.positions["filter"][0] + 190
    canvas.open_palette_here()
    canvas.choose("Load")
    assert not any("load_2" in (wire.source, wire.target) for wire in canvas.session.recipe.wires)
    assert canvas.session.selection == {"load_2"}
    for _ in range(2):
        canvas.session.undo()
    assert canvas.session.recipe.steps.keys() == chain().steps.keys()


def test_the_button_of_a_node_works_where_it_is_let_go_and_moves_nothing(canvas: Canvas):
    recipe, train = canvas.session.recipe.add("Train", (0.0, 600.0))
    canvas.session.show_recipe(recipe)
    pressed = []
    canvas.on_request = SimpleNamespace(label=lambda node: "Train", press=pressed.append)
    at = canvas.viewpoint.to_screen(canvas.scene.boxes[train].button.centre)
    drag(canvas, at, at.moved(0, -60))
    assert pressed == []
    drag(canvas, at, at)
    assert pressed == [train]
    assert canvas.session.selection == {train}
    assert canvas.session.recipe is recipe
    drag(canvas, at, at, held=Modifiers(shift=True))
    assert pressed == [train]
    assert canvas.scene.boxes["load"].button is None
