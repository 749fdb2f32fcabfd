"""What is drawn beside the picture alone."""

import numpy as np
import pytest

pytest.importorskip("dearpygui")

from graingraph.app.gui.viewer.draw_tool import _misses
from graingraph.engine.declare.injected import Mark


def stroke(*points: tuple[float, float], width: float = 0.0) -> Mark:
    return Mark("1", "brush", np.array(points, np.float32), width)


def test_a_stroke_wholly_beside_the_picture_means_nothing():
    shape = (100, 200)
    assert _misses(stroke((210, 10), (260, 40), width=8), shape)
    assert _misses(stroke((20, -30), (90, -9), width=8), shape)
    assert not _misses(stroke((203, 10), (260, 40), width=8), shape)  # its edge reaches in
    assert not _misses(stroke((-50, -50), (300, -50), (300, 200), (-50, 200)), shape)  # an outline around all of it
    assert not _misses(stroke((10, 10)), shape)
