"""The canvas in the real window, with real mouse and keys."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support import slow_node  # noqa: F401  (declares the node Wait)
from tests.support.recipes import chain
from tests.support.window_harness import Driver

Open = Callable[..., Driver]
HEADER = 12


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "chain.graingraph.json"
    recipe_file.save(chain(), path)
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Bright discs of 400 px on a dark ground with a gradient."""
    rows, columns = np.mgrid[0:400, 0:600]
    pixels = (40 + columns / 12).astype(np.uint8)
    for y, x, radius in ((80, 90, 40), (200, 300, 60), (320, 480, 45), (100, 450, 30), (330, 120, 35)):
        pixels[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = 150 + radius
    path = tmp_path / "discs.png"
    cv2.imwrite(str(path), pixels)
    return path


def header(state: dict[str, Any], node: str) -> tuple[float, float]:
    left, top, right, bottom = state["nodes"][node]
    return (left + right) / 2, top + (bottom - top) * 0.08


def middle(box: list[float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def empty_place(state: dict[str, Any], share: float = 0.9) -> tuple[float, float]:
    left, top, right, bottom = state["panels"]["canvas"]
    return left + (right - left) * 0.3, top + (bottom - top) * share


def add_by_typing(window: Driver, at: tuple[float, float], name: str, node: str) -> None:
    """Double-click on empty canvas, type a name, Enter."""
    window.click(at, twice=True)
    window.wait_for(lambda state: state["palette"] is not None)
    window.type(name)
    window.wait_for(lambda state: state["palette"][0].lower() == name)
    window.key("Return")
    window.wait_for(lambda state: node in state["nodes"])


def test_zoom_about_the_pointer_pan_and_fit(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    state = window.state
    at = header(state, "threshold")
    window.wheel(at, 4)
    zoomed = window.wait_for(lambda s: s["viewpoint"][0] > state["viewpoint"][0] * 1.5)
    left, top, right, bottom = zoomed["nodes"]["threshold"]
    assert left < at[0] < right
    assert top < at[1] < bottom
    window.drag(at, (at[0] - 100, at[1] + 60), button=2)
    panned = window.wait_for(lambda s: s["nodes"]["threshold"][0] < left - 90)
    assert panned["nodes"]["threshold"][1] == pytest.approx(top + 60, abs=3)
    window.key("Home")
    window.wait_for(lambda s: s["viewpoint"] == state["viewpoint"])


def test_build_a_recipe_from_nothing_by_dragging(open_window: Open, image: Path):
    window = open_window(images=[image])
    window.wait_for(lambda s: "load" in s["nodes"])  # it reads the images of the tray
    window.key("Home")
    window.screenshot("begun")
    previous, output = "load", "image"
    for name, node, out in (
        ("threshold", "threshold", "mask"),
        ("labelfeatures", "label_features", "labels"),
        ("measurefeatures", "measure_features", "table"),
    ):
        state = window.state
        start = state["outputs"][f"{previous}.{output}"]
        window.drag(start, (start[0] + 15, max(box[3] for box in state["nodes"].values()) + 8))
        window.wait_for(lambda state: state["palette"] is not None)
        window.type(name)
        window.wait_for(lambda state, name=name: state["palette"][0].lower() == name)
        window.key("Return")
        window.wait_for(lambda state, node=node: node in state["nodes"])
        window.key("Home")
        time.sleep(0.4)
        previous, output = node, out
    state = window.wait_for(lambda s: len(s["wires"]) == 3)
    assert "label_features.labels > measure_features.region" in state["wires"]
    window.click(header(state, "measure_features"))
    state = window.wait_for(lambda s: s["statuses"].get("measure_features") == "fresh", timeout=60)
    window.screenshot("built")
    built = state["wires"]
    while window.state["undo"]:
        before = window.state["undo"], len(window.state["nodes"])
        window.key("ctrl+z")
        window.wait_for(lambda s, before=before: (s["undo"], len(s["nodes"])) != before)
    assert window.state["wires"] == []
    assert len(window.state["nodes"]) <= 1
    while window.state["redo"]:
        before = window.state["redo"], len(window.state["nodes"])
        window.key("ctrl+y")
        window.wait_for(lambda s, before=before: (s["redo"], len(s["nodes"])) != before)
    assert window.state["wires"] == built


def test_the_palette_lists_every_node_by_category_and_scrolls(open_window: Open, tmp_path: Path):
    window = open_window()
    window.click(empty_place(window.state, 0.5), twice=True)
    state = window.wait_for(lambda s: s["palette"] and s["palette in sight"])
    shipped = {name for name, node in REGISTRY.items() if node.function.__module__.startswith("graingraph.nodes.")}
    assert sorted(state["palette"]) == sorted(shipped | {"Wait"})  # which the tests' window declares
    first, last = state["palette"][0], state["palette"][-1]
    assert first in state["palette in sight"]
    assert last not in state["palette in sight"]
    window.screenshot("palette")
    window.key("Up")
    window.wait_for(lambda s: last in s["palette in sight"])
    window.screenshot("palette_end")
    window.key("Down")
    state = window.wait_for(lambda s: first in s["palette in sight"])
    window.wheel(middle(state["palette in sight"][first]), -30)
    state = window.wait_for(lambda s: last in s["palette in sight"])
    window.click(middle(state["palette in sight"][last]))
    state = window.wait_for(lambda s: s["nodes"])
    assert state["undo"] == f"Add {last}"


def test_a_misspelt_word_finds_its_node(open_window: Open):
    window = open_window()
    window.click(empty_place(window.state, 0.5), twice=True)
    window.wait_for(lambda s: s["palette"])
    window.type("treshold")
    window.wait_for(lambda s: s["palette"][0] == "Threshold")
    window.screenshot("palette_misspelt")
    window.key("Return")
    window.wait_for(lambda s: "threshold" in s["nodes"])


def test_wires_connect_refuse_and_offer_what_fits(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    state = window.state
    window.drag(state["outputs"]["load.image"], state["inputs"]["fill_holes.mask"], release=False)
    assert "takes Mask" in window.wait_for(lambda s: s["reason"])["reason"]
    window.screenshot("refused")
    window.drop()
    assert len(window.wait_for(lambda s: s["complaint"])["wires"]) == 5
    window.drag(state["outputs"]["filter.image"], empty_place(state))
    offered = window.wait_for(lambda s: s["palette"])["palette"]
    assert "FillHoles" not in offered
    assert "Load" not in offered
    window.screenshot("offered")
    window.key("Escape")
    window.wait_for(lambda s: s["palette"] is None)


def test_a_loop_is_refused_with_a_reason(open_window: Open, tmp_path: Path):
    recipe = chain(("Load", "Filter", "Invert"))
    recipe = recipe.disconnect([recipe.wire_into("filter", "image")])
    recipe_file.save(recipe, tmp_path / "loop.graingraph.json")
    window = open_window(recipe=tmp_path / "loop.graingraph.json")
    state = window.state
    window.drag(state["outputs"]["invert.image"], state["inputs"]["filter.image"])
    assert "close a loop" in window.wait_for(lambda s: s["complaint"])["complaint"]
    assert len(window.state["wires"]) == 1


def test_insert_on_a_wire_and_delete_mid_chain(open_window: Open, tmp_path: Path):
    recipe, _ = chain().add("Invert", (300, 260))
    recipe_file.save(recipe, tmp_path / "insert.graingraph.json")
    window = open_window(recipe=tmp_path / "insert.graingraph.json")
    state = window.state
    (x1, y1), (x2, y2) = state["outputs"]["filter.image"], state["inputs"]["threshold.image"]
    left, top, right, bottom = state["nodes"]["invert"]
    grip = header(state, "invert")
    shift = ((x1 + x2) / 2 - (left + right) / 2, (y1 + y2) / 2 - (top + bottom) / 2)
    window.drag(grip, (grip[0] + shift[0], grip[1] + shift[1]))
    state = window.wait_for(lambda s: "invert.image > threshold.image" in s["wires"])
    assert "filter.image > invert.image" in state["wires"]
    window.key("Delete")
    state = window.wait_for(lambda s: "invert" not in s["nodes"])
    assert not any("invert" in wire for wire in state["wires"])
    window.key("ctrl+z")
    window.wait_for(lambda s: "invert.image > threshold.image" in s["wires"])


def test_box_select_move_mute_copy_paste_frame(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    state = window.state
    left, _, right, bottom = state["nodes"]["filter"]
    start = state["nodes"]["load"]
    window.drag((start[0] - 7, start[1] - 25), ((left + right) / 2, bottom + 12))
    window.wait_for(lambda s: s["selection"] == ["filter", "load"])
    grip = header(state, "filter")
    window.drag(grip, (grip[0], grip[1] + 60))
    moved = window.wait_for(lambda s: s["undo"] == "Move")
    assert moved["nodes"]["load"][1] > start[1] + 40
    window.key("m")
    state = window.wait_for(lambda s: s["status"] == "Load cannot be muted: nothing goes into it.")
    assert (state["muted"], state["undo"]) == ([], "Move")
    window.click(empty_place(state, 0.1))
    window.click(header(state, "filter"))
    window.held_click(header(state, "fill_holes"), "shift")
    window.wait_for(lambda s: s["selection"] == ["fill_holes", "filter"])
    window.key("m")
    window.wait_for(lambda s: s["muted"] == ["fill_holes", "filter"])
    window.click(empty_place(state, 0.1))
    window.click(header(state, "load"))
    window.held_click(header(state, "filter"), "shift")
    window.wait_for(lambda s: s["selection"] == ["filter", "load"])
    window.key("ctrl+c")
    window.move(empty_place(state, 0.15))
    window.key("ctrl+v")
    state = window.wait_for(lambda s: s["selection"] == ["filter_2", "load_2"])
    assert "load_2.image > filter_2.image" in state["wires"]
    window.key("ctrl+j")
    window.wait_for(lambda s: s["dialog"])
    window.type("Copies")
    window.key("Return")
    window.wait_for(lambda s: s["frames"] == ["Copies"])
    window.screenshot("copies")


def test_nodes_are_grouped_opened_left_and_ungrouped(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    window.click(header(window.state, "threshold"))
    window.held_click(header(window.state, "fill_holes"), "ctrl")
    window.key("ctrl+g")
    window.wait_for(lambda s: s["dialog"] and s["typing"])
    window.key("ctrl+a")
    window.type("Bright phase")
    window.key("Return")
    state = window.wait_for(lambda s: s["titles"].get("group-1") == "Bright phase" and not s["dialog"])
    assert "threshold" not in state["nodes"]
    assert len(state["wires"]) == 5
    window.click(header(state, "group-1"), twice=True)
    state = window.wait_for(lambda s: "threshold" in s["nodes"] and "load" not in s["nodes"])
    left, top, _, _ = state["panels"]["canvas"]
    window.click((left + 30, top + 20))
    window.wait_for(lambda s: "load" in s["nodes"] and s["selection"] == ["group-1"])
    window.key("alt+Down")
    window.wait_for(lambda s: "threshold" in s["nodes"])
    window.key("BackSpace")
    state = window.wait_for(lambda s: "load" in s["nodes"])
    window.click(header(state, "group-1"), button=3)
    window.wait_for(lambda s: {"Ungroup", "Open the group"} <= s["menu"].keys())
    window.key("Escape")
    window.wait_for(lambda s: not s["menu"])
    window.key("ctrl+shift+p")
    window.type("keep as snippet")
    window.wait_for(lambda s: s["commands"][0] == "Keep as snippet…")
    window.key("Return")
    window.wait_for(lambda s: "Bright phase is kept" in s["status"])
    add_by_typing(window, empty_place(state), "bright phase", "group-2")
    window.key("Delete")
    window.wait_for(lambda s: "group-2" not in s["nodes"])
    window.key("Home")
    window.click(header(window.wait_for(lambda s: s["viewpoint"] == state["viewpoint"]), "group-1"))
    window.wait_for(lambda s: s["selection"] == ["group-1"])
    window.key("ctrl+shift+g")
    window.wait_for(lambda s: "group-1" not in s["nodes"] and s["selection"] == ["fill_holes", "threshold"])


def test_the_knife_cuts(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    state = window.state
    (x1, y1), (x2, y2) = state["outputs"]["filter.image"], state["inputs"]["threshold.image"]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    window.drag((x, y - 40), (x, y + 30), held="alt")
    window.wait_for(lambda s: len(s["wires"]) == 4 and "filter.image > threshold.image" not in s["wires"])


def test_a_wire_is_picked_rerouted_and_deleted_and_a_drag_scrolls_at_the_edge(open_window: Open, tmp_path: Path):
    recipe = chain(("Load", "Filter", "Threshold"))
    recipe = recipe.with_positions({"load": (0, 0), "filter": (300, 0), "threshold": (600, 0)})
    recipe_file.save(recipe, tmp_path / "wires.graingraph.json")
    window = open_window(recipe=tmp_path / "wires.graingraph.json")
    state = window.state
    (x1, y1), (x2, y2) = state["outputs"]["filter.image"], state["inputs"]["threshold.image"]
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    window.click(middle, twice=True)
    window.wait_for(lambda s: s["undo"] == "Add reroute point")
    bent = middle[0] + 20, middle[1] + 60
    window.drag(middle, bent)
    window.wait_for(lambda s: s["undo"] == "Move reroute point")
    window.screenshot("rerouted")
    window.key("Delete")
    window.wait_for(lambda s: s["undo"] == "Delete reroute point")
    window.click(middle)
    window.move(empty_place(state))
    window.key("Delete")
    window.wait_for(lambda s: "filter.image > threshold.image" not in s["wires"])
    grip, (_, _, right, _) = header(state, "load"), state["panels"]["canvas"]
    window.drag(grip, (right + 20, grip[1]), release=False)
    window.wait_for(lambda s: s["viewpoint"][1] < state["viewpoint"][1] - 200)
    window.move((right - 200, grip[1]))
    stopped = window.state["viewpoint"]
    window.drop()
    assert window.wait_for(lambda s: s["undo"] == "Move")["viewpoint"] == stopped


def test_ctrl_z_in_a_text_field_edits_the_field_and_not_the_recipe(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    window.click(header(window.state, "filter"))
    window.wait_for(lambda s: s["selection"] == ["filter"])
    window.key("m")
    window.wait_for(lambda s: s["muted"] == ["filter"])
    window.key("ctrl+j")
    window.wait_for(lambda s: s["dialog"] and s["typing"])
    before = window.state["undo"]
    window.type("mmm")
    window.key("ctrl+z")
    window.key("m")
    state = window.state
    assert (state["undo"], state["muted"]) == (before, ["filter"])
    window.key("Escape")
    window.wait_for(lambda s: not s["dialog"])
    window.key("ctrl+z")
    window.key("ctrl+z")
    window.wait_for(lambda s: s["muted"] == [])


def test_a_threshold_dragged_changes_table_and_picture_as_one_edit(open_window: Open, tmp_path: Path, image: Path):
    recipe = chain(("Load", "Threshold", "LabelFeatures", "MeasureFeatures")).with_setting(
        "threshold", "method", "manual"
    )
    recipe_file.save(recipe, tmp_path / "live.graingraph.json")
    window = open_window(recipe=tmp_path / "live.graingraph.json", images=[image])
    window.click(header(window.state, "measure_features"))
    first = window.wait_for(lambda s: s["headlines"].get("measure_features"), timeout=60)
    window.click(header(first, "threshold"))
    window.wait_for(lambda s: "level" in s["widgets"])
    window.click(header(first, "measure_features"))
    window.key("Escape")
    window.click(header(first, "threshold"))
    left, top, right, bottom = window.wait_for(lambda s: "level" in s["widgets"])["widgets"]["level"]
    y = (top + bottom) / 2
    before = window.state["settings"]["threshold"]["level"]
    window.drag((left + (right - left) * 0.5, y), (left + (right - left) * 0.77, y))
    state = window.wait_for(lambda s: 0.73 < s["settings"]["threshold"]["level"] < 0.9)
    window.wait_for(lambda s: s["statuses"].get("threshold") == "fresh")
    window.click(header(state, "measure_features"))
    window.wait_for(
        lambda s: s["headlines"].get("measure_features") not in (None, first["headlines"]["measure_features"])
    )
    window.screenshot("threshold")
    window.key("ctrl+z")
    window.wait_for(lambda s: s["settings"]["threshold"]["level"] == before)


def test_a_killed_window_gives_everything_back(open_window: Open, saved: Path, image: Path):
    window = open_window(recipe=saved, images=[image])
    window.click(header(window.state, "filter"))
    window.key("m")
    window.wait_for(lambda s: s["muted"] == ["filter"])
    grip = header(window.state, "load")
    window.drag(grip, (grip[0], grip[1] + 50), release=False)
    window.kill()
    window.drop()
    window.start(recipe=None, images=[])
    state = window.state
    assert state["muted"] == ["filter"]
    assert state["images"] == ["discs.png"]
    assert state["path"] == str(saved)
    assert state["dirty"]
    assert any("recovered" in text for text in state["messages"])
    window.move(empty_place(state))
    window.key("ctrl+z")
    window.wait_for(lambda s: s["muted"] == [])
    assert recipe_file.load(saved) == chain()


def test_save_and_open_by_path(open_window: Open, tmp_path: Path, saved: Path):
    window = open_window()
    window.move(empty_place(window.state))
    window.key("ctrl+o")
    window.wait_for(lambda s: s["dialog"] and s["typing"])
    window.screenshot("open_dialog")
    window.key("ctrl+a")
    window.enter(str(saved))
    window.key("Return")
    state = window.wait_for(lambda s: s["path"] == str(saved))
    assert len(state["nodes"]) == len(chain().steps)
    window.click(header(state, "filter"))
    window.key("m")
    window.wait_for(lambda s: s["dirty"])
    window.key("ctrl+s")
    window.wait_for(lambda s: not s["dirty"])
    assert recipe_file.load(saved).steps["filter"].muted
    window.key("ctrl+shift+s")
    window.wait_for(lambda s: s["dialog"] and s["typing"])
    window.key("ctrl+a")
    window.enter(str(tmp_path / "other.graingraph.json"))
    window.key("Return")
    window.wait_for(lambda s: (tmp_path / "other.graingraph.json").exists())
    assert recipe_file.load(tmp_path / "other.graingraph.json") != Recipe()


def test_a_long_node_shows_progress_and_is_stopped_by_a_key(open_window: Open, tmp_path: Path, image: Path):
    recipe, wait = chain(("Load",)).add("Wait", (240, 0), seconds=600)
    recipe_file.save(recipe.connect(Wire("load", "image", wait, "image")), tmp_path / "long.graingraph.json")
    window = open_window(recipe=tmp_path / "long.graingraph.json", images=[image])
    window.click(header(window.state, "wait"))
    window.wait_for(lambda s: s["statuses"].get("wait") == "running")
    window.key("ctrl+d")
    window.wait_for(lambda s: "wait_2" in s["nodes"])
    window.wait_for(lambda s: s["statuses"].get("wait") == "running")
    window.screenshot("running")
    window.key("ctrl+period")
    window.wait_for(lambda s: s["statuses"].get("wait") == "not computed", timeout=2)


def test_a_resting_pointer_is_told_what_and_why(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    window.move(header(window.state, "filter"))
    tip = window.wait_for(lambda s: s["tip"])["tip"]
    assert tip.startswith("Filter\n")
    window.screenshot("tip")


def test_borders_between_panels_can_be_dragged_and_stay_there(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    left, top, right, _ = window.state["panels"]["canvas"]
    window.drag((right + 2, 200), (right - 100, 220))
    state = window.wait_for(lambda s: s["panels"]["canvas"][2] < right - 80)
    window.drag(((left + right) / 2, top - 2), ((left + right) / 2, top - 60))
    left_so = window.wait_for(lambda s: s["panels"]["canvas"][1] < top - 40)["panels"]
    assert state["selection"] == []
    window.close()
    window.start()
    for slot, box in window.state["panels"].items():
        assert box == pytest.approx(left_so[slot], abs=2), slot


def test_menus_do_what_their_keys_do(open_window: Open, saved: Path):
    window = open_window(recipe=saved, light=True)
    window.click(header(window.state, "filter"))
    window.key("m")
    window.wait_for(lambda s: s["muted"] == ["filter"])
    window.click((58, 12))
    window.screenshot("menu")
    window.click((90, 42))
    window.wait_for(lambda s: s["muted"] == [])


def test_a_key_makes_the_canvas_large_and_another_brings_all_panels_back(open_window: Open, saved: Path):
    window = open_window(recipe=saved)
    before = window.state["panels"]["canvas"]
    window.move(empty_place(window.state))
    window.key("ctrl+2")
    state = window.wait_for(lambda s: s["panels"]["canvas"][3] - s["panels"]["canvas"][1] > 450)
    window.key("Home")
    window.screenshot("large_canvas")
    assert state["selection"] == []
    window.key("ctrl+1")
    window.wait_for(lambda s: s["panels"]["canvas"] == before)


def test_a_frame_is_coloured_moved_with_its_nodes_and_the_canvas_scrolled_across(open_window: Open, tmp_path: Path):
    recipe = chain(("Load", "Filter")).with_frames([Frame(-20, -52, 500, 300, "Old title")])
    recipe_file.save(recipe, tmp_path / "framed.graingraph.json")
    window = open_window(recipe=tmp_path / "framed.graingraph.json")
    time.sleep(1)
    left, top, right, _ = window.state["nodes"]["load"]
    title = ((left + right) / 2, top - 36 * window.state["viewpoint"][0])
    window.click(title, twice=True)
    box = window.wait_for(lambda s: s["widgets"].get("colour violet") and s["typing"])["widgets"]["colour violet"]
    window.click(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
    window.screenshot("frame_colours")
    window.key("Return")
    window.wait_for(lambda s: s["undo"] == "Edit frame")
    window.drag(title, (title[0], title[1] + 40))
    window.wait_for(lambda s: s["undo"] == "Move" and s["nodes"]["load"][1] > top + 25)
    before = window.state["viewpoint"]
    window.scroll_across(title, 2)
    window.wait_for(lambda s: s["viewpoint"][1] < before[1] - 100 and s["viewpoint"][0] == before[0])
