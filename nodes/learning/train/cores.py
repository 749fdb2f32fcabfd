"""Cores in a training: the middles of features are learnt as classes of their own, and count as their class after."""

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass
from graingraph.engine.values.classes import core_of, cores_by_class, without_cores
from graingraph.nodes.imaging.features.cores import feature_cores


def with_cores(truth: ClassMap) -> ClassMap:
    """The class map with one more class, the core, for each area that has a boundary of its own.

    A feature is what is connected (by sides) of the area. Its frame and what is unlabelled are no outline. ``Problem``
    where no area has a boundary.
    """
    names = [item.name for item in truth.classes]
    bounded = {item.of for item in truth.classes if item.role == "boundary"}
    kinds = [item.name for item in truth.classes if item.role == "area" and item.name in bounded]
    if not kinds:
        raise Problem(
            "No class is the boundary of another; trace the outlines of what is to be kept apart in a layer whose role "
            "is boundary, or train from annotations with --instances yes."
        )
    cores = [core_of(name) for name in kinds]
    taken = [core.name for core in cores if core.name in names]
    if taken:
        raise Problem(f"A class is called '{taken[0]}' as the middles to be learnt would be; rename it.")
    pixels = truth.pixels.copy()
    for number, name in enumerate(kinds, start=len(names)):
        inside = truth.pixels == names.index(name)
        pixels[feature_cores(inside, ~inside & (truth.pixels != UNLABELLED))] = number
    return ClassMap(pixels, truth.scale, (*truth.classes, *cores))


def folded(planes: np.ndarray, classes: tuple[PixelClass, ...]) -> np.ndarray:
    """Probabilities (c, h, w) of the traced classes, each core given back to its class, from those of all (C, h, w)."""
    result = planes[: len(without_cores(classes))].copy()
    for own, core in cores_by_class(classes).items():
        result[own] += planes[core]
    return result
