"""Room for a node that is put between others."""

from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.app.gui.canvas.boxes import frame_box
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.room import GAP, make_room
from graingraph.app.gui.canvas.scene import Scene
from graingraph.app.rendering.geometry import Point
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.canvas import drag, pixel_of
from tests.support.recipes import chain


def overlapping(recipe: Recipe) -> list[tuple[str, str]]:
    boxes = [(name, box.box.grown(-1e-6)) for name, box in Scene(recipe).boxes.items()]
    return [(one, other) for i, (one, a) in enumerate(boxes) for other, b in boxes[i + 1 :] if a.meets(b)]


@given(st.floats(-300, 1700), st.floats(-300, 300), st.floats(0, 900))
@settings(max_examples=60, deadline=None)
def test_a_node_put_anywhere_overlaps_nothing_and_pushes_only_what_is_right_of_it(x: float, y: float, second: float):
    recipe, _ = chain().add("Filter", (second, 260.0))
    recipe, node = recipe.add("Invert", (x, y))
    made = make_room(recipe, node)
    assert overlapping(made) == []
    for name, (left, top) in recipe.layout.positions.items():
        if name != node:
            assert made.layout.positions[name][0] >= left
            assert made.layout.positions[name][1] == top
    if not any(node in pair for pair in overlapping(recipe)):
        assert made == recipe


def test_what_follows_goes_along_and_frames_with_their_nodes_and_points():
    recipe = chain()
    wire = recipe.wire_into("label_features", "mask")
    frames = [Frame(460, -60, 500, 320, "Both"), Frame(940, -60, 520, 320, "Measure"), Frame(950, 200, 50, 40, "n")]
    recipe = recipe.with_frames([*frames[:2], Frame(950, 200, 50, 40, "n", kind="note")])
    recipe = recipe.with_reroutes({wire: [(925.0, 200.0)]})
    recipe, node = recipe.add("Invert", (500.0, 0.0))
    made = make_room(recipe, node)
    at = made.layout.positions
    shift = at["fill_holes"][0] - 720
    assert at["threshold"] == (480.0, 0.0)
    assert at[node][0] == 480 + 190 + GAP
    assert shift > 0
    assert at["measure_features"][0] == 1200 + shift
    assert made.layout.reroutes[wire] == ((925.0 + shift, 200.0),)
    both, measure, note = made.layout.frames
    assert (measure.x, measure.width) == (940 + shift, 520)
    assert note.x == 950 + shift
    assert frame_box(both).covers(Scene(made).boxes["fill_holes"].box)


def test_an_insertion_on_a_wire_and_its_room_are_one_edit(canvas: Canvas):
    recipe, invert = canvas.session.recipe.add("Invert", (300, 400))
    canvas.session.show_recipe(recipe)
    target = canvas.scene.curves[Wire("filter", "image", "threshold", "image")].at(0.5)
    middle = canvas.scene.boxes[invert].box.centre
    start, zoom = pixel_of(canvas, invert), canvas.viewpoint.zoom
    drag(canvas, start, start.moved((target.x - middle.x) * zoom, (target.y - middle.y) * zoom))
    assert canvas.session.recipe.wire_into("threshold", "image").source == invert
    assert overlapping(canvas.session.recipe) == []
    canvas.session.undo()
    assert canvas.session.recipe == recipe


def test_a_node_of_the_palette_finds_room(canvas: Canvas):
    canvas.add("Invert", Point(300, 20))
    assert overlapping(canvas.session.recipe) == []
    canvas.session.undo()
    assert len(canvas.session.recipe.steps) == 6
