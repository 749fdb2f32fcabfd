"""Boundaries accepted, rejected and drawn by a click each, in a real window; a headless run replays them."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.gui.viewer.draw_tool import NO_BOUNDARY_HERE
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.app.gui.panels.test_results_window import tab
from tests.app.gui.viewer.test_drawing_window import place, show, tool
from tests.support.paths import ASSETS
from tests.support.window_harness import Driver

pytestmark = pytest.mark.window


def two_networks() -> Recipe:
    """Dark lines as boundaries, corrected by hand; lines that are less dark are offered beside them."""
    recipe, load = Recipe(name="Branches").add("Load", (0.0, 0.0))
    masks = []
    for row, level in enumerate((0.35, 0.65)):
        recipe, mask = recipe.add("Threshold", (240.0, 200.0 * row), method="manual", keep="darker", level=level)
        recipe = recipe.connect(Wire(load, "image", mask, "image"))
        masks.append(mask)
    recipe, edit = recipe.add("ManualEdit", (480.0, 0.0), kind="boundaries")
    recipe, grains = recipe.add("BoundariesToGrains", (720.0, 0.0), max_gap=0)
    recipe, measure = recipe.add("MeasureDiameter", (960.0, 0.0))
    for wire in (
        Wire(load, "image", edit, "image"),
        Wire(masks[0], "mask", edit, "region"),
        Wire(masks[1], "mask", edit, "faint"),
        Wire(edit, "result", grains, "boundaries"),
        Wire(grains, "labels", measure, "region"),
    ):
        recipe = recipe.connect(wire)
    return recipe


def picture(path: Path) -> Path:
    """Twelve bright grains between dark lines, one of them halved by a grey line."""
    pixels = np.full((360, 480), 220, np.uint8)
    for at in (120, 240, 360):
        pixels[:, at : at + 3] = 30
    for at in (120, 240):
        pixels[at : at + 3] = 30
    pixels[180:183, 123:240] = 130
    cv2.imwrite(str(path), pixels)
    return path


def grains(state: dict) -> int:
    return state["facts"]["Results"].get("count")


def correcting(open_window: Callable[..., Driver], folder: Path) -> tuple[Driver, Path, Path]:
    """The window in front of a network of twelve grains that is corrected, its image and its recipe."""
    image, file = picture(folder / "grid.png"), folder / "branches.graingraph.json"
    recipe_file.save(two_networks(), file)
    driver = open_window(recipe=file, images=[image])
    driver.key("shift+f")
    show(driver, "manual_edit")
    driver.wait_for(lambda s: grains(s) == 12, 60)
    return driver, image, file


def test_a_click_takes_a_boundary_from_junction_to_junction(open_window: Callable[..., Driver], tmp_path: Path):
    driver, image, file = correcting(open_window, tmp_path)

    tool(driver, "accept")
    driver.move(place(driver, (180, 184)), rest=True)
    driver.screenshot("faint_boundary")
    driver.click(place(driver, (180, 184)))
    driver.wait_for(lambda s: grains(s) == 13, 30)

    driver.click(place(driver, (60, 60)))
    driver.wait_for(lambda s: s["status"] == NO_BOUNDARY_HERE)

    driver.move(place(driver, (300, 122)), rest=True)
    driver.key("x")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["tool"] == "reject")
    driver.screenshot("to_be_rejected")
    driver.click(place(driver, (300, 122)))
    driver.wait_for(lambda s: grains(s) == 12, 30)
    driver.click(place(driver, (60, 60)))  # where there is no boundary
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 2)

    driver.move(place(driver, (60, 60)), rest=True)
    driver.key("y")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 3)
    driver.screenshot("accepted_and_rejected")
    driver.key("ctrl+z")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: grains(s) == 13, 30)
    driver.key("ctrl+y")
    driver.wait_for(lambda s: grains(s) == 12, 30)
    driver.key("ctrl+s")
    driver.close()

    store = Store(marks=workspace.open_marks(file))
    found = Evaluation(recipe_file.load(file), ImageSet.of_files([image]), store)
    assert found.value("measure_diameter", image=image.name).count == 12
    marks = store.marks.load(found.image_set[image.name].drawn_as, "manual_edit").marks
    assert [mark.tool for mark in marks] == ["accept", "reject"]


def test_what_is_declared_right_as_a_whole_is_reviewed(open_window: Callable[..., Driver], tmp_path: Path):
    image, file = picture(tmp_path / "grid.png"), tmp_path / "branches.graingraph.json"
    recipe_file.save(two_networks(), file)
    drawn_as = ImageSet.of_files([image])[image.name].drawn_as
    stroke = Mark("0" * 16, "accept", np.array([[180, 181], [220, 181]], np.float32))
    workspace.open_marks(file).add(drawn_as, "manual_edit", stroke, drawn_on="0" * 32)
    driver = open_window(recipe=file, images=[image])
    driver.key("shift+f")
    show(driver, "manual_edit")
    driver.wait_for(lambda s: s["statuses"]["manual_edit"] == "needs review", 60)
    driver.move(place(driver, (60, 60)), rest=True)
    driver.screenshot("to_be_reviewed")
    driver.key("y")
    driver.wait_for(lambda s: s["statuses"]["manual_edit"] == "fresh", 30)
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["statuses"]["manual_edit"] == "needs review", 30)


@pytest.mark.slow
def test_a_block_that_is_complete_is_learnt_while_the_person_goes_on(
    open_window: Callable[..., Driver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("torch", reason="training needs PyTorch")
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "models"))
    recipe, load = Recipe(name="Learn").add("Load", (0.0, 0.0))
    layer = {"name": "grain boundary", "color": "#ff3b30", "width": 3.0, "role": "boundary", "of": "grain"}
    recipe, trace = recipe.add("Trace", (240.0, 0.0), classes=[layer], rest="class", rest_name="grain")
    recipe, train = recipe.add("Train", (480.0, 0.0), epochs=1, tile_grid=1, size_factor=0.25, held_out=0)
    for wire in (
        Wire(load, "image", trace, "image"),
        Wire(load, "image", train, "images"),
        Wire(trace, "classmap", train, "truth"),
    ):
        recipe = recipe.connect(wire)
    file = tmp_path / "learn.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=[ASSETS / "etched" / "etched_001.tif"])
    driver.key("shift+f")
    show(driver, "trace")
    tab(driver, "Training")
    driver.click_on("goes on")
    driver.wait_for(lambda s: s["facts"]["Training"]["words"] == "Not trained.", 120)  # nothing is drawn yet
    tool(driver, "pen")
    driver.drag(place(driver, (120, 200)), place(driver, (380, 210)), steps=8)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1)
    tool(driver, "complete")
    driver.drag(place(driver, (100, 100)), place(driver, (400, 300)))
    state = driver.wait_for(lambda s: s["settings"]["train"]["model"], 240)
    first = state["settings"]["train"]["model"]
    driver.screenshot("learnt_while_drawing")
    driver.wait_for(lambda s: not s["facts"]["Training"]["running"], 240)
    tool(driver, "pen")
    driver.drag(place(driver, (120, 260)), place(driver, (380, 250)), steps=8)
    driver.wait_for(lambda s: s["settings"]["train"]["model"] not in ("", first), 240)  # it learns on


def test_a_block_that_is_said_to_be_right_at_once_after_a_stroke_keeps_the_stroke(
    open_window: Callable[..., Driver], tmp_path: Path
):
    driver, image, file = correcting(open_window, tmp_path)
    tool(driver, "pen")
    driver.drag(place(driver, (0, 60)), place(driver, (121, 60)), release=False)
    driver.hand.button(1, down=False)
    driver.key("y")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 2, 30)
    driver.wait_for(lambda s: grains(s) == 13, 30)
    driver.close()
    marks = workspace.open_marks(file).load(ImageSet.of_files([image])[image.name].drawn_as, "manual_edit").marks
    assert [(mark.tool, mark.runs is not None) for mark in marks] == [("pen", False), ("complete", True)]
    store = Store(marks=workspace.open_marks(file))
    found = Evaluation(recipe_file.load(file), ImageSet.of_files([image]), store)
    assert found.value("measure_diameter", image=image.name).count == 13


def test_a_block_that_is_marked_and_undone_at_once_takes_no_stroke_with_it(
    open_window: Callable[..., Driver], tmp_path: Path
):
    driver, image, file = correcting(open_window, tmp_path)
    tool(driver, "pen")
    for row in (60, 80):
        driver.drag(place(driver, (0, row)), place(driver, (121, row)), release=False)
        driver.hand.button(1, down=False)
        driver.key("y")
        if row == 60:
            driver.key("ctrl+z")
    driver.close()
    marks = workspace.open_marks(file).load(ImageSet.of_files([image])[image.name].drawn_as, "manual_edit").marks
    assert [mark.tool for mark in marks] == ["pen", "pen", "complete"]
