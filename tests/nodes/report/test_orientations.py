"""Orientations against SciPy's circular statistics and directions at random."""

import itertools

import numpy as np
import pytest
from scipy import stats

from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from graingraph.engine.values.notes import texts
from graingraph.nodes.imaging.stereology.axial import axial_mean, over_fields
from graingraph.nodes.report.orientations import orientations


def table(angles: np.ndarray, **others: np.ndarray) -> Table:
    names = np.array([f"{k % 4}.png" for k in range(angles.size)], object)
    return Table({"Image": names, "Orientation": angles, **others}, {"Orientation": "°"})


@pytest.mark.parametrize("middle", [-88.0, 0.0, 30.0, 90.0])
def test_the_mean_of_axes_is_that_of_doubled_angles(middle: float) -> None:
    angles = (middle + np.random.default_rng(1).normal(0, 15, 400) + 90) % 180 - 90
    found = axial_mean(angles, np.ones(400))
    expected = stats.circmean(2 * angles, high=360, low=0) / 2
    assert (found.mean - expected + 90) % 180 - 90 == pytest.approx(0, abs=1e-9)
    assert found.deviation == pytest.approx(stats.circstd(2 * angles, high=360, low=0) / 2)
    assert (found.mean - middle + 90) % 180 - 90 == pytest.approx(0, abs=3)
    assert -90 < found.mean <= 90
    assert found.chance < 1e-6


def test_directions_at_random_seem_aligned_in_5_of_100_cases() -> None:
    rng = np.random.default_rng(2)
    chances = [axial_mean(rng.uniform(-90, 90, 60), np.ones(60)).chance for _ in range(1000)]
    assert np.mean(np.array(chances) < 0.05) == pytest.approx(0.05, abs=0.02)


def test_the_more_alike_directions_are_the_less_it_is_chance() -> None:
    rng = np.random.default_rng(5)
    normal = rng.normal(0, 1, 100)
    chances = [axial_mean(spread * normal, np.ones(100)).chance for spread in (40, 30, 20, 15, 10, 5, 1)]
    assert all(more > less > 0 for more, less in itertools.pairwise(chances))


def test_statistics_and_rose() -> None:
    rng = np.random.default_rng(3)
    angles = np.append((rng.normal(80, 10, 300) + 90) % 180 - 90, [np.nan] * 5)
    found = orientations(table(angles, **{"Feret max": np.ones(305)}), weighting="length", sectors=12)
    values = dict(zip(found.statistics.columns["Statistic"], found.statistics.columns["Value"], strict=True))
    assert values["Number of features"] == 300
    assert values["Circular mean"] == pytest.approx(80, abs=2)
    assert values["Circular standard deviation"] == pytest.approx(10, abs=1.5)
    mean, alignment = found.statistics.results
    assert mean.low < 80 < mean.high
    assert mean.high - mean.low < 12
    assert alignment.low < alignment.value < alignment.high
    assert mean.reasons == ("4 fields of at least 5",)
    bars = found.rose.series[0]
    assert bars.y.sum() == pytest.approx(100)
    assert len(bars.x) == 13
    assert found.rose.y_label == "Share of the length (%)"


def test_the_interval_of_the_mean_over_fields_holds_it() -> None:
    rng, held = np.random.default_rng(9), 0
    for _ in range(1000):
        turned = np.repeat(rng.normal(0, 6, 5), 20)  # features of one field are not independent of each other
        angles = (85 + turned + rng.normal(0, 15, 100) + 90) % 180 - 90
        mean, _ = over_fields(angles, np.ones(100), np.repeat(np.arange(5), 20))
        held += abs((mean.value - 85 + 90) % 180 - 90) <= mean.half_width
    assert 0.93 < held / 1000 < 0.97


def test_no_preferred_direction_and_no_column() -> None:
    even = table(np.linspace(-89, 90, 180))
    said = orientations(even).statistics
    assert any("no preferred direction" in text for text in texts(said.notes))
    assert "no preferred direction" in said.headline
    assert said.results[0].reasons
    with pytest.raises(Problem, match="Feret max"):
        orientations(even, weighting="length")
    assert orientations(table(np.empty(0))).statistics.headline == "no direction"
