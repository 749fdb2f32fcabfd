"""Tiles show labelled places, turned and lit anew, and where asked two places side by side."""

import cv2
import numpy as np

from engine.values import ClassMap, Image
from nodes.networks.augment import Cell, draw_tile, grid_cells, mark_border
from nodes.networks.settings import Augmentations
from nodes.networks.targets import make_sample
from tests.nodes.networks.pictures import CLASSES

STILL = Augmentations(False, False, 0, 0, 0, 0, 0, 0)


def cell(grey: int, label: int) -> Cell:
    image = Image(np.full((96, 96), grey, np.uint8))
    truth = ClassMap(np.full((96, 96), label, np.uint8), classes=CLASSES)
    return grid_cells(make_sample("", image, truth, 1, 1.0, ()), 1)[0]


def far_from_border(side: np.ndarray, distance: int) -> np.ndarray:
    reach = np.ones((2 * distance + 1, 2 * distance + 1), np.uint8)
    return np.asarray(cv2.erode(side, reach) == cv2.dilate(side, reach))


def test_a_tile_depends_on_its_own_random_generator_alone() -> None:
    first, second = (draw_tile(cell(80, 1), (64, 64), Augmentations(), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_a_joined_tile_keeps_pixels_and_labels_together() -> None:
    joined = 0
    for seed in range(20):
        pixels, labels = draw_tile(cell(51, 0), (64, 64), STILL, np.random.default_rng(seed), cell(204, 1))
        inner = far_from_border(labels, 6)
        assert np.array_equal((labels == 1)[inner], (pixels[0] > 0.5)[inner])
        joined += 0 < labels.mean() < 1
    assert 4 <= joined <= 16


def test_tiles_are_not_joined_unless_asked() -> None:
    for seed in range(10):
        assert not draw_tile(cell(51, 0), (64, 64), STILL, np.random.default_rng(seed))[1].any()


def test_a_border_is_marked_on_both_sides_alike_and_nothing_else_is_changed() -> None:
    left = np.broadcast_to(np.arange(64) < 32, (64, 64))
    ramp = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32)[:, None, None], (64, 64, 1))
    for seed in range(10):
        change = (mark_border(ramp, left, np.random.default_rng(seed)) - ramp)[:, :, 0]
        assert change.dtype == np.float32
        assert np.allclose(change, change[:, ::-1], atol=1e-5)
        assert np.allclose(change[:, :26], 0, atol=1e-5)
        assert 0 < np.abs(change[:, 31]).max() < 1
