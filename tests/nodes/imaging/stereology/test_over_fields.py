"""Intervals over fields; the oracles are scipy's t interval and how often simulated intervals hold the truth."""

import numpy as np
import pytest
from scipy import stats

from graingraph.nodes.imaging.stereology.over_fields import proportion, ratio


def test_equal_fields_have_the_t_interval_of_their_means() -> None:
    values = np.random.default_rng(0).normal(10, 1, 7)
    found = ratio(values * 3, np.full(7, 3.0))
    low, high = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))
    needed = 7 * (found.relative_accuracy / 10) ** 2
    assert found.fields_needed == max(2, np.ceil(needed))


def test_one_field_or_one_that_is_all_has_no_interval() -> None:
    for amounts, sizes in (([3.0], [2.0]), ([3.0, 0.0], [2.0, 0.0])):
        found = ratio(np.array(amounts), np.array(sizes))
        assert found.value == 1.5
        assert np.isnan(found.half_width)
    assert np.isnan(ratio(np.zeros(3), np.zeros(3)).value)


def coverage(interval, draw, truth, times=3000) -> float:
    found = [interval(*draw()) for _ in range(times)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


@pytest.mark.parametrize("fields", [5, 20])
@pytest.mark.parametrize("unequal", [False, True])
def test_intervals_of_means_hold_the_truth_in_95_of_100(fields: int, unequal: bool) -> None:
    """Fields differ by 10 %, their features by 40 %; features taken as independent covered 50 %."""
    rng = np.random.default_rng(fields)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        counts = rng.integers(50, 400, fields) if unequal else np.full(fields, 200)
        means = rng.normal(1, 0.1, fields) + rng.normal(0, 0.4, fields) / np.sqrt(counts)
        return means * counts, counts.astype(float)

    assert 0.93 <= coverage(ratio, draw, 1.0) <= 0.97


@pytest.mark.parametrize("share", [0.004, 0.05, 0.5])
def test_intervals_of_proportions_stay_between_0_and_1_and_cover(share: float) -> None:
    rng = np.random.default_rng(1)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        return rng.binomial(2000, rng.beta(20 * share, 20 * (1 - share), 20)) / 2000, np.ones(20)

    found = [proportion(*draw()) for _ in range(2000)]
    assert all(0 < one.low < one.value < one.high < 1 for one in found if 0 < one.value < 1)
    if share >= 0.05:
        assert 0.92 <= np.mean([one.low <= share <= one.high for one in found]) <= 0.97
