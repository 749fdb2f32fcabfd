"""What state a node is in, and how a duration is said: the same on a node, in a batch and in a training."""

from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import seconds_text, why
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import NotWired, Problem
from graingraph.engine.recipe.parts import Wire
from tests.support.recipes import chain


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0002, "1 ms"),
        (0.84, "840 ms"),
        (0.9999, "1.0 s"),
        (9.96, "10 s"),
        (42, "42 s"),
        (89.6, "1 min 30 s"),
        (200, "3 min 20 s"),
        (3599.8, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations_read_well(seconds: float, words: str):
    assert seconds_text(seconds) == words


def test_a_node_that_is_not_wired_yet_has_not_failed():
    recipe, node = chain(("Load",)).add("Filter", (0.0, 0.0))
    evaluation = Evaluation(recipe, ImageSet.of_arrays({"a": np.zeros((8, 8), np.uint8)}))
    with pytest.raises(NotWired):
        evaluation.outputs(node, "a")
    state = why(evaluation, node, "a")
    assert (state.name, state.sentence) == ("not computed", "Its input image is not wired; connect something to it.")


def test_other_nodes_are_spoken_of_by_their_names_and_the_node_itself_by_none():
    recipe, node = chain(("Load",)).add("Filter", (0.0, 0.0))
    recipe = recipe.connect(Wire("load", "image", node, "image"))
    evaluation = Evaluation(recipe, ImageSet.of_files([Path("gone.png")]))
    with pytest.raises(Problem):
        evaluation.outputs(node, "gone.png")
    failed, waiting = (why(evaluation, one, "gone.png", called=str.upper) for one in ("load", node))
    assert failed.sentence.startswith("There is no file")
    assert waiting.sentence == f"Waits for LOAD: {failed.sentence}"


def test_a_node_that_was_computed_waits_for_one_that_fails_now():
    recipe, images = chain(("Load", "Crop", "Invert")), ImageSet.of_arrays({"a": np.zeros((8, 8), np.uint8)})
    evaluation = Evaluation(recipe, images)
    evaluation.outputs("invert", "a")
    after = Evaluation(recipe.with_setting("crop", "x", 9), images, evaluation.store)
    assert why(after, "invert", "a").sentence == "Stale because crop: x 0 → 9."
    with pytest.raises(Problem):
        after.outputs("invert", "a")
    state = why(after, "invert", "a")
    assert (state.name, state.sentence.partition(":")[0]) == ("not computed", "Waits for crop")


def stale_after(types: tuple[str, ...], setting: str, before: object, now: object) -> str:
    """Why the last node of a chain is stale, one setting of which was changed."""
    recipe, images = chain(types), ImageSet.of_arrays({"a": np.zeros((8, 8), np.uint8)})
    node = recipe.order[-1]
    evaluation = Evaluation(recipe.with_setting(node, setting, before), images)
    evaluation.outputs(node, "a")
    return why(Evaluation(recipe.with_setting(node, setting, now), images, evaluation.store), node, "a").sentence


def test_a_change_is_told_in_the_words_of_the_window():
    layers = [{"name": name, "color": "#ff0000", "width": 3.0, "role": "area"} for name in ("alpha", "beta")]
    assert stale_after(("Load", "Trace"), "classes", layers[:1], layers) == "Stale because classes changed."
    assert stale_after(("Load", "Threshold", "EdgeReject"), "top", True, False) == "Stale because top yes → no."


def test_what_is_to_be_reviewed_is_the_node_whose_marks_are_and_not_one_that_hands_it_on():
    recipe = chain(("Load", "Threshold", "ManualEdit", "ManualEdit", "FillHoles"))
    first, second, last = recipe.order[-3:]
    images, marks = ImageSet.of_arrays({"a": np.zeros((8, 8), np.uint8)}), MarkStore()
    stroke = Mark("0" * 16, "pen", np.array([[1, 1], [5, 5]], np.float32), 1.0)
    marks.add(images["a"].drawn_as, first, stroke, drawn_on="0" * 32)
    evaluation = Evaluation(recipe, images, Store(marks=marks))
    evaluation.outputs(last, "a")
    said = [why(evaluation, node, "a").sentence for node in (first, second, last)]
    changed = "Needs review: what lies under the corrections has changed since they were drawn."
    behind = f"{changed} Look at {first}, then press Reviewed."
    assert said == [f"{changed} Look at it, then press Reviewed.", behind, behind]
