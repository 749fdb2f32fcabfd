"""Names of nodes, and the lists of commands and nodes, with real keys."""

from collections.abc import Callable
from pathlib import Path

from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.canvas.test_canvas_window import header
from tests.support.recipes import chain
from tests.support.window_harness import Driver


def opened(open_window: Callable[..., Driver], tmp_path: Path) -> Driver:
    file = tmp_path / "chain.graingraph.json"
    recipe_file.save(chain(), file)
    driver = open_window(recipe=file)
    driver.key("Home")
    driver.wait_for(lambda s: s["nodes"])
    return driver


def test_rename_a_node_and_find_it_by_its_name(open_window: Callable[..., Driver], tmp_path: Path):
    driver = opened(open_window, tmp_path)
    driver.click(header(driver.state, "filter"))
    driver.wait_for(lambda s: s["selection"] == ["filter"])
    driver.key("F2")
    driver.wait_for(lambda s: s["dialog"] and s["field"] == "Filter")
    driver.key("ctrl+a")
    driver.type("Smooth the noise")
    driver.wait_for(lambda s: s["field"] == "Smooth the noise")
    driver.key("Return")
    driver.wait_for(lambda s: s["titles"]["filter"] == "Smooth the noise")
    driver.screenshot("renamed")

    driver.key("ctrl+f")
    driver.wait_for(lambda s: s["commands"] and "Smooth the noise" in s["commands"])
    driver.type("noise")
    driver.wait_for(lambda s: s["commands"] == ["Smooth the noise"])
    driver.screenshot("find_a_node")
    driver.key("Return")
    driver.wait_for(lambda s: s["commands"] is None and s["selection"] == ["filter"])
    driver.key("F2")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.key("Delete")
    driver.key("Return")
    driver.wait_for(lambda s: s["titles"]["filter"] == "Filter" and not s["dialog"])
    driver.key("ctrl+z")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["titles"]["filter"] == "Filter" and not s["undo"])


def test_the_command_palette_runs_commands_and_adds_nodes(open_window: Callable[..., Driver], tmp_path: Path):
    driver = opened(open_window, tmp_path)
    driver.key("ctrl+shift+p")
    driver.wait_for(lambda s: s["commands"] and "Select all" in s["commands"])
    driver.screenshot("command_palette")
    driver.type("select all")
    driver.wait_for(lambda s: s["commands"][0] == "Select all")
    driver.key("Return")
    driver.wait_for(lambda s: len(s["selection"]) == len(s["nodes"]))

    driver.key("ctrl+shift+p")
    driver.type("porosity")
    driver.wait_for(lambda s: s["commands"] and any(name.startswith("Add ") for name in s["commands"]))
    driver.key("Escape")
    driver.wait_for(lambda s: s["commands"] is None)
    before = len(driver.state["nodes"])
    driver.key("ctrl+shift+p")
    driver.type("add threshold")
    driver.wait_for(lambda s: s["commands"] is not None)
    driver.key("ctrl+a")
    driver.type("threshold")
    driver.wait_for(lambda s: s["commands"] and "Add Threshold" in s["commands"])
    place = driver.state["commands"].index("Add Threshold")
    for _ in range(place):
        driver.key("Down")
    driver.key("Return")
    driver.wait_for(lambda s: len(s["nodes"]) == before + 1)

    driver.key("ctrl+shift+p")
    driver.wait_for(lambda s: s["typing"])
    driver.type("tutorial")
    driver.wait_for(lambda s: s["commands"] and s["commands"][0] == "Tutorial")
    driver.key("Return")
    driver.click_on("tutorial pictures")
    state = driver.wait_for(lambda s: list(s["nodes"]) == ["load"] and "tutorial back" in s["widgets"])
    assert state["images"] == ["nodules_001.tif", "nodules_002.tif"]
    driver.screenshot("tutorial")
