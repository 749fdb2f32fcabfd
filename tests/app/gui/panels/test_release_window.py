"""Where a folder's policy demands it, the window asks why, and runs nothing but released versions."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Exposed
from graingraph.engine.release import keys
from graingraph.engine.release.log import read_log
from graingraph.engine.release.policy import FILE, log_of
from graingraph.engine.release.stage import sign_version
from tests.app.gui.panels.test_results_window import IMAGES, measuring
from tests.support.window_harness import Driver

pytest.importorskip("cryptography")


def answered(driver: Driver, words: str) -> None:
    driver.wait_for(lambda s: s["dialog"], 20)
    driver.type(words)
    driver.wait_for(lambda s: s["field"] == words, 20)
    driver.key("Return")
    driver.wait_for(lambda s: not s["dialog"], 20)


def test_a_draft_is_refused_and_a_released_version_runs_with_its_reason(
    open_window: Callable[..., Driver], tmp_path: Path
):
    public = keys.make_key("Ada", folder=tmp_path / "keys")
    (tmp_path / FILE).write_text(f'only_released = true\ncomment = true\n[signers]\nAda = "{public}"\n')
    recipe = measuring().with_exposed([Exposed("threshold", "level", "Nodules are darker than")])
    file = tmp_path / "r.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=IMAGES)
    driver.wait_for(lambda s: s["facts"]["Results"].get("count"), 60)
    driver.click_on("tab Operator")
    driver.click_on("lock")
    driver.wait_for(lambda s: s["locked"], 20)
    driver.key("ctrl+s")
    answered(driver, "for operators")
    driver.wait_for(lambda s: not s["dirty"], 20)
    driver.click_on("operator run")
    answered(driver, "lot 7")
    driver.wait_for(lambda s: "is a draft" in s["status"], 30)
    driver.screenshot("release_refused")
    sign_version(file, recipe_file.load(file), "released", keys.load_key("Ada", folder=tmp_path / "keys"), "checked")
    driver.click_on("operator run")
    answered(driver, "lot 7")
    driver.wait_for(lambda s: s["facts"]["Batch"]["done"] == len(IMAGES) and not s["facts"]["Batch"]["running"], 120)
    driver.click_on("lock")
    driver.wait_for(lambda s: any("is released and stays locked" in text for text in s["messages"]), 20)
    assert driver.state["locked"]
    driver.screenshot("release_run")
    entries = read_log(log_of(file))
    assert [(entry["what"], entry["why"]) for entry in entries] == [
        ("changed", "for operators"),
        ("released", "checked"),
        ("started", "lot 7"),
        ("run", "lot 7"),
    ]
