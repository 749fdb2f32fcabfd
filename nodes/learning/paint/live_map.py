"""The features of an image, kept while strokes come, and the map that a classifier makes of them in a moment."""

from dataclasses import dataclass
from functools import reduce
from typing import Literal

import cv2
import numpy as np

from graingraph.engine.declare.injected import PixelBox
from graingraph.engine.values import Image, Value, value_type
from graingraph.nodes.learning.apply.exposure import standardised
from graingraph.nodes.learning.model.network_input import network_size, picture_at, to_channels, unit_range
from graingraph.nodes.learning.paint.classifier import PixelClassifier
from graingraph.nodes.learning.paint.features import GRID, ArrayOperations, feature_planes, padded
from graingraph.nodes.learning.paint.smoothing import smoothed

Resolution = Literal["automatic", "full", "half", "quarter"]
FACTORS = {"full": 1.0, "half": 0.5, "quarter": 0.25}

MARGIN = 64
"""How many pixels beside a part of a map have no say in it (smoothing looks less far)."""

MOST_AT_FULL = 3_000_000
"""Pixels of an image that is looked at in full; a larger one at half its size, where the map follows a stroke sooner
and sees further."""


@value_type()
@dataclass(frozen=True, eq=False)
class FeatureStack(Value):
    """Fine features float32 (F, h, w) and texture float32 (T, h / 4, w / 4) of an image at ``size_factor``.

    ``spread`` (F + T,) is the standard deviation of each over the image, ``size`` are height and width before padding.
    """

    fine: np.ndarray
    texture: np.ndarray
    spread: np.ndarray
    size: tuple[int, int]
    size_factor: float


def size_factor(shape: tuple[int, int], resolution: Resolution) -> float:
    """How much smaller an image of this shape is made first."""
    if resolution == "automatic":
        return 0.5 if shape[0] * shape[1] > MOST_AT_FULL else 1.0
    return FACTORS[resolution]


def feature_stack(image: Image, factor: float) -> FeatureStack:
    """The features of an image, grey or colour of any depth, at its size times the factor."""
    size = network_size(image.shape, factor)
    grey = standardised(picture_at(to_channels(unit_range(image), 1), size))[:, :, 0]
    fine, texture = feature_planes(padded(np.ascontiguousarray(grey)))
    step = max(1, min(size) // 256)
    spread = np.concatenate([fine[:, ::step, ::step].std(axis=(1, 2)), texture.std(axis=(1, 2))])
    return FeatureStack(fine, texture, spread, size, factor)


def part_of(found: FeatureStack, box: PixelBox) -> tuple[FeatureStack, PixelBox] | None:
    """The features around a box of the picture at their size, and where these are; None where they are most of it."""
    height, width = found.fine.shape[1:]
    top, left = (max(0, start - MARGIN) // GRID * GRID for start in (box.top, box.left))
    bottom = min(-(-(box.bottom + MARGIN) // GRID) * GRID, height)
    right = min(-(-(box.right + MARGIN) // GRID) * GRID, width)
    if bottom <= top or right <= left or 2 * (bottom - top) * (right - left) > height * width:
        return None
    coarse = np.s_[:, top // GRID : bottom // GRID, left // GRID : right // GRID]
    inside = min(bottom, found.size[0]) - top, min(right, found.size[1]) - left
    fine = found.fine[:, top:bottom, left:right]
    part = FeatureStack(fine, found.texture[coarse], found.spread, inside, found.size_factor)
    return part, PixelBox(top, left, top + inside[0], left + inside[1])


def probability_planes(found: FeatureStack, classifier: PixelClassifier) -> np.ndarray:
    """Probability of each class, float32 (C, h, w), at the size of the features."""
    fine_count = len(found.fine)
    height, width = found.fine.shape[1:]
    fine = np.ascontiguousarray(classifier.weights[:, :fine_count]) @ found.fine.reshape(fine_count, -1)
    coarse = np.ascontiguousarray(classifier.weights[:, fine_count:]) @ found.texture.reshape(len(found.texture), -1)
    scores = fine.reshape(-1, height, width)
    coarse = coarse.reshape(len(scores), *found.texture.shape[1:])
    for plane, wide, bias in zip(scores, coarse, classifier.bias, strict=True):
        plane += cv2.resize(wide, (width, height), interpolation=cv2.INTER_LINEAR)
        plane += bias
    largest = reduce(cv2.max, scores)
    for plane in scores:
        cv2.exp(cv2.subtract(plane, largest, plane), plane)
    total = reduce(cv2.add, scores)
    for plane in scores:
        cv2.divide(plane, total, plane)
    smooth = smoothed(list(scores), found.fine[0], ArrayOperations())
    return np.stack([plane[: found.size[0], : found.size[1]] for plane in smooth])
