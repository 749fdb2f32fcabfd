"""Pressing a button right after a stroke, with the main loop played by the test: what is taken knows of the stroke."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

pytest.importorskip("dearpygui")

from graingraph.app.gui.viewer.draw_tool import MAP_COMES, TRACED, DrawTool
from graingraph.app.rendering.geometry import Point
from tests.app.services.test_live_evaluation import Person
from tests.nodes.learn.test_paint_segment import halves, painting_recipe


class Painter(Person):
    """A person who paints on a picture that is dark on the left and bright on the right."""

    def __init__(self, image: Path) -> None:
        super().__init__(painting_recipe(), image)
        self.session.view("paint_segment")
        pixels = halves(1)
        content = SimpleNamespace(shape=pixels.shape, image=None)
        viewpoint = SimpleNamespace(view=SimpleNamespace(zoom=1.0))
        self.tool = DrawTool(self.app, SimpleNamespace(viewpoint=viewpoint, content=content, look_again=lambda: None))
        self.until(lambda: self.tool.node and self.tool.image)
        self.tool.choose("brush")

    def turn(self) -> None:
        super().turn()
        if hasattr(self, "tool"):
            self.tool.follow()

    def paint(self, number: int, x: float, y: float) -> None:
        self.tool.take_class(number)
        self.tool.press(Point(x, y))
        self.tool.move(Point(x + 8, y))
        self.tool.release(Point(x + 8, y))

    @property
    def said(self) -> str:
        return self.session.messages[-1].text if self.session.messages else ""


def test_what_is_pressed_before_the_map_knows_of_a_stroke_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRAINGRAPH_MODELS", str(tmp_path / "models"))
    cv2.imwrite(str(tmp_path / "halves.png"), halves(1))
    person = Painter(tmp_path / "halves.png")
    person.paint(0, 10, 20)
    person.paint(1, 90, 20)
    person.until(lambda: person.live.current and person.live.value("paint_segment"))

    person.paint(0, 10, 60)
    person.tool.make_traces()
    assert person.said == MAP_COMES
    assert [mark.tool for mark in person.tool.marks] == ["brush"] * 3

    person.until(lambda: person.live.current and person.live.value("paint_segment"))
    person.tool.make_traces()
    assert person.said == TRACED
    assert np.all([mark.tool == "region" for mark in person.tool.marks])
