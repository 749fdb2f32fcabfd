"""Pictures first: where the panels are, what is folded, images shown at once, and a second picture."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.recipe import file as recipe_file
from tests.support.paths import ASSETS
from tests.support.recipes import chain
from tests.support.window_harness import Driver

Open = Callable[..., Driver]
IMAGES = sorted((ASSETS / "nodules").glob("*.tif"))


def size(box: list[float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def middle(box: list[float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def saved(folder: Path) -> Path:
    file = folder / "recipe.graingraph.json"
    recipe = chain(("Load", "Threshold", "LabelFeatures"))
    recipe_file.save(recipe.with_setting("threshold", "keep", "darker"), file)
    return file


def test_panels_fold_the_canvas_moves_beside_and_both_are_remembered(open_window: Open, tmp_path: Path):
    driver = open_window(recipe=saved(tmp_path), images=IMAGES)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 40)
    panels = driver.state["panels"]
    assert max(panels, key=lambda slot: size(panels[slot])) == "viewer"
    driver.screenshot("picture_first")
    driver.click_on("show bottom")
    driver.wait_for(lambda s: s["panels"]["bottom"][0] < 0 and s["panels"]["canvas"][3] > 760)
    driver.key("F10")
    driver.wait_for(lambda s: s["popup"] and s["ticked"] == ["Fold the results away"])
    for key in ("Down", "Down", "Down", "Right"):
        driver.key(key)
    driver.screenshot("all_menus")
    driver.key("Escape")
    driver.key("Escape")
    driver.wait_for(lambda s: not s["popup"])
    driver.click_on("beside")
    beside = driver.wait_for(lambda s: s["panels"]["canvas"][0] > s["panels"]["viewer"][2])["panels"]
    driver.key("Home")
    driver.screenshot("canvas_beside")
    driver.click_on("show right")
    driver.wait_for(lambda s: s["panels"]["canvas"][2] > 1270)
    driver.close()
    driver.start()
    state = driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 40)
    assert state["panels"]["bottom"][0] < 0
    assert state["panels"]["right"][0] < 0
    assert state["panels"]["canvas"][0] > beside["canvas"][0]
    driver.key("ctrl+1")
    driver.wait_for(lambda s: s["panels"]["bottom"][0] >= 0 and s["panels"]["right"][0] > 0)


def test_an_added_image_is_shown_at_once_and_a_removed_one_comes_back(open_window: Open, tmp_path: Path):
    driver = open_window()
    driver.click_on("add images")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    for place, said in ((f"{tmp_path}/*.tif", "No file matches"), (tmp_path, "has no image")):
        driver.key("ctrl+a")
        driver.enter(str(place))
        driver.key("Return")
        driver.wait_for(lambda s, said=said: said in s["said in dialog"])
    driver.screenshot("no_image_there")
    driver.key("ctrl+a")
    driver.enter(str(IMAGES[0].parent))
    driver.key("Return")
    state = driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"] and s["facts"]["Viewer"]["image"], 40)
    assert list(state["nodes"]) == ["load"]
    assert state["facts"]["Images"]["shown"] == IMAGES[0].name
    driver.screenshot("image_at_once")
    driver.click_on("remove image")
    driver.wait_for(lambda s: s["images"] == [IMAGES[1].name] and s["undo"] == "Remove 1 image")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["images"] == [path.name for path in IMAGES])
    assert driver.state["facts"]["Images"]["shown"] == IMAGES[0].name


def test_the_tray_marks_what_cannot_be_read_and_tells_files_of_one_name_apart(open_window: Open, tmp_path: Path):
    """A dark image is shown so that it can be seen, with what is known of its grey levels."""
    pixels = cv2.imread(str(IMAGES[0]), cv2.IMREAD_GRAYSCALE)[:300, :400]
    images = [tmp_path / "dark.png", tmp_path / "a" / "same.png", tmp_path / "b" / "same.png", tmp_path / "broken.tif"]
    for image in images[:3]:
        image.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(image), pixels.astype(np.uint16) * 4)
    images[3].write_bytes(b"II*")
    driver = open_window(images=images)
    state = driver.wait_for(lambda s: len(s["facts"]["Images"]["labels"]) == 4 and s["facts"]["Viewer"]["drawn"], 40)
    assert "Of its 16 bits the image uses 10" in state["facts"]["Viewer"]["remarks"]
    driver.wait_for(lambda s: s["facts"]["Images"]["labels"][3].endswith("unreadable"), 20)
    assert state["facts"]["Images"]["labels"][1:3] == ["same.png (a)", "same.png (b)"]
    driver.click(middle(state["facts"]["Images"]["rows"]["broken.tif"]))
    failed = driver.wait_for(lambda s: s["statuses"]["load"] == "failed")
    assert failed["status"].startswith("The file is")
    driver.screenshot("broken_image")
    left, top, _, bottom = state["facts"]["Images"]["rows"]["dark.png"]
    driver.click((left - 40, (top + bottom) / 2))
    driver.wait_for(lambda s: s["facts"]["Images"]["shown"] == "dark.png")


def test_a_second_picture_stays_with_its_step_and_moves_with_the_first(open_window: Open, tmp_path: Path):
    driver = open_window(recipe=saved(tmp_path), images=IMAGES)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 40)
    driver.click_on("pin")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["pinned"] == ["load", "image"])
    box = driver.state["nodes"]["threshold"]
    driver.click(((box[0] + box[2]) / 2, box[1] + 6))
    state = driver.wait_for(
        lambda s: s["facts"]["Viewer"]["node"] == "threshold" and s["facts"]["Viewer"]["second drawn"], 40
    )
    left, top, right, bottom = state["widgets"]["viewer"]
    in_second = (left + 0.75 * (right - left), (top + bottom) / 2)
    before = state["facts"]["Viewer"]["view"]
    driver.wheel(in_second, 3)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["view"][0] > 1.5 * before[0])
    assert "grey" in driver.wait_for(lambda s: s["facts"]["Viewer"]["words"])["facts"]["Viewer"]["words"]
    driver.screenshot("second_picture")
    zoomed = driver.state["facts"]["Viewer"]["view"]
    driver.drag(in_second, (in_second[0] - 40, in_second[1] - 20), button=2)
    moved = driver.wait_for(lambda s: s["facts"]["Viewer"]["view"][1] > zoomed[1])["facts"]["Viewer"]["view"]
    driver.click_on("more")
    driver.click_on("linked")
    driver.key("Escape")
    driver.wait_for(lambda s: not s["popup"])
    driver.wheel(in_second, 3)
    apart = driver.wait_for(lambda s: s["facts"]["Viewer"]["second zoom"] > 1.5 * moved[0])
    assert apart["facts"]["Viewer"]["view"] == moved
    driver.click_on("pin")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["pinned"] is None)


def test_an_example_opens_from_the_empty_page_with_its_pictures(open_window: Open, tmp_path: Path):
    driver = open_window()
    driver.wait_for(lambda s: "start Nodules" in s["widgets"])
    driver.screenshot("start_page")
    driver.click_on("start Nodules")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"] and len(s["nodes"]) > 5, 40)
    driver.key("ctrl+n")
    driver.wait_for(lambda s: list(s["nodes"]) == ["load"])
    driver.key("ctrl+a")
    box = driver.state["panels"]["left"]
    driver.click(((box[0] + box[2]) / 2, box[3] - 20), button=3)
    menu = driver.wait_for(lambda s: "Take the images out of the tray" in s["menu"])["menu"]
    driver.screenshot("tray_menu")
    left, top, right, bottom = menu["Take the images out of the tray"]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda s: s["undo"].startswith("Remove"))


def test_the_dialog_of_the_desktop_adds_several_images(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "zenity").write_text("#!/bin/sh\n" + "\n".join(f"echo '{path}'" for path in IMAGES) + "\n")
    (programs / "zenity").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    driver = open_window(dialogs="")
    driver.click_on("start images")
    driver.wait_for(lambda s: s["images"] == [path.name for path in IMAGES] and s["facts"]["Viewer"]["drawn"], 40)


def test_several_files_are_picked_in_the_window_s_own_dialog(open_window: Open):
    driver = open_window()
    driver.click_on("add images")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.type(f"{IMAGES[0].parent}/")
    for path in IMAGES:
        driver.click_on(f"choice {path.name}")
    driver.screenshot("own_dialog")
    driver.click_on("accept")
    driver.wait_for(lambda s: s["images"] == [path.name for path in IMAGES])


def test_a_right_click_on_the_picture_offers_what_fits_it(open_window: Open, tmp_path: Path):
    driver = open_window(recipe=saved(tmp_path), images=IMAGES)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"], 40)
    left, top, right, bottom = driver.state["widgets"]["viewer"]
    driver.click(((left + right) / 2, (top + bottom) / 2), button=3)
    menu = driver.wait_for(lambda s: "Set the pixel size…" in s["menu"])["menu"]
    driver.screenshot("picture_menu")
    left, top, right, bottom = menu["Set the pixel size…"]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["pixel size"]["open"])


def test_new_images_of_a_watched_folder_join(open_window: Open, tmp_path: Path):
    folder = tmp_path / "microscope"
    folder.mkdir()
    shutil.copy(IMAGES[0], folder)
    driver = open_window()
    box = driver.state["panels"]["left"]
    driver.click(((box[0] + box[2]) / 2, box[3] - 20), button=3)
    left, top, right, bottom = driver.wait_for(lambda s: "Watch a folder for new images…" in s["menu"])["menu"][
        "Watch a folder for new images…"
    ]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(folder))
    driver.key("Return")
    driver.wait_for(lambda s: s["images"] == [IMAGES[0].name] and s["facts"]["Viewer"]["drawn"], 40)
    shutil.copy(IMAGES[1], folder)
    state = driver.wait_for(lambda s: len(s["images"]) == 2, 30)
    assert state["facts"]["Images"]["shown"] == IMAGES[0].name
    driver.screenshot("watching")
    driver.click_on("stop watching")
    driver.wait_for(lambda s: "stop watching" not in s["widgets"] or not s["facts"]["Images"]["watching"])
