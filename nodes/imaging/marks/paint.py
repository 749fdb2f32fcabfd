"""Strokes of several layers painted over each other into one class map."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.injected import Mark
from graingraph.engine.values.classes import UNLABELLED
from graingraph.nodes.imaging.marks.strokes import footprint


def paint(
    pixels: npt.NDArray[np.uint8], marks: Sequence[Mark], layers: Mapping[str, tuple[int, float]]
) -> Counter[str]:
    """Paint marks, oldest first, into ``pixels`` (uint8, changed in place).

    ``layers`` gives the class index of a layer and the width of its lines (0: as wide as each was drawn). Returns how
    many strokes belong to no known layer.
    """
    lost: Counter[str] = Counter()
    for mark in marks:
        if mark.tool == "complete":
            continue  # it says something of what is painted, and paints nothing
        if mark.tool == "eraser":
            patch = footprint(mark, pixels.shape)
            pixels[patch.box][patch.inside] = UNLABELLED
            continue
        if mark.layer not in layers:
            lost[mark.layer] += 1
            continue
        index, width = layers[mark.layer]
        own = width if width and mark.tool in ("pen", "livewire") else None
        patch = footprint(mark, pixels.shape, own, under=pixels)
        pixels[patch.box][patch.inside] = index
    return lost
