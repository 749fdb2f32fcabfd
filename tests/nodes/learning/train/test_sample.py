"""Traces as the network sees them: lines survive shrinking, patches are not taken for lines."""

import cv2
import numpy as np
import pytest

from graingraph.engine.values import UNLABELLED, ClassMap, Image, PixelClass
from graingraph.nodes.learning.model.network_input import network_size, resize
from graingraph.nodes.learning.train.augment import draw_tile
from graingraph.nodes.learning.train.sample import (
    fineness,
    has_colour,
    labels_at_size,
    make_sample,
    mean_width,
    widen_lines,
)
from graingraph.nodes.learning.train.settings import Augmentations
from graingraph.nodes.learning.train.tile_grid import grid_cells
from tests.support.pictures import particles

CLASSES = (PixelClass("grain"), PixelClass("boundary"))


def with_line(width: int) -> np.ndarray:
    labels = np.zeros((80, 100), np.uint8)
    labels[:, 41 : 41 + width] = 1
    return labels


@pytest.mark.parametrize("width", [4, 9, 20])
def test_mean_width_of_a_strip(width: int) -> None:
    assert mean_width(with_line(width), 1) == pytest.approx(width, rel=0.12)


@pytest.mark.parametrize("diameter", [1, 3, 5, 9, 15])
def test_particles_are_no_lines_however_small(diameter: int) -> None:
    truths = [ClassMap(particles(diameter), classes=CLASSES)]
    assert fineness(truths, 2).lines == ()


def test_small_particles_keep_their_share_of_the_area_at_half_size() -> None:
    labels = particles(5)
    assert np.mean(labels_at_size(labels, (40, 50), lines=()) == 1) == pytest.approx(np.mean(labels == 1), rel=0.15)


def test_a_class_is_judged_by_the_images_that_show_it() -> None:
    empty = ClassMap(np.zeros((80, 100), np.uint8), classes=CLASSES)
    assert fineness([empty, empty, ClassMap(with_line(3), classes=CLASSES)], 2).lines == (1,)


def test_a_net_of_lines_is_made_of_lines_and_so_is_a_short_crack() -> None:
    net = np.zeros((80, 100), np.uint8)
    net[::20], net[:, ::20] = 1, 1
    crack = np.zeros((80, 100), np.uint8)
    cv2.line(crack, (20, 20), (50, 40), 1, 3)
    for labels in (net, crack):
        assert fineness([ClassMap(labels, classes=CLASSES)], 2).lines == (1,)


def test_lines_are_thin_and_patches_are_not() -> None:
    assert fineness([ClassMap(with_line(3), classes=CLASSES)], 2).lines == (1,)
    patches = np.full((80, 100), UNLABELLED, np.uint8)
    patches[10:16, 10:16], patches[60:66, 60:66] = 0, 1
    assert fineness([ClassMap(patches, classes=CLASSES)], 2).lines == ()


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_thin_line_stays_whole_at_half_size(width: int) -> None:
    small = labels_at_size(with_line(width), (40, 50), lines=(1,))
    assert (small == 1).any(axis=1).all()
    assert set(np.unique(small)) == {0, 1}


@pytest.mark.parametrize("size_factor", [0.3, 0.5, 1.0])
def test_lines_of_a_fine_pen_are_learnt_as_wide_as_those_of_a_broad_one(size_factor: float) -> None:
    for width in (1, 2, 3):
        wide = widen_lines(with_line(width), (1,), size_factor)
        assert 1.3 <= mean_width(wide, 1) * size_factor <= 3.1
        assert np.all(wide[:, 41 : 41 + width] == 1)
    broad = with_line(round(3 / size_factor))
    assert np.array_equal(widen_lines(broad, (1,), size_factor), broad)


def test_lines_are_not_widened_where_nothing_is_traced() -> None:
    labels = with_line(1)
    labels[:, 42:] = UNLABELLED
    wide = widen_lines(labels, (1,), 0.5)
    assert np.all(wide[:, 42:] == UNLABELLED)
    assert np.all(wide[:, 40] == 1)


@pytest.mark.parametrize("size_factor", [1.5, 2.0])
def test_particles_keep_their_shape_when_enlarged(size_factor: float) -> None:
    y, x = np.mgrid[:40, :60]
    disc = (np.hypot(y - 20, x - 30) < 6).astype(np.uint8)
    shape = network_size(disc.shape, size_factor)
    larger = labels_at_size(disc, shape, ())
    assert larger.sum() == pytest.approx(size_factor**2 * disc.sum(), rel=0.05)
    back = resize((larger == 1).astype(np.float32), disc.shape) > 0.5
    assert np.count_nonzero(back != disc) <= 4


def test_unlabelled_stays_unlabelled_when_shrunk() -> None:
    labels = np.full((40, 40), UNLABELLED, np.uint8)
    labels[:20] = 1
    small = labels_at_size(labels, (20, 20), lines=())
    assert (small[:10] == 1).all()
    assert (small[10:] == UNLABELLED).all()


def test_grey_saved_as_rgb_is_grey() -> None:
    grey = np.random.default_rng(0).integers(0, 255, (40, 40, 1), np.uint8).repeat(3, axis=2)
    tinted = grey.copy()
    tinted[..., 2] //= 2
    assert not has_colour(Image(grey))
    assert has_colour(Image(tinted))


def test_a_tile_depends_on_its_own_generator_only_and_keeps_labels_on_their_pixels() -> None:
    labels = with_line(9)
    image = Image((labels * 200 + 20).astype(np.uint8))
    sample = make_sample("a", image, ClassMap(labels, classes=CLASSES), 1, 1.0, ())
    cell = grid_cells(sample, 2)[1]
    plain = Augmentations(brightness=0, gamma=0, uneven_light=0, blur=0, noise=0)
    first = draw_tile(cell, (64, 64), plain, np.random.default_rng((1, 2)))
    again = draw_tile(cell, (64, 64), plain, np.random.default_rng((1, 2)))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    bright = first[0][0] > 0.47
    assert np.mean(bright == (first[1] == 1)) > 0.98


def test_where_rotation_is_off_tiles_are_mirrored_but_never_turned_upside_down() -> None:
    labels = np.zeros((80, 100), np.uint8)
    labels[40:, 50:] = 1
    image = Image((labels * 200 + 20).astype(np.uint8))
    cell = grid_cells(make_sample("a", image, ClassMap(labels, classes=CLASSES), 1, 1.0, ()), 1)[0]
    upright = Augmentations(rotation=False, scale=0)
    tiles = [draw_tile(cell, (64, 64), upright, np.random.default_rng(seed))[1] for seed in range(20)]
    assert all((np.diff(tile.mean(axis=1)) >= 0).all() for tile in tiles)
    sides = {int(np.sign(tile[:, 32:].mean() - tile[:, :32].mean())) for tile in tiles}
    assert {-1, 1} <= sides
