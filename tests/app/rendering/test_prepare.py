from threading import Event

import numpy as np

from graingraph.app.rendering.appearance import ColoredLabels
from graingraph.app.rendering.palettes import place_palette
from graingraph.app.rendering.prepare import Preparer
from graingraph.engine.values import Labels


def test_large_labels_get_their_colours_in_a_thread_and_small_ones_at_once():
    ready = Event()
    preparer = Preparer(ready.set)
    large = Labels(np.arange(1_200_000, dtype=np.int32).reshape(1000, 1200) // 10_000, count=119)
    assert preparer.get(large) is None
    assert ready.wait(30)
    made = preparer.get(large)
    assert isinstance(made, ColoredLabels)
    assert (made.palette == place_palette(large.pixels, large.count)).all()
    assert preparer.get(large) is made
    assert isinstance(preparer.get(Labels(large.pixels[:10], count=119)), ColoredLabels)
    preparer.close()
