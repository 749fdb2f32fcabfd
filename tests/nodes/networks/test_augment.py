"""Tiles show labelled places, turned and lit anew, and where asked two places side by side."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.values import UNLABELLED, ClassMap, Image
from nodes.networks.augment import draw_tile
from nodes.networks.cells import Cell, grid_cells
from nodes.networks.joins import Joins, bright_share, mark_border
from nodes.networks.settings import Augmentations
from nodes.networks.targets import Sample, make_sample
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
    cells = [cell(51, 0), cell(204, 1)]
    joins, both = Joins(cells), 0
    for seed in range(40):
        pixels, labels = draw_tile(cells[seed % 2], (64, 64), STILL, np.random.default_rng(seed), joins)
        inner = far_from_border(labels, 6)
        assert np.array_equal((labels == 1)[inner], (pixels[0] > 0.5)[inner])
        both += 0 < labels.mean() < 1
    assert 8 <= both <= 24


def test_tiles_are_not_joined_unless_asked() -> None:
    for seed in range(10):
        assert not draw_tile(cell(51, 0), (64, 64), STILL, np.random.default_rng(seed))[1].any()


def test_what_is_joined_is_of_one_image_and_of_others_only_where_it_lacks_a_class() -> None:
    rich = [grid_cells(bordered(0, seed), 2) for seed in range(2)]
    both, other, poor = *rich, grid_cells(cell(51, 0).sample, 2)
    joins = Joins([*both, *other, *poor])
    rng = np.random.default_rng(0)
    assert {id(joins.beside(both[0], rng).sample) for _ in range(50)} == {id(both[0].sample)}
    assert {id(joins.beside(poor[0], rng).sample) for _ in range(50)} == {id(c.sample) for c in (*both, *other, *poor)}


def square_size(strip: np.ndarray) -> float:
    """Mean distance in px between changes from dark to bright and back along the rows of a strip."""
    changes = np.count_nonzero(np.diff(strip > 0.4, axis=1))
    return strip[:, 1:].size / max(1, changes)


def test_joined_places_are_as_large_as_each_other() -> None:
    chequered = (np.indices((256, 256)).sum(axis=0) // 4 % 2 * 200).astype(np.uint8)
    truth = ClassMap((np.indices((256, 256))[0] >= 128).astype(np.uint8), classes=CLASSES)
    cells = grid_cells(make_sample("", Image(chequered), truth, 1, 1.0, ()), 1)
    joins, sizes = Joins(cells), []
    for seed in range(500):
        pixels, labels = draw_tile(cells[0], (64, 64), replace(STILL, scale=0.8), np.random.default_rng(seed), joins)
        ends = slice(0, 12), slice(-12, None)
        if {labels[:, columns].mean() for columns in ends} == {0, 1}:  # a join that runs down the tile
            sizes.append([square_size(pixels[0][:, columns]) for columns in ends])
    assert len(sizes) >= 5
    assert np.ptp(np.array(sizes)[:, 0]) > 1
    assert np.allclose(*np.transpose(sizes), rtol=0.2)


@pytest.mark.parametrize(("bright", "signs"), [(1.0, {1}), (0.0, {-1}), (0.5, {-1, 1})])
def test_a_border_is_marked_on_both_sides_alike_and_nothing_else_is_changed(bright: float, signs: set[int]) -> None:
    left = np.broadcast_to(np.arange(64) < 32, (64, 64))
    ramp = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32)[:, None, None], (64, 64, 1))
    found = set()
    for seed in range(10):
        change = (mark_border(ramp, left, bright, np.random.default_rng(seed)) - ramp)[:, :, 0]
        assert change.dtype == np.float32
        assert np.allclose(change, change[:, ::-1], atol=1e-5)
        assert np.allclose(change[:, :26], 0, atol=1e-5)
        assert 0 < np.abs(change[:, 31]).max() < 1
        found.add(int(np.sign(change[32, 31])))
    assert found == signs


def bordered(film: float, seed: int) -> Sample:
    """Noise with lines of another grey between two classes, of which strips across the border are traced."""
    rng = np.random.default_rng(seed)
    right = np.broadcast_to(np.arange(160) >= 80, (160, 160))
    grey = np.clip(120 + rng.normal(0, 20, right.shape) + film * (np.abs(np.arange(160) - 79.5) < 1), 0, 255)
    strips = np.broadcast_to(np.arange(160)[:, None] % 40 < 20, right.shape)
    truth = ClassMap(np.where(strips, right, UNLABELLED).astype(np.uint8), classes=CLASSES)
    return make_sample("", Image(grey.astype(np.uint8)), truth, 1, 1.0, ())


def test_traced_borders_tell_how_borders_are_marked() -> None:
    assert bright_share([bordered(60, seed) for seed in range(3)]) == 1
    assert bright_share([bordered(-60, seed) for seed in range(3)]) == 0
    assert 0.2 < np.mean([bright_share([bordered(0, seed), bordered(0, seed + 50)]) for seed in range(20)]) < 0.8


def test_without_traced_borders_both_kinds_are_shown() -> None:
    assert bright_share([cell(51, 0).sample, cell(204, 1).sample]) == 0.5
