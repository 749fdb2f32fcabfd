"""Smoothing a map of probabilities along with the picture."""

import numpy as np

from graingraph.nodes.learning.paint.features import ArrayOperations
from graingraph.nodes.learning.paint.smoothing import smoothed


def smooth(share: np.ndarray, guide: np.ndarray) -> np.ndarray:
    first, second = smoothed([share, 1 - share], guide, ArrayOperations())
    np.testing.assert_allclose(first + second, 1, atol=1e-6)
    assert min(first.min(), second.min()) >= 0
    return first


def test_noise_of_an_even_place_goes_and_an_edge_that_shows_stays() -> None:
    rng = np.random.default_rng(0)
    bright = np.zeros((64, 96), np.float32)
    bright[:, 48:] = 1
    guide = 2 * bright - 1 + rng.normal(0, 0.05, bright.shape).astype(np.float32)
    noisy = np.clip(0.2 + 0.6 * bright + rng.normal(0, 0.3, bright.shape), 0, 1).astype(np.float32)
    found = smooth(noisy, guide)
    assert np.mean((noisy > 0.5) == (bright > 0.5)) < 0.9
    assert np.mean((found > 0.5) == (bright > 0.5)) > 0.99
    unguided = smooth(noisy, np.zeros_like(guide))
    beside = slice(46, 50)
    assert np.abs(found - noisy)[:, beside].mean() < np.abs(unguided - noisy)[:, beside].mean()


def test_an_even_map_stays_as_it_is() -> None:
    guide = np.random.default_rng(1).normal(0, 1, (48, 64)).astype(np.float32)
    np.testing.assert_allclose(smooth(np.full((48, 64), 0.3, np.float32), guide), 0.3, atol=1e-5)
