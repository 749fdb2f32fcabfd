"""Strokes whose marks file is damaged, or whose folder cannot be written: none is lost, and no file replaced.

The main loop is played by the test.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("dearpygui")

from graingraph.app.gui.viewer.tools import VIEW_KEY
from graingraph.app.rendering.geometry import Point
from graingraph.engine.marks.store import MarkStore
from tests.app.gui.viewer.test_branches_window import picture
from tests.app.gui.viewer.test_complete_blocks import Corrector

NODE = "manual_edit"


class Drawer(Corrector):
    """A person who draws lines with the pen, kept in a folder."""

    def __init__(self, image: Path) -> None:
        super().__init__(image)
        self.session.marks = MarkStore(image.parent / "marks")
        self.until(lambda: self.tool.node and self.live.current)
        self.tool.brush.take("pen")
        self.draw(20)
        self.file = self.session.marks.path(self.tool.image, NODE)

    def draw(self, at: float, *, before_release: Callable[[], object] = lambda: None) -> None:
        self.tool.press(Point(10, at))
        for x in (20, 40, 60):
            self.tool.move(Point(x, at))
        before_release()
        self.tool.release(Point(80, at))

    @property
    def kept(self) -> int:
        return len(MarkStore(self.file.parent).load(self.tool.image, NODE).marks)

    @property
    def said(self) -> str:
        return self.session.messages[-1].text


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[20:])


def foreign(file: Path) -> None:
    file.write_bytes(b'{"some": "thing"}\n')


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.fixture
def person(tmp_path: Path) -> Drawer:
    return Drawer(picture(tmp_path / "grid.png"))


@pytest.mark.parametrize("damage", [truncated, foreign, a_folder])
def test_a_stroke_whose_file_is_damaged_meanwhile_waits_until_the_file_can_be_read(
    person: Drawer, damage: Callable[[Path], None], tmp_path: Path
):
    whole = person.file.read_bytes()
    person.draw(60, before_release=lambda: damage(person.file))
    assert str(person.file) in person.said
    assert "move" in person.said
    assert len(person.tool.marks) == 1  # the stroke that is on no disk; what the file held cannot be shown
    damaged = person.file.read_bytes() if person.file.is_file() else None
    person.turn()
    person.tool.waiting.add_all()
    assert person.file.is_dir() if damaged is None else person.file.read_bytes() == damaged
    assert person.tool.waiting.would_be_lost()
    person.file.rename(tmp_path / "away")
    person.file.write_bytes(whole)
    person.turn()
    assert not person.tool.waiting.would_be_lost()
    assert person.kept == len(person.tool.marks) == 2
    person.session.undo()
    assert person.kept == 1


@pytest.mark.parametrize("damage", [truncated, foreign, a_folder])
def test_nothing_can_be_drawn_on_a_damaged_file_and_it_is_said_why(person: Drawer, damage: Callable[[Path], None]):
    damage(person.file)
    person.turn()
    assert str(person.file) in person.said
    said = len(person.session.messages)
    person.turn()
    assert len(person.session.messages) == said
    for act in (
        lambda: person.draw(60),
        lambda: person.tool.key(VIEW_KEY),
        lambda: person.tool.remove_at(Point(40, 20)),
        person.tool.clear,
    ):
        act()
        assert len(person.session.messages) == (said := said + 1)
        assert str(person.file) in person.said
    assert person.tool.marks == ()


def test_what_a_folder_refuses_is_kept_when_the_recipe_is_saved_elsewhere(person: Drawer, tmp_path: Path):
    folder = person.file.parent
    folder.rename(tmp_path / "away")
    folder.write_text("a file in its place")
    person.draw(60)
    assert str(folder) in person.said
    assert len(person.tool.marks) == 1
    person.session.marks = MarkStore(tmp_path / "elsewhere")
    person.tool.waiting.add_all()
    assert len(MarkStore(tmp_path / "elsewhere").load(person.tool.image, NODE).marks) == 1
    assert not person.tool.waiting.would_be_lost()


def test_undo_takes_back_first_what_could_not_be_kept(person: Drawer):
    person.draw(60, before_release=lambda: truncated(person.file))
    assert person.tool.waiting.take_back() == "Draw pen"
    assert person.tool.marks == ()
    assert person.tool.waiting.take_back() == ""


def test_undo_waits_for_a_damaged_file_instead_of_passing_over_the_stroke(person: Drawer):
    whole = person.file.read_bytes()
    truncated(person.file)
    with pytest.raises(Exception, match="damaged"):
        person.session.undo()
    person.file.write_bytes(whole)
    assert person.session.undo() == "Draw pen"
    assert person.kept == 0
