"""Keys belong to the panel under the pointer, Escape to what is open; a locked recipe stays as it is."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from graingraph.app.document import commands
from graingraph.app.document.session import Session
from graingraph.app.gui.base.panel_layout import PanelLayout
from graingraph.app.gui.shell.actions import ACTIONS, for_keys
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Exposed
from tests.app.gui.panels.test_results_window import IMAGES, measuring, middle
from tests.app.gui.viewer.test_drawing_window import BRASS, correct_boundaries, place, show
from tests.support import slow_node  # noqa: F401  (declares the node Wait)
from tests.support.recipes import chain
from tests.support.window_harness import Driver


def centre(driver: Driver, slot: str) -> tuple[float, float]:
    left, top, right, bottom = driver.state["panels"][slot]
    return (left + right) / 2, (top + bottom) / 2


def press(driver: Driver, keys: tuple[str, ...]) -> None:
    """Press keys one after another, each when the window has taken the one before."""
    for key in keys:
        before = driver.state["keys"]
        driver.key(key)
        driver.wait_for(lambda s, before=before: s["keys"] > before)


def test_a_key_means_one_thing_over_each_panel():
    for scope in ("window", "canvas", "viewer", "left", "right", "bottom"):
        own = [key for action in ACTIONS if action.scope in (scope, "window") for key in action.keys.split()]
        kept = [(key, action.scope) for action in ACTIONS for key in action.keys.split() if action.scope == scope]
        assert len(kept) == len(set(kept)), scope
        for key in own:
            found = for_keys(key, typing=False, scope=scope)
            assert found
            assert found.scope in (scope, "window")
    for key in ("Delete", "M", "N", "L", "Ctrl+X", "Ctrl+V", "Tab", "Ctrl+Left"):
        for scope in ("window", "viewer", "left", "right", "bottom"):
            found = for_keys(key, typing=False, scope=scope)
            assert found is None or not found.edits, (key, scope)
        assert for_keys(key, typing=False, scope="canvas").edits, key
        assert for_keys(key, typing=True, scope="canvas") is None


def test_what_folds_a_panel_away_is_ticked_while_it_is_folded():
    app = SimpleNamespace(layout=PanelLayout())
    for action in (one for one in ACTIONS if one.label.startswith("Fold")):
        assert action.ticked is not None
        before = action.ticked(app)
        action.do(app)
        assert (before, action.ticked(app)) == (False, True)
    assert set(app.layout.folded) == {"left", "canvas", "bottom", "right"}


def test_keys_over_the_picture_change_no_node(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "corrections.graingraph.json"
    recipe_file.save(correct_boundaries(), file)
    second = tmp_path / "second.tif"
    second.write_bytes(BRASS.read_bytes() + b"\0")
    driver = open_window(recipe=file, images=[BRASS, second])
    driver.key("shift+f")
    show(driver, "manual_edit")
    before = driver.wait_for(lambda s: s["selection"] == ["manual_edit"])
    for slot in ("viewer", "right", "bottom"):
        driver.move(centre(driver, slot))
        press(driver, ("Delete", "m", "n", "l", "BackSpace", "ctrl+d", "ctrl+x"))
        state = driver.state
        for what in ("nodes", "muted", "frames", "selection", "undo", "dialog"):
            assert state[what] == before[what], (slot, what)
    assert "M does nothing here; with the pointer over the canvas: Mute." in state["messages"]
    driver.move(centre(driver, "viewer"))
    driver.key("b")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["tool"] == "brush")

    at = place(driver, (60.0, 60.0))
    driver.drag(at, (at[0] + 30, at[1] + 10))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1)
    driver.key("Page_Down")
    driver.wait_for(lambda s: s["facts"]["Images"]["shown"] == "second.tif")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 0, 30)
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["facts"]["Images"]["shown"] == BRASS.name)
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1, 30)
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 0, 30)


@pytest.mark.parametrize("no_library", [False, True])
def test_escape_closes_the_topmost_thing_that_is_open(
    open_window: Callable[..., Driver], tmp_path: Path, no_library: bool
):
    file = tmp_path / "chain.graingraph.json"
    recipe_file.save(chain(), file)
    driver = open_window(recipe=file, no_library=no_library)
    driver.wait_for(lambda s: len(s["nodes"]) == 6)
    left, top, right, _ = driver.state["nodes"]["filter"]
    driver.click(((left + right) / 2, top + 6))
    driver.wait_for(lambda s: s["selection"] == ["filter"])

    for opened in (
        lambda: driver.click((16, 12)),  # the menu File
        lambda: driver.click_on("overlay"),
        lambda: driver.click_on("more"),
        lambda: driver.click_on("method"),
        lambda: driver.click(((left + right) / 2, top + 6), button=3),
    ):
        opened()
        driver.wait_for(lambda s: s["popup"])
        press(driver, ("Escape",) if no_library else ("m", "Escape"))  # not for the canvas now
        driver.wait_for(lambda s: not s["popup"])
        assert driver.state["selection"] == ["filter"]
        assert driver.state["muted"] == []

    driver.move((left - 20, top - 20))
    driver.key("Tab")
    driver.wait_for(lambda s: s["palette"])
    driver.key("Escape")
    driver.wait_for(lambda s: s["palette"] is None)
    driver.key("ctrl+o")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("Escape")
    driver.wait_for(lambda s: not s["dialog"])
    assert driver.state["selection"] == ["filter"]
    driver.key("Escape")
    driver.wait_for(lambda s: s["selection"] == [])


def test_escape_that_closes_something_does_not_stop_what_is_computed(
    open_window: Callable[..., Driver], tmp_path: Path
):
    file = tmp_path / "slow.graingraph.json"
    recipe_file.save(chain(("Load", "Wait")).with_setting("wait", "seconds", 30.0), file)
    driver = open_window(recipe=file, images=[BRASS])
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawn"])
    left, top, right, _ = driver.state["nodes"]["wait"]
    driver.click(((left + right) / 2, top + 6))
    driver.wait_for(lambda s: s["statuses"].get("wait") == "running" and s["selection"] == ["wait"])
    driver.click((16, 12))  # the menu File
    driver.wait_for(lambda s: s["popup"])
    press(driver, ("Escape", "Escape"))  # the second is one too many
    driver.wait_for(lambda s: not s["popup"])
    driver.key("ctrl+o")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    press(driver, ("Escape", "Escape"))
    driver.wait_for(lambda s: not s["dialog"])
    assert driver.state["statuses"]["wait"] == "running"
    assert driver.state["selection"] == ["wait"]
    time.sleep(1.2)  # now it is meant
    driver.key("Escape")
    driver.wait_for(lambda s: s["statuses"].get("wait") != "running")


def test_a_locked_recipe_stays_as_it_is(open_window: Callable[..., Driver], tmp_path: Path):
    recipe = measuring().with_exposed([Exposed("threshold", "level", "Nodules are darker than")], locked=False)
    file = tmp_path / "operator.graingraph.json"
    recipe_file.save(recipe, file)
    driver = open_window(recipe=file, images=IMAGES[:1])
    left, top, right, bottom = driver.state["widgets"]["tab Operator"]
    driver.click(((left + right) / 2, (top + bottom) / 2))
    driver.click(middle(driver.wait_for(lambda s: s["widgets"].get("lock"))["widgets"]["lock"]))
    state = driver.wait_for(lambda s: s["facts"]["Operator"]["locked"])
    nodes = set(state["settings"])
    press(driver, ("ctrl+z", "ctrl+2", "ctrl+1"))  # undo would unlock it, and other arrangements show the canvas
    driver.key("ctrl+n")
    driver.wait_for(lambda s: "answer New recipe" in s["widgets"])
    driver.key("Escape")
    driver.wait_for(lambda s: not s["dialog"])
    for slot in ("viewer", "left", "right", "bottom"):
        driver.move(centre(driver, slot))
        press(driver, ("ctrl+a", "m", "n", "Tab", "ctrl+v", "ctrl+d"))
        if slot != "left":
            press(driver, ("Delete",))
    state = driver.state
    assert state["facts"]["Operator"]["locked"]
    assert state["panels"]["canvas"][0] < 0
    assert (set(state["settings"]), state["muted"], state["frames"]) == (nodes, [], [])
    assert state["palette"] is None
    assert any("The recipe is locked" in text for text in state["messages"])

    driver.click((50, 12))  # the menu Edit
    driver.wait_for(lambda s: s["popup"])
    driver.key("Escape")
    driver.wait_for(lambda s: not s["popup"])
    left, top, right, bottom = driver.state["widgets"]["operator threshold.level"]
    y = (top + bottom) / 2
    level = driver.state["settings"]["threshold"]["level"]
    driver.drag((left + 0.3 * (right - left), y), (left + 0.36 * (right - left), y))
    changed = driver.wait_for(lambda s: s["settings"]["threshold"]["level"] != level)
    driver.move(centre(driver, "viewer"))
    driver.key("ctrl+z")
    driver.wait_for(lambda s: s["settings"]["threshold"]["level"] == level)
    press(driver, ("ctrl+z", "ctrl+y"))
    driver.wait_for(lambda s: s["settings"] == changed["settings"])
    assert driver.state["facts"]["Operator"]["locked"]


def test_everything_is_reached_by_keys_alone(open_window: Callable[..., Driver], tmp_path: Path):
    file = tmp_path / "chain.graingraph.json"
    recipe_file.save(chain(), file)
    driver = open_window(recipe=file)
    driver.move(centre(driver, "viewer"))
    driver.key("F6")
    driver.wait_for(lambda s: s["focus"] == "canvas")
    press(driver, ("Right",))
    driver.wait_for(lambda s: len(s["selection"]) == 1)
    for _ in range(6):
        press(driver, ("Left",))
    driver.wait_for(lambda s: s["selection"] == ["load"])
    press(driver, ("Right", "ctrl+Right"))
    driver.wait_for(lambda s: s["selection"] == ["filter"] and s["undo"] == "Move")
    press(driver, ("w",))
    driver.wait_for(lambda s: s["wire search"] and s["typing"])
    driver.type("measure")
    driver.wait_for(lambda s: s["wire search"] == ["MeasureFeatures: image"])
    driver.screenshot("wire_search")
    driver.key("Return")
    driver.wait_for(lambda s: "filter.image > measure_features.image" in s["wires"])

    press(driver, ("Right", "Return"))
    driver.wait_for(lambda s: s["selection"] == ["threshold"] and s["focus"] == "right")
    press(driver, ("space", "Down", "Return"))  # the first setting is a list
    driver.wait_for(lambda s: s["settings"]["threshold"]["method"] != "otsu")
    driver.screenshot("focus")
    press(driver, ("Escape",))
    driver.wait_for(lambda s: s["focus"] == "canvas" and s["selection"] == ["threshold"])

    press(driver, ("F10",))
    driver.wait_for(lambda s: s["popup"])
    press(driver, ("Down", "Right", "Return"))  # Edit, Undo
    driver.wait_for(lambda s: s["settings"]["threshold"]["method"] == "otsu")
    press(driver, ("shift+F10",))
    driver.wait_for(lambda s: "Mute" in s["menu"])
    press(driver, ("Escape", "r"))
    driver.wait_for(lambda s: s["undo"] == "Add reroute point")
    press(driver, ("ctrl+Up",))
    driver.wait_for(lambda s: s["undo"] == "Move")
    other = tmp_path / "other.graingraph.json"
    recipe_file.save(chain(("Load",)), other)
    driver.key("ctrl+shift+s")
    driver.wait_for(lambda s: s["dialog"] and s["typing"])
    driver.key("ctrl+a")
    driver.enter(str(other))
    press(driver, ("Return",))
    driver.wait_for(lambda s: s["question"])
    press(driver, ("Return",))  # nothing is answered yet by a key pressed once too often
    driver.wait_for(lambda s: s["question"])
    press(driver, ("Down", "Return"))
    driver.wait_for(lambda s: s["path"] == str(other) and not s["dialog"])
    press(driver, ("shift+F6",))
    driver.wait_for(lambda s: s["focus"] == "viewer")
    driver.click(centre(driver, "viewer"))
    driver.wait_for(lambda s: s["focus"] is None)


@pytest.mark.parametrize("locked", [True, False])
def test_the_lock_refuses_every_edit_but_those_of_an_operator(locked: bool):

    start = chain().with_exposed([Exposed("threshold", "level", "Level")], locked=locked)
    tried = {
        "remove": lambda r: commands.remove(r, ["filter"]),
        "mute": lambda r: commands.mute(r, ["filter"]),
        "set": lambda r: commands.set_value(r, "threshold", "invert", True),
        "add": lambda r: commands.add(r, "Invert", (0, 0)).change,
        "paste": lambda r: commands.paste(r, chain(("Load",)), (0, 0)).change,
        "expose": lambda r: commands.expose(r, "filter", "sigma", "Sigma"),
        "unlock": lambda r: commands.lock(r, not locked),
        "move": lambda r: commands.move(r, {"load": (9.0, 9.0)}),
    }
    for name, change in tried.items():
        if name == "set" and "invert" not in start.steps["threshold"].settings:
            continue
        session = Session(start)
        if locked:
            with pytest.raises(Problem, match="locked"):
                session.do(change(start))
            assert session.recipe is start
            assert session.undo_label == ""
        else:
            session.do(change(start))
            assert session.recipe != start
    session = Session(start)
    session.do(commands.set_value(start, "threshold", "level", 0.25))
    assert session.recipe.steps["threshold"].settings["level"] == 0.25


def test_undo_and_redo_do_not_get_around_the_lock():

    session = Session(chain())
    session.do(commands.mute(session.recipe, ["filter"]))
    session.set_locked(True)
    with pytest.raises(Problem, match="locked"):
        session.undo()
    session.set_locked(False)
    session.undo()
    assert session.recipe.locked
    with pytest.raises(Problem, match="locked"):
        session.redo()
    session.set_locked(False)
    assert session.recipe.steps["filter"].muted
