"""Saving and opening by mouse and keys: nothing that is there is destroyed, and what would be lost is asked about."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graingraph.app.document import commands
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain
from tests.support.reports import report_of
from tests.support.window_harness import Driver

SUFFIX = recipe_file.SUFFIX


def open_dialog(driver: Driver, keys: str) -> None:
    driver.key(keys)
    driver.wait_for(lambda s: s["dialog"] and s["typing"])


def type_name(driver: Driver, text: object) -> None:
    driver.key("ctrl+a")
    driver.enter(str(text))
    driver.wait_for(lambda s: s["field"] == str(text))
    driver.key("Return")


def answer(driver: Driver, label: str) -> None:
    driver.click_on(f"answer {label}")
    driver.wait_for(lambda s: f"answer {label}" not in s["widgets"])


def test_save_as_lists_only_recipes_fills_by_click_and_asks_before_replacing(
    open_window: Callable[..., Driver], tmp_path: Path
):
    work = tmp_path / "work"
    work.mkdir()
    image, notes, other = work / "a_micrograph.tif", work / "b_notes.txt", work / f"c_other{SUFFIX}"
    image.write_bytes(b"II*\0 a micrograph")
    notes.write_text("notes")
    recipe_file.save(chain(("Load",)), other)
    file = work / f"mine{SUFFIX}"
    recipe_file.save(chain(), file)
    driver = open_window(recipe=file)
    open_dialog(driver, "ctrl+shift+s")
    driver.key("ctrl+a")
    driver.type(f"{work}/")
    state = driver.wait_for(lambda s: "choice ../" in s["widgets"] and f"choice {other.name}" in s["widgets"])
    assert {name for name in state["widgets"] if name.startswith("choice ")} == {
        "choice ../",
        f"choice {other.name}",
        f"choice {file.name}",
    }
    driver.click_on(f"choice {other.name}")
    driver.wait_for(lambda s: s["field"] == str(other) and s["dialog"])
    assert recipe_file.load(other) == chain(("Load",))
    driver.screenshot("save_as")

    driver.click_on("accept")
    state = driver.wait_for(lambda s: "answer Replace the file" in s["widgets"])
    driver.screenshot("save_as_replace")
    assert recipe_file.load(other) == chain(("Load",))
    driver.key("Escape")
    driver.wait_for(lambda s: not s["dialog"])
    assert recipe_file.load(other) == chain(("Load",))

    for name, content in ((notes, b"notes"), (image, b"II*\0 a micrograph")):
        open_dialog(driver, "ctrl+shift+s")
        type_name(driver, name)
        state = driver.wait_for(lambda s: not s["dialog"])
        assert name.read_bytes() == content
        assert state["path"] == f"{name}{SUFFIX}"

    broken = work / f"broken{SUFFIX}"
    broken.write_bytes(b"{")
    open_dialog(driver, "ctrl+shift+s")
    type_name(driver, broken)
    driver.wait_for(lambda s: "is no recipe" in s["said in dialog"])
    assert broken.read_bytes() == b"{"
    driver.wait_for(lambda s: s["typing"])
    type_name(driver, work / "aux.json")  # can be here, but not on a colleague's Windows
    driver.wait_for(lambda s: "Windows keeps aux for a device" in s["said in dialog"])
    driver.key("Escape")

    open_dialog(driver, "ctrl+shift+s")
    type_name(driver, other)
    answer(driver, "Replace the file")
    driver.wait_for(lambda s: s["path"] == str(other))
    assert recipe_file.load(other) == chain()


def bundle_of(recipe: Recipe, path: Path) -> Path:
    bundle.write(path, f"inside{SUFFIX}", {f"inside{SUFFIX}": recipe_file.dump(recipe)})
    return path


@pytest.mark.parametrize(("made", "name"), [(report_of, "report.pdf"), (bundle_of, "report.ggz")])
def test_a_report_or_bundle_that_was_opened_is_not_overwritten(
    made: Callable[[Recipe, Path], Path], name: str, open_window: Callable[..., Driver], tmp_path: Path
):
    report = made(chain(), tmp_path / name)
    before = report.read_bytes()
    driver = open_window()
    open_dialog(driver, "ctrl+o")
    type_name(driver, report)
    state = driver.wait_for(lambda s: len(s["nodes"]) == 6)
    assert state["path"] is None
    driver.screenshot(f"opened_{name}")
    driver.key("ctrl+s")
    state = driver.wait_for(lambda s: s["dialog"] and s["field"])
    assert state["field"] == str(tmp_path / f"report{SUFFIX}")
    driver.key("Return")
    driver.wait_for(lambda s: s["path"] == str(tmp_path / f"report{SUFFIX}"))
    assert report.read_bytes() == before


def test_what_a_colleague_saved_meanwhile_is_shown_and_asked_about(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / f"shared{SUFFIX}"
    recipe_file.save(chain(), file)
    driver = open_window(recipe=file)
    driver.wait_for(lambda s: len(s["nodes"]) == 6)
    theirs = commands.set_value(chain(), "fill_holes", "max_area", 123.0).after
    recipe_file.save(theirs, file)
    left, _, _, bottom = driver.state["panels"]["canvas"]
    driver.move((left + 30, bottom - 30))
    driver.key("n")
    driver.wait_for(lambda s: s["dialog"])
    driver.key("Escape")
    driver.wait_for(lambda s: not s["dialog"] and s["frames"])
    driver.key("ctrl+s")
    state = driver.wait_for(lambda s: "answer Replace the file" in s["widgets"])
    assert any("changed by somebody else" in line for line in state["question"])
    assert any("FillHoles: max area" in line and "123" in line for line in state["question"])
    driver.screenshot("changed_meanwhile")
    assert recipe_file.load(file) == theirs
    answer(driver, "Open the file (Undo comes back)")
    driver.wait_for(lambda s: s["settings"]["fill_holes"]["max_area"] == 123.0 and not s["dirty"])
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["frames"] and s["settings"]["fill_holes"]["max_area"] != 123.0)
    driver.key("ctrl+s")
    driver.wait_for(lambda s: not s["dirty"])
    assert recipe_file.load(file).layout.frames
