"""What a new model answers on held-out images, by the steps of its recipe.

Oracle: discs of known number, size and area; a model that finds what is bright, and one that finds a part of it.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("torch")

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.app.document.held_out_answers import answers, with_answers
from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import UNLABELLED, ClassMap, Model, PerImage
from graingraph.nodes.learning.model.card import Card, card_from_json, card_text
from graingraph.nodes.learning.model.file import load_model, read_card
from tests.support.models import save_model
from tests.support.pictures import CLASSES
from tests.support.recipes import LEARNING, wired

LEVEL = 0.5
RADII = {"a": (10, 14, 18), "b": (12, 20)}


def truth(radii: tuple[int, ...]) -> np.ndarray:
    pixels = np.zeros((80, 60 * len(radii)), np.uint8)
    for number, radius in enumerate(radii):
        cv2.circle(pixels, (60 * number + 30, 40), radius, 1, -1)
    return pixels


TRUTH = {name: truth(radii) for name, radii in RADII.items()}
TRAY = ImageSet.of_arrays({name: np.where(pixels, 200, 50).astype(np.uint8) for name, pixels in TRUTH.items()})


def model(folder: Path, *, shrink: int) -> Model:
    """A model that finds bright discs, ``shrink`` px smaller all round than they are: a threshold after an erosion."""
    from onnx import helper

    side = 2 * shrink + 1
    weights = {
        "minus": np.array([-1], np.float32),
        "w": np.array([-40, 40], np.float32).reshape(2, 1, 1, 1),
        "b": np.array([20, -20], np.float32),
    }
    nodes = [
        helper.make_node("Mul", ["image", "minus"], ["negative"]),
        helper.make_node("MaxPool", ["negative"], ["darkest"], kernel_shape=[side, side], pads=[shrink] * 4),
        helper.make_node("Mul", ["darkest", "minus"], ["eroded"]),
        helper.make_node("Conv", ["eroded", "w", "b"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    card = Card(CLASSES, held_out=dict.fromkeys(RADII, ""))
    return load_model(save_model(folder / f"discs{shrink}.onnx", nodes, weights, 2, card))


@pytest.fixture
def recipe() -> Recipe:
    kinds = (
        "Load",
        "Trace",
        "Train",
        "DeepSegment",
        "ClassMask",
        "ManualEdit",
        "MeasureDiameter",
        "AreaFraction",
        "Pool",
    )
    wires = (
        *LEARNING,
        Wire("deep_segment", "classes", "class_mask", "classes"),
        Wire("class_mask", "mask", "manual_edit", "region"),
        Wire("manual_edit", "result", "measure_diameter", "region"),
        Wire("deep_segment", "classes", "area_fraction", "segmentation"),
        Wire("measure_diameter", "table", "pool", "tables"),
    )
    return wired(kinds, wires).with_setting("class_mask", "name", "nodule")


def given(pixels: dict[str, np.ndarray]) -> PerImage[ClassMap]:
    return PerImage(tuple(pixels), lambda name: ClassMap(pixels[name], classes=CLASSES))


def evaluation(recipe: Recipe, folder: Path) -> Evaluation:
    return Evaluation(recipe, TRAY, Store(models=ModelFolders((folder,))))


def test_a_perfect_model_answers_what_was_traced(recipe: Recipe, tmp_path: Path) -> None:
    found = answers(evaluation(recipe, tmp_path), "train", model(tmp_path, shrink=0), given(TRUTH))
    told = {(item.step, item.quantity): item for item in found}
    assert told["measure_diameter", "Number of features"].found == (3, 2)
    diameters = told["measure_diameter", "Equivalent diameter"]
    sizes = [[np.pi * radius**2 for radius in radii] for radii in RADII.values()]
    assert diameters.true == pytest.approx([np.mean(np.sqrt(4 / np.pi * np.array(areas))) for areas in sizes], abs=0.3)
    assert diameters.unit == "px"
    share = told["area_fraction", "Area fraction nodule"]
    assert share.true == pytest.approx([100 * np.mean(TRUTH[name]) for name in RADII])
    assert all(item.error == pytest.approx(0, abs=1e-6) for item in found)
    assert "pool" not in {item.step for item in found}


def test_a_training_that_was_stopped_is_measured_all_the_same(recipe: Recipe, tmp_path: Path) -> None:
    layers = [{"name": "nodule", "color": "#ff0000", "role": "area", "of": "", "width": 0.0}]
    recipe = recipe.with_setting("trace", "classes", layers).with_setting("trace", "rest", "class")
    recipe = recipe.with_setting("trace", "rest_name", CLASSES[0].name)
    store = Store(models=ModelFolders((tmp_path,)))
    for source in TRAY.values():
        mark = Mark("m", "rectangle", np.array([(10, 10), (50, 70)], np.float32), 0.0, "nodule")
        store.marks.add(source.drawn_as, "trace", mark)
    stopped = Evaluation(recipe, TRAY, store, cancelled=lambda: True)
    assert answers(stopped, "train", model(tmp_path, shrink=0))


def test_a_model_that_finds_too_little_is_said_to_by_so_much_in_the_unit_of_the_answer(
    recipe: Recipe, tmp_path: Path
) -> None:
    made = model(tmp_path, shrink=2)
    scored = with_answers(evaluation(recipe, tmp_path), "train", made, given(TRUTH))
    assert scored.hash != made.hash
    card = read_card(scored.path)
    (diameter,) = (item for item in card.answers if item.quantity == "Equivalent diameter")
    assert diameter.error == pytest.approx(
        -4 * 4 / np.pi, abs=0.3
    )  # 2 px all round by a square: 4/π as much on average
    assert diameter.spread == pytest.approx(0, abs=0.4)
    assert "measure_diameter, Equivalent diameter" in card_text(card, "")
    assert card_from_json(card.to_json()) == card


def test_what_is_not_traced_whole_is_not_measured(recipe: Recipe, tmp_path: Path) -> None:
    partly = {name: pixels.copy() for name, pixels in TRUTH.items()}
    for pixels in partly.values():
        pixels[:20] = UNLABELLED
    made = model(tmp_path, shrink=0)
    assert answers(evaluation(recipe, tmp_path), "train", made, given(partly)) == ()
    assert with_answers(evaluation(recipe, tmp_path), "train", made, given(partly)) == made
