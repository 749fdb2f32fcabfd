"""A right click offers what can be done with what is under the pointer."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from graingraph.app.gui.base.panel import Target
from graingraph.app.gui.shell.actions import ACTIONS
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Frame
from tests.app.gui.panels.test_results_window import IMAGES, measuring, middle, opened, view
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
    assert list(menu) == ["Delete", "Add reroute point"]
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
    driver.drag(corner, (corner[0] + 30, corner[1] + 140), button=3)
    state = driver.wait_for(lambda s: not s["gesture"])
    assert not state["menu"], "a drag pans"
    left, top, right, _ = state["nodes"]["filter"]
    right_click(driver, ((left + right) / 2, top + 6), "Fit")
    driver.wait_for(lambda s: s["menu"]["Fit"][3] < 800)
    driver.screenshot("menu_low")


def test_a_table_is_copied_by_its_menu_and_by_a_key(open_window: Callable[..., Driver], tmp_path: Path):
    driver = opened(open_window, tmp_path, measuring(), IMAGES[:1])
    view(driver, "measure_features")
    shown = driver.wait_for(lambda s: s["facts"]["Results"]["rows"]["1"][3] > 0, 40)  # once it has its place
    facts = shown["facts"]["Results"]
    left, top, _, bottom = facts["rows"]["1"]  # it is wider than its panel
    row = left + 60, (top + bottom) / 2
    menu = right_click(driver, row, "Copy the table")
    driver.screenshot("menu_table")
    driver.click(middle(menu["Copy the table"]))
    driver.wait_for(lambda s: f"{facts['count']} rows copied" in s["status"])
    first = driver.pasted()
    lines = [line.split("\t") for line in first.splitlines()]
    assert len(lines) == 1 + facts["count"]
    assert {len(line) for line in lines} == {len(lines[0])}
    assert lines[0][0] == "Label"
    area = next(place for place, heading in enumerate(lines[0]) if heading.startswith("Area ("))
    mean = sum(float(line[area]) for line in lines[1:]) / facts["count"]
    assert mean == pytest.approx(float(facts["means"]["Area"]), rel=1e-9), "numbers in full"

    driver.copy_text("something else")
    driver.move(row)
    driver.key("ctrl+c")
    end = time.monotonic() + 10
    while driver.pasted() != first and time.monotonic() < end:
        time.sleep(0.1)
    assert driver.pasted() == first
