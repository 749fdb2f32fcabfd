"""The classifier: right where classes part by a line, a class between two others, held-back strokes, and too few."""

from math import erf

import numpy as np
import pytest

from graingraph.nodes.learning.paint import classifier
from graingraph.nodes.learning.paint.classifier import StrokePixels, interpolated, learn, shrunk_strokes, stroke_pixels


def strokes(means: list[list[float]], each: int = 5, seed: int = 0, spread: float = 0.3) -> StrokePixels:
    """So many strokes of 40 pixels around the mean of each class."""
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(means)), each * 40)
    x = np.array(means)[y] + rng.normal(0, spread, (len(y), len(means[0])))
    return StrokePixels(
        x.astype(np.float32), y.astype(np.uint8), np.repeat(np.arange(len(means) * each), 40), x.std(axis=0)
    )


def test_a_class_between_two_others_is_told_too() -> None:
    found = learn([strokes([[-2.0, 0], [0, 0], [2.0, 0]])], 3)
    assert found is not None
    fresh = strokes([[-2.0, 0], [0, 0], [2.0, 0]], seed=1)
    told = (fresh.features @ found.weights.T + found.bias).argmax(axis=1)
    assert np.mean(told == fresh.classes) > 0.98
    assert (found.held_back > 0.95).all()


def test_what_cannot_be_told_is_scored_as_such() -> None:
    found = learn([strokes([[0.0, 0], [0, 0]], each=10, spread=1.0)], 2)
    assert found is not None
    assert 0.2 < found.held_back.mean() < 0.8
    scores = strokes([[0.0, 0], [0, 0]], seed=2, spread=1.0).features @ found.weights.T + found.bias
    assert np.abs(scores[:, 0] - scores[:, 1]).mean() < 1  # probabilities near one half


def test_one_stroke_a_class_teaches_but_scores_nothing() -> None:
    found = learn([strokes([[-1.0, 0], [1.0, 0]], each=1)], 2)
    assert found is not None
    assert np.isnan(found.held_back).all()
    assert found.weights[1, 0] > found.weights[0, 0]


def test_a_class_without_strokes_is_never_found() -> None:
    found = learn([strokes([[-1.0, 0], [1.0, 0]])], 3)
    assert found is not None
    assert ((np.zeros((1, 2)) @ found.weights.T + found.bias).argmax(axis=1) != 2).all()


def test_one_class_alone_teaches_nothing() -> None:
    assert learn([strokes([[1.0, 0]])], 2) is None


def test_pixels_that_touch_are_one_stroke() -> None:
    labels = np.full((16, 16), 255, np.uint8)
    labels[2:4, 2:8] = labels[10:12, 2:8] = 0
    labels[2:4, 8:12] = 1
    found = stroke_pixels(labels, np.zeros((2, 16, 16), np.float32), np.zeros((3, 4, 4), np.float32), np.ones(5), 2)
    assert found.features.shape == (32, 5)
    assert len(np.unique(found.strokes)) == 3


def test_between_grid_points_features_are_as_a_grown_plane_has_them() -> None:
    import cv2

    plane = np.random.default_rng(0).random((1, 5, 7), dtype=np.float32)
    grown = cv2.resize(plane[0], (28, 20), interpolation=cv2.INTER_LINEAR)
    y, x = (place.ravel() for place in np.mgrid[:20, :28])
    np.testing.assert_allclose(
        interpolated(plane, (y + 0.5) / 4 - 0.5, (x + 0.5) / 4 - 0.5)[0], grown.ravel(), atol=1e-6
    )


@pytest.mark.parametrize("shape", [(8, 12), (4, 6), (3, 5)])
def test_strokes_stay_where_they_are_when_the_picture_is_made_smaller(shape: tuple[int, int]) -> None:
    labels = np.full((8, 12), 255, np.uint8)
    labels[:, 6:] = 1
    small = shrunk_strokes(labels, shape)
    assert small.shape == shape
    assert (small[:, -1] == 1).all()
    assert (small[:, 0] == 255).all()


def test_what_looks_across_borders_counts_less() -> None:
    means = [[-1.0, -1.0], [1.0, 1.0]]
    plain, bordered = (learn([strokes(means)], 2, reaches) for reaches in (None, np.array([1.0, 40.0])))
    assert plain is not None
    assert bordered is not None
    share = [one.weights[1, 1] / one.weights[1, 0] for one in (plain, bordered)]
    assert share[1] < 0.7 * share[0]


def test_borders_are_as_mixed_pixels_would_have_them() -> None:
    rng = np.random.default_rng(3)
    y = np.repeat([0, 1, 2], 4000)
    x = np.array([[0, 1, 2], [1, -1, 0], [3, 0, 1.0]])[y] + rng.normal(0, 0.5, (len(y), 3))
    reaches = np.array([2.0, 10.0, 30.0])
    sums = classifier._Sums.of(x, y, 3).with_borders(classifier._Mixture.of(reaches))
    own, others = x[y == 1], x[rng.permutation(np.flatnonzero(y != 1))[:4000]]
    distances = rng.choice(classifier.BORDER_DISTANCES, len(own))
    seen = np.array([[0.5 - 0.5 * erf(d / (np.sqrt(2) * reach)) for reach in reaches] for d in distances])
    mixed = own + (rng.random(len(own)) < classifier.NEAR_BORDERS)[:, None] * seen * (others - own)
    np.testing.assert_allclose(sums.sums[1] / 4000, mixed.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(sums.squares[1] / 4000, mixed.T @ mixed / 4000, atol=0.1)
