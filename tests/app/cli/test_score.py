"""``graingraph score``: a model judged on images that it has not learnt; its card is written anew, its weights stay."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnx")

from graingraph.app.cli.score_model import score_model
from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values import Image, PixelClass
from graingraph.nodes.learning.apply.segment import segment
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.file import load_model, read_card
from graingraph.nodes.learning.model.rewriting import divide_scores, write_card
from graingraph.nodes.learning.train.calibration import at_temperature
from graingraph.nodes.learning.train.sample import training_image_hash
from tests.support.models import save_model
from tests.support.recipes import LEARNING, wired

CLASSES = (PixelClass("matrix"), PixelClass("nodule"))


def threshold(path: Path) -> Path:
    """A model that takes what is brighter than half for nodules, and is far less sure of it than it could be."""
    from onnx import helper

    weights = {"w": np.array([-4, 4], np.float32).reshape(2, 1, 1, 1), "b": np.array([2, -2], np.float32)}
    nodes = [
        helper.make_node("Conv", ["image", "w", "b"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    return save_model(path, nodes, weights, 2, Card(CLASSES))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images of discs, their annotations, and a recipe whose model has learnt the first."""
    for name in ("truth", "models"):
        (tmp_path / name).mkdir()
    for number, name in enumerate("abc"):
        truth = np.zeros((64, 64), np.uint8)
        for x in (16, 48):
            cv2.circle(truth, (x, 32), 8 + number, 1, -1)
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.where(truth, 200, 60).astype(np.uint8))
        cv2.imwrite(str(tmp_path / "truth" / f"{name}.png"), 255 * truth)
    model = threshold(tmp_path / "models" / "discs-00000000.onnx")
    learnt = training_image_hash(Image(cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_GRAYSCALE)))
    model = write_card(model, replace(read_card(model), images={"a.png": learnt}))
    recipe = wired(
        ("Load", "Trace", "Train", "DeepSegment", "AreaFraction"),
        (
            *LEARNING,
            Wire("deep_segment", "classes", "area_fraction", "segmentation"),
        ),
    )
    layers = [{"name": "nodule", "color": "#ff0000", "role": "area", "of": "", "width": 0.0}]
    recipe = recipe.with_setting("trace", "classes", layers).with_setting("trace", "rest", "class")
    recipe = recipe.with_setting("trace", "rest_name", "matrix").with_setting("train", "model", reference(model))
    recipe_file.save(recipe, tmp_path / "discs.graingraph.json")
    return tmp_path


def scored(folder: Path, images: str, **changes: object) -> Card:
    names = [str(folder / f"{name}.png") for name in images]
    given = {"calibrate": False, "materials": False, "note": "", "node": None, "as_json": False, **changes}
    path = folder / "discs.graingraph.json"
    score_model(path, names, folder / "truth", "auto", **given)  # type: ignore[arg-type]
    product = recipe_file.load(path).steps["train"].product
    return read_card(ModelFolders((folder / "models",)).resolve(product).path)


def test_the_card_holds_what_the_recipe_answers_on_images_that_are_new_to_the_model(folder: Path) -> None:
    card = scored(folder, "abc", note="Two discs each.")
    assert list(card.held_out) == ["b.png", "c.png"]
    (share,) = (one for one in card.answers if one.quantity == "Area fraction nodule")
    assert len(share.found) == 2
    assert share.error == pytest.approx(0, abs=1e-6)
    assert card.scores[1]["iou"] == pytest.approx(1)
    assert card.note == "Two discs each."
    assert card.calibration["temperature"] == 1.0
    assert {"look", "texture", "traits"} <= set(card.statistics)  # of "a", the one that it has learnt


def test_it_is_made_as_sure_as_it_is_right(folder: Path) -> None:
    card = scored(folder, "bc", calibrate=True)
    assert "traits" not in card.statistics  # what it has learnt is not among these
    assert card.calibration["temperature"] < 0.5
    assert card.calibration["error_after"] < card.calibration["error_before"] / 2


def test_images_that_it_has_learnt_tell_nothing(folder: Path) -> None:
    with pytest.raises(Problem, match="new to the model"):
        scored(folder, "a")


def test_dividing_scores_changes_how_sure_a_model_is_and_no_class(tmp_path: Path) -> None:
    path = threshold(tmp_path / "m.onnx")
    image = Image(np.random.default_rng(0).integers(0, 256, (32, 48), dtype=np.uint8))
    before, classes = segment(image, load_model(path), processor="CPU", context=Context())
    for _ in range(2):
        divide_scores(path, 2.0)
    after, still = segment(image, load_model(path), processor="CPU", context=Context())
    np.testing.assert_allclose(after.pixels, at_temperature(before.pixels, 4.0), atol=1e-5)
    np.testing.assert_array_equal(still.pixels, classes.pixels)


def test_a_model_that_a_recipe_only_applies_is_scored_on_annotations(folder: Path) -> None:
    path = folder / "discs.graingraph.json"
    model = recipe_file.load(path).steps["train"].product
    recipe = wired(
        ("Load", "DeepSegment", "AreaFraction"),
        (
            Wire("load", "image", "deep_segment", "image"),
            Wire("deep_segment", "classes", "area_fraction", "segmentation"),
        ),
    )
    recipe_file.save(recipe.with_setting("deep_segment", "model", model), path)
    given = {"calibrate": False, "materials": True, "note": "Two discs each.", "node": None, "as_json": False}
    names = [str(folder / f"{name}.png") for name in "abc"]
    with pytest.raises(Problem, match="name annotations of the images"):
        score_model(path, names, None, "auto", **given)  # type: ignore[arg-type]
    (folder / "truth" / "classes.json").write_text('{"0": "matrix", "255": "nodule"}')
    score_model(path, names, folder / "truth", "auto", **given)  # type: ignore[arg-type]
    after = recipe_file.load(path).steps["deep_segment"].settings["model"]
    assert after != model
    card = read_card(ModelFolders((folder / "models",)).resolve(after).path)
    assert list(card.held_out) == ["b.png", "c.png"]
    (share,) = (one for one in card.answers if one.quantity == "Area fraction nodule")
    assert share.error == pytest.approx(0, abs=1e-6)
    assert card.scores[1]["iou"] == pytest.approx(1)
    assert "unsure" not in card.statistics
    assert not any(answer.alike for answer in card.answers)
