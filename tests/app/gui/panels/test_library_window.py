"""The library in the real window: looked into, searched, opened, published to, and nobody is passed over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graingraph.app.library.drafts import draft_of
from graingraph.app.library.versions import Library
from graingraph.engine.batch.permission import stage_at
from graingraph.engine.place import place_at
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.release.keys import make_key
from tests.app.gui.panels.test_results_window import tab
from tests.support.paths import GRAPHS
from tests.support.recipes import chain
from tests.support.servers import web_server, webdav_server
from tests.support.window_harness import Driver


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    """A library of a chain in two versions, and of the recipe for nodules."""
    library = Library(place_at(str(tmp_path / "shelf")), tmp_path / "cached by others")
    for place, level in enumerate((0.5, 0.55)):
        folder = tmp_path / f"draft {place}"
        folder.mkdir()
        file = folder / f"chain{recipe_file.SUFFIX}"
        recipe_file.save(chain().with_setting("threshold", "level", level), file)
        library.publish(draft_of(file, folder)[0], author="Ada", note=f"level {level}", tags=("demo",))
    library.publish(draft_of(GRAPHS / "nodules.graingraph.json", tmp_path)[0], author="Bob")
    return library


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The URL of a web server, which can only be read from: of an empty folder."""
    (tmp_path / "served").mkdir()
    with web_server(tmp_path / "served") as url:
        yield url


@pytest.fixture
def dav(tmp_path: Path) -> Iterator[str]:
    """The URL of a folder that is not there yet, on a WebDAV server."""
    (tmp_path / "dav").mkdir()
    with webdav_server(tmp_path / "dav") as url:
        yield f"{url}/shared"


def look(window: Driver, where: Path) -> None:
    tab(window, "Library")
    window.click_on("library place")
    window.wait_for(lambda s: s["typing"])  # before, Ctrl+A would be for the canvas
    window.key("ctrl+a")
    window.enter(str(where))
    window.wait_for(lambda s: s["facts"]["Library"]["where"] == str(where))  # what is pasted comes when it comes
    window.click_on("look into library")


def test_recipes_are_found_opened_and_published(
    open_window: Callable[..., Driver],
    shelf: Library,
    served: str,
    dav: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("GRAINGRAPH_KEYS", str(tmp_path / "keys"))
    make_key("Ada", b"typed by Ada", folder=tmp_path / "keys")
    window = open_window()
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.txt").write_text("")
    look(window, tmp_path / "nowhere")
    window.wait_for(lambda s: "There is nothing at" in s["facts"]["Library"]["lacking"], 30)
    look(window, tmp_path / "holiday")
    window.wait_for(lambda s: "holds other things and no library" in s["facts"]["Library"]["lacking"], 30)
    window.screenshot("library_lacking")
    look(window, tmp_path / "shelf")
    window.wait_for(lambda s: s["facts"]["Library"]["listed"] == ["Chain", "Nodules"], 30)
    window.wait_for(lambda s: s["facts"]["Library"]["thumbnails"] == 2, 30)
    window.click_on("search library")
    window.type("ada demo")
    window.wait_for(lambda s: s["facts"]["Library"]["listed"] == ["Chain"])
    window.click_on("library row Chain")
    window.wait_for(lambda s: s["facts"]["Library"]["versions"] == 2)
    window.screenshot("library")
    window.click_on("open version 1")  # the first that was published
    window.wait_for(lambda s: s["settings"].get("threshold", {}).get("level") == 0.5, 30)
    assert window.state["path"] is None  # a copy: what is published stays as it is

    window.click_on("compare version 0")  # with Ada's second
    window.wait_for(lambda s: s["changes"] == {"threshold": "changed"}, 30)
    window.screenshot("library_compared")
    window.click_on("compare version 0")
    window.wait_for(lambda s: s["changes"] == {})

    window.click_on("add version 0")
    window.wait_for(lambda s: s["titles"].get("group-1") == "Chain", 30)
    window.move((600, 500))
    window.key("ctrl+z")
    window.wait_for(lambda s: "group-1" not in s["nodes"])

    window.click_on("library note")
    window.type("as before")
    window.click_on("publish")
    window.wait_for(lambda s: "answer Publish after them" in s["widgets"], 30)
    window.screenshot("library_newer")
    assert len(shelf.history("Chain")) == 2  # Ada's second version is newer than what was opened
    window.click_on("answer Publish after them")
    window.wait_for(lambda s: s["facts"]["Library"]["versions"] == 3, 30)
    history = shelf.history("Chain")
    assert [one.note for one in history] == ["level 0.5", "level 0.55", "as before"]
    assert shelf.recipe(history[-1]).steps["threshold"].settings["level"] == 0.5
    assert history[-1].tags == ("demo",)

    look(window, tmp_path / "holiday")
    window.wait_for(lambda s: "holds other things and no library" in s["facts"]["Library"]["lacking"], 30)
    window.click_on("publish")
    window.wait_for(lambda s: "answer Begin it" in s["widgets"], 30)
    window.screenshot("library_begin")
    assert [path.name for path in (tmp_path / "holiday").iterdir()] == ["beach.txt"]
    window.click_on("answer Begin it")
    window.wait_for(lambda s: s["facts"]["Library"]["versions"] == 1, 30)
    assert window.state["facts"]["Library"]["lacking"] == ""

    look(window, served)
    window.wait_for(lambda s: s["facts"]["Library"]["versions"] == 0, 30)
    window.click_on("publish")
    window.wait_for(lambda s: "can only be read" in s["messages"][-1], 30)

    look(window, dav)
    window.wait_for(lambda s: "There is nothing at" in s["facts"]["Library"]["lacking"], 30)
    window.click_on("publish")
    window.click_on("answer Begin it")
    window.wait_for(lambda s: s["facts"]["Library"]["versions"] == 1, 30)
    window.click_on("sign version")
    for field, words in (("passphrase", "typed by Ada"), ("why", "checked")):
        window.click_on(f"sign {field}")
        window.enter(words)
    window.screenshot("library_sign")
    window.click_on("sign now")
    window.wait_for(lambda s: s["facts"]["Library"]["versions"] == 2, 30)
    elsewhere = Library(place_at(dav), tmp_path / "cached by others")
    (_, signed) = elsewhere.history("Chain")
    assert signed.note == "reviewed by Ada: checked"
    assert str(stage_at(elsewhere.fetch(signed, tmp_path / "fetched"))) == "reviewed by Ada"

    window.click_on("run version 0")
    window.wait_for(lambda s: s["facts"]["Operator"]["locked"], 30)
    window.screenshot("library_as_operator")
