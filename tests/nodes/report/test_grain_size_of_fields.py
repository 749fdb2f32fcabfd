"""The grain size of several fields; the oracle is the t interval of their values, and E112's equations."""

import numpy as np
import pytest
from scipy import stats

from graingraph.app.samples import phantoms
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, PerImage, Scale, Table
from graingraph.engine.values.notes import of_kind, texts
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


def test_fields_of_one_size_give_the_mean_and_the_t_interval_of_grains_per_area() -> None:
    tables = fields(30, 36, 40, 44, 50)
    found, values = statistics(tables), pool(tables).columns["Grains per area"]
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert found["Grains per area"] == pytest.approx(values.mean())
    assert found["Grains per area, 95 % CI over fields (±)"] == pytest.approx((high - low) / 2)
    assert found["Grains per area, standard deviation of fields"] == pytest.approx(values.std(ddof=1))
    assert found["Relative accuracy planimetric"] == pytest.approx(50 * (high - low) / values.mean())
    assert found["G planimetric"] == pytest.approx(g_from_density(values.mean()))
    needed = (stats.t.ppf(0.975, 4) * values.std(ddof=1) / (0.1 * values.mean())) ** 2
    assert found["Fields needed for 10 % planimetric"] == np.ceil(needed)
    assert found["Number of fields"] == 5


def test_mean_intercept_is_all_test_lines_on_all_crossings() -> None:
    tables = fields(30, 36, 40, 44, 50)
    found, rows = statistics(tables), pool(tables).columns
    for method in ("circles", "lines"):
        crossings = rows[f"Test line {method}"] * 1000 / rows[f"Mean intercept {method}"]
        mean = rows[f"Test line {method}"].sum() * 1000 / crossings.sum()
        assert found[f"Mean intercept {method}"] == pytest.approx(mean)
        assert found[f"G {method}"] == pytest.approx(g_from_intercept(mean / 1000))


def test_a_field_without_a_crossing_enters_with_its_lines_and_is_named() -> None:
    with_empty, without = fields(30, 36, 40, 44, 50, 600), fields(30, 36, 40, 44, 50)
    longer = statistics(with_empty)["Mean intercept circles"] / statistics(without)["Mean intercept circles"]
    assert longer == pytest.approx(6 / 5)
    assert any("1 field has no crossing" in note for note in texts(grain_size_of_fields(with_empty).table.notes))


def test_the_headline_names_g_and_the_interval_is_over_fields() -> None:
    table = grain_size_of_fields(fields(30, 31, 30, 32, 30)).table
    assert table.headline.startswith("ASTM grain size number G ")
    assert table.headline.endswith("by circles (95 % CI over 5 fields)")
    assert table.count == 5
    assert not any("of at least" in note or "accuracy" in note for note in texts(table.notes))
    few = grain_size_of_fields(fields(60, 150)).table
    reason = of_kind(few.notes, "not reportable")[0].text
    assert "2 fields of at least 5" in reason
    assert "relative accuracy" in reason


def test_one_field_has_no_interval_and_pixels_give_no_g() -> None:
    found = statistics(fields(40))
    assert np.isnan(found["Mean intercept circles, 95 % CI over fields (±)"])
    assert "±" not in grain_size_of_fields(fields(40)).table.headline
    table = grain_size_of_fields(fields(40, 44, scale=None)).table
    assert table.headline.startswith("mean intercept")
    assert "px by circles (95 % CI over 2 fields)" in table.headline


def test_other_tables_are_refused() -> None:
    with pytest.raises(Problem, match="GrainSize"):
        grain_size_of_fields(PerImage(("a",), lambda name: Table({"Area": np.ones(3)}, {"Area": "µm²"})))


def test_one_image_twice_is_not_five_fields() -> None:
    """A grey level changed here and there gives other file contents and the same grains."""
    rng = np.random.default_rng(0)
    sections = [phantoms.voronoi_section(14, (220, 220), rng) for _ in range(5)]
    touched = sections[1].copy()
    touched[:, 110:112] = touched[:, 109:110]

    def found(pixels: list[np.ndarray]) -> list[str]:
        tables = {f"{k}.png": grain_size(Labels(p, SCALE, count=int(p.max()))).table for k, p in enumerate(pixels)}
        notes = grain_size_of_fields(PerImage(tuple(tables), tables.__getitem__)).table.notes
        return [note.text for note in of_kind(notes, "not reportable") if "one image twice" in note.text]

    assert not found(sections)
    assert "1.png and 5.png are one image twice" in found([*sections, touched])[0]
