"""Nothing a person does freezes or ends the window: empty canvas, strange clipboard, strokes of another program."""

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.document.session import Session
from graingraph.app.gui.shell.guard import Guard
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.files import picture_hash
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.viewer.test_drawing_window import BRASS, correct_boundaries, show
from tests.support.recipes import chain
from tests.support.window_harness import Driver


def canvas_point(driver: Driver) -> tuple[float, float]:
    """A point of the canvas with nothing below it."""
    left, _, _, bottom = driver.state["panels"]["canvas"]
    return left + 30, bottom - 30


def test_an_emptied_canvas_goes_on(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "chain.graingraph.json"
    recipe_file.save(chain(), file)
    driver = open_window(recipe=file)
    driver.wait_for(lambda s: len(s["nodes"]) == 6)
    driver.move(canvas_point(driver))
    driver.key("ctrl+a")
    driver.key("Delete")
    driver.wait_for(lambda s: not s["nodes"])
    driver.key("Tab")
    driver.wait_for(lambda s: s["palette"])
    driver.type("Load")
    driver.key("Return")
    driver.wait_for(lambda s: list(s["nodes"]) == ["load"])
    driver.key("ctrl+z")
    driver.key("ctrl+z")
    driver.wait_for(lambda s: len(s["nodes"]) == 6)
    driver.key("ctrl+n")
    driver.wait_for(lambda s: not s["nodes"] and s["path"] is None)
    driver.wheel(canvas_point(driver), 2)
    driver.key("Tab")
    driver.wait_for(lambda s: s["palette"])


@pytest.mark.skipif(shutil.which("xclip") is None, reason="needs xclip")
def test_a_picture_on_the_clipboard_is_an_image_and_no_recipe(open_window: Callable[..., Driver], tmp_path: Path):
    picture = tmp_path / "screenshot.png"
    cv2.imwrite(str(picture), np.zeros((20, 30, 3), np.uint8))
    driver = open_window()
    driver.move(canvas_point(driver))
    driver.keys_at_once("ctrl+v", "Tab")  # Tab comes before it is heard that Ctrl was let go
    driver.wait_for(lambda s: s["palette"])
    driver.key("Escape")
    driver.wait_for(lambda s: s["palette"] is None)
    driver.key("ctrl+v")  # nothing at all
    driver.wait_for(lambda s: s["complaint"])
    driver.copy_picture(picture)
    driver.move((canvas_point(driver)[0] + 20, canvas_point(driver)[1]))
    driver.wait_for(lambda s: not s["complaint"])
    driver.key("ctrl+v")
    driver.wait_for(lambda s: s["complaint"])
    driver.key("Tab")
    driver.wait_for(lambda s: s["palette"])
    driver.key("ctrl+v")  # into a text field
    driver.type("Load")
    driver.key("Return")
    driver.wait_for(lambda s: list(s["nodes"]) == ["load"])
    left, top, right, bottom = driver.state["panels"]["left"]
    driver.move(((left + right) / 2, (top + bottom) / 2))
    driver.key("ctrl+v")
    pasted = driver.wait_for(lambda s: s["images"] and s["facts"]["Viewer"]["drawn"], 20)
    assert pasted["images"][0].startswith("pasted 2")
    assert pasted["undo"] == "Add 1 image"


def test_strokes_of_another_program_appear_on_the_image_viewed(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "corrections.graingraph.json"
    recipe_file.save(correct_boundaries(), file)
    driver = open_window(recipe=file, images=[BRASS])
    show(driver, "manual_edit")
    store = workspace.open_marks(file)
    for count in (1, 2, 3):
        points = np.array([(20.0 * count, 10.0 + n) for n in range(20)], np.float32)
        store.add(picture_hash(BRASS), "manual_edit", Mark(new_mark_id(), "pen", points, 3.0))
        driver.move((600 + 5 * count, 300))
        driver.wait_for(lambda s, count=count: s["facts"]["Viewer"]["drawing"]["marks"] == count)


def test_a_mistake_in_one_part_is_said_once_and_stops_no_other():
    session, seen = Session(), []
    guard = Guard(session)

    def fails() -> None:
        raise ValueError("shapes differ")

    def refuses() -> None:
        raise Problem("The file is gone.")

    for _ in range(5):
        guard("the map", fails)
        guard("the tray", refuses)
        guard("the palette", lambda: seen.append(1))
    assert len(seen) == 5
    said = [message.text for message in session.messages]
    assert said == [
        "Something in the map failed (ValueError: shapes differ); please report it.",
        "The file is gone.",
    ]
