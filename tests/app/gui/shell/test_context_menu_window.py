"""A right click offers what can be done with what is under the pointer."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from graingraph.app.gui.shell.actions import ACTIONS, Target
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Frame
from tests.app.gui.panels.test_results_window import middle
from tests.support.recipes import chain
from tests.support.window_harness import Driver

FRAME = Frame(0, 260, 300, 120, "Frame")


def right_click(driver: Driver, at: tuple[float, float], offers: str) -> dict[str, list[float]]:
    """Right-click, and wait for a menu that offers this; the boxes of its entries."""
    driver.click(at, button=3)
    return driver.wait_for(lambda s: offers in s["menu"])["menu"]


def choose(driver: Driver, at: tuple[float, float], label: str) -> None:
    driver.click(middle(right_click(driver, at, label)[label]))
    driver.wait_for(lambda s: not s["menu"])


def halfway(state: dict, output: str, entry: str) -> tuple[float, float]:
    (x, y), (to_x, to_y) = state["outputs"][output], state["inputs"][entry]
    return (x + to_x) / 2, (y + to_y) / 2


def test_every_target_has_a_menu():
    for target in get_args(Target):
        assert any(target in action.targets for action in ACTIONS), target


def test_canvas_node_wire_and_frame_have_menus(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "chain.graingraph.json"
    recipe_file.save(chain().with_frames((FRAME,)), file)
    driver = open_window(recipe=file)
    driver.key("Home")
    state = driver.wait_for(lambda s: s["nodes"])
    filter_header = middle(state["nodes"]["filter"])[0], state["nodes"]["filter"][1] + 6
    menu = right_click(driver, filter_header, "Mute")
    assert driver.state["selection"] == ["filter"]
    assert "Paste" not in menu
    driver.screenshot("menu_node")
    driver.click(middle(menu["Mute"]))
    driver.wait_for(lambda s: s["muted"] == ["filter"])

    wire = "filter.image > threshold.image"
    assert wire in driver.state["wires"]
    menu = right_click(driver, halfway(driver.state, "filter.image", "threshold.image"), "Delete")
    assert list(menu) == ["Delete"]
    driver.screenshot("menu_wire")
    driver.click(middle(menu["Delete"]))
    state = driver.wait_for(lambda s: wire not in s["wires"])
    assert "filter" in state["nodes"]

    zoom, x, y = state["viewpoint"]
    left, top, *_ = state["panels"]["canvas"]
    choose(driver, (left + x + 40 * zoom, top + y + FRAME.y * zoom + 4), "Delete")
    driver.wait_for(lambda s: s["frames"] == [])

    corner = left + 20, top + 20
    right_click(driver, corner, "Add node…")
    driver.screenshot("menu_canvas")
    driver.key("Escape")
    driver.wait_for(lambda s: not s["menu"])
    choose(driver, corner, "Add node…")
    driver.wait_for(lambda s: s["palette"])
    driver.key("Escape")
    driver.drag(corner, (corner[0] + 30, corner[1] + 20), button=3)
    state = driver.wait_for(lambda s: not s["gesture"])
    assert not state["menu"], "a drag pans"
