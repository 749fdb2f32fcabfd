"""Generated melt pools: the same seed gives the same picture, and the truth agrees with itself."""

import numpy as np
import pytest

from graingraph.app.samples.melt_pools import COLUMNS, make, outline
from graingraph.nodes.imaging.melt_pools.pool_shape import reconstruct

SMALL = (256, 640)


def test_a_seed_is_a_picture() -> None:
    first, again, other = (make(seed, SMALL, width=90) for seed in (3, 3, 4))
    assert first.pixels.dtype == np.uint8
    assert first.pixels.shape == SMALL
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)
    for name, truth in first.truth.items():
        np.testing.assert_array_equal(truth, again.truth[name])


def test_what_is_visible_and_what_is_hidden_make_the_whole_pool() -> None:
    truth = make(5).truth
    table = dict(zip(COLUMNS, truth["overlap"].T, strict=True))
    visible = np.bincount(truth["pools"].ravel())[1:]
    np.testing.assert_allclose(visible, table["Whole area"] * (1 - table["Overlap"] / 100))
    assert table["Overlap"][0] == 0
    assert 5 < table["Overlap"][1:].min() < table["Overlap"][1:].max() < 50
    assert list(table["Label"]) == list(range(1, len(visible) + 1))


def test_an_outline_has_the_size_and_tilt_asked_for() -> None:
    upright = outline(200, 80, 2, 2, 10, 0)
    assert np.ptp(upright[:, 0]) == pytest.approx(200, abs=1)
    assert np.ptp(upright[:, 1]) == pytest.approx(90, abs=1)
    leaning = outline(200, 80, 2, 2, 10, 8)
    assert leaning[0] == pytest.approx((100 * np.cos(np.radians(8)), 100 * np.sin(np.radians(8))))


def test_the_mount_is_dark_and_fusion_lines_are_darker_than_the_metal() -> None:
    sample = make(2)
    pools, lines = sample.truth["pools"], sample.truth["fusion_lines"]
    assert sample.pixels[:60].mean() < 30
    assert sample.pixels[lines].mean() < 0.85 * sample.pixels[pools > 0].mean()


def test_the_overlaps_can_be_found_from_the_true_outlines() -> None:
    truth = make(7).truth
    found = [100 * pool.overlap for pool in reconstruct(truth["pools"], truth["overlap"][:, 0].astype(int))]
    assert np.abs(found - truth["overlap"][:, 1]).mean() < 2
