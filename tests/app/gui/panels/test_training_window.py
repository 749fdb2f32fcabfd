"""Trace by hand, press Train, watch the curve: the new model is recorded in the recipe and can be undone."""

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.gui.panels.tray import NO_PICTURES
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from tests.app.gui.panels.test_results_window import middle, tab
from tests.app.gui.viewer.test_drawing_window import trace_a_patch_of_each_layer
from tests.support.paths import ASSETS, GRAPHS
from tests.support.recipes import chain
from tests.support.window_harness import Driver


@pytest.mark.slow
@pytest.mark.skipif(find_spec("torch") is None, reason="training needs PyTorch")
def test_traced_patches_train_a_model_that_the_recipe_records(
    open_window: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "models"))
    recipe = chain(("Load", "Trace"))
    recipe, train = recipe.add("Train", (480.0, 0.0), epochs=3, tile_grid=1, size_factor=0.25, held_out=0)
    recipe = recipe.connect(Wire("load", "image", train, "images")).connect(Wire("trace", "classmap", train, "truth"))
    file = tmp_path / "learn.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=[ASSETS / "nodules" / "nodules_001.tif"])
    driver.key("shift+f")
    trace_a_patch_of_each_layer(driver)
    driver.screenshot("to be trained")
    driver.click(driver.wait_for(lambda s: s["buttons"].get(train))["buttons"][train])
    driver.wait_for(lambda s: s["facts"]["Training"]["running"])
    driver.wait_for(lambda s: s["statuses"][train] == "running")  # and not "needs training"
    driver.screenshot("training")
    state = driver.wait_for(lambda s: s["settings"]["train"]["model"], 240)
    driver.screenshot("trained")
    assert state["undo"] == "Train"
    assert (tmp_path / "models" / state["settings"]["train"]["model"].split("@")[0]).is_file()
    driver.key("ctrl+z")
    driver.wait_for(lambda s: not s["settings"]["train"]["model"])


def test_learning_from_corrections_says_what_it_lacks_and_no_button_moves(
    open_window: Callable[..., Driver], tmp_path: Path
):
    recipe = chain(("Load", "Trace"))
    recipe, train = recipe.add("Train", (480.0, 0.0))
    recipe = recipe.connect(Wire("load", "image", train, "images")).connect(Wire("trace", "classmap", train, "truth"))
    recipe_file.save(recipe, tmp_path / "learn.graingraph.json")
    image = ASSETS / "nodules" / "nodules_001.tif"
    driver = open_window(recipe=tmp_path / "learn.graingraph.json", images=[image])
    tab(driver, "Training")
    buttons = driver.wait_for(lambda s: s["widgets"].get("corrections"))["widgets"]
    driver.click(middle(buttons["corrections"]))
    state = driver.wait_for(lambda s: s["facts"]["Training"]["words"] == "Not trained.")
    assert any("There is no model yet" in text for text in state["messages"])
    assert all(state["widgets"][name] == buttons[name] for name in ("train node", "train", "corrections"))
    driver.screenshot("nothing_corrected")


def test_the_tab_says_what_was_learnt_and_shows_the_card(open_window: Callable[..., Driver], tmp_path: Path):
    for name in ("colony_basketweave.graingraph.json", "colony_basketweave.marks", "models"):
        copy = shutil.copytree if (GRAPHS / name).is_dir() else shutil.copy
        copy(GRAPHS / name, tmp_path / name)
    images = sorted((ASSETS / "titanium").glob("*.tif"))
    driver = open_window(recipe=tmp_path / "colony_basketweave.graingraph.json", images=images)
    tab(driver, "Training")
    state = driver.wait_for(lambda s: s["facts"]["Training"]["answers"], 40)
    assert state["facts"]["Training"]["summary"] == "4 images traced, 1 not learnt yet."
    assert "learnt" in state["facts"]["Training"]["uses"].values()
    driver.screenshot("training_facts")
    driver.click_on("card")
    driver.wait_for(lambda s: s["dialog"] and any("trained on" in line for line in s["question"]))
    driver.screenshot("card")
    driver.key("Escape")
    driver.click_on("annotations")
    driver.click_on("answer Export COCO…")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(tmp_path / "coco"))
    driver.key("Return")
    driver.wait_for(lambda s: "are written to" in s["status"], 40)
    assert (tmp_path / "coco" / "annotations.json").is_file()


def test_annotations_are_taken_over_without_a_training_and_are_no_images(
    open_window: Callable[..., Driver], tmp_path: Path
):
    recipe_file.save(chain(("Load", "Trace")), tmp_path / "trace.graingraph.json")
    image, drawn = tmp_path / "a.png", tmp_path / "drawn" / "a.json"
    cv2.imwrite(str(image), np.full((60, 80), 120, np.uint8))
    drawn.parent.mkdir()
    shape = {"label": "feature", "shape_type": "rectangle", "points": [[10, 10], [40, 40]]}
    drawn.write_text(json.dumps({"imagePath": "a.png", "imageHeight": 60, "imageWidth": 80, "shapes": [shape]}))
    driver = open_window(recipe=tmp_path / "trace.graingraph.json", images=[image])

    driver.key("ctrl+i")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(drawn))
    driver.key("Return")
    state = driver.wait_for(lambda s: s["status"] == NO_PICTURES.format(files="a.json"))
    assert state["images"] == ["a.png"]

    tab(driver, "Training")
    driver.click_on("annotations")
    driver.wait_for(lambda s: "answer Cancel" in s["widgets"])
    assert not driver.cut_texts()
    driver.screenshot("annotations")
    driver.click_on("answer Import a folder…")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(drawn.parent))
    driver.key("Return")
    driver.wait_for(lambda s: "1 stroke" in s["facts"]["Images"]["labels"][0], 30)
