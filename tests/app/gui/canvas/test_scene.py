from graingraph.app.gui.canvas.scene import Scene
from graingraph.app.rendering.geometry import Point
from graingraph.engine.recipe.parts import Frame, Step, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain


def test_every_pin_lies_on_its_side_of_its_node():
    for box in Scene(chain()).boxes.values():
        assert all(spot.at.x == box.box.left for spot in box.inputs)
        assert all(spot.at.x == box.box.right for spot in box.outputs)
        assert all(box.box.holds(spot.at) for spot in (*box.inputs, *box.outputs))
        assert box.thumbnail is None or box.box.holds(box.thumbnail[:2])


def test_a_point_hits_pin_before_node_before_wire_before_frame():
    scene = Scene(chain().with_frames([Frame(-50, -50, 2000, 400, "All")]))
    pin = scene.spots["filter", "image", False].at
    assert scene.hit(pin).kind == "input"
    assert scene.hit(scene.boxes["filter"].box.centre).node == "filter"
    wire = scene.recipe.wire_into("filter", "image")
    assert scene.hit(scene.curves[wire].at(0.5)).wire == wire
    assert scene.hit(Point(300, -40)).frame == 0
    assert scene.hit(Point(300, 300)).kind == "empty"
    assert scene.hit(Point(1945, 345)).kind == "frame corner"


def test_an_output_shows_the_type_that_really_comes_out():
    scene = Scene(chain(("Load", "Threshold", "LabelFeatures", "EdgeReject")))
    assert [kind.__name__ for kind in scene.spots["edge_reject", "result", True].kinds] == ["Labels"]


def test_a_node_of_an_unknown_type_is_a_placeholder_with_the_pins_of_its_wires():
    recipe = Recipe(
        steps={"mystery": Step("Mystery", 7), "load": chain().steps["load"], "filter": chain().steps["filter"]},
        wires=(Wire("load", "image", "mystery", "thing"), Wire("mystery", "made", "filter", "image")),
    )
    box = Scene(recipe).boxes["mystery"]
    assert [spot.name for spot in box.inputs] == ["thing"]
    assert [spot.name for spot in box.outputs] == ["made"]
    assert len(Scene(recipe).curves) == 2


def test_a_second_node_of_a_type_is_numbered():
    recipe, node = chain().add("Filter")
    assert Scene(recipe).boxes[node].title == "Filter 2"
    assert Scene(recipe).boxes["filter"].title == "Filter"


def test_a_changed_setting_leaves_all_where_it_is_and_shows_the_new_step():
    recipe = chain()
    before = Scene(recipe)
    curves = before.curves
    after = Scene(recipe.with_setting("filter", "size", 9), before)
    assert after.geometry is before.geometry
    assert after.curves is curves
    assert after.boxes["filter"].step.settings["size"] == 9
    assert after.boxes["load"] is before.boxes["load"]


def test_a_moved_node_or_a_cut_wire_is_laid_out_anew():
    recipe = chain()
    before = Scene(recipe)
    moved = Scene(recipe.with_positions({"filter": (500.0, 300.0)}), before)
    assert moved.boxes["filter"].box.left == 500.0
    assert moved.geometry is not before.geometry
    wire = recipe.wires[0]
    assert wire not in Scene(recipe.disconnect([wire]), before).curves
