"""Issue: corrections by hand with real mouse strokes change the count at once, and a headless run repeats them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from tests.support.paths import ASSETS, GRAPHS
from tests.support.window_harness import Driver

BRASS = ASSETS / "brass" / "brass_001.tif"


def correct_boundaries() -> Recipe:
    """Dark lines of etched brass, corrected by hand, as grains with their diameters."""
    steps = (
        ("Load", {}),
        ("Grey", {}),
        ("Threshold", {"method": "local", "keep": "darker", "window": 31, "offset": 0.06}),
        ("RejectFeatures", {"minimum": 60.0}),
        ("ManualEdit", {"kind": "boundaries"}),
        ("BoundariesToGrains", {"max_gap": 12, "smallest_grain": 60}),
        ("MeasureDiameter", {}),
    )
    recipe, before = Recipe(name="Correct boundaries"), ""
    for column, (name, settings) in enumerate(steps):
        recipe, node = recipe.add(name, (column * 240.0, 0.0), **settings)
        if before:
            source, target = recipe.steps[before].declared, recipe.steps[node].declared
            recipe = recipe.connect(Wire(before, source.outputs[0].name, node, target.inputs[0].name))
        before = node
    return recipe.connect(Wire("load", "image", "manual_edit", "image"))


def strokes_to_make(recipe: Recipe) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """A line through the middle of the widest grain, and a short line across a long border of two other grains."""
    evaluation = Evaluation(recipe, ImageSet.of_files([BRASS]))
    grains = evaluation.value("boundaries_to_grains", image=BRASS.name).pixels
    network = evaluation.value("reject_features", image=BRASS.name).pixels
    inner = np.setdiff1d(np.unique(grains), np.r_[grains[0], grains[-1], grains[:, 0], grains[:, -1]])
    largest = max(inner, key=lambda label: (grains == label).sum())
    rows, _ = np.nonzero(grains == largest)
    row = int(np.median(rows))
    columns = np.nonzero(grains[row] == largest)[0]
    gap = [(columns.min() - 2.0, row + 0.5), (columns.max() + 3.0, row + 0.5)]

    left, right = grains[:, :-6], grains[:, 6:]
    beside = (left != right) & np.isin(left, inner) & np.isin(right, inner) & network[:, 3:-3]
    beside &= (left != largest) & (right != largest)
    pairs = left.astype(np.int64) * (grains.max() + 1) + right
    values, counts = np.unique(pairs[beside], return_counts=True)
    rows, columns = np.nonzero(beside & (pairs == values[counts.argmax()]))
    middle = np.abs(rows - np.median(rows)).argmin()
    y, x = rows[middle] + 0.5, columns[middle] + 3.5
    return gap, [(x - 7, y), (x + 7, y)]


def place(driver: Driver, at: tuple[float, float]) -> tuple[float, float]:
    """Where the viewer shows an image point, in pixels of the window."""
    state = driver.state
    zoom, x, y = state["facts"]["Viewer"]["view"]
    left, top, *_ = state["widgets"]["viewer"]
    return left + (at[0] - x) * zoom, top + (at[1] - y) * zoom


def close_up(driver: Driver, at: tuple[float, float], steps: int) -> None:
    """Zoom in on an image point with the wheel."""
    before = driver.state["facts"]["Viewer"]["view"][0]
    driver.wheel(place(driver, at), steps)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["view"][0] == pytest.approx(before * 1.2**steps, rel=1e-3))


def show(driver: Driver, node: str) -> None:
    left, top, right, _ = driver.state["nodes"][node]
    driver.click(((left + right) / 2, top + 6))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["node"] == node and s["facts"]["Viewer"]["drawn"], 40)


def tool(driver: Driver, name: str) -> None:
    left, top, right, bottom = driver.wait_for(lambda s: s["widgets"][f"tool {name}"])["widgets"][f"tool {name}"]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["tool"] == name)


def trace_a_patch_of_each_layer(driver: Driver) -> None:
    """Draw a rectangle in each of Trace's two layers."""
    show(driver, "trace")
    tool(driver, "rectangle")
    driver.drag(place(driver, (40, 40)), place(driver, (300, 300)))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1)
    driver.choose("layer", 1)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["layer"] == "matrix")
    driver.move(place(driver, (400, 300)))
    for key in ("1", "2"):
        before = driver.state["facts"]["Viewer"]["drawing"]["layer"]
        driver.key(key)
        driver.wait_for(lambda s, before=before: s["facts"]["Viewer"]["drawing"]["layer"] != before)
    assert driver.state["facts"]["Viewer"]["drawing"]["layer"] == "matrix"
    driver.key("7")
    driver.wait_for(lambda s: s["status"].startswith("There is no class 7 here; there is 1 "))
    driver.drag(place(driver, (400, 300)), place(driver, (700, 600)))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 2)


def results(state: dict[str, Any]) -> tuple[int, str]:
    found = state["facts"]["Results"]
    return found["count"], found["means"]["Equivalent diameter"]


def test_a_gap_closed_and_a_false_boundary_crossed_out_change_the_count_and_repeat_headless(
    open_window: Callable[..., Driver], tmp_path: Path
):
    recipe = correct_boundaries()
    file = tmp_path / "corrections.graingraph.json"
    recipe_file.save(recipe, file)
    gap, across = strokes_to_make(recipe)
    driver = open_window(recipe=file, images=[BRASS])
    driver.key("shift+f")
    show(driver, "manual_edit")
    start = results(driver.wait_for(lambda s: s["facts"]["Results"].get("count"), 60))

    close_up(driver, gap[0], 3)
    driver.drag(place(driver, gap[0]), place(driver, gap[1]), steps=12)
    closed = results(driver.wait_for(lambda s: results(s)[0] > start[0], 30))
    assert closed[1] != start[1]

    tool(driver, "eraser")
    driver.key("f")
    close_up(driver, across[0], 8)
    driver.drag(place(driver, across[0]), place(driver, across[1]), steps=6)
    merged = results(driver.wait_for(lambda s: results(s)[0] == closed[0] - 1, 30))
    assert merged[1] != closed[1]
    driver.screenshot("corrected_boundaries")

    driver.key("ctrl+z")
    driver.wait_for(lambda s: results(s) == closed, 30)
    driver.key("ctrl+y")
    driver.wait_for(lambda s: results(s) == merged, 30)
    driver.key("ctrl+s")
    driver.close()

    store = Store(marks=workspace.open_marks(file))
    table = Evaluation(recipe_file.load(file), ImageSet.of_files([BRASS]), store).value(
        "measure_diameter", image=BRASS.name
    )
    assert (len(table.frame), repr(float(table.frame["Equivalent diameter"].mean()))) == merged

    driver.start()
    show(driver, "manual_edit")
    driver.wait_for(lambda s: results(s) == merged, 60)


def test_strokes_are_drawn_by_keys_as_well_and_survive_a_kill(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "corrections.graingraph.json"
    recipe_file.save(correct_boundaries(), file)
    driver = open_window(recipe=file, images=[BRASS])
    driver.key("shift+f")
    show(driver, "manual_edit")
    driver.wait_for(lambda s: s["facts"]["Results"].get("count"), 60)
    driver.drag(place(driver, (300, 300)), place(driver, (420, 310)))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1)
    driver.key("F7")
    begun = driver.wait_for(lambda s: s["focus"] == "viewer")["facts"]["Viewer"]["key pointer"]
    for key in ("space", "Right", "Right", "shift+Down", "space", "Return"):
        driver.key(key)
    drawn = driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 2)["facts"]["Viewer"]
    assert drawn["key pointer"] == [begun[0] + 20, begun[1] + 1]
    for key in ("v", "space", "Right", "Down", "Down", "Return"):
        driver.key(key)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 3)
    zoom = driver.state["facts"]["Viewer"]["view"][0]
    driver.key("plus")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["view"][0] > zoom)
    driver.key("F7")
    driver.wait_for(lambda s: s["focus"] == "canvas")
    driver.kill()
    source = ImageSet.of_files([BRASS])[BRASS.name]
    marks = workspace.open_marks(file).load(source.hash, "manual_edit").marks
    assert [mark.tool for mark in marks] == ["pen", "pen", "complete"]
    line, box = (np.ptp(mark.points, axis=0) * drawn["view"][0] for mark in marks[1:])
    assert line == pytest.approx((20, 1), abs=0.1)
    assert box == pytest.approx((10, 20), abs=drawn["view"][0])  # in whole pixels
    assert marks[2].runs is not None  # what is right there stays


def test_pools_traced_by_hand_are_picked_and_read_out_beside_the_pointer(
    open_window: Callable[..., Driver], tmp_path: Path
):
    file = tmp_path / "overlap.graingraph.json"
    shutil.copy(GRAPHS / "melt_pool_overlap.graingraph.json", file)
    image = ASSETS / "melt_pools" / "melt_pools_001.tif"
    driver = open_window(recipe=file, images=[image])
    driver.key("shift+f")
    show(driver, "trace")
    tool(driver, "ellipse")
    for count, left in enumerate((100, 420), start=1):
        driver.drag(place(driver, (left, 100)), place(driver, (left + 240, 300)))
        driver.wait_for(lambda s, n=count: s["facts"]["Viewer"]["drawing"]["marks"] == n)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["features"] == "ClassMap", 30)
    driver.screenshot("traced_pools")
    driver.click(
        (
            (driver.state["nodes"]["overlap"][0] + driver.state["nodes"]["overlap"][2]) / 2,
            driver.state["nodes"]["overlap"][1] + 6,
        )
    )
    driver.wait_for(lambda s: s["facts"]["Results"].get("count") == 2, 60)
    driver.click(place(driver, (220, 200)))
    state = driver.wait_for(lambda s: s["facts"]["Viewer"]["readouts"], 30)
    assert state["facts"]["Viewer"]["readouts"][0].startswith("Overlap")
    driver.screenshot("picked_pool")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: not s["facts"]["Viewer"]["readouts"])
