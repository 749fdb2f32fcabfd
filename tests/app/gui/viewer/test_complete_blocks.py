"""Blocks that are said to be right, with the main loop played by the test: what they keep, and when."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("dearpygui")

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.document.mark_edits import Draw
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.tools import VIEW_KEY
from graingraph.app.gui.viewer.waiting import NO_ROOM_TO_KEEP, NOT_COMPUTED
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks import drawing
from graingraph.engine.marks.store import new_mark_id
from graingraph.engine.recipe.recipe import Recipe
from tests.app.gui.viewer.test_branches_window import picture, two_networks
from tests.app.services.test_live_evaluation import Person

SHAPE = (360, 480)


class Corrector(Person):
    """A person in front of a network that is corrected, all of which is in view."""

    def __init__(self, image: Path, recipe: Recipe | None = None) -> None:
        super().__init__(recipe or two_networks(), image)
        self.session.view("manual_edit")
        view = SimpleNamespace(to_image=lambda at: at, zoom=1.0)
        content = SimpleNamespace(shape=SHAPE, image=None)
        shown = SimpleNamespace(viewpoint=SimpleNamespace(view=view, size=SHAPE[::-1]), content=content)
        self.tool = DrawTool(self.app, shown)
        self.until(lambda: self.live.current and self.live.value("manual_edit"))

    def turn(self) -> None:
        super().turn()
        if hasattr(self, "tool"):
            self.tool.follow()

    def mark(self, *corners: tuple[float, float]) -> None:
        """Drag a block from corner to corner."""
        self.tool.brush.take("complete")
        self.tool.press(Point(*corners[0]))
        self.tool.release(Point(*corners[1]))

    @property
    def kept(self) -> list[bool]:
        """Of every mark whether it keeps what is in it."""
        return [mark.runs is not None for mark in self.tool.marks]


@pytest.fixture
def person(tmp_path: Path) -> Corrector:
    person = Corrector(picture(tmp_path / "grid.png"))
    person.until(lambda: person.tool.node)
    return person


def test_blocks_marked_at_once_after_each_other_all_keep_what_is_right(person: Corrector):
    for right in (100, 200, 300):
        person.mark((10, 10), (right, 200))
    person.until(lambda: person.kept == [True, True, True])


def test_a_block_of_the_whole_image_takes_the_place_of_those_before_it_until_it_is_undone(
    person: Corrector, monkeypatch: pytest.MonkeyPatch
):
    person.mark((10, 10), (200, 200))
    person.tool.key(VIEW_KEY)
    person.until(lambda: person.live.current and not person.live.coming and person.kept == [True])
    assert person.tool.marks[0].points.tolist() == [[0, 0], [*SHAPE[::-1]]]
    before = person.live.value("manual_edit").pixels
    monkeypatch.setattr(drawing, "MAX_POINTS", person.session.marks.drawing(person.tool.image, "manual_edit").points)
    for _ in range(5):
        person.tool.key(VIEW_KEY)
        person.until(lambda: person.live.current and not person.live.coming and person.kept == [True])
    assert NO_ROOM_TO_KEEP not in [message.text for message in person.session.messages]
    assert (person.live.value("manual_edit").pixels == before).all()
    for _ in range(6):
        person.session.undo()
    assert person.kept == [True]
    assert person.tool.marks[0].points.tolist() == [[10, 10], [200, 200]]
    person.session.undo()
    assert person.kept == []


def test_a_block_that_waits_while_another_image_is_looked_at_is_said_to_keep_nothing(person: Corrector, tmp_path: Path):
    other = picture(tmp_path / "other.png")
    person.session.add_images([other])
    person.mark((10, 10), (100, 200))
    person.mark((10, 10), (200, 200))
    person.session.show_image(other)
    person.tool.follow()
    assert person.session.latest == NOT_COMPUTED.format(image="grid.png")


def test_a_block_is_kept_without_its_boundaries_where_they_are_never_computed(person: Corrector):
    person.tool.key(VIEW_KEY)
    person.tool.key(VIEW_KEY)
    assert person.kept == [True]
    person.live.follow()
    person.live.cancel()
    person.until(lambda: person.kept == [True, False])


def test_a_block_is_kept_without_its_boundaries_where_there_is_no_room(
    person: Corrector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drawing, "MAX_POINTS", 50)
    person.tool.key(VIEW_KEY)
    assert person.kept == [False]
    assert person.session.messages[-1].text == NO_ROOM_TO_KEEP


def test_a_block_marked_after_a_stroke_is_added_behind_it_with_it(person: Corrector):
    before = person.live.value("manual_edit").pixels.sum()
    line = Mark(new_mark_id(), "pen", np.array([(0.5, 60.5), (121.5, 60.5)], np.float32), 3.0)
    person.session.do(Draw(person.tool.image, "manual_edit", line))
    person.tool.key(VIEW_KEY)
    person.until(lambda: person.kept == [False, True])
    assert person.tool.marks[1].runs[1::2].sum() > before


def test_a_block_that_waits_is_there_to_be_undone(person: Corrector):
    person.tool.key(VIEW_KEY)
    person.tool.key(VIEW_KEY)
    person.tool.waiting.add_all()
    assert person.kept == [True, False]
    person.session.undo()
    assert person.kept == [True]
    person.until(lambda: person.live.current and not person.live.coming)
    assert person.kept == [True]


def test_a_block_that_waits_stays_with_its_recipe_where_another_one_is_opened(person: Corrector):
    person.tool.key(VIEW_KEY)
    person.tool.key(VIEW_KEY)
    marks, image = person.session.marks, person.tool.image
    person.session.new(two_networks())
    person.session.view("manual_edit")
    person.tool.follow()
    assert [mark.runs is not None for mark in marks.load(image, "manual_edit").marks] == [True, False]
    assert not person.session.marks.load(image, "manual_edit").marks
