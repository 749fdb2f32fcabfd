"""Distribution against NumPy and SciPy on the same numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from graingraph.engine.problem import Problem
from graingraph.engine.values import MeasuredField, Scale, Table
from graingraph.engine.values.notes import of_kind, texts
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.imaging.stereology.statistics import percentile
from graingraph.nodes.report.distribution import distribution

numbers = st.lists(st.floats(0.1, 1e4), min_size=2, max_size=60)


def table(values, images=None, areas=None, rows="features"):
    frame = pd.DataFrame({"Label": range(len(values)), "Perimeter": 1.0, "Equivalent diameter": values})
    if images is not None:
        frame.insert(0, "Image", images)
    if areas is not None:
        frame["Area"] = areas
    return Table.of_frame(frame, {"Equivalent diameter": "µm", "Area": "µm²"}, rows=rows)


def read(result):
    return dict(zip(result.statistics.frame["Statistic"], result.statistics.frame["Value"], strict=True))


@settings(max_examples=50)
@given(numbers)
def test_statistics_of_all_features(values):
    found = read(distribution(table(values)))
    assert found["Number of features"] == len(values)
    assert found["Mean"] == pytest.approx(np.mean(values))
    assert found["Standard deviation of features"] == pytest.approx(np.std(values, ddof=1), abs=1e-9)
    for name, percent in (("10th percentile", 10), ("25th percentile", 25), ("Median", 50), ("90th percentile", 90)):
        assert found[name] == pytest.approx(np.percentile(values, percent))
    assert (found["Minimum"], found["Maximum"]) == (min(values), max(values))
    assert np.isnan(found["95 % CI of the mean over fields, from"]), "one field tells nothing about others"


def interval(found):
    return found["95 % CI of the mean over fields, from"], found["95 % CI of the mean over fields, to"]


def test_interval_over_fields_of_one_size_is_that_of_the_field_means():
    rng = np.random.default_rng(1)
    images = np.repeat(["a", "b", "c"], 40)
    values = rng.lognormal(3, 0.3, 120) + np.repeat([0, 2, 5], 40)
    result = distribution(table(values, images))
    means = [values[images == name].mean() for name in "abc"]
    found = read(result)
    assert found["Number of fields"] == 3
    assert found["Mean"] == pytest.approx(np.mean(means))
    low, high = stats.t.interval(0.95, 2, np.mean(means), stats.sem(means))
    assert interval(found) == pytest.approx((low, high))
    assert found["Relative accuracy over fields"] == pytest.approx(100 * (high - low) / 2 / np.mean(means))
    assert found["Standard deviation of field means"] == pytest.approx(np.std(means, ddof=1))
    assert "95 % CI over 3 fields, n = 120" in result.statistics.headline


def test_unequal_fields_count_by_their_features():
    values, images = np.array([1.0, 1, 1, 4, 4, 5, 5]), list("aaabbcc")
    assert read(distribution(table(values, images)))["Mean"] == pytest.approx(values.mean())


def fractions(percent, areas=None, unit="%"):
    frame = pd.DataFrame({"Image": [f"{k}" for k in range(len(percent))], "Area fraction": percent})
    if areas is not None:
        frame["Analysed area"] = areas
    return Table.of_frame(frame, {"Area fraction": unit, "Analysed area": "µm²"}, rows="fields")


def test_a_table_of_fields_has_the_interval_of_its_rows():
    values = [10.0, 12, 11, 9, 13]
    found = read(distribution(fractions(values, unit="µm")))
    assert found["Number of fields"] == 5
    assert interval(found) == pytest.approx(stats.t.interval(0.95, 4, 11, stats.sem(values)))
    result = distribution(fractions(values))
    assert interval(read(result)) == pytest.approx((9.2, 13.1), abs=0.1)
    assert [note.kind for note in result.statistics.notes] == ["not reportable"], "its relative accuracy is 18 %"
    assert "mean 11 %, 95 % CI 9.2 to 13.1 % (5 fields)" in result.statistics.headline


def test_the_interval_of_a_small_share_stays_above_0():
    found = read(distribution(fractions([0.0, 0.1, 0.0, 1.2, 0.1])))
    low, high = interval(found)
    assert 0 < low < found["Mean"] < high < 100


def test_shares_of_unequal_fields_count_by_their_area():
    assert read(distribution(fractions([10.0, 20, 60], [1.0, 1, 2])))["Mean"] == pytest.approx(37.5)


def test_edge_weights_count_and_the_mean_without_them_is_named():
    given = table([1.0, 2, 4, 1, 2, 4], list("aaabbb"))
    weighted = Table({**given.columns, EDGE_WEIGHT: np.array([1.0, 1, 2, 1, 1, 2])}, given.units)
    result = distribution(weighted)
    found = read(result)
    assert found["Mean"] == pytest.approx(11 / 4)
    assert found["Mean without edge weights"] == pytest.approx(7 / 3)
    assert found["Median"] > 2
    assert "edge-weighted mean" in result.statistics.headline
    said = " ".join(texts(result.statistics.notes))
    assert "weighs the others" in said
    assert "2.3" not in said, "which must not be reported"
    assert result.plot.series[0].y.sum() == 8
    assert "edge-weighted" in result.plot.y_label
    assert "Mean without edge weights" not in read(distribution(given))


def test_area_weighting_counts_each_feature_by_its_area():
    values, areas = [10.0, 20.0, 40.0], [1.0, 1.0, 2.0]
    result = distribution(table(values, areas=areas), weighting="area", bins="fixed", count=3)
    assert read(result)["Mean"] == pytest.approx((10 + 20 + 80) / 4)
    assert result.plot.series[0].y.sum() == pytest.approx(100)
    assert result.plot.series[0].y.tolist() == [25, 25, 50]
    with pytest.raises(Problem, match="column 'Area'"):
        distribution(table(values), weighting="area")


@given(numbers, st.floats(0, 100))
def test_equal_weights_give_a_percentile_within_its_neighbours(values, percent):
    array = np.array(values)
    weighted = percentile(array, percent, np.ones(array.size))
    low = np.percentile(array, max(0, percent - 100 / array.size), method="lower")
    high = np.percentile(array, min(100, percent + 100 / array.size), method="higher")
    assert low - 1e-9 <= weighted <= high + 1e-9


@given(numbers, st.sampled_from(["automatic", "fixed"]), st.integers(1, 40))
def test_every_feature_falls_into_one_bar(values, bins, count):
    bars = distribution(table(values), bins=bins, count=count).plot.series[0]
    assert bars.y.sum() == len(values)
    assert bars.x.size == bars.y.size + 1
    assert (np.diff(bars.x) > 0).all()
    assert bins == "automatic" or bars.y.size == count or np.ptp(values) <= 1e-9 * max(values)


def test_values_that_differ_by_rounding_share_one_bar():
    bars = distribution(table([0.1, 0.10000000000000002])).plot.series[0]
    assert bars.y.tolist() == [2.0]
    assert bars.x[0] < 0.1 < bars.x[1]


def test_axes_carry_the_unit():
    plot = distribution(table([1.0, 2.0])).plot
    assert plot.x_label == "Equivalent diameter (µm)"
    assert plot.y_label == "Number of features"


def test_missing_values_are_left_out_and_counted():
    result = distribution(table([1.0, np.nan, 3.0]))
    assert read(result)["Mean"] == 2
    assert any("1 row has no value" in note for note in texts(result.statistics.notes))


def test_single_and_no_feature():
    one = distribution(table([5.0]))
    assert read(one)["Mean"] == 5
    assert np.isnan(interval(read(one))[0])
    none = distribution(table([]))
    assert read(none)["Number of features"] == 0
    assert np.isnan(read(none)["Mean"])
    assert none.plot.series == ()
    assert none.statistics.headline == "no feature"


def test_unknown_column_names_those_there_are():
    with pytest.raises(Problem, match="choose one of Perimeter, Equivalent diameter"):
        distribution(table([1.0]), column="Diameter")
    with pytest.raises(Problem, match="no column of numbers, so"):
        distribution(Table.of_frame(pd.DataFrame({"Image": ["a"]}), {}))


def test_the_statistics_name_the_quantity_that_they_are_of():
    statistics = distribution(table([1.0, 2.0]), column="Perimeter").statistics
    assert set(statistics.frame["Quantity"]) == {"Perimeter"}


def test_digits_follow_the_uncertainty_and_the_unit_is_named():
    headline = distribution(table([11800.0, 11840.0, 11820.0], list("abc"))).statistics.headline
    assert headline == "Equivalent diameter: mean 11820 ± 50 µm (95 % CI over 3 fields, n = 3)"
    headline = distribution(table([8.0, 9.5, 8.654], list("abc"))).statistics.headline
    assert "mean 8.7 ± 1.9 µm" in headline
    one = distribution(table([11800.0, 11840.0, 11820.0])).statistics.headline
    assert one == "Equivalent diameter: mean 11820 µm, standard deviation 20 µm (1 field, n = 3)"


def test_a_mean_over_few_fields_of_poor_accuracy_or_in_pixels_is_not_reportable():
    given = table([8.0, 9.5, 8.654], list("abc"))
    why = of_kind(distribution(given).statistics.notes, "not reportable")[0].text
    assert why == "3 fields of at least 5; the relative accuracy is 21 %, not 10 % or better."
    good = table([8.0, 8.1, 8.2, 8.1, 8.0] * 12, list("abcde") * 12)
    assert not of_kind(distribution(good).statistics.notes, "not reportable")
    pixels = Table(good.columns, {"Equivalent diameter": "px"})
    assert "no pixel size" in of_kind(distribution(pixels).statistics.notes, "not reportable")[0].text


def test_the_shape_of_features_of_a_few_pixels_is_not_reportable():
    def told(size: float, unit: str, column: str) -> str:
        numbers = np.tile(np.linspace(0.98, 1.02, 20), 8)
        columns = {"Image": np.repeat(np.array([f"{k}.png" for k in range(8)], object), 20)}
        columns |= {"Equivalent diameter": np.full(160, size), "Roundness": numbers, "Aspect ratio": numbers}
        measured = Table(columns, {"Equivalent diameter": unit}, fields=(MeasuredField(100, 100, Scale(0.5)),))
        return " ".join(texts(distribution(measured, column=column).statistics.notes))

    assert "under 10 px across" in told(8.0, "px", "Roundness")
    assert "under 10 px across" in told(4.0, "µm", "Roundness")
    assert "under 10 px" not in told(6.0, "µm", "Roundness")
    assert "under 10 px" not in told(4.0, "µm", "Aspect ratio")
