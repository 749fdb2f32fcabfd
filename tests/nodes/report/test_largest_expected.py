import numpy as np
import pytest
from scipy.stats import gumbel_r

from graingraph.engine.problem import Problem
from graingraph.engine.values import MeasuredField, PerImage, Scale, Table
from graingraph.nodes.imaging.stereology.extremes import expected_largest, gumbel
from graingraph.nodes.report.largest_expected import largest_expected

MICRON = Scale(1.0)


def tables(largest: np.ndarray, side: int = 1000, scale: Scale | None = MICRON) -> PerImage[Table]:
    """Fields of 1 mm² with three features each, of which the last is the largest."""
    found = {
        f"{k:02}.png": Table(
            {"Label": np.arange(1, 4), "Feret max": value * np.array([0.3, 0.6, 1.0])},
            {"Feret max": "µm" if scale else "px"},
            fields=(MeasuredField(side, side, scale, 3, 0),),
        )
        for k, value in enumerate(largest)
    }
    return PerImage(tuple(found), found.__getitem__)


def test_the_fit_is_scipys():
    largest = gumbel_r.rvs(20, 4, size=24, random_state=1)
    location, scale = gumbel(largest)
    expected = gumbel_r.fit(largest)
    assert location == pytest.approx(expected[0], rel=1e-4)
    assert scale == pytest.approx(expected[1], rel=1e-4)
    assert gumbel(np.full(5, 3.0)) == (3.0, 0.0)


@pytest.mark.parametrize("fields", [24, 60])
def test_the_interval_holds_the_truth(fields):
    truth, held = gumbel_r.ppf(1 - 1 / 1000, 20, 4), 0
    for seed in range(300):
        x, half = expected_largest(*gumbel(gumbel_r.rvs(20, 4, size=fields, random_state=seed)), fields, 1000)
        held += abs(x - truth) <= half
    assert 0.91 <= held / 300 <= 0.98


def test_the_largest_in_a_thousand_fields():
    largest = gumbel_r.rvs(20, 4, size=30, random_state=2)
    found = largest_expected(tables(largest), area=1000.0)
    (result,) = found.statistics.results
    assert result.value == pytest.approx(expected_largest(*gumbel(largest), 30, 1000)[0])
    assert not result.reasons
    assert result.unit == "µm"
    np.testing.assert_array_equal(found.table.columns["Feret max"], largest)
    assert len(found.plot.series) == 2


def test_what_is_not_reportable():
    largest = gumbel_r.rvs(20, 4, size=10, random_state=2)
    few = largest_expected(tables(largest, scale=None))
    assert {"there is no pixel size", "10 fields of at least 24"} <= set(few.statistics.results[0].reasons)
    assert np.isnan(few.statistics.results[0].value)
    with pytest.raises(Problem, match="no column"):
        largest_expected(tables(largest), column="Area")
