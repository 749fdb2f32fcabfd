"""Live results in the real window: tables and overlays follow a dragged slider, long nodes stop, batches run."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ASSETS
from tests.support.recipes import chain, first_wire
from tests.support.window_harness import Driver

IMAGES = sorted((ASSETS / "nodules").glob("*.tif"))


def measuring() -> Recipe:
    """Dark nodules by a threshold set by hand, measured."""
    recipe = chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures"))
    for name, value in (("method", "manual"), ("keep", "darker"), ("level", 0.3)):
        recipe = recipe.with_setting("threshold", name, value)
    return recipe


def middle(box: list[float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def view(driver: Driver, node: str) -> None:
    box = driver.state["nodes"][node]
    driver.click((middle(box)[0], box[1] + 6))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["node"] == node and s["facts"]["Viewer"]["drawn"], 40)


def tab(driver: Driver, name: str) -> None:
    """Click a tab of the bottom row of panels."""
    driver.click_on(f"tab {name}")


def opened(open_window: Callable[..., Driver], folder: Path, recipe: Recipe, images: list[Path]) -> Driver:
    file = folder / "recipe.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=images)
    driver.key("shift+f")
    return driver


def test_a_dragged_threshold_changes_table_and_overlay(open_window: Callable[..., Driver], tmp_path: Path):
    driver = opened(open_window, tmp_path, measuring(), IMAGES)
    view(driver, "threshold")
    first = driver.wait_for(lambda s: s["facts"]["Results"].get("count"), 40)
    before = cv2.imread(str(driver.screenshot("threshold_before")))
    left, top, right, bottom = driver.box("level")
    y = (top + bottom) / 2
    driver.drag((left + 0.3 * (right - left), y), (left + 0.62 * (right - left), y), steps=15)
    driver.wait_for(lambda s: s["settings"]["threshold"]["level"] > 0.45)
    last = driver.wait_for(
        lambda s: s["facts"]["Results"].get("means") not in (None, first["facts"]["Results"]["means"]), 40
    )
    after = cv2.imread(str(driver.screenshot("threshold_after")))
    x0, y0, x1, y1 = (round(v) for v in last["widgets"]["viewer"])
    changed = np.abs(before[y0:y1, x0:x1].astype(int) - after[y0:y1, x0:x1]).max(axis=2) > 30
    assert changed.mean() > 0.02
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["facts"]["Results"]["means"] == first["facts"]["Results"]["means"], 40)


def test_a_clicked_feature_finds_its_row_and_a_clicked_row_its_feature(
    open_window: Callable[..., Driver], tmp_path: Path
):
    driver = opened(open_window, tmp_path, measuring(), IMAGES)
    view(driver, "measure_features")
    driver.wait_for(lambda s: s["facts"]["Results"]["rows"]["1"][1] > s["panels"]["bottom"][1], 40)
    time.sleep(1.0)  # the remarks above the table come with the result and push the rows down
    left, top, _, bottom = driver.state["facts"]["Results"]["rows"]["1"]
    driver.click((left + 40, (top + bottom) / 2))  # a row is as wide as all columns, the panel is not
    driver.wait_for(lambda s: s["facts"]["Viewer"]["chosen"] == 2)
    driver.screenshot("chosen_feature")
    labels = Evaluation(measuring(), ImageSet.of_files(IMAGES[:1])).value("label_features", image=IMAGES[0].name).pixels
    largest = int(np.bincount(labels.ravel())[1:].argmax()) + 1
    inner = cv2.distanceTransform((labels == largest).view(np.uint8), cv2.DIST_L2, 3)
    row, column = np.unravel_index(inner.argmax(), inner.shape)
    zoom, x, y = driver.state["facts"]["Viewer"]["view"]
    left, top, *_ = driver.state["widgets"]["viewer"]
    driver.click((left + (column + 0.5 - x) * zoom, top + (row + 0.5 - y) * zoom))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["chosen"] == largest)
    driver.wait_for(lambda s: s["facts"]["Results"]["chosen"] == largest)


def test_the_diagram_is_saved_as_a_picture(open_window: Callable[..., Driver], tmp_path: Path):
    driver = opened(open_window, tmp_path, measuring(), IMAGES)
    view(driver, "measure_features")
    driver.wait_for(lambda s: s["facts"]["Results"]["save plot"], 40)
    driver.screenshot("histogram")
    driver.click(middle(driver.state["facts"]["Results"]["save plot"]))  # it has its place by now
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(tmp_path / "sizes.png"))
    driver.key("Return")
    driver.wait_for(lambda s: "sizes.png" in s["status"], 60)
    assert cv2.imread(str(tmp_path / "sizes.png")) is not None


def test_a_long_node_is_cancelled_and_the_window_stays_awake(open_window: Callable[..., Driver], tmp_path: Path):
    big = tmp_path / "big.png"
    picture = np.random.default_rng(1).integers(0, 255, (1500, 2000), np.uint8)
    cv2.imwrite(str(big), cv2.GaussianBlur(picture, (0, 0), 3))
    recipe = chain(("Load", "Filter", "Threshold"))
    for name, value in (("method", "non-local means"), ("search", 41)):
        recipe = recipe.with_setting("filter", name, value)
    driver = opened(open_window, tmp_path, recipe, [big])
    box = driver.state["nodes"]["filter"]
    driver.click((middle(box)[0], box[1] + 6))
    driver.wait_for(lambda s: s["statuses"].get("filter") == "running", 30)
    started = time.monotonic()
    driver.key("Escape")
    driver.wait_for(lambda s: s["statuses"].get("filter") != "running", 5)
    assert time.monotonic() - started < 2.0
    box = driver.state["nodes"]["load"]
    driver.click((middle(box)[0], box[1] + 6))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["node"] == "load" and s["facts"]["Viewer"]["drawn"], 30)


def test_a_batch_runs_and_its_report_opens(
    open_window: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    programs = tmp_path / "programs"
    programs.mkdir()
    opener = programs / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened.txt"\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    recipe = measuring()
    for name, source in (("Pool", "measure_features"), ("Report", "pool")):
        recipe, node = recipe.add(name, (1200.0, 0.0))
        wire = first_wire(recipe, source, node)
        if name == "Report":
            wire = type(wire)("pool", "table", node, "measurements")
        recipe = recipe.connect(wire)
    wire = first_wire(recipe, "load", "report")
    recipe = recipe.connect(type(wire)("load", "image", "report", "images"))
    driver = opened(open_window, tmp_path, recipe, IMAGES)
    tab(driver, "Batch")
    driver.click_on("run")
    done = driver.wait_for(lambda s: s["facts"]["Batch"]["reports"] and not s["facts"]["Batch"]["running"], 120)
    assert done["facts"]["Batch"]["done"] == len(IMAGES)
    assert done["facts"]["Batch"]["failed"] == 0
    driver.screenshot("batch_done")
    driver.wait_for(lambda s: s["widgets"]["report"][0] > 0)
    driver.click_on("report")
    end = time.monotonic() + 10
    while not (tmp_path / "opened.txt").exists() and time.monotonic() < end:
        time.sleep(0.05)
    report = Path((tmp_path / "opened.txt").read_text().strip())
    assert report.parent == tmp_path / "recipe_results"
    assert report.read_bytes().startswith(b"%PDF")
