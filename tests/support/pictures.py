"""Small generated pictures whose classes are known: bright discs on a darker, noisy ground."""

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED, ClassMap, Image, PerImage, PixelClass
from graingraph.nodes.learning.train.sample import Sample, make_sample

CLASSES = (PixelClass("matrix", "#3b6fb6"), PixelClass("nodule", "#e4572e"))


def discs(seed: int, shape: tuple[int, int] = (96, 128)) -> tuple[Image, ClassMap]:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    truth = np.zeros(shape, np.uint8)
    for _ in range(6):
        row, column, radius = rng.uniform(0, shape[0]), rng.uniform(0, shape[1]), rng.uniform(8, 16)
        truth[(y - row) ** 2 + (x - column) ** 2 < radius**2] = 1
    grey = np.where(truth, 160, 90) + rng.normal(0, 15, shape)
    return Image(np.clip(grey, 0, 255).astype(np.uint8), name=f"{seed}"), ClassMap(truth, classes=CLASSES)


def patches(truth: ClassMap, seed: int = 0) -> ClassMap:
    """The truth in a few patches only, the rest unlabelled."""
    rng = np.random.default_rng(seed)
    kept = np.full(truth.shape, UNLABELLED, np.uint8)
    for index in (0, 1):
        for place in rng.choice(np.flatnonzero(truth.pixels == index), 4):
            row, column = divmod(int(place), truth.shape[1])
            box = np.s_[max(0, row - 4) : row + 4, max(0, column - 4) : column + 4]
            kept[box] = truth.pixels[box]
    return ClassMap(kept, classes=truth.classes)


def plain(grey: int, label: int) -> Sample:
    """A picture of one grey level and one class."""
    truth = ClassMap(np.full((96, 96), label, np.uint8), classes=CLASSES)
    return make_sample("", Image(np.full((96, 96), grey, np.uint8)), truth, 1, 1.0, ())


TEXTURED = (192, 256)
STRIPED = np.broadcast_to(np.arange(TEXTURED[1]) < TEXTURED[1] // 2, TEXTURED)
"""Where ``stripes_and_maze`` shows stripes."""


def stripes_and_maze(seed: int) -> np.ndarray:
    """Parallel stripes on the left and a maze of short ones on the right, of equal brightness; uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: TEXTURED[0], : TEXTURED[1]]
    angle = rng.uniform(0, np.pi)
    stripes = np.sin((np.cos(angle) * x + np.sin(angle) * y) * 2 * np.pi / 9)
    maze = cv2.GaussianBlur(rng.normal(size=TEXTURED), (0, 0), 2) - cv2.GaussianBlur(
        rng.normal(size=TEXTURED), (0, 0), 3
    )
    grey = 0.5 + 0.15 * np.where(STRIPED, stripes, maze / maze.std()) + rng.normal(0, 0.03, TEXTURED)
    return np.clip(grey * 255, 0, 255).astype(np.uint8)


def textured(seed: int, truth: np.ndarray, count: int = 6, side: int = 16) -> tuple[Image, ClassMap]:
    """A picture of stripes and maze with ``count`` traced patches, in turn on the left and on the right."""
    rng = np.random.default_rng(seed)
    kept = np.full(TEXTURED, UNLABELLED, np.uint8)
    for number in range(count):
        top = rng.integers(0, TEXTURED[0] - side)
        left = rng.integers(0, TEXTURED[1] // 2 - side) + (number % 2) * (TEXTURED[1] // 2)
        box = np.s_[top : top + side, left : left + side]
        kept[box] = truth[box]
    return Image(stripes_and_maze(seed), name=f"{seed}"), ClassMap(kept, classes=CLASSES)


def image_set(pairs: list[tuple[Image, ClassMap]]) -> tuple[PerImage[Image], PerImage[ClassMap]]:
    by_name = {image.name: (image, truth) for image, truth in pairs}
    names = list(by_name)
    return PerImage(names, lambda name: by_name[name][0]), PerImage(names, lambda name: by_name[name][1])


def particles(diameter: int) -> np.ndarray:
    """A class map of discs of this diameter, class 1, on class 0."""
    labels = np.zeros((80, 100), np.uint8)
    for row in range(10, 75, 20):
        for column in range(10, 95, 20):
            cv2.circle(labels, (column, row), diameter // 2, 1, -1)
    return labels
