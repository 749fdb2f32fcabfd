"""Painting with a real mouse: the map appears with the second class, follows a stroke and undo, and is recorded."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from graingraph.app.gui.panels.tray import TEACHES_NO_MORE
from graingraph.app.gui.viewer.draw_tool import LEAST_SURE_RECORDED, NOT_LIVE
from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.viewer.test_drawing_window import place
from tests.nodes.learn.test_paint_segment import halves, painting_recipe
from tests.support.window_harness import Driver


def test_the_map_follows_the_strokes_and_is_recorded(open_window: Callable[..., Driver], tmp_path: Path):
    file, image = tmp_path / "paint.graingraph.json", tmp_path / "halves.png"
    recipe = painting_recipe().with_positions({"load": (0, 0), "trace": (240, 120), "paint_segment": (480, 0)})
    recipe_file.save(recipe, file)
    cv2.imwrite(str(image), np.kron(halves(1), np.ones((4, 4), np.uint8)))
    driver = open_window(recipe=file, images=[image])
    driver.key("shift+f")
    left, top, right, _ = driver.wait_for(lambda s: s["nodes"].get("paint_segment"))["nodes"]["paint_segment"]
    driver.click(((left + right) / 2, top + 6))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["node"] == "trace" and s["facts"]["Viewer"]["drawn"], 60)
    driver.click_on("tool brush")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["tool"] == "brush")
    for number, (key, x) in enumerate((("1", 60), ("2", 350), ("1", 100), ("2", 420)), start=1):
        driver.move(place(driver, (x, 60)))
        driver.key(key)
        y = 60 + 40 * number
        driver.drag(place(driver, (x, y)), place(driver, (x + 50, y + 10)))
        driver.wait_for(lambda s, n=number: s["facts"]["Viewer"]["drawing"]["marks"] == n)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["features"] == "ClassMap", 60)
    driver.screenshot("painted")
    assert (
        "held-back" in driver.wait_for(lambda s: s["headlines"].get("paint_segment"), 30)["headlines"]["paint_segment"]
    )
    driver.click_on("layers")
    driver.wait_for(lambda s: "layer delete 1" in s["widgets"])
    assert not driver.cut_texts()
    driver.click_on("layers")
    driver.click_on("paint next")
    driver.click_on("record")
    found = driver.wait_for(lambda s: s["settings"]["paint_segment"]["model"], 60)
    assert found["settings"]["paint_segment"]["live"] is False
    driver.wait_for(lambda s: s["statuses"].get("paint_segment") == "fresh", 60)
    driver.screenshot("recorded")
    driver.click_on("paint next")
    driver.wait_for(lambda s: s["status"] == LEAST_SURE_RECORDED)
    driver.key("shift+f")
    driver.drag(place(driver, (200, 60)), place(driver, (230, 70)))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 5 and s["status"] == NOT_LIVE)
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 4)
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["settings"]["paint_segment"]["live"] and s["status"] == "Undone: Record.")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 3)
    driver.click_on("remove image")
    told = TEACHES_NO_MORE.format(strokes="3 strokes")
    driver.wait_for(lambda s: s["status"] == told)
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["images"] == ["halves.png"])
    driver.key("ctrl+n")  # the image stays in the tray, and is looked at
    driver.wait_for(lambda s: list(s["nodes"]) == ["load"] and not s["dirty"])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["node"] == "load" and s["facts"]["Viewer"]["drawn"], 30)
