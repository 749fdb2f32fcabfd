"""What belongs to a recipe lies beside it: a folder handed to a colleague is complete."""

from pathlib import Path

import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.engine.declare.models import ModelFolders, reference, shipped_folders
from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import models
from graingraph.engine.recipe.check import check
from graingraph.engine.recipe.recipe import Recipe


@pytest.fixture(autouse=True)
def _no_folders_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "of_this_user"))


def a_model(folder: Path, name: str = "grains.onnx", content: bytes = b"model") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return reference(folder / name)


def test_the_models_that_a_recipe_applies_are_carried_beside_it(tmp_path: Path) -> None:
    trained = a_model(tmp_path / "mine", "trained.onnx", b"trained")
    chosen = a_model(tmp_path / "mine", "chosen.onnx", b"chosen")
    start = a_model(tmp_path / "mine", "start.onnx", b"start")
    recipe, train = Recipe().add("Train", model=trained, start_from=start)
    recipe, segment = recipe.add("DeepSegment", model=chosen)
    assert models.applied(recipe) == {train: trained, segment: chosen}
    (tmp_path / "theirs").mkdir()
    mine = ModelFolders().and_in(tmp_path / "mine")
    workspace.carry_models(recipe, tmp_path / "theirs" / "recipe.graingraph.json", mine)
    assert {path.name: path.read_bytes() for path in (tmp_path / "theirs" / "models").iterdir()} == {
        "trained.onnx": b"trained",
        "chosen.onnx": b"chosen",
    }


def test_a_colleague_finds_the_model_beside_the_recipe(tmp_path: Path) -> None:
    model = a_model(tmp_path / "mine")
    recipe = Recipe().add("DeepSegment", model=model)[0]
    workspace.carry_models(recipe, tmp_path / "recipe.graingraph.json", ModelFolders().and_in(tmp_path / "mine"))
    (tmp_path / "mine" / "grains.onnx").unlink()
    with pytest.raises(Problem, match="not on this machine"):
        ModelFolders().resolve(model)
    found = workspace.models_of(tmp_path / "recipe.graingraph.json").resolve(model)
    assert found.path == tmp_path / "models" / "grains.onnx"


def test_what_was_opened_before_makes_no_recipe_sound(tmp_path: Path) -> None:
    model = a_model(tmp_path / "one" / "models")
    recipe = Recipe().add("DeepSegment", model=model)[0]
    one, other = (workspace.models_of(tmp_path / name / "recipe.graingraph.json") for name in ("one", "other"))
    for folders, missing in ((other, True), (one, False), (other, True)):
        said = [finding.message for finding in check(recipe, folders)]
        assert any("not on this machine" in message for message in said) == missing


def test_a_model_that_is_nowhere_is_left_out(tmp_path: Path) -> None:
    recipe = Recipe().add("DeepSegment", model=f"lost.onnx@{'0' * 32}")[0]
    workspace.carry_models(recipe, tmp_path / "recipe.graingraph.json", ModelFolders())
    assert not (tmp_path / "models").exists()


def test_a_model_of_the_program_is_found_from_a_report_that_lies_elsewhere() -> None:
    shipped = sorted(shipped_folders()[0].glob("*.onnx"))
    assert shipped
    for file in shipped:
        assert ModelFolders().resolve(reference(file)).path == file
