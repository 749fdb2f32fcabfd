"""Accepted and rejected boundaries are what a training learns; what nobody touched stays as it was traced, or open."""

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401 - declares the nodes
from graingraph.app.document.corrections import corrected_truth, is_corrected, learning_on
from graingraph.engine.declare.injected import Mark
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import UNLABELLED
from graingraph.nodes.imaging.boundaries.branch_paths import BranchPaths
from graingraph.nodes.learning.model.general import GENERAL_MODEL
from tests.support.paths import ASSETS, GRAPHS

IMAGE = ASSETS / "brass" / "brass_001.tif"


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return recipe_file.load(GRAPHS / "grains_by_correcting.graingraph.json")


def line(tool: str, points: object, layer: str = "") -> Mark:
    return Mark(f"{tool} {np.asarray(points).sum()}", tool, np.array(points, np.float32), 3.0, layer)


def test_what_was_accepted_is_boundary_what_was_rejected_is_grain_and_the_rest_is_open(recipe: Recipe) -> None:
    image_set, store = ImageSet.of_files([IMAGE]), Store(marks=MarkStore(), models=ModelFolders())
    (name,) = image_set
    evaluation = Evaluation(recipe, image_set, store)
    assert not is_corrected(evaluation, "train")
    network = evaluation.value("network", image=name).pixels  # type: ignore[attr-defined]
    found = BranchPaths(network)
    long = sorted(map(found.path, range(1, len(found) + 1)), key=len)[-2:]
    seen = image_set[name].drawn_as
    store.marks.add(seen, "trace", line("pen", [(10, 20), (90, 20)], layer="grain boundary"))
    store.marks.add(seen, "trace", line("complete", [(0, 0), (100, 60)]))
    store.marks.add(seen, "correct", line("accept", long[0]))
    store.marks.add(seen, "correct", line("reject", long[1]))

    evaluation = Evaluation(recipe, image_set, store)
    assert is_corrected(evaluation, "train")
    truth = corrected_truth(evaluation, "train")[name]
    names = [item.name for item in truth.classes]
    (x, y), (gone_x, gone_y) = (path[len(path) // 2].astype(int) for path in long)
    assert names[truth.pixels[y, x]] == "grain boundary"
    assert names[truth.pixels[gone_y, gone_x]] == "grain"
    assert names[truth.pixels[20, 50]] == "grain boundary"  # traced, in the block
    assert names[truth.pixels[50, 50]] == "grain"
    assert np.mean(truth.pixels == UNLABELLED) > 0.9


def test_learning_on_starts_from_the_model_that_proposed(recipe: Recipe) -> None:
    assert learning_on(recipe, "train").steps["train"].settings["start_from"] == GENERAL_MODEL
    fresh = recipe.with_setting("train", "model", "")
    assert learning_on(fresh, "train") == fresh
