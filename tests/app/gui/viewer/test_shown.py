"""What the viewer shows while a map is computed: first the part that is in view, then the whole. No display."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from graingraph.app.document.mark_edits import Draw
from graingraph.app.document.session import OutputRef, Session
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.services.live_evaluation import LiveEvaluation
from graingraph.engine.declare.injected import Mark, PixelBox
from graingraph.engine.values import ClassMap
from graingraph.nodes.learning.paint import strokes
from tests.nodes.learn.test_paint_segment import halves, painting_recipe

BOX = PixelBox(100, 150, 220, 300)


def test_what_is_in_view_is_shown_before_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, go_on = strokes.probability_planes, Event()

    def slow(found, classifier):  # type: ignore[no-untyped-def]
        if found.size == (480, 720):
            assert go_on.wait(30)
        return whole(found, classifier)

    cv2.imwrite(str(tmp_path / "a.png"), np.tile(halves(1), (6, 6)))
    session = Session(painting_recipe())
    session.add_images([tmp_path / "a.png"])
    session.viewed = OutputRef("paint_segment", "classes")
    app = AppContext(session)
    live = app.live = LiveEvaluation(session, app.post)
    shown = Shown(app)

    def until(condition: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, session.statuses
            while not app.events.empty():
                app.events.get()()
            live.look_at(BOX)
            live.follow()
            shown.follow()
            time.sleep(0.002)

    until(live.source)
    source = live.source()
    assert source is not None

    def draw(layer: str, x: float) -> None:
        mark = Mark(layer + str(x), "brush", np.array([[x, 150], [x + 12, 150]], np.float32), 5, layer)
        session.do(Draw(source.drawn_as, "trace", mark, "", session.image))

    draw("feature", 160)
    draw("matrix", 190)
    until(lambda: isinstance(shown.content.features, ClassMap))
    before = shown.content.features
    monkeypatch.setattr(strokes, "probability_planes", slow)
    draw("matrix", 165)
    until(lambda: shown.content.part)
    assert shown.content.features is before
    assert shown.content.part is not None
    part, box = shown.content.part
    assert box == BOX
    go_on.set()
    until(lambda: shown.content.features is not before)
    assert shown.content.part is None
    after = shown.content.features
    assert isinstance(after, ClassMap)
    assert np.mean(part.pixels == after.pixels[box.top : box.bottom, box.left : box.right]) > 0.9999
    for _ in range(2):  # without strokes of a second class there is no map, and the one before is not shown for it
        session.undo()
    until(lambda: shown.content.features is None)
    assert shown.content.image is not None
    live.close(5)
