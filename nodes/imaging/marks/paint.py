"""Strokes of several layers painted over each other into one class map."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.injected import Mark
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Mask
from graingraph.nodes.imaging.marks.strokes import footprint


def start_map(
    start: Mask | Labels | ClassMap | None, names: Sequence[str], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """A new uint8 (H, W) class map to paint on: unlabelled, or what ``start`` says, in classes of these names."""
    pixels = np.full(shape, UNLABELLED, np.uint8)
    if not names or len(names) > UNLABELLED - 1 or len(set(names)) != len(names):
        raise Problem("Trace needs at least one class, at most 254, each with a name of its own.")
    if start is None:
        return pixels
    if start.shape != shape:
        raise Problem("What the tracing starts from has another size than the image; wire both from the same image.")
    if isinstance(start, ClassMap):
        for known in start.classes:
            if known.name not in names:
                raise Problem(
                    f"The class map to start from has a class '{known.name}'; add it to the classes of Trace."
                )
        return renumbered(start, names)
    pixels[start.pixels > 0] = 0
    return pixels


def renumbered(known: ClassMap, names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Class map uint8 (H, W) in classes of these names and order; classes that are not among them are unlabelled."""
    table = np.full(256, UNLABELLED, np.uint8)
    for index, item in enumerate(known.classes):
        if item.name in names:
            table[index] = names.index(item.name)
    return table[known.pixels]


def paint(
    pixels: npt.NDArray[np.uint8], marks: Sequence[Mark], layers: Mapping[str, tuple[int, float]]
) -> Counter[str]:
    """Paint marks, oldest first, into ``pixels`` (uint8, changed in place).

    ``layers`` gives the class index of a layer and the width of its lines (0: as wide as each was drawn). Returns how
    many strokes belong to no known layer.
    """
    lost: Counter[str] = Counter()
    for mark in marks:
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
