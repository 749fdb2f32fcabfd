"""ClassMask: one class of a traced or learned segmentation."""

from typing import Annotated

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, NamesClass, NotEmpty, Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Mask, PixelClass, Probabilities


@node("ClassMask", category="Segment", synonyms=("class mask", "select class", "phase", "layer"))
def class_mask(
    classes: ClassMap | Probabilities,
    *,
    name: Annotated[str, Label("class"), NamesClass(), NotEmpty()] = "1",
    level: Annotated[float, Range(0, 1), Label("least probability")] = 0.5,
) -> Mask:
    """Select the pixels of one class.

    Of a class map, the pixels that have this class. Of probabilities, the pixels at which the class is at least this
    probable. Pixels that nobody traced belong to no class.

    Settings:
        name: Name of the class, or its number counted from 0 (a name goes first).
        level: Least probability of the class; has no effect on a class map.
    """
    index = _index(classes.classes, name)
    if isinstance(classes, Probabilities):
        return Mask(classes.pixels[..., index] >= np.float32(level), classes.scale)
    return Mask(classes.pixels == index, classes.scale)


def _index(classes: tuple[PixelClass, ...], name: str) -> int:
    names = [known.name for known in classes]
    if name in names:
        return names.index(name)
    if name.strip().isdecimal() and int(name) < len(names):
        return int(name)
    raise Problem(f"There is no class '{name}'; choose one of {', '.join(names) or '(no classes)'}.")
