"""Whether the stated 95 % intervals hold the truth, on sections of 3-D Voronoi grains measured by the nodes.

The truth is the mean of the pool that fields are drawn from, whose own distance from theory is tested beside. A fuller
run, against theory alone: ``python -m tests.benchmarks.coverage``.
"""

import numpy as np
import pytest

from graingraph.app.samples import measured_sections, phantoms
from graingraph.app.samples.measured_sections import INTERVALS, Field, coverage, fields

MEAN_INTERCEPT, SIDE = 12.0, 156


@pytest.fixture(scope="module")
def pools() -> tuple[list[Field], list[Field]]:
    """Fields of one size, and some of a quarter of it."""
    return fields(MEAN_INTERCEPT, SIDE, 3, 6 * SIDE, 7), fields(MEAN_INTERCEPT, SIDE // 2, 1, 6 * SIDE, 8)


@pytest.mark.parametrize("name", INTERVALS)
def test_means_over_all_fields_are_those_of_theory(pools: tuple[list[Field], list[Field]], name: str) -> None:
    found = INTERVALS[name](pools[0])
    truth = {
        "mean intercept by circles": MEAN_INTERCEPT,
        "mean intercept by lines": MEAN_INTERCEPT,
        "grains per area": 1e6 * phantoms.grains_per_area(MEAN_INTERCEPT),
        "area fraction": 100 * measured_sections.SECOND_PHASE,
    }
    if name in truth:
        assert abs(found.value - truth[name]) < found.half_width + 0.005 * truth[name]


@pytest.mark.parametrize("unequal", [False, True], ids=["equal", "unequal"])
@pytest.mark.parametrize("count", [5, 20])
@pytest.mark.parametrize("name", INTERVALS)
def test_intervals_hold_the_truth(pools: tuple[list[Field], list[Field]], name: str, count: int, unequal: bool) -> None:
    large, small = pools
    interval, drawn = INTERVALS[name], [large, small] if unequal else [large]
    everything = large + (small * 2)[: len(large)] if unequal else large
    [held] = coverage(interval, drawn, [interval(everything).value], count, 400, np.random.default_rng(count))
    assert 0.92 <= held <= 0.985, "95 %, and four hundred draws scatter by 1 %"
