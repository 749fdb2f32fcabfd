"""The ruler in the real window: it measures without a node, sets the pixel size, and keeps what it measured."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.recipe import file as recipe_file
from tests.support.recipes import chain
from tests.support.window_harness import Driver


def in_window(driver: Driver, x: float, y: float) -> tuple[float, float]:
    zoom, left, top = driver.state["facts"]["Viewer"]["view"]
    corner = driver.state["widgets"]["viewer"]
    return corner[0] + (x - left) * zoom, corner[1] + (y - top) * zoom


def says(driver: Driver, wanted: str) -> str:
    return driver.wait_for(lambda s: wanted in s["facts"]["Viewer"]["ruler"]["says"], 20)["facts"]["Viewer"]["ruler"][
        "says"
    ]


def test_the_ruler_measures_snaps_keeps_and_sets_the_pixel_size(open_window: Callable[..., Driver], tmp_path: Path):
    pixels = np.random.default_rng(0).integers(60, 90, (480, 640)).astype(np.uint8)
    pixels[200:300, 220:420] = 200
    cv2.imwrite(str(tmp_path / "a.png"), cv2.GaussianBlur(pixels, (0, 0), 1.0))
    recipe = tmp_path / "recipe.graingraph.json"
    recipe_file.save(chain(("Load", "Threshold")), recipe)
    driver = open_window(recipe=recipe, images=[tmp_path / "a.png"])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 40)

    driver.click_on("tool")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["ruler"]["open"])
    driver.drag(in_window(driver, 217, 250), in_window(driver, 424, 250))
    assert float(says(driver, "px").split()[0]) == pytest.approx(207, abs=3)
    driver.move(in_window(driver, 300, 350))
    driver.key("t")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["ruler"]["kind"] == "edges")
    driver.drag(in_window(driver, 217, 250), in_window(driver, 424, 250))
    assert float(says(driver, "px").split()[0]) == pytest.approx(200, abs=0.3)
    driver.screenshot("ruler")

    driver.click_on("ruler keep")
    driver.wait_for(lambda s: "load.image > measure_by_hand.image" in s["wires"] and "Kept in" in s["status"], 20)
    driver.move(in_window(driver, 300, 350))
    driver.key("u")
    for at in ((250, 380), (350, 380), (350, 330)):
        driver.click(in_window(driver, *at))
    assert says(driver, "°").startswith("90.")
    driver.click_on("ruler keep")
    driver.wait_for(lambda s: s["undo"] == "Draw angle", 20)
    assert "measure_by_hand_2" not in driver.state["nodes"]

    driver.move(in_window(driver, 300, 350))
    driver.key("t")
    driver.drag(in_window(driver, 217, 250), in_window(driver, 424, 250))
    says(driver, "px")
    driver.click_on("ruler scale")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["pixel size"]["open"] and not s["facts"]["Viewer"]["ruler"]["open"])
    driver.wait_for(lambda s: s["typing"])
    driver.type("50 um")
    driver.key("Return")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["scale"], 20)
    assert driver.state["settings"]["load"]["pixel_size"] == pytest.approx(0.25, abs=0.001)
