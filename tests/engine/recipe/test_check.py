"""Checking: everything that can be known without pixels, errors first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import node
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.declare.roles import Trained
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import Finding, check, require_sound
from graingraph.engine.recipe.parts import Exposed, Step, Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Mask, Model, PerImage, Table
from tests.support.paths import GRAPHS

NO_MODEL = ModelFile("")


def said(recipe: Recipe) -> list[tuple[str, str | None, str]]:
    return [(finding.severity, finding.node, finding.message) for finding in check(recipe, ModelFolders())]


def one(recipe: Recipe, severity: str, at: str | None, part: str) -> None:
    assert any(s == severity and n == at and part in message for s, n, message in said(recipe)), said(recipe)


def loaded() -> Recipe:
    recipe, _ = Recipe().add("Load")
    recipe, _ = recipe.add("Add")
    return recipe.connect(Wire("load", "image", "add", "image"))


def test_a_sound_recipe_has_no_finding(calls: list[str]) -> None:
    assert check(loaded(), ModelFolders()) == []
    assert require_sound(loaded(), ModelFolders()) == []


def test_an_empty_recipe_is_an_error(calls: list[str]) -> None:
    one(Recipe(), "error", None, "no nodes")


def test_an_unknown_node_a_wrong_setting_and_a_missing_wire(calls: list[str]) -> None:
    recipe = Recipe(
        steps={**loaded().steps, "x": Step("Foreign", 3), "y": replace(loaded().steps["add"], settings={"amount": 99})}
    )
    one(recipe, "error", "x", "node type Foreign 3")
    one(recipe, "error", "y", "amount is from 0 to 9")
    one(recipe, "error", "y", "input image (Image) is not wired")
    with pytest.raises(Problem) as caught:
        require_sound(recipe, ModelFolders())
    assert caught.value.node in ("x", "y", "add")


def test_wires_that_do_not_fit_after_an_edit_by_hand(calls: list[str]) -> None:
    recipe = loaded().add("Measure")[0]
    one(Recipe(steps=recipe.steps, wires=(Wire("load", "image", "measure", "region"),)), "error", "measure", "takes")
    one(Recipe(steps=recipe.steps, wires=(Wire("load", "old", "add", "image"),)), "error", "add", "no output old")
    one(Recipe(steps=recipe.steps, wires=(Wire("load", "image", "add", "old"),)), "error", "add", "no input old")


def test_what_exists_once_cannot_be_gathered_again(calls: list[str]) -> None:
    recipe = loaded()
    for name in ("Bright", "Measure", "Pool", "Pool"):
        recipe, _ = recipe.add(name)
    for wire in (
        Wire("add", "image", "bright", "image"),
        Wire("bright", "mask", "measure", "region"),
        Wire("measure", "table", "pool", "tables"),
        Wire("pool", "table", "pool_2", "tables"),
    ):
        recipe = recipe.connect(wire)
    one(recipe, "error", "pool_2", "exists only once per batch")


def test_what_is_there_for_every_image_does_not_go_into_an_input_for_the_whole_batch(calls: list[str]) -> None:
    @node("Page", category="Test")
    def page(images: PerImage[Image], table: Table | None = None) -> Table:
        """Gather the images, and take one table of all of them."""
        return table or Table({}, {})

    recipe = loaded()
    for name in ("Bright", "Measure", "Page"):
        recipe, _ = recipe.add(name)
    for wire in (
        Wire("add", "image", "bright", "image"),
        Wire("bright", "mask", "measure", "region"),
        Wire("add", "image", "page", "images"),
    ):
        recipe = recipe.connect(wire)
    scattered = Wire("measure", "table", "page", "table")
    with pytest.raises(Problem, match="Pool"):
        recipe.connect(scattered)
    by_hand = Recipe(steps=recipe.steps, wires=(*recipe.wires, scattered))
    one(by_hand, "error", "page", "gives one for every image")
    images = ImageSet.of_arrays({"a": np.zeros((4, 4), np.uint8)})
    with pytest.raises(Problem, match="gives one for every image"):
        Evaluation(by_hand, images).value("page")


def test_a_node_whose_output_is_no_input_cannot_be_muted(calls: list[str]) -> None:
    recipe, _ = loaded().add("Bright")
    recipe = recipe.connect(Wire("add", "image", "bright", "image"))
    one(recipe.with_muted("bright", True), "error", "bright", "cannot be muted")
    assert check(recipe.with_muted("add", True), ModelFolders()) == []


def test_an_exposed_setting_that_is_gone_is_a_warning(calls: list[str]) -> None:
    exposed = (Exposed("add", "amount", "A"), Exposed("add", "gone", "B"), Exposed("away", "x", "C"))
    recipe = loaded().with_exposed(exposed)
    assert [finding.severity for finding in check(recipe, ModelFolders())] == ["warning", "warning"]
    assert len(require_sound(recipe, ModelFolders())) == 2


def test_a_missing_model_is_an_error_and_no_training_a_warning(
    calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path))

    @node("Learn", category="Test", trained=Trained(product="model"))
    def learn(images: PerImage[Image], *, model: ModelFile = NO_MODEL, context: Context) -> Model:
        """Learn.

        Settings:
            model: What was learnt.
        """
        raise NotImplementedError

    @node("Apply", category="Test")
    def apply(image: Image, *, model: ModelFile = NO_MODEL) -> Mask:
        """Apply.

        Settings:
            model: What to use.
        """
        raise NotImplementedError

    recipe, _ = loaded().add("Learn")
    one(recipe, "warning", "learn", "needs training")
    recipe, _ = loaded().add("Apply")
    recipe = recipe.connect(Wire("add", "image", "apply", "image"))
    for ref in ("gone.onnx@00", "../up.onnx@00", "x" * 5000 + "@00", "@", "a\0b@00"):
        one(recipe.with_setting("apply", "model", ref), "error", "apply", "model")
    (tmp_path / "here.onnx").write_bytes(b"other")
    one(recipe.with_setting("apply", "model", "here.onnx@00"), "error", "apply", "is not the one that was chosen")


def test_errors_come_first_and_read_as_a_line(calls: list[str]) -> None:
    recipe = Recipe(steps={"x": Step("Foreign")}, exposed=(Exposed("x", "y", "z"),))
    assert [finding.severity for finding in check(recipe, ModelFolders())] == ["error", "warning"]
    assert str(Finding("error", "x", "It is wrong.")) == "error: node x: It is wrong."


@pytest.mark.parametrize("path", sorted(GRAPHS.glob("*.graingraph.json")), ids=lambda path: path.name.split(".")[0])
def test_the_shipped_recipes_have_no_error(path: Path) -> None:
    from graingraph.engine.evaluation import workspace

    load_plugins()
    recipe = recipe_file.load(path)
    assert [str(finding) for finding in check(recipe, workspace.models_of(path)) if finding.severity == "error"] == []
    assert recipe_file.dump(recipe_file.parse(recipe_file.dump(recipe))) == recipe_file.dump(recipe)


def test_one_missing_wire_is_one_error_however_much_is_gathered_behind_it() -> None:
    load_plugins()
    recipe = recipe_file.load(GRAPHS / "nodules.graingraph.json")
    wire = recipe.wire_into("threshold", "image")
    assert wire is not None
    errors = [finding for finding in check(recipe.disconnect([wire]), ModelFolders()) if finding.severity == "error"]
    assert [finding.node for finding in errors] == ["threshold"]
