"""What belongs to a recipe lies beside it: a folder handed to a colleague is complete."""

from pathlib import Path

import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.engine.evaluation import workspace
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import models
from graingraph.engine.recipe.recipe import Recipe


@pytest.fixture(autouse=True)
def _no_folders_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(models, "_folders", [])
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "of_this_user"))


def a_model(folder: Path, name: str = "grains.onnx", content: bytes = b"model") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return models.reference(folder / name)


def test_the_models_that_a_recipe_applies_are_carried_beside_it(tmp_path: Path) -> None:
    trained = a_model(tmp_path / "mine", "trained.onnx", b"trained")
    chosen = a_model(tmp_path / "mine", "chosen.onnx", b"chosen")
    start = a_model(tmp_path / "mine", "start.onnx", b"start")
    recipe, train = Recipe().add("Train", model=trained, start_from=start)
    recipe, segment = recipe.add("DeepSegment", model=chosen)
    assert models.applied(recipe) == {train: trained, segment: chosen}
    (tmp_path / "theirs").mkdir()
    workspace.carry_models(recipe, tmp_path / "theirs" / "recipe.graingraph.json")
    assert {path.name: path.read_bytes() for path in (tmp_path / "theirs" / "models").iterdir()} == {
        "trained.onnx": b"trained",
        "chosen.onnx": b"chosen",
    }


def test_a_colleague_finds_the_model_beside_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = a_model(tmp_path / "mine")
    recipe = Recipe().add("DeepSegment", model=reference)[0]
    workspace.carry_models(recipe, tmp_path / "recipe.graingraph.json")
    (tmp_path / "mine" / "grains.onnx").unlink()
    monkeypatch.setattr(models, "_folders", [])
    with pytest.raises(Problem, match="not on this machine"):
        models.resolve(reference)
    workspace.find_models(tmp_path / "recipe.graingraph.json")
    assert models.resolve(reference).path == tmp_path / "models" / "grains.onnx"


def test_a_model_that_is_nowhere_is_left_out(tmp_path: Path) -> None:
    recipe = Recipe().add("DeepSegment", model=f"lost.onnx@{'0' * 32}")[0]
    workspace.carry_models(recipe, tmp_path / "recipe.graingraph.json")
    assert not (tmp_path / "models").exists()
