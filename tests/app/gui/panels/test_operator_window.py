"""A locked recipe is a form: an operator changes an exposed setting, runs, and sees nothing of the graph."""

from collections.abc import Callable
from pathlib import Path

from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Exposed
from tests.app.gui.panels.test_results_window import IMAGES, measuring
from tests.support.window_harness import Driver


def test_an_operator_sets_runs_and_sees_results(open_window: Callable[..., Driver], tmp_path: Path):
    recipe = measuring().with_exposed([Exposed("threshold", "level", "Nodules are darker than")], locked=True)
    file = tmp_path / "operator.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=IMAGES)
    state = driver.wait_for(lambda s: s["facts"]["Results"].get("count") and s["facts"]["Viewer"]["drawn"], 40)
    assert state["facts"]["Operator"] == {"locked": True, "settings": ["threshold.level"]}
    assert state["panels"]["canvas"][0] < 0
    assert "Add a Train node" in state["facts"]["Training"]["words"]
    driver.screenshot("operator")
    left, top, right, bottom = state["widgets"]["operator threshold.level"]
    y = (top + bottom) / 2
    driver.drag((left + 0.3 * (right - left), y), (left + 0.36 * (right - left), y))
    means = state["facts"]["Results"]["means"]
    driver.wait_for(lambda s: s["facts"]["Results"].get("means") not in (None, means), 40)
    driver.click_on("operator run")
    driver.wait_for(lambda s: s["facts"]["Batch"]["done"] == len(IMAGES) and not s["facts"]["Batch"]["running"], 120)
    assert (tmp_path / "operator_results" / "measurements.csv").is_file()
    driver.click_on("lock")
    driver.wait_for(lambda s: s["panels"]["canvas"][0] > 0)
    driver.screenshot("operator_unlocked")
