"""The number of features per area over fields; oracles are scipy's t interval and Poisson distribution."""

import numpy as np
import pytest
from scipy import stats

from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Table
from graingraph.engine.values.notes import of_kind, texts
from graingraph.nodes.imaging.stereology.number_per_area import number_per_area as of_fields
from graingraph.nodes.report.number_per_area_of_fields import NumberPerAreaOfFields, number_per_area_of_fields


def measured(counts: list[float], area: float = 2.0, unit: str = "mm²") -> NumberPerAreaOfFields:
    units = {"Features": "", "Counted": "", "Field area": unit, "Number per area": f"1/{unit}"}
    tables = {
        f"{k}.png": Table(
            dict(zip(units, (np.array([one]) for one in (count, count, area, count / area)), strict=True)),
            units,
            rows="fields",
        )
        for k, count in enumerate(counts)
    }
    return number_per_area_of_fields(PerImage(tuple(tables), tables.__getitem__))


def statistics(found: NumberPerAreaOfFields) -> dict[str, float]:
    return dict(zip(found.statistics.columns["Statistic"], found.statistics.columns["Value"], strict=True))


def test_many_features_have_the_t_interval_over_fields() -> None:
    counts = np.array([40.0, 46, 41, 48, 44, 42])
    found = measured(counts.tolist())
    low, high = stats.t.interval(0.95, 5, counts.mean() / 2, stats.sem(counts / 2))
    values = statistics(found)
    assert values["Number per area"] == pytest.approx(counts.mean() / 2)
    assert values["Number per area, 95 % CI over fields, from"] == pytest.approx(low)
    assert values["Number per area, 95 % CI over fields, to"] == pytest.approx(high)
    assert not of_kind(found.table.notes, "not reportable")
    assert "6 fields, n = 261" in found.table.headline
    result = found.table.results[0]
    assert (result.quantity, result.value, result.reasons) == ("Number per area", values["Number per area"], ())


def test_few_features_have_poissons_interval_also_in_one_field() -> None:
    found = measured([7.0])
    values = statistics(found)
    low, high = (
        values["Number per area, 95 % CI of a Poisson count, from"] * 2,
        values["Number per area, 95 % CI of a Poisson count, to"] * 2,
    )
    assert stats.poisson.sf(6, low) == pytest.approx(0.025)
    assert stats.poisson.cdf(7, high) == pytest.approx(0.025)
    assert any("Poisson" in text for text in texts(found.table.notes))
    assert "1 field of at least 5" in of_kind(found.table.notes, "not reportable")[0].text


def test_none_found_has_an_upper_end() -> None:
    values = statistics(measured([0.0] * 5))
    assert values["Number per area"] == values["Number per area, 95 % CI of a Poisson count, from"] == 0
    assert values["Number per area, 95 % CI of a Poisson count, to"] * 10 == pytest.approx(-np.log(0.025))


@pytest.mark.parametrize("intensity", [0.5, 4.0, 30.0])
def test_intervals_hold_the_truth(intensity: float) -> None:
    rng, areas = np.random.default_rng(1), np.ones(6)
    found = [of_fields(counts, counts, areas) for counts in rng.poisson(intensity, (1500, 6)).astype(float)]
    assert 0.935 <= np.mean([one.low <= intensity <= one.high for one in found]) <= 0.999


def test_other_tables_are_refused() -> None:
    other = Table({"Area fraction": np.array([3.0])}, {"Area fraction": "%"}, rows="fields")
    with pytest.raises(Problem, match="NumberPerArea"):
        number_per_area_of_fields(PerImage(("a",), lambda name: other))


def test_pixels_are_not_reportable() -> None:
    found = measured([40.0, 41, 39, 40, 42], unit="px²")
    assert "no pixel size" in of_kind(found.table.notes, "not reportable")[0].text
