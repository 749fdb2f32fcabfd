"""Annotations that are single objects: outlines or numbers that keep touching objects of one class apart.

A class map forgets which object a pixel belongs to. So what is drawn of each object becomes an area, and over it a line
along its outline is a class of its own, the boundary of that class: a network that learns both can be asked for the
objects.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import AREA_TOOLS
from graingraph.engine.values import UNLABELLED
from graingraph.engine.values.classes import boundary_of
from graingraph.nodes.formats.label_images import LEVELS_APART, are_levels, keys_of
from graingraph.nodes.formats.regions import Annotation, region_mark

Instances = Literal["auto", "yes", "no"]
MANY = 20
"""Nobody names so many classes: a picture of more numbers or colours counts objects."""
MOST_PIECES = 4
"""Into how many pieces scratches and the frame may cut an object."""
SMALLEST = 50
"""Mean area in px² below which the colours of a picture are no objects."""
NEAR = 2
"""Objects this many pixels apart still touch: annotators leave thin gaps."""


def object_labels(annotation: Annotation, layer: str) -> np.ndarray:
    """The objects of a class numbered 1, 2, ... int32 (H, W); a later one covers an earlier one.

    The polygons of one COCO annotation are one object.
    """
    from graingraph.nodes.imaging.marks.strokes import footprint

    labels = np.zeros(annotation.shape, np.int32)
    numbers: dict[str, int] = {}
    for mark in _areas(annotation, layer):
        number = numbers.setdefault(_object_of(mark), len(numbers) + 1)
        patch = footprint(mark, annotation.shape)
        labels[patch.box][patch.inside] = number
    return labels


def touching_layers(annotations: Iterable[Annotation]) -> set[str]:
    """The classes of which two objects touch or overlap in some image: a plain class map would join them."""
    found: set[str] = set()
    for annotation in annotations:
        for layer in set(annotation.layers) - found:
            labels = object_labels(annotation, layer).astype(np.float32)
            highest = cv2.dilate(labels, np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8))
            if ((labels > 0) & (highest > labels)).any():
                found.add(layer)
    return found


def with_boundaries(
    annotation: Annotation, layers: Iterable[str], width: float, known: Mapping[str, str]
) -> Annotation:
    """The annotation with one more mark for each class in ``layers``: the outlines of its objects as lines.

    They are of the class that ``known`` names as the boundary of theirs, or of a new one. A line lies half on
    either side of the outline (so it is an even number of pixels wide) and not along the frame.
    """
    lines = []
    for layer in layers:
        near = outline_lines(object_labels(annotation, layer), width)
        if near.any():
            lines.append(region_mark(near, known.get(layer, boundary_of(layer).name), f"{layer} outlines"))
    return replace(annotation, marks=(*annotation.marks, *lines))


def outline_lines(labels: np.ndarray, width: float) -> np.ndarray:
    """Pixels less than half a ``width`` from where two labels, or a label and 0, meet; bool (H, W)."""
    beside = np.zeros(labels.shape, bool)
    for here, there in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        differ = labels[here] != labels[there]
        beside[here] |= differ
        beside[there] |= differ
    if not beside.any():
        return beside
    distance = cv2.distanceTransform((~beside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance < width / 2)


def counts_objects(pictures: Iterable[np.ndarray]) -> bool:
    """Whether label pictures number objects rather than classes: 16 bits deep, or too many numbers or colours.

    Few numbers are classes, however deep, where they are grey levels, the last says what is unlabelled, or most of them
    lie about in many pieces.
    """
    deep, keys, pieces = False, set[str](), list[int]()
    for picture in pictures:
        found = keys_of(picture)
        if len(found) > MANY:
            return len(found) * SMALLEST <= picture.shape[0] * picture.shape[1]
        keys |= found - {"0"}
        if picture.dtype != np.uint8 and picture.ndim == 2:
            deep = True
            alone = ((picture == int(key)).view(np.uint8) for key in found - {"0"})
            pieces += [cv2.connectedComponents(one)[0] - 1 for one in alone]
    if not deep or len(keys) < 2:
        return False
    numbers = sorted({0, *(int(key) for key in keys if key.isdigit())})
    classes = are_levels(numbers) or numbers[-1] == UNLABELLED >= numbers[-2] + LEVELS_APART
    return not classes and float(np.median(pieces)) <= MOST_PIECES


def from_labels(picture: np.ndarray, layer: str, name: str) -> Annotation:
    """One exact region an object of a picture of numbers (0 is background) or of colours (black is background)."""
    from scipy.ndimage import find_objects

    if picture.ndim == 3:
        wide = picture[..., :3].astype(np.int32)
        picture = ((wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]) * (picture[..., 3] > 0)
    values, flat = np.unique(picture, return_inverse=True)
    labels = flat.reshape(picture.shape) + int(values[0] > 0)
    marks = [
        region_mark(labels[box] == number, layer, str(number), at=(box[1].start, box[0].start))
        for number, box in enumerate(find_objects(labels), 1)
        if box is not None
    ]
    return Annotation(name, (picture.shape[0], picture.shape[1]), tuple(marks))


def _areas(annotation: Annotation, layer: str) -> Iterator[Mark]:
    areas = (mark for mark in annotation.marks if mark.layer == layer and mark.tool in AREA_TOOLS)
    return (mark for mark in areas if mark.id not in annotation.crowds)


def _object_of(mark: Mark) -> str:
    return mark.id.rpartition(".")[0] or mark.id if mark.tool == "polygon" else mark.id
