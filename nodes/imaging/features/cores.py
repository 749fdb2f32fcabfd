"""The middle of each feature as a class of its own: touching features share an outline, but never a middle.

A network that misses a piece of the outline between two features joins them, and one that sees an outline where there
is none cuts a feature in two. Middles are far apart and compact, so they say how many features there are; the outlines
then say only where one ends (as seeds and landscape of a watershed; Naylor et al. 2019, IEEE Trans. Medical Imaging
38:448, learn the distance to the outline for the same reason).
"""

import cv2
import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass, Probabilities
from graingraph.nodes.formats.instances import boundary_name

DEEP = 0.5
"""A core is what lies deeper inside a feature than this fraction of its deepest point."""
COLOR = "#ffd54f"


def core_name(name: str) -> str:
    """The class of the middle of a class's features."""
    return f"{name} core"


def with_cores(truth: ClassMap) -> ClassMap:
    """The class map with one more class, "<class> core", for each class that has a "<class> boundary" beside it.

    A feature is what is connected (by sides) of the class. Its frame and what is unlabelled are no outline. ``Problem``
    where no class has a boundary class.
    """
    names = [item.name for item in truth.classes]
    kinds = [name for name in names if boundary_name(name) in names]
    if not kinds:
        raise Problem(
            "No class has a '<class> boundary' beside it; trace the outlines of what is to be kept apart, or train "
            "from annotations with --instances yes."
        )
    taken = [name for name in kinds if core_name(name) in names]
    if taken:
        raise Problem(f"A class is called '{core_name(taken[0])}' as the middles to be learnt would be; rename it.")
    pixels = truth.pixels.copy()
    for number, name in enumerate(kinds, start=len(names)):
        pixels[_cores(truth.pixels, names.index(name))] = number
    return ClassMap(pixels, truth.scale, (*truth.classes, *(PixelClass(core_name(name), COLOR) for name in kinds)))


def _cores(labels: np.ndarray, index: int) -> np.ndarray:
    """The middles (bool, h, w) of the features of one class of a class map."""
    outside = (labels != index) & (labels != UNLABELLED)
    depth = cv2.distanceTransform((~outside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    count, features = cv2.connectedComponents((labels == index).view(np.uint8), connectivity=4)
    deepest = np.zeros(count, np.float32)
    np.maximum.at(deepest, features.ravel(), depth.ravel())
    return np.asarray((features > 0) & (depth > DEEP * deepest[features]))


def core_planes(classes: tuple[PixelClass, ...]) -> dict[int, int]:
    """For each class that has a core, by its index, the index of its core.

    Cores are what ``with_cores`` added: for each class that has a boundary class, behind all that was traced. A traced
    class that is merely called so is none.
    """
    names = [item.name for item in classes]
    kinds = [name for name in names if boundary_name(name) in names and core_name(name) in names]
    if not kinds or names[-len(kinds) :] != [core_name(name) for name in kinds]:
        return {}
    return {names.index(name): names.index(core_name(name)) for name in kinds}


def middles(probabilities: Probabilities, line: int) -> np.ndarray | None:
    """How probable it is that a pixel is the middle of a feature, float32 (H, W); None where no middles were learnt.

    What has none, such as the ground beside the features, counts as its own middle. ``line`` is the outlines' plane.
    """
    cores = core_planes(probabilities.classes)
    planes = [index for index in range(len(probabilities.classes)) if index != line and index not in cores]
    return np.asarray(probabilities.pixels[..., planes].max(axis=2)) if cores else None


def without_cores(classes: tuple[PixelClass, ...]) -> tuple[PixelClass, ...]:
    """The classes that were traced; cores come behind them."""
    return classes[: len(classes) - len(core_planes(classes))]


def folded(planes: np.ndarray, classes: tuple[PixelClass, ...]) -> np.ndarray:
    """Probabilities (c, h, w) of the traced classes, each core given back to its class, from those of all (C, h, w)."""
    result = planes[: len(without_cores(classes))].copy()
    for own, core in core_planes(classes).items():
        result[own] += planes[core]
    return result
