"""Groups on the canvas: seen as one node, opened, wired through, and handled like a node. No display."""

from dataclasses import replace

import pytest

from graingraph.app.document.session import Session
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.scene import Scene
from graingraph.app.gui.canvas.tips import tip_for
from graingraph.app.rendering.geometry import Point
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Frame, Wire, WireEnd
from tests.support.canvas import NONE, Clipboard, drag, pin_pixel, pixel_of
from tests.support.recipes import chain

GROUP = "group-1"


@pytest.fixture
def canvas() -> Canvas:
    """The chain with threshold and fill_holes in a group, in the frame that was around them."""
    clipboard = Clipboard()
    canvas = Canvas(Session(chain()), copy=clipboard.copy, paste=clipboard.paste)
    canvas.size = (1600.0, 900.0)
    canvas.session.show_recipe(chain().with_frames([Frame(460, -60, 480, 400, "Bright"), Frame(-90, -90, 200, 700)]))
    canvas.session.select(["threshold", "fill_holes"])
    canvas.make_group()
    canvas.session.select(())
    canvas.fit(everything=True)
    return canvas


def wires(canvas: Canvas) -> set[str]:
    return {f"{wire.source} > {wire.target}" for wire in canvas.session.recipe.wires}


def double_click(canvas: Canvas, at: Point) -> None:
    canvas.press("left", at, NONE)
    canvas.release(at)
    canvas.double_click(at)


def test_grouped_nodes_are_one_with_the_wires_across_the_border(canvas: Canvas):
    assert canvas.renaming == GROUP
    scene = canvas.scene
    assert set(scene.boxes) == {"load", "filter", "label_features", "measure_features", GROUP}
    assert list(scene.frames) == [1]
    box = scene.boxes[GROUP]
    assert [spot.end for spot in box.inputs] == [WireEnd("threshold", "image", False)]
    assert [spot.end for spot in box.outputs] == [WireEnd("fill_holes", "mask", True)]
    assert box.is_group
    assert box.thumbnail
    assert len(scene.curves) == 4
    assert tip_for(canvas, scene.hit(box.box.centre)).splitlines()[1].startswith("A group: Threshold, FillHoles.")
    canvas.session.undo()
    assert canvas.session.recipe.layout.groups == {}
    assert set(canvas.scene.boxes) == set(chain().steps)


def test_a_node_asked_for_with_a_group_selected_is_wired_behind_it(canvas: Canvas):
    canvas.session.select([GROUP])
    canvas.open_palette_here()
    canvas.choose("Morphology")
    assert canvas.session.recipe.wire_into("morphology", "mask").source == "fill_holes"
    assert canvas.scene.boxes["morphology"].box.left > canvas.scene.boxes[GROUP].box.right


def test_a_double_click_opens_a_group_and_the_names_above_lead_back(canvas: Canvas):
    before = canvas.viewpoint
    double_click(canvas, pixel_of(canvas, GROUP))
    assert canvas.group == GROUP
    assert [node for node, box in canvas.scene.boxes.items() if not box.is_border] == ["threshold", "fill_holes"]
    outside = [
        spot.label for box in canvas.scene.boxes.values() if box.is_border for spot in (*box.inputs, *box.outputs)
    ]
    assert outside == ["Filter", "LabelFeatures, mask"]
    assert len(canvas.scene.curves) == 3
    assert list(canvas.scene.frames) == [0]
    assert [crumb.title for crumb in canvas.breadcrumb] == ["Chain", "Group"]
    start = canvas.breadcrumb[0].box.centre
    canvas.press("left", start, NONE)
    canvas.release(start)
    assert canvas.group == ""
    assert canvas.session.selection == {GROUP}
    assert canvas.viewpoint == before
    canvas.open_selected()
    for leave in (canvas.cancel, canvas.delete_or_leave):
        canvas.open_group(GROUP)
        leave()
        assert canvas.group == ""
    canvas.delete_or_leave()  # once too often
    assert GROUP in canvas.scene.boxes
    at = pixel_of(canvas, GROUP)
    drag(canvas, at, at)
    canvas.delete_or_leave()
    assert GROUP not in canvas.scene.boxes


def test_wires_go_through_the_border_of_a_group_in_both_directions(canvas: Canvas):
    drag(canvas, pin_pixel(canvas, "load", "image", True), pin_pixel(canvas, "threshold", "image", False))
    assert "load > threshold" in wires(canvas)
    assert "filter > threshold" not in wires(canvas)
    canvas.session.undo()
    drag(canvas, pin_pixel(canvas, "load", "image", True), pixel_of(canvas, GROUP, dy=60))
    assert "load > threshold" in wires(canvas)
    drag(canvas, pin_pixel(canvas, "threshold", "image", False), canvas.viewpoint.to_screen((700, 2000)))
    assert not {"load > threshold", "filter > threshold"} & wires(canvas)
    assert [spot.wired for spot in canvas.scene.boxes[GROUP].inputs] == [False]
    canvas.session.undo()
    canvas.open_group(GROUP)
    drag(canvas, pin_pixel(canvas, "threshold", "mask", True), pin_pixel(canvas, "label_features", "mask", False))
    assert "threshold > label_features" in wires(canvas)
    drag(canvas, pin_pixel(canvas, "load", "image", True), pixel_of(canvas, "fill_holes", dy=60))
    assert "no pin" in canvas.complaint or "takes" in canvas.complaint


def test_one_output_that_feeds_several_pins_of_a_group_is_one_wire(canvas: Canvas):
    session = canvas.session
    recipe, other = session.recipe.add("Threshold", (500, 300))
    recipe = recipe.connect(Wire("filter", "image", other, "image")).put_into([other], GROUP)
    session.show_recipe(recipe)
    (spot,) = canvas.scene.boxes[GROUP].inputs
    assert len(spot.ends) == 2
    assert len(canvas.scene.curves) == 4
    drag(canvas, canvas.viewpoint.to_screen(spot.at), pin_pixel(canvas, "load", "image", True))
    drag(canvas, pin_pixel(canvas, "load", "image", True), canvas.viewpoint.to_screen(spot.at))
    assert {"load > threshold", "load > threshold_2"} <= wires(canvas)
    drag(canvas, canvas.viewpoint.to_screen(spot.at), canvas.viewpoint.to_screen((0, 3000)))
    assert len(canvas.scene.boxes[GROUP].inputs) == 2
    assert not any("threshold_2" in wire for wire in wires(canvas))
    assert canvas.scene.boxes[GROUP].inputs[0].label == "Threshold, image"


def test_what_is_done_to_a_group_is_done_to_all_in_it(canvas: Canvas):
    session = canvas.session
    canvas.move(pixel_of(canvas, GROUP))
    drag(canvas, pixel_of(canvas, GROUP), pixel_of(canvas, GROUP, dx=140, dy=60))
    assert session.undo_label == "Move"
    assert session.selection == {GROUP}
    canvas.nudge(1, 0)
    canvas.copy()
    canvas.pointer = Point(300, 700)
    canvas.paste()
    assert session.selection == {"group-2"}
    assert session.recipe.layout.groups["group-2"].members == {"threshold_2", "fill_holes_2"}
    assert session.recipe.layout.frames[-1].inside == "group-2"
    canvas.duplicate()
    assert session.selection == {"group-3"}
    canvas.delete()
    assert "threshold_3" not in session.recipe.steps
    canvas.session.select([GROUP, "load"])
    canvas.arrange()
    canvas.align("left")
    while session.undo_label:
        session.undo()
    assert session.recipe.layout.groups == {}


def test_groups_lie_in_groups_and_what_is_added_lies_in_the_open_one(canvas: Canvas):
    session = canvas.session
    session.select(["filter", GROUP])
    canvas.make_group()
    canvas.open_group("group-2")
    canvas.open_group(GROUP)
    assert [crumb.title for crumb in canvas.breadcrumb] == ["Chain", "Group 2", "Group"]
    node = canvas.add("Invert", Point(700, 300))
    canvas.add_note()
    assert session.recipe.layout.holder[node] == GROUP
    assert session.recipe.layout.frames[-1].inside == GROUP
    canvas.select_all()
    assert session.selection == {"threshold", "fill_holes", node}
    canvas.delete()
    assert canvas.group == "group-2"
    assert GROUP not in session.recipe.layout.groups
    session.undo()
    session.select(["threshold"])
    canvas.fit()
    assert canvas.group == GROUP
    before = session.recipe
    canvas.show_on_group()
    assert session.recipe.layout.groups[GROUP].shown == "threshold"
    session.new()
    assert canvas.group == ""
    session.show_recipe(before)
    canvas.open_group(GROUP)
    canvas.fit()
    assert canvas.group == GROUP


def test_a_pin_inside_is_offered_on_the_group(canvas: Canvas):
    canvas.open_group(GROUP)
    canvas.hover = canvas.scene.hit(canvas.scene.spots["threshold", "mask", True].at)
    canvas.offer_on_group()
    canvas.leave_group()
    assert [spot.end.node for spot in canvas.scene.boxes[GROUP].outputs] == ["threshold", "fill_holes"]
    canvas.offer_on_group()
    assert "Open a group" in canvas.complaint


def test_ungrouped_nodes_are_selected_where_the_group_was(canvas: Canvas):
    before = canvas.session.recipe
    canvas.session.select([GROUP])
    canvas.ungroup()
    assert canvas.session.selection == {"threshold", "fill_holes"}
    assert set(canvas.scene.frames) == {0, 1}
    canvas.session.undo()
    assert canvas.session.recipe == before


def test_reroute_points_are_seen_where_both_ends_of_their_wire_are(canvas: Canvas):
    session = canvas.session
    inner = session.recipe.wire_into("fill_holes", "mask")
    border = session.recipe.wire_into("threshold", "image")
    session.show_recipe(session.recipe.with_reroutes({inner: [(600.0, 50.0)], border: [(400.0, 50.0)]}))
    assert {one.wire for one in canvas.scene.reroutes} == {border}
    session.select(["filter", GROUP])
    canvas.nudge(1, 0)
    assert session.recipe.layout.reroutes == {inner: ((600.0, 50.0),), border: ((410.0, 50.0),)}
    canvas.open_group(GROUP)
    assert {one.wire for one in canvas.scene.reroutes} == {inner}


def test_a_loop_of_groups_can_be_seen_and_arranged():
    recipe = chain()
    session = Session(recipe)
    clipboard = Clipboard()
    canvas = Canvas(session, copy=clipboard.copy, paste=clipboard.paste)
    session.select(["filter", "label_features"])
    canvas.make_group()
    canvas.arrange()
    assert len(canvas.scene.curves) == len(recipe.wires)
    assert recipe_file.parse(recipe_file.dump(session.recipe)) == session.recipe


def test_a_setting_changed_in_a_group_leaves_the_scene_as_it_is(canvas: Canvas):
    recipe = canvas.session.recipe
    before = Scene(recipe)
    after = Scene(recipe.with_setting("threshold", "method", "manual"), before)
    assert after.geometry is before.geometry
    assert Scene(recipe, before, GROUP).geometry is not before.geometry
    muted = recipe.with_muted("threshold", True).with_muted("fill_holes", True)
    assert Scene(muted, before).boxes[GROUP].muted
    assert not before.boxes[GROUP].muted
    named = recipe.with_groups({GROUP: replace(recipe.layout.groups[GROUP], name="Dark")})
    assert Scene(named, before).boxes[GROUP].title == "Dark"
