"""Trying a model on a piece of the image at hand, with the settings of the step that applies it."""

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.app.document.model_trial import GAP, PIECE, model_applied, tried_on_a_piece
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image
from tests.support.paths import GRAPHS


def recipe() -> Recipe:
    (model,) = (GRAPHS / "models").glob("colony*")
    made, node = Recipe().add("DeepSegment")
    return made.with_setting(node, "model", reference(model))


def test_a_large_image_is_tried_in_its_middle() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 900), dtype=np.uint8)
    found = tried_on_a_piece(recipe().steps["deep_segment"], Image(pixels, name="a.png"), ModelFolders())
    assert found.picture.shape == (300, 2 * PIECE + GAP, 3)
    left = (900 - PIECE) // 2
    np.testing.assert_array_equal(found.picture[:, :PIECE, 1], pixels[:, left : left + PIECE])
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.card == "Finds colony, basketweave; learnt from 3 images; overlap (IoU) on 6 held out 0.95."


def test_a_model_that_is_not_there_is_named() -> None:
    step = recipe().with_setting("deep_segment", "model", "gone.onnx@00").steps["deep_segment"]
    with pytest.raises(Problem, match=r"gone\.onnx"):
        tried_on_a_piece(step, Image(np.zeros((32, 32), np.uint8)), ModelFolders())


@pytest.mark.parametrize(("kind", "applies"), [("DeepSegment", True), ("Train", False), ("Threshold", False)])
def test_only_steps_that_apply_a_model_of_their_own_are_tried(kind: str, applies: bool) -> None:
    made, node = Recipe().add(kind)
    declared = made.steps[node].declared
    assert declared is not None
    if any(setting.name == "model" for setting in declared.settings):
        made = made.with_setting(node, "model", "m.onnx@00")
    assert bool(model_applied(made.steps[node])) == applies
