"""Traced images as the network sees them: size factor applied, grey or colour, lines kept whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED, ClassMap, Image, PixelClass
from graingraph.nodes.learning.model.network_input import network_size, picture_at, resize, to_channels, unit_range

SPARSE = 0.2
"""Images with less than this fraction traced count as traced in patches."""

THIN = 8.0
"""Mean width in pixels at full size below which a class may be one of lines."""

LINE = 1.8
"""How many pixels wide lines should be at the network's size. Learnt from narrower ones, it misses more of them."""

SLENDER = 6.0
"""Lines are this many times as long as wide. Of what was measured, particles reach 4, cracks and laths begin
at 10."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One traced image at the network's size.

    ``pixels`` float32 (h, w, channels) from 0 to 1; ``labels`` uint8 (h, w), 255 unlabelled; ``hash`` of the original
    pixels; ``image`` and ``truth`` as they came, for scoring at full size; ``guessed`` the labels with guesses of the
    untraced pixels, 128 + class, where texture makes them possible (see ``texture``).
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray
    hash: str
    image: Image
    truth: ClassMap
    guessed: np.ndarray | None = None


def has_colour(image: Image) -> bool:
    """Whether an RGB image shows more than grey (many microscopes save grey pictures as RGB)."""
    if not image.is_color:
        return False
    small = unit_range(image.with_pixels(image.pixels[::4, ::4]))
    return bool(np.quantile(small.max(axis=2) - small.min(axis=2), 0.99) > 0.04)


def mean_width(labels: np.ndarray, index: int) -> float:
    """Mean width in px of one class of a class map (h, w); 0 where it does not occur.

    A strip of width w has a mean distance to its outside of w / 4. Only other classes are outside: how large a traced
    patch is says nothing about the width of what it lies in.
    """
    selected = labels == index
    if not selected.any():
        return 0.0
    outside = (labels != index) & (labels != UNLABELLED)
    if not outside.any():  # which would be infinitely far away
        return float(max(labels.shape))
    distance = cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 3)
    return float(4.0 * (distance[selected].mean() - 0.5))  # half a pixel lies between a pixel and its edge


def mean_length(labels: np.ndarray, index: int) -> float:
    """Mean length in px of the features of one class of a class map (h, w): the diagonal of the box around each,
    large features counting for more, pixel by pixel; 0 where the class does not occur."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((labels == index).astype(np.uint8), connectivity=8)
    boxes = stats[1:].astype(float)
    if not len(boxes):
        return 0.0
    diagonals = np.hypot(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT])
    return float(np.average(diagonals, weights=boxes[:, cv2.CC_STAT_AREA]))


class Fineness(NamedTuple):
    """How fine the classes are traced: the ``widths`` of all in px (infinite where one occurs nowhere), and the indices
    of the ``lines``, thin and much longer than wide.
    """

    widths: tuple[float, ...]
    lines: tuple[int, ...]


def fineness(truths: Sequence[ClassMap], count: int) -> Fineness:
    """Measure the first ``count`` classes on the class maps that show them, each by the median of these."""
    widths, lines = [], []
    for index in range(count):
        found = [(width, truth) for truth in truths if (width := mean_width(truth.pixels, index))]
        widths.append(float(np.median([width for width, _ in found])) if found else np.inf)
        if widths[index] < THIN:
            ratios = [mean_length(truth.pixels, index) / width for width, truth in found]
            lines += [index] * bool(np.median(ratios) >= SLENDER)
    return Fineness(tuple(widths), tuple(lines))


def labels_at_size(labels: np.ndarray, shape: tuple[int, int], lines: tuple[int, ...]) -> np.ndarray:
    """Class map uint8 (H, W) at the network's size (h, w): the class with the largest share of each new pixel.

    The share of a line counts twice, or one narrower than a new pixel would be broken.
    """
    if labels.shape == shape:
        return labels
    present = [int(index) for index in np.unique(labels)]
    best = np.zeros(shape, np.float32)
    result = np.full(shape, UNLABELLED, np.uint8)
    for index in present:
        share = resize((labels == index).astype(np.float32), shape)
        share *= 2.0 if index in lines else 1.0
        better = share > best
        result[better] = index
        np.maximum(best, share, out=best)
    return result


def widen_lines(labels: np.ndarray, lines: tuple[int, ...], size_factor: float) -> np.ndarray:
    """Class map uint8 (H, W) whose lines, where traced much narrower, are about ``LINE`` px wide at the network's size.

    How wide a line is traced says how fine the pen was, not how wide the boundary is.
    """
    for index in lines:
        width, wanted = mean_width(labels, index), LINE / size_factor
        if 0 < width < 0.75 * wanted:
            radius = max(1, round((wanted - width) / 2))
            brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
            wide = cv2.dilate((labels == index).view(np.uint8), brush).view(bool)
            labels = np.where(wide & (labels != UNLABELLED), np.uint8(index), labels)
    return labels


def training_image_hash(image: Image) -> str:
    """blake2b of an image's pixels, shape and type: the identity of a training image."""
    digest = blake2b(f"{image.pixels.shape}{image.pixels.dtype}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(image.pixels).data)
    return digest.hexdigest()


def make_sample(
    name: str, image: Image, truth: ClassMap, channels: int, size_factor: float, lines: tuple[int, ...]
) -> Sample:
    """Bring one traced image to the network's size; the trace must have the image's shape."""
    shape = network_size(image.shape, size_factor)
    pixels = picture_at(to_channels(unit_range(image), channels), shape)
    labels = labels_at_size(widen_lines(truth.pixels, lines, size_factor), shape, lines)
    return Sample(name, pixels, labels, training_image_hash(image), image, truth)


def traced_in_patches(samples: Iterable[Sample]) -> bool:
    """Whether only a small part of the images is traced."""
    return bool(np.mean([np.mean(sample.labels != UNLABELLED) for sample in samples]) < SPARSE)


def class_frequencies(samples: Iterable[Sample], classes: tuple[PixelClass, ...]) -> np.ndarray:
    """Share of each class among the labelled pixels, float64 (C,)."""
    counts = sum((np.bincount(s.labels.ravel(), minlength=256)[: len(classes)] for s in samples), start=np.zeros(1))
    return np.asarray(counts / max(1.0, counts.sum()))
