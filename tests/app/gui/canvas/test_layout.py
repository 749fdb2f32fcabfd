"""Arranged recipes: columns along the flow, in rows that fill the panel, frames around their nodes."""

from itertools import combinations

from graingraph.app.gui.canvas.boxes import frame_box
from graingraph.app.gui.canvas.layout import Arrangement, around, arrange
from graingraph.app.gui.canvas.scene import Scene
from graingraph.app.rendering.geometry import Box
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain, first_wire

LONG = ("Load", *["Filter"] * 11)
WIDE = (100_000.0, 400.0)


def applied(recipe: Recipe, found: Arrangement) -> Scene:
    return Scene(recipe.with_positions(found.positions).with_frames(found.frames))


def framed(recipe: Recipe, *groups: tuple[str, ...]) -> Recipe:
    """With a frame around each of these nodes, which are parked apart from the others first."""
    for row, group in enumerate(groups):
        recipe = recipe.with_positions({node: (i * 300.0, 5000.0 + 1000 * row) for i, node in enumerate(group)})
    scene = Scene(recipe)
    return recipe.with_frames(around(Frame(0, 0, 0, 0, "Frame"), scene.extent_of(group)) for group in groups)


def test_in_one_row_every_node_is_right_of_what_feeds_it_and_nothing_overlaps():
    recipe = chain()
    for name in ("Invert", "Grey", "AutoContrast"):
        recipe, node = recipe.add(name, (0, 0))
        recipe = recipe.connect(Wire("load", "image", node, "image"))
    boxes = {node: box.box for node, box in applied(recipe, arrange(Scene(recipe), (), WIDE)).boxes.items()}
    assert all(boxes[wire.source].right < boxes[wire.target].left for wire in recipe.wires)
    assert not any(a.meets(b) for a, b in combinations(boxes.values(), 2))


def test_a_long_chain_is_broken_into_rows_that_read_larger_than_one():
    recipe = chain(LONG)
    room = (1000.0, 600.0)

    def zoom(scene: Scene) -> float:
        extent = scene.extent_of(recipe.steps)
        return min(room[0] / extent.width, room[1] / extent.height)

    broken = applied(recipe, arrange(Scene(recipe), (), room))
    assert zoom(broken) > 2 * zoom(applied(recipe, arrange(Scene(recipe), (), WIDE)))
    boxes = {node: box.box for node, box in broken.boxes.items()}
    assert not any(a.meets(b) for a, b in combinations(boxes.values(), 2))
    for wire in recipe.wires:
        source, target = boxes[wire.source], boxes[wire.target]
        assert source.right < target.left or source.bottom < target.top


def test_a_node_that_nothing_feeds_stands_beside_what_it_feeds():
    recipe, node = chain(("Load", "Filter", "Threshold", "LabelFeatures", "MeasureFeatures")).add("Load")
    recipe = recipe.connect(Wire(node, "image", "measure_features", "image"))
    boxes = applied(recipe, arrange(Scene(recipe), (), WIDE)).boxes
    assert boxes[node].box.left == boxes["label_features"].box.left


def test_frames_are_not_broken_hold_their_own_nodes_only_and_overlap_nothing():
    recipe = framed(chain(LONG), ("filter", "filter_2", "filter_3"), ("filter_7", "filter_8", "filter_9"))
    scene = applied(recipe, arrange(Scene(recipe), (), (900.0, 600.0)))
    first, second = (frame_box(frame) for frame in scene.recipe.layout.frames)
    assert not first.meets(second)
    held = [[node for node, box in scene.boxes.items() if frame.meets(box.box)] for frame in (first, second)]
    assert held == [["filter", "filter_2", "filter_3"], ["filter_7", "filter_8", "filter_9"]]
    assert len({scene.boxes[node].box.top for node in held[0]}) == 1


def test_branches_in_frames_of_their_own_lie_below_each_other():
    recipe = chain(("Load", "Filter", "Threshold"))
    recipe, grey = recipe.add("Grey")
    recipe = recipe.connect(Wire("load", "image", grey, "image"))
    recipe, invert = recipe.add("Invert")
    recipe = recipe.connect(first_wire(recipe, grey, invert))
    recipe = framed(recipe, ("filter", "threshold"), (grey, invert))
    scene = applied(recipe, arrange(Scene(recipe), (), WIDE))
    upper, lower = sorted((frame_box(frame) for frame in scene.recipe.layout.frames), key=lambda box: box.top)
    assert upper.bottom < lower.top
    assert not any(frame.meets(scene.boxes["load"].box) for frame in (upper, lower))


def test_only_chosen_nodes_move_and_stay_where_they_are():
    recipe = chain().with_positions({"threshold": (500.0, 900.0), "fill_holes": (520.0, 950.0)})
    found = arrange(Scene(recipe), ("threshold", "fill_holes"))
    assert set(found.positions) == {"threshold", "fill_holes"}
    assert found.positions["threshold"] == (500.0, 900.0)
    assert arrange(Scene(Recipe())) == Arrangement()


def test_a_frame_lies_around_its_area_with_room_for_the_title():
    frame = around(Frame(0, 0, 0, 0, "Title", "#3a6ea5"), Box(100, 100, 300, 200))
    assert frame_box(frame).covers(Box(100, 68, 300, 200))
    assert (frame.text, frame.color) == ("Title", "#3a6ea5")
