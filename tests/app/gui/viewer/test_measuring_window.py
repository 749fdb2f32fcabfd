"""Lengths, angles and distances of edges drawn with the mouse stand in the table at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.gui.viewer.draw_tool import REMOVE_STROKE
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.app.gui.viewer.test_drawing_window import place, show, tool
from tests.support.paths import ASSETS
from tests.support.window_harness import Driver

COATING = ASSETS / "coating" / "coating_001.tif"


def test_what_is_drawn_is_measured(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    recipe, _ = Recipe(name="By hand").add("Load")
    recipe, node = recipe.add("MeasureByHand", (260.0, 0.0))
    recipe = recipe.connect(Wire("load", "image", node, "image"))
    file = tmp_path / "by_hand.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=[COATING])
    driver.key("shift+f")
    show(driver, node)
    tool(driver, "length")
    driver.drag(place(driver, (100, 100)), place(driver, (400, 100)), steps=8)
    found = driver.wait_for(lambda s: s["facts"]["Results"].get("count") == 1, 60)
    assert float(found["facts"]["Results"]["means"]["Length"]) == pytest.approx(60, abs=1)

    tool(driver, "angle")
    for corner in ((200, 300), (100, 300), (200, 200)):
        driver.click(place(driver, corner))
    found = driver.wait_for(lambda s: s["facts"]["Results"].get("count") == 2, 60)
    assert float(found["facts"]["Results"]["means"]["Angle"]) == pytest.approx(45, abs=1)

    tool(driver, "edges")
    driver.drag(place(driver, (320, 160)), place(driver, (320, 330)), steps=8)
    driver.wait_for(lambda s: s["facts"]["Results"].get("count") == 3, 60)
    driver.screenshot("measured_by_hand")

    driver.move(place(driver, (250, 102)), rest=True)
    driver.key("Delete")  # the length, under the pointer
    driver.wait_for(lambda s: s["facts"]["Results"].get("count") == 2 and s["undo"] == REMOVE_STROKE, 60)
