"""Corrections become what a Train node learns, in the classes of its Trace node."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.app.document.corrections import _as_traced, corrected_truth, from_current_model
from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Mask
from graingraph.nodes.learning.model.card import Card
from tests.support.paths import ASSETS, GRAPHS

MODELS = ModelFolders().and_in(GRAPHS / "models")
IMAGES = [ASSETS / "brass" / f"brass_00{number}.tif" for number in (3, 4)]


@pytest.fixture
def recipe() -> Recipe:
    return recipe_file.load(GRAPHS / "twinned_brass.graingraph.json")


def line(tool: str, *points: tuple[float, float], layer: str = "") -> Mark:
    return Mark(f"{tool} {layer}", tool, np.array(points, np.float32), 3.0, layer)


def test_what_was_corrected_is_learnt_as_corrected_and_the_rest_as_traced(recipe: Recipe) -> None:
    image_set, store = ImageSet.of_files(IMAGES), Store(marks=MarkStore(), models=MODELS)
    traced, corrected = image_set
    store.marks.add(image_set[traced].drawn_as, "trace", line("pen", (100, 100), (300, 100), layer="grain boundary"))
    evaluation = Evaluation(recipe, image_set, store)
    network = evaluation.value("network", image=corrected).pixels  # type: ignore[attr-defined]
    row, column = next(
        (r, c) for r, c in np.argwhere(~network[200:500, 200:700]) + 200 if not network[r, c : c + 8].any()
    )
    store.marks.add(image_set[corrected].drawn_as, "correct", line("pen", (column - 150, row), (column + 150, row)))

    truth = corrected_truth(Evaluation(recipe, image_set, store), "train")
    mine, theirs = truth[corrected], truth[traced]
    assert isinstance(mine, ClassMap)
    assert [item.name for item in mine.classes] == [item.name for item in theirs.classes] == ["grain boundary", "grain"]
    assert not np.any(mine.pixels == UNLABELLED)
    assert mine.pixels[row, column] == 0
    unchanged = np.mean((mine.pixels == 0) == network)
    assert 0.99 < unchanged < 1  # the line that was drawn, and what the model found
    assert theirs.pixels[100, 200] == 0
    assert theirs.pixels[300, 200] == 1


def test_without_corrections_or_a_model_it_says_so(recipe: Recipe) -> None:
    image_set = ImageSet.of_files(IMAGES[:1])
    with pytest.raises(Problem, match="Nothing is corrected in ManualEdit yet"):
        corrected_truth(Evaluation(recipe, image_set, Store(marks=MarkStore(), models=MODELS)), "train")
    assert (
        from_current_model(recipe, "train", MODELS)
        .steps["train"]
        .settings["start_from"]
        .startswith("grain_boundary-grain")
    )
    with pytest.raises(Problem, match="train one first"):
        from_current_model(recipe.with_setting("train", "model", ""), "train", MODELS)
    with pytest.raises(Problem, match="no ManualEdit"):
        corrected_truth(
            Evaluation(recipe.remove(["correct"]), image_set, Store(marks=MarkStore(), models=MODELS)), "train"
        )


def learnt(result: Mask | Labels, kind: str, rest: str, **widths: float) -> dict[str, int]:
    """Pixels of each class that a corrected result is learnt as, with these classes of Trace."""
    recipe, trace = Recipe("corrections").add("Trace")
    classes = [{"name": name, "color": "#123456", "width": width} for name, width in widths.items()]
    for setting, value in (
        ("classes", classes),
        ("rest", "class" if rest else "ignore"),
        ("rest_name", rest or "rest"),
    ):
        recipe = recipe.with_setting(trace, setting, value)
    recipe, edit = recipe.add("ManualEdit", kind=kind)

    class Found:
        def __init__(self) -> None:
            self.recipe = recipe

        def value(self, *_: str, image: str) -> Mask | Labels:
            return result

    found = _as_traced(Found(), edit, trace, "a")  # type: ignore[arg-type]
    names = {index: item.name for index, item in enumerate(found.classes)} | {UNLABELLED: "nothing"}
    return {names[int(k)]: int(n) for k, n in zip(*np.unique(found.pixels, return_counts=True), strict=True)}


def test_corrections_are_learnt_in_the_classes_of_trace_whatever_their_order_and_names() -> None:
    lines = np.zeros((20, 30), bool)
    lines[10] = True
    boundaries = Mask(lines)
    assert learnt(boundaries, "boundaries", "", grain=0, boundary=3) == {"boundary": 30, "grain": 570}
    assert learnt(boundaries, "boundaries", "grain", boundary=3) == {"boundary": 30, "grain": 570}
    assert learnt(boundaries, "features", "", feature=0, matrix=0) == {"feature": 30, "matrix": 570}
    halves = np.ones((20, 30), np.int32)
    halves[10:] = 2
    grains = Labels(halves.copy(), count=2)
    assert learnt(grains, "features", "grain", boundary=2) == {"boundary": 60, "grain": 540}
    halves[:, 20:] = 0
    pools = Labels(halves, count=2)
    assert learnt(pools, "features", "", feature=0, matrix=0) == {"feature": 400, "matrix": 200}
    taught = learnt(pools, "features", "metal", pool=0, outline=2)
    assert set(taught) == {"pool", "outline", "metal"}


def test_where_the_class_of_the_rest_is_not_known_it_says_so() -> None:
    with pytest.raises(Problem, match="what is not traced"):
        learnt(Mask(np.eye(9, dtype=bool)), "features", "", pore=0, carbide=0, matrix=0)
    with pytest.raises(Problem, match="what is not traced"):
        learnt(Mask(np.eye(9, dtype=bool)), "boundaries", "", boundary=3)
    with pytest.raises(Problem, match="what is not traced"):
        learnt(Labels(np.eye(9, dtype=np.int32), count=1), "features", "", boundary=3)


def test_a_stopped_training_from_corrections_goes_on_from_where_it_started(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = recipe.steps["train"].settings["model"]
    card = Card((), settings={"epochs": 3, "epochs trained": 1}, started_from=first)
    monkeypatch.setattr("graingraph.app.document.corrections.read_card", lambda path: card)
    again = from_current_model(recipe, "train", MODELS).steps["train"].settings
    assert again["start_from"] == again["model"] == first
    finished = replace(card, settings={"epochs": 3, "epochs trained": 3}, started_from="earlier.onnx@0")
    monkeypatch.setattr("graingraph.app.document.corrections.read_card", lambda path: finished)
    assert from_current_model(recipe, "train", MODELS).steps["train"].settings["start_from"] == first
