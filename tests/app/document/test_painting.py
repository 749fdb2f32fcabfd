"""Recording what was painted, and making a map the strokes: edits that undo takes back."""

from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document import painting
from graingraph.app.document.session import Session
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, PixelClass
from tests.nodes.learn.test_paint_segment import World, painting_recipe


def test_a_viewed_node_that_learns_is_drawn_on_through_its_trace_node() -> None:
    recipe = painting_recipe()
    found = painting.painting_of(recipe, "paint_segment")
    assert found
    assert (found.node, found.traced) == ("paint_segment", "trace")
    assert painting.painting_of(recipe, "trace") is None
    wire = recipe.wire_into("paint_segment", "traces")
    assert wire
    assert painting.painting_of(recipe.disconnect([wire]), "paint_segment") is None


def test_recording_sets_the_model_and_ends_learning_until_it_is_undone(tmp_path: Path) -> None:
    world = World(tmp_path)
    for y in (20, 50):
        world.draw("a", "feature", 10, y)
        world.draw("a", "matrix", 90, y)
    session = Session(world.recipe)
    found = painting.painting_of(session.recipe, "paint_segment")
    assert found
    path = painting.record(session, found, world.evaluation.outputs("paint_segment", "a"), tmp_path)
    assert path.parent == tmp_path
    assert session.recipe.steps["paint_segment"].settings["model"].startswith(path.name)
    assert not painting.is_live(session.recipe, found)
    session.undo()
    assert painting.is_live(session.recipe, found)


def test_the_map_takes_the_place_of_the_strokes_and_stays_until_it_is_undone(tmp_path: Path) -> None:
    world = World(tmp_path)
    for y in (20, 50):
        world.draw("a", "feature", 10, y)
        world.draw("a", "matrix", 90, y)
    session, source = Session(world.recipe), world.images["a"].drawn_as
    session.marks = world.store.marks
    found = painting.painting_of(session.recipe, "paint_segment")
    assert found
    outputs = world.evaluation.outputs("paint_segment", "a")
    accepted = outputs["classes"]
    assert isinstance(accepted, ClassMap)
    painting.make_traces(session, found, outputs, source, tmp_path)
    marks = session.marks.load(source, "trace").marks
    assert [(mark.tool, mark.layer) for mark in marks] == [("region", "feature"), ("region", "matrix")]
    world.recipe = session.recipe
    traced = world.evaluation.value("trace", image="a")
    assert isinstance(traced, ClassMap)
    np.testing.assert_array_equal(traced.pixels, accepted.pixels)
    np.testing.assert_array_equal(world.classes("a"), accepted.pixels)  # and not what it would learn from itself
    session.undo()
    assert [mark.tool for mark in session.marks.load(source, "trace").marks] == ["brush"] * 4
    assert painting.is_live(session.recipe, found)


def test_a_map_in_classes_that_are_not_traced_takes_the_place_of_no_strokes() -> None:
    session, world = Session(painting_recipe()), World()
    world.draw("a", "feature", 10, 20)
    source = world.images["a"].drawn_as
    session.marks = world.store.marks
    found = painting.painting_of(session.recipe, "paint_segment")
    assert found
    classes = (PixelClass("as it was called"), PixelClass("matrix"))
    outputs = {"classes": ClassMap(np.zeros((80, 120), np.uint8), None, classes)}
    with pytest.raises(Problem, match=r"'as it was called'.*name one so"):
        painting.make_traces(session, found, outputs, source)
    assert [mark.tool for mark in session.marks.load(source, "trace").marks] == ["brush"]
