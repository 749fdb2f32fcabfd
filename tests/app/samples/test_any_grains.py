"""Grain micrographs of every kind: the same for a seed, with a truth that fits, and of many kinds."""

import numpy as np
import pytest

from graingraph.app.samples.any_grains import DIAMETERS, UNKNOWN, make
from graingraph.app.samples.grains import edges, mosaic

SIZE = (160, 192)


def test_a_seed_gives_one_picture() -> None:
    one, again, other = make(3, SIZE), make(3, SIZE), make(4, SIZE)
    assert np.array_equal(one.pixels, again.pixels)
    assert not np.array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("seed", range(6))
def test_the_truth_fits_the_grains(seed: int) -> None:
    made = make(seed, SIZE)
    grains, classes = made.truth["grains"], made.truth["classes"]
    assert made.pixels.shape == grains.shape == classes.shape == SIZE
    assert made.pixels.dtype == np.uint8
    assert np.array_equal(made.truth["boundaries"], edges(grains))
    assert set(np.unique(classes)) <= {0, 1, UNKNOWN}
    assert not (classes[edges(grains)] == 1).any()
    assert (classes == 1).mean() > 0.2


def test_pictures_are_of_many_kinds() -> None:
    made = [make(seed, SIZE) for seed in range(12)]
    assert np.std([one.pixels.mean() for one in made]) > 10
    counts = [one.truth["grains"].max() for one in made]
    assert max(counts) > 10 * min(counts)


def test_the_diameter_can_be_chosen() -> None:
    labels = make(1, (300, 300), diameter=30.0).truth["grains"]
    areas = np.bincount(labels.ravel())[1:]
    assert 20 < np.sqrt(4 / np.pi * areas.mean()) < 40
    assert DIAMETERS[0] < 30 < DIAMETERS[1]


def test_stretched_grains_are_longer_than_wide() -> None:
    grain = mosaic(np.random.default_rng(5), (300, 300), 30.0, stretch=3.0).grain
    even = mosaic(np.random.default_rng(5), (300, 300), 30.0).grain
    spread = [np.std([_crossings(one, angle) for angle in np.arange(0, 180, 15)]) for one in (grain, even)]
    assert spread[0] > 3 * spread[1]


def _crossings(grain: np.ndarray, angle: float) -> float:
    """How many boundaries a line of this direction through the middle meets, per 100 px; a mean over many lines."""
    turn = np.deg2rad(angle)
    steps, shifts = np.arange(-140, 141), np.arange(-100, 101, 4)
    x = 150 + steps * np.cos(turn) - shifts[:, None] * np.sin(turn)
    y = 150 + steps * np.sin(turn) + shifts[:, None] * np.cos(turn)
    inside = (x >= 0) & (x < 299.5) & (y >= 0) & (y < 299.5)
    found = grain[np.clip(np.rint(y), 0, 299).astype(int), np.clip(np.rint(x), 0, 299).astype(int)]
    counted = inside[:, 1:] & inside[:, :-1]
    return 100 * float((np.diff(found, axis=1) != 0)[counted].mean())
