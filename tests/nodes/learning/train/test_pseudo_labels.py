"""Patches are continued where texture is clear, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.train.pseudo_labels import GRID, GUESSED, pseudo_labels, texture
from graingraph.nodes.learning.train.sample import Sample, make_sample
from tests.support.pictures import STRIPED, TEXTURED, stripes_and_maze, textured


def sample(seed: int, truth: np.ndarray, count: int = 6) -> Sample:
    image, traced = textured(seed, truth, count)
    return make_sample(image.name, image, traced, 1, 1.0, ())


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [sample(seed, STRIPED.astype(np.uint8)) for seed in (1, 2, 3)]


def test_patches_are_continued_where_their_texture_is(samples: list[Sample]) -> None:
    for before, after in zip(samples, pseudo_labels(samples, 2, ()), strict=True):
        assert after.guessed is not None
        traced = before.labels != UNLABELLED
        assert np.array_equal(after.guessed[traced], before.labels[traced])
        guesses = (after.guessed >= GUESSED) & (after.guessed != UNLABELLED)
        assert guesses.mean() > 0.5
        assert np.mean((after.guessed - GUESSED)[guesses] == STRIPED[guesses]) > 0.95
        assert np.array_equal(after.labels, before.labels)


def test_the_least_sure_pixels_stay_open(samples: list[Sample]) -> None:
    guessed = np.stack([s.guessed for s in pseudo_labels(samples, 2, ()) if s.guessed is not None])
    assert np.mean(guessed == UNLABELLED) > 0.1


def test_nothing_is_guessed_when_texture_does_not_tell_patches_apart() -> None:
    upper = np.broadcast_to(np.arange(TEXTURED[0])[:, None] < TEXTURED[0] // 2, TEXTURED).astype(np.uint8)
    alike = [sample(seed, upper, count=12) for seed in (1, 2, 3)]
    assert pseudo_labels(alike, 2, ()) == alike


def test_nothing_is_guessed_from_lines_full_traces_or_very_few_patches(samples: list[Sample]) -> None:
    assert pseudo_labels(samples, 2, (1,)) == samples
    full = [replace(s, labels=STRIPED.astype(np.uint8)) for s in samples]
    assert pseudo_labels(full, 2, ()) == full
    few = [sample(1, STRIPED.astype(np.uint8), count=2)]
    assert pseudo_labels(few, 2, ()) == few


def test_texture_does_not_depend_on_how_the_picture_lies_or_is_exposed() -> None:
    pixels = (stripes_and_maze(1) / np.float32(255))[:, :, None].astype(np.float32)
    upright = texture(pixels)
    assert upright.shape[:2] == (TEXTURED[0] // GRID, TEXTURED[1] // GRID)
    turned = np.rot90(texture(np.ascontiguousarray(np.rot90(pixels))), -1)
    assert np.allclose(turned, upright, atol=0.03)
    assert np.allclose(texture(0.8 * pixels + 0.1), upright, atol=0.05)
