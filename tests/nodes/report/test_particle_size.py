"""Particle sizes of log-normal sets, whose quantiles by number, area and volume are known (Hatch and Choate 1929)."""

import numpy as np
import pytest
from scipy import stats

from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale, Table
from graingraph.engine.values.measured_field import MeasuredField
from graingraph.engine.values.notes import of_kind, texts
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.report.particle_size import particle_size
from graingraph.nodes.tables import particle_size as parts

MEDIAN, DEVIATION = 8.0, 1.5


def table(rng: np.random.Generator, fields: int, each: int, between: float = 0.0, unit: str = "µm") -> Table:
    """So many fields of log-normal particles, whose median differs between fields by this share."""
    names = np.repeat(np.array([f"{k}.png" for k in range(fields)], object), each)
    level = np.repeat(rng.normal(0, between, fields), each)
    sizes = MEDIAN * np.exp(level + np.log(DEVIATION) * rng.standard_normal(fields * each))
    return Table({"Image": names, "Equivalent diameter": sizes}, {"Equivalent diameter": unit})


def truth(percent: float, power: int) -> float:
    spread = np.log(DEVIATION)
    return MEDIAN * float(np.exp(power * spread**2 + stats.norm.ppf(percent / 100) * spread))


def test_quantiles_by_number_area_and_volume() -> None:
    found = particle_size(table(np.random.default_rng(1), 10, 4000))
    results = {one.quantity: one for one in found.statistics.results}
    for by, power in (("number", 0), ("area", 2), ("volume", 3)):
        for percent in (10, 50, 90):
            one = results[f"D{percent} by {by}"]
            assert one.value == pytest.approx(truth(percent, power), rel=0.02)
            assert one.low <= one.value <= one.high
    spread = np.log(DEVIATION)
    assert results["Sauter diameter D[3,2]"].value == pytest.approx(MEDIAN * np.exp(2.5 * spread**2), rel=0.02)
    assert results["Volume mean diameter D[4,3]"].value == pytest.approx(MEDIAN * np.exp(3.5 * spread**2), rel=0.03)
    assert found.statistics.headline.startswith("D50 by volume")
    assert "10 fields, n = 40000" in found.statistics.headline


@pytest.mark.parametrize(("by", "power"), [("number", 0), ("area", 2)])
def test_intervals_hold_the_truth(by: str, power: int) -> None:
    """Fields differ, so that what all fields together tend to is taken for the truth."""
    rng = np.random.default_rng(2)
    spread, between = np.log(DEVIATION), 0.08
    both = np.hypot(spread, between)
    expected = MEDIAN * np.exp(power * both**2)
    found = [
        parts.quantile(parts.sizes_of(table(rng, 8, 60, between), "Equivalent diameter"), 50, by) for _ in range(400)
    ]
    assert 0.92 <= np.mean([one.low <= expected <= one.high for one in found]) <= 0.985


def test_the_fit_and_its_test() -> None:
    rng = np.random.default_rng(3)
    fits = [parts.fit(parts.sizes_of(table(rng, 1, 80), "Equivalent diameter")) for _ in range(500)]
    assert np.mean([one.median for one in fits]) == pytest.approx(MEDIAN, rel=0.01)
    assert np.mean([one.deviation for one in fits]) == pytest.approx(DEVIATION, rel=0.01)
    assert np.mean([one.probability < 0.05 for one in fits]) == pytest.approx(0.05, abs=0.03)
    even = Table({"Equivalent diameter": rng.uniform(1, 20, 300)}, {"Equivalent diameter": "µm"})
    assert parts.fit(parts.sizes_of(even, "Equivalent diameter")).probability < 0.001
    assert any("not log-normal" in text for text in texts(particle_size(even).statistics.notes))


def test_the_statistic_is_that_of_scipy() -> None:
    values = np.random.default_rng(4).normal(3, 2, 60)
    expected = stats.anderson(values, "norm", method="interpolate").statistic
    assert parts.anderson_darling(values) == pytest.approx(expected * (1 + 0.75 / 60 + 2.25 / 60**2))


def test_the_curve_and_its_fit() -> None:
    plot = particle_size(table(np.random.default_rng(5), 5, 2000), curve="area").plot
    measured, fitted = plot.series
    assert (plot.x_label, plot.y_label) == ("Equivalent diameter (µm)", "Share below (% by area)")
    assert measured.y[-1] == pytest.approx(100)
    assert np.interp(fitted.x, measured.x, measured.y) == pytest.approx(fitted.y, abs=3)


def test_edge_weights_count() -> None:
    sizes = Table(
        {"Equivalent diameter": np.array([1.0, 2, 3]), EDGE_WEIGHT: np.array([1.0, 1, 8])},
        {"Equivalent diameter": "µm"},
    )
    assert parts.quantile(parts.sizes_of(sizes, "Equivalent diameter"), 50, "number").value > 2.5


def test_pixels_and_one_field_are_not_reportable() -> None:
    found = particle_size(table(np.random.default_rng(6), 1, 100, unit="px"))
    reasons = of_kind(found.statistics.notes, "not reportable")[0].text
    assert "there is no pixel size" in reasons
    assert "1 field of at least 5" in reasons


@pytest.mark.parametrize(("um_per_px", "refused"), [(0.1, set()), (2.0, {"D10 by number", "D50 by number"})])
def test_sizes_that_hang_on_particles_of_few_pixels_are_not_reportable(um_per_px: float, refused: set[str]) -> None:
    """Nine small particles to one large: all the number, and none of the volume."""
    rng = np.random.default_rng(8)
    sizes = np.where(np.arange(4000) % 10 == 0, 60.0, 10.0) * np.exp(0.2 * rng.standard_normal(4000))
    names = np.array([f"{k % 8}.png" for k in range(4000)], object)
    fields = tuple(MeasuredField(500, 500, Scale(um_per_px), image=f"{k}.png") for k in range(8))
    features = Table({"Image": names, "Equivalent diameter": sizes}, {"Equivalent diameter": "µm"}, fields=fields)
    answer = particle_size(features).statistics
    assert any("not log-normal" in text for text in texts(answer.notes))
    small = {one.quantity for one in answer.results if any("under 10 px across" in why for why in one.reasons)}
    assert small >= refused if refused else not small
    assert "D50 by volume" not in small


def test_other_tables_are_refused_and_none_is_no_particle() -> None:
    with pytest.raises(Problem, match="its lengths are Equivalent diameter"):
        particle_size(table(np.random.default_rng(7), 2, 9), column="Feret max")
    empty = Table({"Image": np.empty(0, object), "Equivalent diameter": np.empty(0)}, {"Equivalent diameter": "µm"})
    assert particle_size(empty).statistics.headline == "no particle"
