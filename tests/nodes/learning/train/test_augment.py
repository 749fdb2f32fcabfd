"""Tiles show labelled places, turned and lit anew, and where asked two places side by side."""

from dataclasses import replace

import cv2
import numpy as np

from graingraph.engine.values import ClassMap, Image
from graingraph.nodes.learning.train.augment import draw_mixed_tile, draw_tile
from graingraph.nodes.learning.train.sample import make_sample
from graingraph.nodes.learning.train.settings import Augmentations
from graingraph.nodes.learning.train.tile_grid import Cell, grid_cells
from graingraph.nodes.learning.train.tile_mixing import TileMixer
from tests.support.pictures import CLASSES, plain

STILL = Augmentations(False, False, 0, 0, 0, 0, 0, 0)


def cell(grey: int, label: int) -> Cell:
    return grid_cells(plain(grey, label), 1)[0]


def far_from_border(side: np.ndarray, distance: int) -> np.ndarray:
    reach = np.ones((2 * distance + 1, 2 * distance + 1), np.uint8)
    return np.asarray(cv2.erode(side, reach) == cv2.dilate(side, reach))


def test_a_tile_depends_on_its_own_random_generator_alone() -> None:
    first, second = (draw_tile(cell(80, 1), (64, 64), Augmentations(), np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_a_joined_tile_keeps_pixels_and_labels_together() -> None:
    cells = [cell(51, 0), cell(204, 1)]
    joins, both = TileMixer(cells), 0
    for seed in range(40):
        pixels, labels = draw_tile(cells[seed % 2], (64, 64), STILL, np.random.default_rng(seed), joins)
        inner = far_from_border(labels, 6)
        assert np.array_equal((labels == 1)[inner], (pixels[0] > 0.5)[inner])
        both += 0 < labels.mean() < 1
    assert 8 <= both <= 24


def test_half_of_the_mixed_tiles_show_two_places_with_pixels_and_labels_together() -> None:
    cells = [cell(51, 0), cell(204, 1)]
    both = 0
    for seed in range(80):
        pixels, labels = draw_mixed_tile(cells[0], cells, (64, 64), STILL, np.random.default_rng(seed))
        assert np.array_equal(labels == 1, pixels[0] > 0.5)
        both += 0 < labels.mean() < 1
    assert 10 <= both <= 30  # half of them, and of these half with the other of two cells


def test_each_side_of_a_mixed_tile_has_its_own_light() -> None:
    cells, bright = [cell(128, 0)], replace(STILL, brightness=0.2)
    tiles = [draw_mixed_tile(cells[0], cells, (64, 64), bright, np.random.default_rng(seed)) for seed in range(20)]
    assert {len(np.unique(pixels.round(4))) for pixels, _ in tiles} == {1, 2}


def test_tiles_are_not_joined_unless_asked() -> None:
    for seed in range(10):
        assert not draw_tile(cell(51, 0), (64, 64), STILL, np.random.default_rng(seed))[1].any()


def square_size(strip: np.ndarray) -> float:
    """Mean distance in px between changes from dark to bright and back along the rows of a strip."""
    changes = np.count_nonzero(np.diff(strip > 0.4, axis=1))
    return strip[:, 1:].size / max(1, changes)


def test_joined_places_are_as_large_as_each_other() -> None:
    chequered = (np.indices((256, 256)).sum(axis=0) // 4 % 2 * 200).astype(np.uint8)
    truth = ClassMap((np.indices((256, 256))[0] >= 128).astype(np.uint8), classes=CLASSES)
    cells = grid_cells(make_sample("", Image(chequered), truth, 1, 1.0, ()), 1)
    joins, sizes = TileMixer(cells), []
    for seed in range(500):
        pixels, labels = draw_tile(cells[0], (64, 64), replace(STILL, scale=0.8), np.random.default_rng(seed), joins)
        ends = slice(0, 12), slice(-12, None)
        if {labels[:, columns].mean() for columns in ends} == {0, 1}:  # a join that runs down the tile
            sizes.append([square_size(pixels[0][:, columns]) for columns in ends])
    assert len(sizes) >= 5
    assert np.ptp(np.array(sizes)[:, 0]) > 1
    assert np.allclose(*np.transpose(sizes), rtol=0.2)
