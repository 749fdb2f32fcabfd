"""Choosing images in the tray and for a batch in the real window, with mouse and keys."""

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.services.batch_choice import CHOICES
from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.panels.test_results_window import measuring, middle, tab
from tests.support.window_harness import Driver

Open = Callable[..., Driver]


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Five pictures of dark discs; the fourth cannot be read."""
    folder = tmp_path / "steel"
    folder.mkdir()
    rows, columns = np.mgrid[0:200, 0:300]
    for number in range(5):
        pixels = np.full((200, 300), 200, np.uint8)
        pixels[(rows - 100) ** 2 + (columns - 60 - 40 * number) ** 2 < 30**2] = 40
        cv2.imwrite(str(folder / f"disc_{number}.png"), pixels)
    (folder / "disc_3.png").write_bytes(b"no picture")
    return sorted(folder.glob("*.png"))


@pytest.fixture
def window(open_window: Open, tmp_path: Path, images: list[Path]) -> Driver:
    file = tmp_path / "discs.graingraph.json"
    recipe_file.save(measuring(), file)
    window = open_window(recipe=file, images=images)
    window.wait_for(lambda s: s["facts"]["Images"]["thumbnails"] == 4 and s["facts"]["Images"]["labels"][4:], 30)
    time.sleep(0.5)
    return window


def row(window: Driver, number: int) -> tuple[float, float]:
    return middle(window.state["facts"]["Images"]["rows"][f"disc_{number}.png"])


def picked(window: Driver, *numbers: int) -> None:
    wanted = [f"disc_{number}.png" for number in numbers]
    window.wait_for(lambda s: s["facts"]["Images"]["picked"] == wanted)


def choose(window: Driver, choice: str) -> None:
    """Choose an entry of the list of what to run on."""
    window.choose("images", CHOICES.index(choice))
    window.wait_for(lambda s: s["facts"]["Batch"]["choice"] == choice)


def batch(window: Driver) -> None:
    """Bring the batch panel to the front."""
    tab(window, "Batch")
    window.wait_for(lambda s: s["widgets"].get("images") and s["widgets"]["run"][0] > s["widgets"]["images"][2])


def run_and_wait(window: Driver, count: int) -> dict:
    window.click_on("run")
    return window.wait_for(
        lambda s: s["facts"]["Batch"].get("of") == count and not s["facts"]["Batch"]["running"], timeout=60
    )


def test_images_are_selected_with_ctrl_shift_and_arrows_and_removed(window: Driver):
    window.click(row(window, 1))
    picked(window, 1)
    window.held_click(row(window, 3), "shift")
    picked(window, 1, 2, 3)
    window.held_click(row(window, 2), "ctrl")
    picked(window, 1, 3)
    window.screenshot("tray_selection")
    window.click(row(window, 0))
    picked(window, 0)
    window.key("Down")
    picked(window, 1)
    window.key("shift+Down")
    picked(window, 1, 2)
    window.key("ctrl+a")
    picked(window, 0, 1, 2, 3, 4)
    window.click(row(window, 4))
    picked(window, 4)
    window.key("Delete")
    window.wait_for(lambda s: len(s["images"]) == 4)
    assert window.state["nodes"], "Delete over the tray took nodes away"
    window.wait_for(lambda s: s["facts"]["Images"]["shown"] == "disc_3.png")  # the neighbour of what went
    window.key("Prior")
    window.wait_for(lambda s: s["facts"]["Images"]["shown"] == "disc_2.png")
    window.key("Next")
    window.wait_for(lambda s: s["facts"]["Images"]["shown"] == "disc_3.png")


def test_a_batch_runs_on_the_selection_then_on_what_failed_or_is_missing(window: Driver):
    window.click(row(window, 1))
    window.held_click(row(window, 3), "shift")
    picked(window, 1, 2, 3)
    batch(window)
    choose(window, "selected")
    state = run_and_wait(window, 3)
    assert state["facts"]["Batch"]["failed"] == 1
    window.screenshot("batch_selection")
    labels = window.wait_for(lambda s: any("measured" in text for text in s["facts"]["Images"]["labels"]))
    went = [text.rpartition("\n")[2].split(", ")[-1] for text in labels["facts"]["Images"]["labels"]]
    assert went[1:4] == ["measured", "measured", "failed"]
    choose(window, "not measured")
    window.click_on("run")
    window.wait_for(lambda s: sum("measured" in text for text in s["facts"]["Images"]["labels"]) == 4, timeout=60)
    window.screenshot("batch_rest")


def test_a_failure_leads_to_its_image_and_node(window: Driver):
    batch(window)
    run_and_wait(window, 5)
    left, top, _, bottom = window.wait_for(lambda s: s["widgets"].get("batch row disc_3.png"))["widgets"][
        "batch row disc_3.png"
    ]
    window.click((left + 40, (top + bottom) / 2))
    state = window.wait_for(lambda s: s["selection"] == ["load"])
    assert state["facts"]["Images"]["shown"] == "disc_3.png"
    assert state["viewed"] == ["load", "image"]


def test_a_batch_runs_on_a_folder_that_is_not_in_the_tray(window: Driver, images: list[Path]):
    other = images[0].parent.with_name("other")
    other.mkdir()
    for path in images[:2]:
        (other / f"new_{path.name}").write_bytes(path.read_bytes())
    batch(window)
    choose(window, "others")
    window.wait_for(lambda s: s["dialog"] and s["typing"])
    window.key("ctrl+a")
    window.enter(str(other))
    window.screenshot("batch_folder")
    window.key("Return")
    window.wait_for(lambda s: not s["dialog"])
    state = run_and_wait(window, 2)
    assert (state["facts"]["Batch"]["done"], state["facts"]["Batch"]["failed"]) == (2, 0)
    assert len(state["images"]) == 5
