"""Corrections become what a Train node learns, in the classes of its Trace node."""

from pathlib import Path

import numpy as np
import pytest

import nodes  # noqa: F401 - declares the nodes
from app.session.corrections import corrected_truth, from_current_model
from engine import models, recipe_file
from engine.context import Mark
from engine.evaluate import Evaluation
from engine.marks import MarkStore
from engine.problem import Problem
from engine.recipe import Recipe
from engine.store import Store
from engine.tray import Tray
from engine.values import UNLABELLED, ClassMap

REPO = Path(__file__).parents[3]
IMAGES = [REPO / "assets" / "brass" / f"brass_00{number}.tif" for number in (3, 4)]


@pytest.fixture
def recipe() -> Recipe:
    models.look_in(REPO / "graphs" / "models")
    return recipe_file.load(REPO / "graphs" / "twinned_brass.graingraph.json")


def line(tool: str, *points: tuple[float, float], layer: str = "") -> Mark:
    return Mark(f"{tool} {layer}", tool, np.array(points, np.float32), 3.0, layer)


def test_what_was_corrected_is_learnt_as_corrected_and_the_rest_as_traced(recipe: Recipe) -> None:
    tray, store = Tray.of_files(IMAGES), Store(marks=MarkStore())
    traced, corrected = tray
    store.marks.add(tray[traced].drawn_as, "trace", line("pen", (100, 100), (300, 100), layer="grain boundary"))
    evaluation = Evaluation(recipe, tray, store)
    network = evaluation.value("network", image=corrected).pixels  # type: ignore[attr-defined]
    row, column = next(
        (r, c) for r, c in np.argwhere(~network[200:500, 200:700]) + 200 if not network[r, c : c + 8].any()
    )
    store.marks.add(tray[corrected].drawn_as, "correct", line("pen", (column - 150, row), (column + 150, row)))

    truth = corrected_truth(Evaluation(recipe, tray, store), "train")
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
    tray = Tray.of_files(IMAGES[:1])
    with pytest.raises(Problem, match="Nothing is corrected in correct yet"):
        corrected_truth(Evaluation(recipe, tray, Store(marks=MarkStore())), "train")
    assert from_current_model(recipe, "train").steps["train"].settings["start_from"].startswith("grain_boundary-grain")
    with pytest.raises(Problem, match="train one first"):
        from_current_model(recipe.with_setting("train", "model", ""), "train")
    with pytest.raises(Problem, match="no ManualEdit"):
        corrected_truth(Evaluation(recipe.remove(["correct"]), tray, Store(marks=MarkStore())), "train")
