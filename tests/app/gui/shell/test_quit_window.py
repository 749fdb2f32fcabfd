"""Quitting while something runs asks, keeps what was reached and ends the process in order."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from graingraph.engine.declare.models import reference
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe, Wire
from tests.app.gui.panels.test_results_window import middle, tab
from tests.app.gui.shell.test_files_window import answer
from tests.app.gui.viewer.test_drawing_window import trace_a_patch_of_each_layer
from tests.support import slow_node  # noqa: F401  (declares the node Wait)
from tests.support.paths import ASSETS, GRAPHS
from tests.support.plugins import install
from tests.support.recipes import chain
from tests.support.window_harness import Driver

NODULES = ASSETS / "nodules" / "nodules_001.tif"


def learning(model: str = "") -> Recipe:
    recipe = chain(("Load", "Trace"))
    recipe, train = recipe.add("Train", (480.0, 0.0), epochs=400, size_factor=0.25, held_out=0)
    recipe = recipe.connect(Wire("load", "image", train, "images")).connect(Wire("trace", "classmap", train, "truth"))
    return recipe.with_setting(train, "model", model) if model else recipe


def begin_training(driver: Driver) -> None:
    driver.key("shift+f")
    trace_a_patch_of_each_layer(driver)
    tab(driver, "Training")
    driver.click(middle(driver.wait_for(lambda s: s["widgets"].get("train"))["widgets"]["train"]))
    driver.wait_for(lambda s: s["facts"]["Training"]["running"])


def ended(driver: Driver, seconds: float = 60) -> int:
    assert driver.process
    return driver.process.wait(seconds)


@pytest.mark.slow
def test_quitting_while_training_asks_and_keeps_what_was_learnt(
    open_window: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("torch", reason="training needs PyTorch")
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "models"))
    file = tmp_path / "learn.graingraph.json"
    recipe_file.save(learning(), file)
    driver = open_window(recipe=file, images=[NODULES])
    begin_training(driver)
    driver.wait_for(lambda s: "Epoch 2" in s["facts"]["Training"]["words"], 120)
    driver.key("ctrl+q")
    state = driver.wait_for(lambda s: "answer Stop and quit" in s["widgets"])
    assert any("A training is running" in line for line in state["question"])
    driver.screenshot("quit_while_training")
    driver.key("Escape")
    driver.wait_for(lambda s: not s["dialog"])
    assert driver.state["facts"]["Training"]["running"]
    driver.key("ctrl+q")
    state = driver.wait_for(lambda s: "answer Stop and quit" in s["widgets"])
    driver.click_on("answer Stop and quit")
    assert ended(driver) == 0
    driver.start()
    state = driver.wait_for(lambda s: s["settings"]["train"]["model"])
    assert (tmp_path / "models" / state["settings"]["train"]["model"].split("@")[0]).is_file()
    assert state["undo"] == "Train"


@pytest.mark.slow
def test_a_stopped_training_replaces_no_model_unasked(
    open_window: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("torch", reason="training needs PyTorch")
    folder = tmp_path / "models"
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(folder))
    folder.mkdir()
    earlier = shutil.copy(next((GRAPHS / "models").glob("*.onnx")), folder / "earlier.onnx")
    model = reference(Path(earlier))
    file = tmp_path / "learn.graingraph.json"
    recipe_file.save(learning(model), file)
    driver = open_window(recipe=file, images=[NODULES])
    begin_training(driver)
    driver.wait_for(lambda s: "Epoch 2" in s["facts"]["Training"]["words"], 120)
    driver.click_on("train")
    state = driver.wait_for(lambda s: "answer Keep the model before" in s["widgets"], 60)
    assert any("stopped early" in line for line in state["question"])
    driver.screenshot("which_model")
    assert state["settings"]["train"]["model"] == model
    answer(driver, "Keep the model before")
    state = driver.wait_for(lambda s: any("keeps the model it had" in text for text in s["messages"]))
    assert state["settings"]["train"]["model"] == model


def test_quitting_while_something_is_computed_ends_in_order(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "slow.graingraph.json"
    recipe_file.save(chain(("Load", "Wait")).with_setting("wait", "seconds", 60.0), file)
    driver = open_window(recipe=file, images=[NODULES])
    driver.key("shift+f")
    left, top, right, _ = driver.wait_for(lambda s: s["nodes"].get("wait"))["nodes"]["wait"]
    driver.click(((left + right) / 2, top + 6))
    driver.wait_for(lambda s: s["statuses"].get("wait") == "running")
    driver.key("ctrl+q")
    assert ended(driver, 20) == 0


def test_quitting_while_a_batch_runs_asks(
    open_window: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    site = install(tmp_path / "site", "slow_node_here", "import tests.support.slow_node\n", "graingraph.nodes")
    monkeypatch.setenv("PYTHONPATH", str(site))  # the process that works on the image must know the node, too
    file = tmp_path / "slow.graingraph.json"
    recipe_file.save(chain(("Load", "Wait")).with_setting("wait", "seconds", 60.0), file)
    driver = open_window(recipe=file, images=[NODULES])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"])
    tab(driver, "Batch")
    driver.click(middle(driver.wait_for(lambda s: s["widgets"].get("run"))["widgets"]["run"]))
    driver.wait_for(lambda s: s["facts"]["Batch"]["running"])
    driver.press_cross()
    state = driver.wait_for(lambda s: "answer Stop and quit" in s["widgets"])
    assert any("A batch is running" in line for line in state["question"])
    driver.click_on("answer Stop and quit")
    assert ended(driver) == 0
