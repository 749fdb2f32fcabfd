"""Tiles are joined from places of one image, and borders are marked as traced borders are."""

import numpy as np
import pytest

from graingraph.engine.values import UNLABELLED, ClassMap, Image
from graingraph.nodes.learning.train.sample import Sample, make_sample
from graingraph.nodes.learning.train.tile_grid import grid_cells
from graingraph.nodes.learning.train.tile_mixing import TileMixer, border_contrasts, bright_share, mark_border
from tests.support.pictures import CLASSES, plain


def test_what_is_joined_is_of_one_image_and_of_others_only_where_it_lacks_a_class() -> None:
    rich = [grid_cells(bordered(0, seed), 2) for seed in range(2)]
    both, other, poor = *rich, grid_cells(plain(51, 0), 2)
    joins = TileMixer([*both, *other, *poor])
    rng = np.random.default_rng(0)
    assert {id(joins.beside(both[0], rng).sample) for _ in range(50)} == {id(both[0].sample)}
    assert {id(joins.beside(poor[0], rng).sample) for _ in range(50)} == {id(c.sample) for c in (*both, *other, *poor)}


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


def share(*samples: Sample) -> float:
    return bright_share(border_contrasts(samples))


def test_traced_borders_tell_how_borders_are_marked() -> None:
    assert share(*(bordered(60, seed) for seed in range(3))) == 1
    assert share(*(bordered(-60, seed) for seed in range(3))) == 0
    assert 0.2 < np.mean([share(bordered(0, seed), bordered(0, seed + 50)) for seed in range(20)]) < 0.8


def test_without_traced_borders_both_kinds_are_shown_and_some_are_asked_for() -> None:
    alone = plain(51, 0), plain(204, 1)
    assert share(*alone) == 0.5
    assert "trace some that do" in TileMixer([cell for sample in alone for cell in grid_cells(sample, 1)]).advice
    assert TileMixer(grid_cells(bordered(0, 0), 1) + grid_cells(bordered(0, 1), 1)).advice == ""
