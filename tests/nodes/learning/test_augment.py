"""Tiles show labelled places, turned and lit anew, and where asked two places side by side."""

import numpy as np

from engine.values import ClassMap, Image
from nodes.learning.augment import Cell, draw_tile, grid_cells
from nodes.learning.settings import Augmentations
from nodes.learning.targets import make_sample
from tests.nodes.learning.pictures import CLASSES

STILL = Augmentations(False, False, 0, 0, 0, 0, 0, 0)


def cell(grey: int, label: int) -> Cell:
    image = Image(np.full((96, 96), grey, np.uint8))
    truth = ClassMap(np.full((96, 96), label, np.uint8), classes=CLASSES)
    return grid_cells(make_sample("", image, truth, 1, 1.0, ()), 1)[0]


def test_a_tile_depends_on_its_own_random_generator_alone() -> None:
    first, second = (draw_tile(cell(80, 1), (64, 64), Augmentations(), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_a_joined_tile_keeps_pixels_and_labels_together() -> None:
    joined = 0
    for seed in range(20):
        pixels, labels = draw_tile(cell(51, 0), (64, 64), STILL, np.random.default_rng(seed), cell(204, 1))
        assert np.array_equal(labels == 1, pixels[0] > 0.5)
        joined += 0 < labels.mean() < 1
    assert 4 <= joined <= 16


def test_tiles_are_not_joined_unless_asked() -> None:
    for seed in range(10):
        assert not draw_tile(cell(51, 0), (64, 64), STILL, np.random.default_rng(seed))[1].any()
