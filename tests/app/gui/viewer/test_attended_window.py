"""An attended run in the real window: each image shown with its tools, corrected, continued, taken up after a kill."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.app.services.batch_job import BatchJob
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.viewer.test_drawing_window import correct_boundaries, place
from tests.support.paths import ASSETS
from tests.support.window_harness import Driver

IMAGES = [ASSETS / "brass" / f"brass_00{number}.tif" for number in (1, 2, 3)]


def press(driver: Driver, name: str, until: Callable[[dict[str, Any]], Any] = lambda state: True) -> None:
    """Click a widget until something follows; a busy machine may miss a click."""
    for _ in range(5):
        left, top, right, bottom = driver.wait_for(lambda s: s["widgets"][name])["widgets"][name]
        driver.click(((left + right) / 2, (top + bottom) / 2))
        with contextlib.suppress(AssertionError):
            driver.wait_for(until, 4)
            return
    driver.wait_for(until)


def start_attended(driver: Driver) -> None:
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 60)
    press(driver, "tab Batch", lambda s: s["widgets"]["attended"])
    press(driver, "attended", lambda s: s["facts"]["Batch"]["attended"])
    press(driver, "run", lambda s: s["facts"]["Batch"]["running"])


def go_on(driver: Driver) -> None:
    """Continue with the keyboard."""
    at = driver.state["facts"]["Viewer"]["attended"]["at"]
    for _ in range(5):
        driver.key("ctrl+Return")
        with contextlib.suppress(AssertionError):
            driver.wait_for(lambda s: s["facts"]["Viewer"]["attended"]["at"] != at, 4)
            return


def wait_at(driver: Driver, image: Path, words: str) -> None:
    """Wait until the run shows this image, ready to be drawn on."""

    def shown(state: dict[str, Any]) -> bool:
        viewer = state["facts"]["Viewer"]
        bar = viewer["attended"]
        return bar["at"] == [image.name, "manual_edit"] and viewer["image"] == image.name and words in bar["words"]

    driver.wait_for(shown, 60)
    driver.wait_for(lambda s: s["statuses"]["manual_edit"] in ("fresh", "needs review"), 60)


def draw(driver: Driver, image: Path, count: int) -> None:
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["active"])
    driver.drag(place(driver, (150, 200 + 40 * count)), place(driver, (460, 210 + 40 * count)), steps=6)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == count)


def add_stroke(file: Path, image: Path, mark: Mark, drawn_on: str) -> None:
    source = ImageSet.of_files([image])[image.name]
    workspace.open_marks(file).add(source.hash, "manual_edit", mark, drawn_on=drawn_on)


def strokes(file: Path, image: Path) -> int:
    source = ImageSet.of_files([image])[image.name]
    return len(workspace.open_marks(file).load(source.hash, "manual_edit").marks)


def test_each_image_is_shown_and_a_killed_run_goes_on_where_it_was(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "corrections.graingraph.json"
    recipe_file.save(correct_boundaries(), file)
    old = Mark("old", "pen", np.array([[100, 100], [300, 120]], np.float32), 3.0)
    add_stroke(file, IMAGES[2], old, drawn_on="something else")
    driver = open_window(recipe=file, images=IMAGES)
    start_attended(driver)
    wait_at(driver, IMAGES[0], "Image 1 of 3")
    draw(driver, IMAGES[0], 1)
    driver.screenshot("attended_run")
    go_on(driver)
    wait_at(driver, IMAGES[1], "Image 2 of 3")
    draw(driver, IMAGES[1], 1)
    driver.wait_for(lambda s: s["facts"]["Batch"]["done"] == 1, 60)
    driver.kill()

    driver.start()
    start_attended(driver)
    wait_at(driver, IMAGES[1], "Image 2 of 3")
    draw(driver, IMAGES[1], 2)
    press(driver, "continue")
    wait_at(driver, IMAGES[2], "Image 3 of 3")
    driver.wait_for(lambda s: "Needs review" in s["facts"]["Viewer"]["attended"]["words"], 30)
    assert driver.state["facts"]["Viewer"]["comparing"] == "wipe"
    driver.screenshot("attended_review")
    press(driver, "unattended", lambda s: s["facts"]["Viewer"]["attended"]["at"] is None)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["comparing"] == "off")
    driver.wait_for(lambda s: not s["facts"]["Batch"]["running"] and s["facts"]["Batch"]["done"] == 3, 120)
    assert [strokes(file, image) for image in IMAGES] == [1, 2, 1]
    driver.close()

    job = BatchJob(recipe_file.load(file), IMAGES, tmp_path / "alone", recipe_path=file, workers=1)
    job.start()
    job.wait(120)
    found = [tmp_path / name / "measurements.csv" for name in ("corrections_results", "alone")]
    assert found[0].read_bytes() == found[1].read_bytes()
