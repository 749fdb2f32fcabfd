"""PaintSegment in a recipe: the map follows the strokes of every image, and only what is drawn on costs features."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark, Part, PixelBox
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import NeedsTraining
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Probabilities, Table
from graingraph.engine.values.packing import pack, unpack
from graingraph.nodes.learning.paint import strokes as painting
from graingraph.nodes.learning.paint.live_map import FeatureStack
from graingraph.nodes.learning.paint.strokes import StrokeScores, scores_of


def painting_recipe() -> Recipe:
    import graingraph.nodes  # noqa: F401  (declares the nodes)

    recipe = Recipe()
    for name in ("Load", "Trace", "PaintSegment"):
        recipe, _ = recipe.add(name)
    for source, output, target, pin in (
        ("load", "image", "trace", "image"),
        ("load", "image", "paint_segment", "image"),
        ("trace", "classmap", "paint_segment", "traces"),
    ):
        recipe = recipe.connect(Wire(source, output, target, pin))
    return recipe


def halves(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pixels = np.full((80, 120), 90.0)
    pixels[:, 60:] = 160
    return np.clip(pixels + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)


class World:
    """Three images of a dark and a bright half, and a store that outlives evaluations."""

    def __init__(self, folder: Path | None = None) -> None:
        self.recipe = painting_recipe()
        self.images = ImageSet.of_arrays({name: halves(i) for i, name in enumerate(("a", "b", "c"))})
        self.store = Store(models=ModelFolders((folder,)) if folder else ModelFolders())

    def draw(self, image: str, layer: str, x: float, y: float) -> None:
        points = np.array([[x, y], [x + 12, y]], np.float32)
        mark = Mark(f"{image}{layer}{x}{y}", "brush", points, width=5, layer=layer)
        self.store.marks.add(self.images[image].drawn_as, "trace", mark)

    @property
    def evaluation(self) -> Evaluation:
        return Evaluation(self.recipe, self.images, self.store)

    def classes(self, image: str) -> np.ndarray:
        found = self.evaluation.value("paint_segment", "classes", image)
        assert isinstance(found, ClassMap)
        return found.pixels


def test_strokes_on_one_image_show_the_classes_of_all() -> None:
    world = World()
    for y in (10, 40, 70):
        world.draw("a", "feature", 10 + y / 2, y)
        world.draw("a", "matrix", 68 + y / 2, y)
    for image in "abc":
        found = world.classes(image)
        assert np.mean(found[:, :55] == 0) > 0.9
        assert np.mean(found[:, 65:] == 1) > 0.9


def test_a_stroke_on_another_image_changes_every_map() -> None:
    world = World()
    world.draw("a", "feature", 10, 20)
    world.draw("a", "matrix", 90, 20)
    before = world.evaluation.keys.key("paint_segment", "a")
    world.draw("b", "matrix", 10, 40)
    assert world.evaluation.keys.key("paint_segment", "a") != before


def test_only_images_that_are_drawn_on_or_looked_at_cost_features(monkeypatch: pytest.MonkeyPatch) -> None:
    world, seen = World(), []
    plain = painting.feature_stack

    def feature_stack(image, factor):  # type: ignore[no-untyped-def]
        seen.append(image.name)
        return plain(image, factor)

    feature_stack.__module__ = plain.__module__
    monkeypatch.setattr(painting, "feature_stack", feature_stack)
    world.draw("a", "feature", 10, 20)
    world.draw("a", "matrix", 90, 20)
    world.classes("b")
    assert sorted(seen) == ["a", "b"]
    world.draw("a", "matrix", 90, 50)
    world.classes("b")
    assert sorted(seen) == ["a", "b"]


def test_taking_a_stroke_back_brings_the_map_before_back_and_only_the_newest_is_kept() -> None:
    world = World()
    world.draw("a", "feature", 10, 20)
    world.draw("a", "matrix", 90, 20)
    before = world.classes("a")
    used = world.store.memory.used
    for x in (80, 85, 90, 95):
        world.draw("a", "feature", x, 50)
        world.classes("a")
        world.store.marks.remove(world.images["a"].drawn_as, "trace", f"afeature{x}50")
    np.testing.assert_array_equal(world.classes("a"), before)
    assert world.store.memory.used < 1.5 * used


def test_every_hit_equals_a_fresh_result() -> None:
    world = World()
    world.draw("a", "feature", 10, 20)
    world.draw("b", "matrix", 90, 20)
    world.store.validate = True
    world.classes("c")
    world.classes("c")


def test_an_image_that_cannot_be_read_is_left_out_and_named() -> None:
    world = World()
    world.draw("a", "feature", 10, 20)
    world.draw("a", "matrix", 90, 20)
    world.draw("b", "matrix", 90, 20)
    path = Path("no such file.png")
    broken = replace(world.images["b"], path=path, pixels=None)
    world.images = ImageSet({**world.images, "b": broken})
    found = world.evaluation.value("paint_segment", "classes", "a")
    assert [note.kind for note in found.notes] == ["incomplete"]
    assert "b" in found.notes[0].text


def test_before_two_classes_have_strokes_it_says_what_to_do() -> None:
    world = World()
    world.draw("a", "feature", 10, 20)
    with pytest.raises(NeedsTraining, match="each of two classes"):
        world.classes("a")


def test_held_back_strokes_give_the_score_and_the_next_place_is_where_it_is_least_sure() -> None:
    world = World()
    for y in (10, 30, 50, 70):
        world.draw("a", "feature", 10, y)
        world.draw("a", "matrix", 90, y)
    outputs = world.evaluation.outputs("paint_segment", "a")
    scores = outputs["scores"]
    assert isinstance(scores, Table)
    assert scores.headline == "100% right on held-back strokes"
    assert list(scores.columns["Strokes"]) == [8]
    assert list(scores.columns["Right on held-back strokes, matrix"]) == [100]
    x, _ = painting.least_sure_place(outputs)
    assert abs(x - 60) < 20


def test_a_class_of_one_stroke_is_not_counted_among_what_was_told_right() -> None:
    assert scores_of({"matrix": 1.0, "pore": np.nan}).headline == "100% right on held-back strokes of matrix only"


def test_what_is_recorded_is_applied_until_it_learns_live_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    for y in (20, 50):
        world.draw("a", "feature", 10, y)
        world.draw("a", "matrix", 90, y)
    outputs = world.evaluation.outputs("paint_segment", "b")
    role = world.recipe.steps["paint_segment"].declared.learnt_live  # type: ignore[union-attr]
    assert role
    model = role.record(outputs, tmp_path)
    world.recipe = world.recipe.with_setting("paint_segment", role.live, False)
    with pytest.raises(NeedsTraining, match="Record"):
        world.classes("b")
    world.recipe = world.recipe.with_setting("paint_segment", role.product, reference(model.path))
    before = world.evaluation.keys.key("paint_segment", "b")
    found = world.evaluation.value("paint_segment", "probabilities", "b")
    live = outputs["probabilities"]
    assert isinstance(found, Probabilities)
    assert isinstance(live, Probabilities)
    np.testing.assert_allclose(found.pixels, live.pixels, atol=1e-3)
    table = world.evaluation.value("paint_segment", "scores", "b")
    assert isinstance(table, Table)
    assert table.headline == outputs["scores"].headline  # type: ignore[attr-defined]
    world.draw("a", "matrix", 10, 60)
    assert world.evaluation.keys.key("paint_segment", "b") == before


def test_features_and_scores_can_be_kept() -> None:
    rng = np.random.default_rng(0)
    stack = FeatureStack(
        fine=rng.random((2, 4, 6), np.float32),
        texture=rng.random((1, 1, 2), np.float32),
        spread=np.ones(3, np.float32),
        size=(4, 6),
        size_factor=0.5,
    )
    again = unpack(pack({"features": stack}))["features"]
    assert isinstance(again, FeatureStack)
    np.testing.assert_array_equal(again.fine, stack.fine)
    assert (again.size, again.size_factor) == ((4, 6), 0.5)
    scores = StrokeScores({"All": np.array([91.0])}, {"All": "%"}, rows="fields")
    assert isinstance(unpack(pack({"scores": scores}))["scores"], StrokeScores)


@pytest.mark.parametrize("shape", [(600, 900), (601, 903)])
@pytest.mark.parametrize("resolution", ["full", "half"])
def test_what_is_in_view_is_there_first_and_as_in_the_whole_map(shape: tuple[int, int], resolution: str) -> None:
    world = World()
    pixels = np.tile(halves(7), (8, 8))[: shape[0], : shape[1]]
    world.images = ImageSet.of_arrays({"a": pixels, "b": halves(1)})
    world.recipe = world.recipe.with_setting("paint_segment", "resolution", resolution)
    for y in (10, 40, 70):
        world.draw("a", "feature", 10 + y / 2, y)
        world.draw("a", "matrix", 68 + y / 2, y)
    box, told = PixelBox(123, 200, 323, 401), []
    listener = Listener(
        published=lambda node, name, value: told.append(value),
        in_view=lambda node, image: box if image == "a" else None,
    )
    whole = Evaluation(world.recipe, world.images, world.store, listener=listener).outputs("paint_segment", "a")
    (part,) = told
    assert isinstance(part, Part)
    assert part.box == box
    for name, value in part.outputs.items():
        rows = whole[name].pixels[box.top : box.bottom, box.left : box.right]
        exact = all(side % 2 == 0 for side in shape) or resolution == "full"  # else half sizes are rounded
        if name == "classes":
            assert np.mean(value.pixels == rows) > (0.9999 if exact else 0.99)
        elif exact:
            np.testing.assert_allclose(value.pixels, rows, atol=1e-4)
    box = PixelBox(0, 0, *shape)  # all of it takes as long as all of it
    told.clear()
    world.draw("a", "feature", 20, 20)
    Evaluation(world.recipe, world.images, world.store, listener=listener).outputs("paint_segment", "a")
    assert not told
