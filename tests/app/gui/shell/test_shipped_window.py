"""Every recipe in graphs/ opened in the real window, one after another, on a sample of its kind; no turn is long."""

import contextlib
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from graingraph.app.document.examples import EXAMPLES
from graingraph.engine.images.files import find_images
from tests.support.paths import ASSETS, GRAPHS
from tests.support.window_harness import Driver

NODES = {
    "nodules": "measure",
    "nodularity": "nodularity",
    "layer_thickness": "thickness",
    "layer_by_lines": "thickness",
    "porosity": "porosity",
    "particle_size": "measure",
    "precipitates": "measure",
    "banding": "banding",
    "hardness": "hardness",
    "inclusions": "inclusions",
    "decarburisation": "profile",
    "pearlite_spacing": "spacing",
    "arm_spacing": "arm_spacing",
    "particles_in_space": "measure",
    "mixed_grain_sizes": "areas",
    "largest_grain": "areas",
    "elongated_grains": "grain_size",
    "phase_fraction": "fraction",
    "second_phase": "neighbours",
    "by_hand": "measure",
    "orientation": "measure",
    "etched_steel_grain_size": "measure_diameter",
    "grain_size_from_mask": "grain_size",
    "grains_untaught": "measure_diameter",
    "grains_by_correcting": "measure_diameter",
    "twinned_brass_classical": "measure_diameter",
    "twinned_brass": "measure_diameter",
    "melt_pool_overlap": "overlap",
    "melt_pool_annotation": "train",
    "melt_pools": "overlap",
    "colony_basketweave": "segment",
    "paint_phases": "paint_segment",
}
"""Of each recipe: a node that most of the others feed."""
KINDS = dict(EXAMPLES.values())
"""Of each recipe: which samples it is for."""
UNTRAINED = {"melt_pool_annotation"}
LONGEST_MS = 700
"""Far above the 50 ms that the benchmark window_turns holds to: this machine may be busy with anything."""


def test_every_shipped_recipe_is_known():
    assert {path.name.split(".")[0] for path in GRAPHS.glob("*.graingraph.json")} == set(NODES)


@pytest.mark.parametrize("part", [0, 1])
def test_every_shipped_recipe_opens_and_computes(open_window: Callable[..., Driver], tmp_path: Path, part: int):
    shutil.copytree(GRAPHS, tmp_path / "g")
    kinds = sorted(set(KINDS.values()))[part::2]
    driver = open_window(images=[sample(kind) for kind in kinds])
    for kind in kinds:
        look_at(driver, sample(kind).name)
        for name, node in NODES.items():
            if KINDS[name] == kind:
                open_recipe(driver, tmp_path / "g" / f"{name}.graingraph.json")
                found = view(driver, node)["statuses"]
                assert "failed" not in found.values(), (name, found)
                assert ("needs training" in found.values()) == (name in UNTRAINED), (name, found)
                assert found[node] in ("fresh", "needs training"), (name, found)
                picture = cv2.imread(str(driver.screenshot(name)))
                assert picture.std() > 20, "an empty window"
    assert longest_turn(driver) < LONGEST_MS


def test_an_example_of_the_menu_opens_as_a_copy_on_its_samples(open_window: Callable[..., Driver], tmp_path: Path):
    driver = open_window()
    driver.click((16, 12))
    driver.move((60, 99))
    time.sleep(0.5)
    driver.move((400, 99))
    driver.click((400, 99))
    state = driver.wait_for(lambda s: s["path"] and s["images"])
    assert Path(state["path"]).is_relative_to(tmp_path / "documents")
    assert state["images"] == ["nodules_001.tif", "nodules_002.tif"]
    driver.wait_for(lambda s: s["statuses"].get("measure") == "fresh", timeout=60)


def sample(kind: str) -> Path:
    """The first image of a folder of samples."""
    return find_images([str(ASSETS / kind)])[0]


def look_at(driver: Driver, image: str) -> None:
    """Click an image in the tray, which is turned to where its row is whole."""
    left, above, right, below = driver.state["panels"]["left"]
    middle = ((left + right) / 2, (above + below) / 2)

    def row() -> tuple[float, float, float, float]:
        return driver.wait_for(lambda s: s["facts"]["Images"]["rows"][image][2])["facts"]["Images"]["rows"][image]

    for _ in range(8):
        _, top, _, bottom = row()
        if above + 32 < top and bottom < below:
            break
        driver.wheel(middle, 3 if top <= above + 32 else -3)
    left, top, right, bottom = row()
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda s: s["facts"]["Images"]["shown"] == image, 20)


def open_recipe(driver: Driver, file: Path) -> None:
    """File, Open; again where a key was lost between two frames of a busy machine."""
    for _ in range(4):
        with contextlib.suppress(AssertionError):
            driver.key("ctrl+o")
            driver.wait_for(lambda s: s["dialog"] and s["typing"], 4)
            driver.key("ctrl+a")
            driver.enter(str(file))
            driver.key("Return")
            driver.wait_for(lambda s: s["path"] == str(file), 6)
            return
        driver.key("Escape")
    raise AssertionError(f"{file} did not open: {driver.state['messages']}")


def view(driver: Driver, node: str) -> dict[str, Any]:
    """Click a node and wait until all that is looked at was tried."""
    for _ in range(5):  # the recipe may only just be moved into sight
        left, top, right, _ = driver.wait_for(lambda s: s["nodes"][node])["nodes"][node]
        driver.click(((left + right) / 2, top + 6))
        with contextlib.suppress(AssertionError):
            driver.wait_for(lambda s: s["viewed"] and s["viewed"][0] == node, 3)
            break
    done = ("fresh", "failed", "needs training", "needs review")
    return driver.wait_for(lambda s: s["statuses"][node] in done and "running" not in s["statuses"].values(), 90)


def longest_turn(driver: Driver) -> float:
    """The longest turn of the main loop so far that was worth a line in the program's log, in ms."""
    log = (driver.folder / "window.log").read_text()
    return max((float(took) for took in re.findall(r"a turn of the main loop took (\d+) ms", log)), default=0.0)


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_a_large_window_is_drawn_in_its_scale(open_window: Callable[..., Driver], light: bool):
    recipe, image = GRAPHS / "nodules.graingraph.json", ASSETS / "nodules" / "nodules_001.tif"
    driver = open_window(recipe=recipe, images=[image], light=light, ui_scale=1.5)
    view(driver, "measure")
    for tab in ("Batch", "Training", "Library", "Operator", "Results", "Inspector"):
        driver.click_on(f"tab {tab}")
        assert not driver.cut_texts(), tab
    driver.key("ctrl+5")  # the canvas beside the picture, which is narrow then
    driver.wait_for(lambda s: s["panels"]["canvas"][0] > s["panels"]["viewer"][0])
    assert not driver.cut_texts()
    driver.click_on("more")
    driver.box("color by")
    assert not driver.cut_texts()
    driver.key("Escape")
    driver.key("ctrl+5")
    ground = cv2.imread(str(driver.screenshot(f"scaled_{'light' if light else 'dark'}")))[-20:, -200:].mean()
    assert (ground > 128) == light
