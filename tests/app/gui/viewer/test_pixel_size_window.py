"""The pixel size, set at the scale bar of the viewer in the real window."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.recipe import file as recipe_file
from graingraph.nodes.learning.apply.burned_in_text import reader
from tests.support.recipes import chain
from tests.support.window_harness import Driver


def burned_in(folder: Path, name: str, seed: int) -> Path:
    """A picture with a bar of 200 px on a dark data bar."""
    pixels = np.random.default_rng(seed).integers(80, 180, (480, 640), np.uint8)
    pixels[424:] = 12
    pixels[448:453, 60:260] = 255
    cv2.putText(pixels, "100 um", (300, 456), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
    cv2.imwrite(str(folder / name), pixels)
    return folder / name


def click_scale_bar(driver: Driver) -> None:
    left, top, right, bottom = driver.state["facts"]["Viewer"]["scale bar"]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["pixel size"]["open"])


def opened(open_window: Callable[..., Driver], folder: Path, *nodes: str) -> Driver:
    recipe = folder / "recipe.graingraph.json"
    recipe_file.save(chain(nodes), recipe)
    images = [burned_in(folder, f"field_{i}.png", i) for i in range(2)]
    driver = open_window(recipe=recipe, images=images)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"] and s["facts"]["Viewer"]["scale bar"], 40)
    return driver


def in_window(driver: Driver, x: float, y: float) -> tuple[float, float]:
    zoom, left, top = driver.state["facts"]["Viewer"]["view"]
    corner = driver.state["widgets"]["viewer"]
    return corner[0] + (x - left) * zoom, corner[1] + (y - top) * zoom


def test_the_bar_that_is_found_needs_its_length_alone(open_window: Callable[..., Driver], tmp_path: Path):
    driver = opened(open_window, tmp_path, "Load", "Threshold")
    assert driver.state["facts"]["Viewer"]["scale"] is None
    driver.screenshot("pixel_size_unknown")
    click_scale_bar(driver)
    found = driver.wait_for(lambda s: s["facts"]["Viewer"]["pixel size"]["line"], 20)
    (x0, _), (x1, _) = found["facts"]["Viewer"]["pixel size"]["line"]
    assert x1 - x0 == pytest.approx(200, abs=1)
    driver.wait_for(lambda s: s["typing"])
    if reader():
        driver.wait_for(lambda s: s["facts"]["Viewer"]["pixel size"]["read"] == "100 um", 30)
        driver.screenshot("pixel_size_popup")
        driver.click_on("take length read")
    else:
        driver.type("100 um")
        driver.key("Return")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["scale"] and not s["facts"]["Viewer"]["pixel size"]["open"], 20)
    assert driver.state["settings"]["load"]["pixel_size"] == pytest.approx(0.5, abs=0.003)
    driver.screenshot("pixel_size_set")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["settings"]["load"]["pixel_size"] == 0 and s["facts"]["Viewer"]["scale"] is None, 20)


def test_a_line_drawn_for_one_image_lands_in_set_scale_without_rewiring(
    open_window: Callable[..., Driver], tmp_path: Path
):
    driver = opened(open_window, tmp_path, "Load", "SetScale", "Threshold")
    wires = driver.state["wires"]
    click_scale_bar(driver)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["pixel size"]["line"], 20)
    driver.drag(in_window(driver, 100, 200), in_window(driver, 500, 200))
    driver.wait_for(lambda s: abs((s["facts"]["Viewer"]["pixel size"]["line"] or [[0]])[0][0] - 100) < 3)
    left, top, _, bottom = driver.box("pixel for")
    driver.click((left + 10, top + 0.78 * (bottom - top)))
    driver.click_on("pixel length")
    driver.wait_for(lambda s: s["typing"])
    driver.type("0.2 mm")
    driver.click_on("set pixel size")
    driver.wait_for(lambda s: not s["facts"]["Viewer"]["pixel size"]["open"])
    state = driver.wait_for(lambda s: "field_0.png now" in s["status"])
    assert state["wires"] == wires
    assert state["settings"]["set_scale"]["pixel_size"] == 0
    assert state["undo"] == "Set pixel size of this image"
    box = driver.state["nodes"]["set_scale"]
    driver.click(((box[0] + box[2]) / 2, box[1] + 6))
    state = driver.wait_for(lambda s: s["facts"]["Viewer"]["node"] == "set_scale" and s["facts"]["Viewer"]["scale"], 20)
    assert float(state["facts"]["Viewer"]["scale"].split()[0]) == pytest.approx(0.5, abs=0.003)
    assert "scale bar" in state["facts"]["Viewer"]["scale"]
