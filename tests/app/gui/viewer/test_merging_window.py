"""Another person's marks in the real window: summed up, the conflict shown and decided, merged and undone as one."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.viewer.test_attended_window import press
from tests.app.gui.viewer.test_drawing_window import BRASS, correct_boundaries
from tests.support.window_harness import Driver


def pen(name: str, *points: tuple[float, float]) -> Mark:
    return Mark(name, "pen", np.array(points, np.float32), 5.0)


def test_a_conflict_is_shown_and_decided_and_the_merge_is_undone_as_one(
    open_window: Callable[..., Driver], tmp_path: Path
):
    image = ImageSet.of_files([BRASS])[BRASS.name].hash
    drawn = {
        "me": (pen("both", (50, 50), (200, 60)), pen("a", (300, 250), (420, 330))),
        "you": (pen("both", (50, 50), (200, 60)), pen("b", (420, 250), (300, 330)), pen("new", (500, 100), (560, 160))),
    }
    files = {who: tmp_path / who / "corrections.graingraph.json" for who in drawn}
    for who, marks in drawn.items():
        files[who].parent.mkdir()
        recipe_file.save(correct_boundaries(), files[who])
        for mark in marks:
            workspace.open_marks(files[who]).add(image, "manual_edit", mark)

    def ids() -> set[str]:
        return {mark.id for mark in workspace.open_marks(files["me"]).load(image, "manual_edit").marks}

    driver = open_window(recipe=files["me"], images=[BRASS])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 60)
    driver.key("ctrl+shift+m")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(files["you"]))
    driver.key("Return")
    state = driver.wait_for(lambda s: s["facts"]["Viewer"]["merging"]["rows"] and s["widgets"]["keep theirs"], 30)
    assert state["facts"]["Viewer"]["merging"]["rows"] == [[BRASS.name, 1, 1, 1]]
    driver.wait_for(lambda s: s["facts"]["Viewer"]["node"] == "manual_edit", 60)
    driver.screenshot("merge_conflict")
    press(driver, "keep theirs", lambda s: s["facts"]["Viewer"]["merging"]["decided"] == ["theirs"])
    press(driver, "merge", lambda s: s["undo"] == "Merge marks")
    assert ids() == {"both", "b", "new"}
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["redo"] == "Merge marks")
    assert ids() == {"both", "a"}


def test_a_large_tray_is_compared_beside_the_window_and_can_be_cancelled(
    open_window: Callable[..., Driver], tmp_path: Path
):
    recipe, large = tmp_path / "mine.graingraph.json", tmp_path / "large.tif"
    recipe_file.save(correct_boundaries(), recipe)
    with large.open("wb") as file:
        file.truncate(3 << 30)  # takes no room on the disk, and seconds to hash
    driver = open_window(recipe=recipe, images=[BRASS, large])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 60)
    driver.key("ctrl+shift+m")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(tmp_path))
    driver.key("Return")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["merging"]["busy"] and s["widgets"]["stop comparing"], 30)
    driver.screenshot("merge_comparing")
    press(driver, "stop comparing", lambda s: not s["facts"]["Viewer"]["merging"]["busy"])
    os.truncate(large, 1 << 20)
    driver.key("ctrl+shift+m")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(tmp_path))
    driver.key("Return")
    driver.wait_for(lambda s: any("no marks" in text for text in s["messages"]), 60)
