"""Grains from boundaries and back, against grains that are known."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask, PixelClass, Probabilities, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.imaging.boundaries.partition import fill_plane
from graingraph.nodes.segment.boundaries import boundaries_to_grains, grains_to_boundaries

CLASSES = (PixelClass("grain"), PixelClass("line", role="boundary"))


def bricks(rows=4, columns=5, size=60):
    y, x = np.mgrid[: rows * size, : columns * size]
    return (y // size * columns + x // size + 1).astype(np.int32)


def same_partition(a, b):
    """Share of pixels on which two labellings agree, whatever the numbers."""
    pairs = np.unique(np.stack([a.ravel(), b.ravel()]), axis=1, return_counts=True)
    best = {}
    for (first, _), count in zip(pairs[0].T, pairs[1], strict=True):
        best[first] = max(best.get(first, 0), count)
    return sum(best.values()) / a.size


def probabilities(boundary):
    boundary = boundary.astype(np.float32)
    return Probabilities(np.stack([1 - boundary, boundary], axis=2), Scale(0.3), classes=CLASSES)


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("max_gap", [0, 10])
def test_grains_survive_the_way_through_boundaries(width, max_gap):
    truth = bricks()
    mask = grains_to_boundaries(Labels(truth, Scale(0.3), count=20), width=width)
    grains = boundaries_to_grains(mask, max_gap=max_gap)
    assert grains.count == 20
    assert grains.scale == Scale(0.3)
    assert grains.pixels.min() == 1
    assert same_partition(truth, grains.pixels) > 0.95
    sizes = np.bincount(grains.pixels.ravel())[1:]
    assert sizes.mean() == truth.size / 20


def test_short_gap_is_closed_and_long_one_is_not():
    network = np.zeros((100, 200), bool)
    network[:, 100] = True
    network[45:53, 100] = False
    assert boundaries_to_grains(Mask(network), max_gap=8).count == 2
    assert boundaries_to_grains(Mask(network), max_gap=6).count == 1
    assert boundaries_to_grains(Mask(network), max_gap=0).count == 1


def test_loose_ends_are_no_boundary():
    network = np.zeros((100, 200), bool)
    network[:, 100] = True
    network[50, 100:130] = True
    grains = boundaries_to_grains(Mask(network), max_gap=0)
    assert grains.count == 2
    assert np.unique(grains.pixels[40:60, 105:125]).size == 1


def test_one_pixel_diagonal_line_separates():
    network = np.eye(60, dtype=bool)
    assert boundaries_to_grains(Mask(network), max_gap=0).count == 2


def test_small_pieces_go_to_their_neighbours():
    network = np.zeros((100, 100), bool)
    network[:, 50] = True
    network[40:44, 50:54] = True
    network[41:43, 51:53] = False
    assert boundaries_to_grains(Mask(network), max_gap=0, smallest_grain=0).count == 3
    assert boundaries_to_grains(Mask(network), max_gap=0, smallest_grain=5).count == 2


def test_kept_line_is_one_pixel_of_background():
    mask = grains_to_boundaries(Labels(bricks(), count=20), width=5)
    grains = boundaries_to_grains(mask, keep_line=True)
    assert grains.count == 20
    assert cv2.connectedComponents((grains.pixels > 0).view(np.uint8), connectivity=4)[0] - 1 == 20
    assert grains.pixels.max() == 20
    assert np.count_nonzero(grains.pixels == 0) < 1.2 * (3 * 300 + 4 * 240)


def test_probable_line_closes_a_gap_and_noise_does_not_split():
    truth = bricks()
    lines = grains_to_boundaries(Labels(truth, count=20), width=3).pixels.astype(np.float32)
    soft = cv2.GaussianBlur(lines, (0, 0), 1.5)
    soft[20:40] *= 0.5  # boundaries across these rows are faint, as where etching failed
    noise = np.random.default_rng(0).random(truth.shape, np.float32) * 0.1
    grains = boundaries_to_grains(probabilities(np.clip(soft + noise, 0, 1)), depth=0.2)
    assert grains.count == 20
    assert same_partition(truth, grains.pixels) > 0.95


def test_the_boundary_class_is_found_by_its_role_and_can_be_named():
    boundary = np.zeros((50, 80), np.float32)
    boundary[:, 40] = 1
    swapped = Probabilities(np.stack([boundary, 1 - boundary], axis=2), classes=CLASSES[::-1])
    assert boundaries_to_grains(swapped).count == 2
    assert boundaries_to_grains(swapped, boundary_class="line").count == 2
    with pytest.raises(Problem, match="choose one of line, grain"):
        boundaries_to_grains(swapped, boundary_class="edge")
    nameless = (PixelClass("boundary"), PixelClass("grain border"))
    with pytest.raises(Problem, match="choose the boundary class: boundary, grain border"):
        boundaries_to_grains(Probabilities(swapped.pixels.copy(), classes=nameless))


@pytest.mark.parametrize("pixels", [np.zeros((40, 50), bool), np.ones((40, 50), bool), np.ones((1, 1), bool)])
@pytest.mark.parametrize("max_gap", [0, 10])
def test_without_any_grain_there_is_a_remark(pixels, max_gap):
    grains = boundaries_to_grains(Mask(pixels), max_gap=max_gap)
    assert grains.count == grains.pixels.max() <= 1
    assert any("enclose no grain" in note for note in texts(grains.notes))


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.05, 0.6))
def test_any_probabilities_give_a_partition_and_deeper_means_fewer(seed, depth):
    boundary = np.random.default_rng(seed).random((30, 40))
    shallow = boundaries_to_grains(probabilities(boundary), depth=depth, smallest_grain=0)
    deep = boundaries_to_grains(probabilities(boundary), depth=depth + 0.2, smallest_grain=0)
    assert np.array_equal(np.unique(shallow.pixels), np.arange(1, shallow.count + 1))
    assert 1 <= deep.count <= shallow.count


def test_fill_plane_takes_the_nearest_feature():
    labels = np.zeros((9, 20), np.int32)
    labels[4, 2], labels[4, 17] = 1, 2
    filled = fill_plane(labels)
    assert np.array_equal(np.unique(filled[:, :9]), [1])
    assert np.array_equal(np.unique(filled[:, 11:]), [2])
