"""The window shows what holds: nothing of the recipe before, no mended error, all nodes, and what it cannot keep."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from tests.app.gui.panels.test_results_window import IMAGES, measuring, middle, tab, view
from tests.app.gui.shell.test_files_window import SUFFIX
from tests.app.gui.shell.test_shipped_window import open_recipe
from tests.support.recipes import chain
from tests.support.window_harness import Driver


def saved(recipe: Recipe, file: Path) -> Path:
    recipe_file.save(recipe, file)
    return file


def test_a_batch_goes_with_its_recipe_and_a_mended_error_goes(open_window: Callable[..., Driver], tmp_path: Path):
    first = saved(measuring(), tmp_path / f"first{SUFFIX}")
    scale = chain(("Load", "SetScale", "Threshold")).with_setting("set_scale", "method", "known length")
    second = saved(scale, tmp_path / f"second{SUFFIX}")
    driver = open_window(recipe=first, images=IMAGES[:1])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 30)
    tab(driver, "Batch")
    driver.click(middle(driver.wait_for(lambda s: s["widgets"].get("run"))["widgets"]["run"]))
    name = IMAGES[0].name
    driver.wait_for(lambda s: f"batch row {name}" in s["widgets"] and not s["facts"]["Batch"]["running"], 120)
    open_recipe(driver, second)
    state = driver.wait_for(lambda s: s["facts"]["Batch"]["done"] == 0)
    assert not [widget for widget in state["widgets"] if widget.startswith("batch row")]

    left, top, right, _ = driver.state["nodes"]["set_scale"]
    driver.click(((left + right) / 2, top + 6))
    driver.wait_for(lambda s: s["statuses"].get("set_scale") == "failed" and "SetScale needs" in s["status"], 30)
    for setting, text in (("length", "10"), ("length_px", "40")):
        box = driver.wait_for(lambda s, setting=setting: s["widgets"].get(setting))["widgets"][setting]
        entry = (box[0] - 40, (box[1] + box[3]) / 2) if box[2] - box[0] < 200 else middle(box)
        driver.click(entry, twice=True)
        driver.wait_for(lambda s: s["typing"])
        driver.key("ctrl+a")
        driver.type(text)
        driver.key("Return")
    state = driver.wait_for(lambda s: s["statuses"].get("set_scale") == "fresh", 30)
    driver.wait_for(lambda s: "SetScale needs" not in s["status"])
    assert state["statuses"]["threshold"] != "failed"
    view(driver, "threshold")
    left, top, right, bottom = driver.state["widgets"]["viewer"]
    driver.move(((left + right) / 2, (top + bottom) / 2))
    words = driver.wait_for(lambda s: "µm" in s["facts"]["Viewer"]["words"])["facts"]["Viewer"]["words"]
    at = int(words.split("px")[0].split()[1])
    micrometres = float(words.split("(")[1].split(",")[0])
    assert abs(micrometres - 0.25 * at) <= 0.25
    driver.screenshot("scale_of_the_viewed_node")


def test_a_node_that_is_not_wired_has_not_failed_and_home_shows_all(open_window: Callable[..., Driver], tmp_path: Path):
    recipe = chain(("Load",))
    for column in range(60):
        recipe, _ = recipe.add("Filter", (400.0 * column, 300.0 * (column % 2)))
    image = tmp_path / "image.png"
    cv2.imwrite(str(image), np.zeros((40, 50), np.uint8))
    driver = open_window(recipe=saved(recipe, tmp_path / f"wide{SUFFIX}"), images=[image])
    driver.wait_for(lambda s: len(s["nodes"]) == 61)
    driver.key("Home")
    left, top, right, bottom = driver.state["panels"]["canvas"]

    def all_in_sight(state: dict) -> bool:
        boxes = state["nodes"].values()
        return all(left <= b[0] and b[2] <= right and top <= b[1] and b[3] <= bottom for b in boxes)

    state = driver.wait_for(all_in_sight)
    driver.click(middle(state["nodes"]["filter_30"]))
    state = driver.wait_for(lambda s: s["viewed"] and s["statuses"].get("load") == "fresh", 30)
    driver.wait_for(lambda s: len(s["statuses"]) == 61)
    assert "failed" not in driver.state["statuses"].values()
    assert not [text for text in driver.state["messages"] if "not wired" in text]


def test_a_click_on_a_table_without_labels_is_no_mistake(open_window: Callable[..., Driver], tmp_path: Path):
    recipe = chain(("Load", "Threshold", "AreaFraction"))
    driver = open_window(recipe=saved(recipe, tmp_path / f"fraction{SUFFIX}"), images=IMAGES[:1])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 30)
    left, top, right, _ = driver.state["nodes"]["area_fraction"]
    driver.click(((left + right) / 2, top + 6))
    state = driver.wait_for(lambda s: s["facts"]["Results"].get("rows"), 40)
    row = driver.wait_for(lambda s: next(iter(s["facts"]["Results"]["rows"].values()))[2] > 0)["facts"]["Results"][
        "rows"
    ]
    driver.click(middle(next(iter(row.values()))))
    driver.key("Escape")
    driver.wait_for(lambda s: s["keys"] > state["keys"])


def test_a_window_opens_where_nothing_can_be_kept(open_window: Callable[..., Driver], tmp_path: Path):
    (tmp_path / "state").write_text("a file where the folder should be")
    driver = open_window()
    driver.wait_for(lambda s: any("Nothing can be kept in" in text for text in s["messages"]))
    left, _, _, bottom = driver.state["panels"]["canvas"]
    driver.move((left + 40, bottom - 40))
    driver.key("n")
    driver.wait_for(lambda s: s["frames"] and s["dialog"])
