"""The grain size of several fields; the oracle is the t interval of their values, and E112's equations."""

import numpy as np
import pytest
from scipy import stats

from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, PerImage, Scale, Table
from graingraph.engine.values.notes import texts
from graingraph.nodes.imaging.stereology.stereology import g_from_density, g_from_intercept
from graingraph.nodes.measure.grain_size import grain_size
from graingraph.nodes.report.grain_size_of_fields import grain_size_of_fields
from graingraph.nodes.report.pool import pool

SCALE = Scale(0.5)


def squares(side: int, scale: Scale | None) -> Table:
    """The grain size of a field of square grains."""
    rows, columns = np.mgrid[:600, :600] // side
    labels = (rows * (columns.max() + 1) + columns + 1).astype(np.int32)
    return grain_size(Labels(labels, scale, count=int(labels.max()))).table


def fields(*sides: int, scale: Scale | None = SCALE) -> PerImage[Table]:
    tables = {f"{k}.png": squares(side, scale) for k, side in enumerate(sides)}
    return PerImage(tuple(tables), tables.__getitem__)


def statistics(tables: PerImage[Table]) -> dict[str, float]:
    found = grain_size_of_fields(tables).statistics
    return dict(zip(found.columns["Statistic"], found.columns["Value"], strict=True))


def test_mean_interval_and_g_over_fields_are_those_of_the_fields_values() -> None:
    tables = fields(30, 36, 40, 44, 50)
    table, found = pool(tables), statistics(tables)
    for name, number, unit in (
        ("Mean intercept circles", g_from_intercept, 1000.0),
        ("Mean intercept lines", g_from_intercept, 1000.0),
        ("Grains per area", g_from_density, 1.0),
    ):
        values = table.columns[name]
        low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
        assert found[name] == pytest.approx(values.mean())
        assert found[f"{name}, 95 % CI (±)"] == pytest.approx((high - low) / 2)
        method = name.removeprefix("Mean intercept ") if "intercept" in name else "planimetric"
        assert found[f"Relative accuracy {method}"] == pytest.approx(50 * (high - low) / values.mean())
        assert found[f"G {method}"] == pytest.approx(number(values.mean() / unit))
    assert found["Number of fields"] == 5


def test_the_headline_names_g_and_remarks_of_single_fields_make_way() -> None:
    table = grain_size_of_fields(fields(90, 100, 90, 100, 95)).table
    assert table.headline.startswith("ASTM grain size number G ")
    assert "5 fields" in table.headline
    assert table.count == 5
    assert not any("measure more fields" in note for note in texts(table.notes))
    few = grain_size_of_fields(fields(60, 150)).table
    assert any("Only 2 fields" in note for note in texts(few.notes))
    assert any("All fields together reach" in note for note in texts(few.notes))


def test_one_field_keeps_its_own_interval_and_pixels_give_no_g() -> None:
    found, one = statistics(fields(40)), squares(40, SCALE)
    assert found["Mean intercept circles, 95 % CI (±)"] == pytest.approx(
        one.columns["Mean intercept circles 95 % CI"][0]
    )
    table = grain_size_of_fields(fields(40, 44, scale=None)).table
    assert table.headline.startswith("mean intercept")
    assert "px by circles (2 fields)" in table.headline


def test_other_tables_are_refused() -> None:
    with pytest.raises(Problem, match="GrainSize"):
        grain_size_of_fields(PerImage(("a",), lambda name: Table({"Area": np.ones(3)}, {"Area": "µm²"})))
