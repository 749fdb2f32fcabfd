"""Snippets: kept as one group each, offered by name, put into another recipe and wired there."""

from pathlib import Path

import pytest

from graingraph.app.document import groups
from graingraph.app.document.session import Session
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.library import snippets
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import WireEnd
from tests.support.canvas import Clipboard
from tests.support.recipes import chain


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "graingraph" / "snippets"


def bright() -> snippets.Snippet:
    part = chain().part(["threshold", "fill_holes"])
    return snippets.keep(part, " Bright: phase ", ModelFolders())


def test_nodes_are_kept_as_one_group_and_offered_by_name(folder: Path):
    assert snippets.snippets() == []
    kept = bright()
    assert kept.path.parent == folder
    assert [one.name for one in snippets.snippets()] == ["Bright: phase"]
    (group,) = snippets.snippets()[0].recipe.layout.groups.values()
    assert (group.name, group.members) == ("Bright: phase", {"threshold", "fill_holes"})
    with pytest.raises(Problem, match="kept already"):
        bright()
    with pytest.raises(Problem, match="needs a name"):
        snippets.keep(chain(), " :/ ", ModelFolders())
    (folder / "broken.graingraph.json").write_text("{}")
    assert len(snippets.snippets()) == 1
    again = groups.as_group(kept.recipe, "Other")
    assert [one.name for one in again.layout.groups.values()] == ["Other"]


def test_a_snippet_is_put_in_wired_to_what_it_was_asked_for_and_undone_at_once():
    kept = bright()
    clipboard = Clipboard()
    start = chain(("Load", "Filter"))
    canvas = Canvas(Session(start), copy=clipboard.copy, paste=clipboard.paste)
    end = WireEnd("filter", "image", True)
    assert groups.fits(kept.recipe, start, end)
    assert not groups.fits(kept.recipe, start, WireEnd("load", "image", False))
    canvas.open_palette(Point(600, 0), end)
    canvas.choose_recipe(kept.recipe)
    recipe = canvas.session.recipe
    assert recipe.wire_into("threshold", "image").source == "filter"
    assert canvas.session.selection == {"group-1"}
    assert canvas.session.undo_label == "Add Bright: phase"
    part, name = canvas.selected_as_recipe()
    assert (set(part.steps), name) == ({"threshold", "fill_holes"}, "Bright: phase")
    canvas.session.undo()
    assert canvas.session.recipe == start
