"""Phase fractions over fields; the oracles are ASTM E562's equations and discs thrown at random."""

import numpy as np
import pytest
from scipy import stats

from graingraph.app.samples import phantoms
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Mask, PerImage, PixelClass, Scale, Table
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.measure.area_fraction import area_fraction
from graingraph.nodes.report.area_fraction_of_fields import AreaFractionOfFields, area_fraction_of_fields

SCALE = Scale(0.5)
PERCENT = (22, 26, 24, 29, 21, 25, 27, 23)
"""Points of a grid of 100 that hit, in eight fields."""


def over(found: list[Table]) -> AreaFractionOfFields:
    tables = {f"{k}.png": table for k, table in enumerate(found)}
    return area_fraction_of_fields(PerImage(tuple(tables), tables.__getitem__))


def statistics(found: AreaFractionOfFields) -> dict[str, float]:
    return dict(zip(found.statistics.columns["Statistic"], found.statistics.columns["Value"], strict=True))


def with_hits(hits: int) -> Table:
    """A field in which so many of the 100 points of a grid lie in the phase."""
    blocks = (np.arange(100) < hits).reshape(10, 10)
    return area_fraction(Mask(np.kron(blocks, np.ones((10, 10), bool)), SCALE), counting="point grid")


def test_a_worked_example_of_e562() -> None:
    """Mean 24.625 %, s 2.669 %, t 2.365, 95 % CI ± 2.232 %, %RA 9.06 %, 7 fields for 10 %."""
    found = over([with_hits(hits) for hits in PERCENT])
    values, share = statistics(found), np.array(PERCENT, float)
    half = stats.t.ppf(0.975, 7) * share.std(ddof=1) / np.sqrt(8)
    assert (share.mean(), share.std(ddof=1), half) == pytest.approx((24.625, 2.669, 2.232), abs=5e-4)
    assert values["Area fraction"] == pytest.approx(24.625)
    assert values["Area fraction, standard deviation of fields"] == pytest.approx(share.std(ddof=1))
    assert values["Area fraction, relative accuracy"] == pytest.approx(100 * half / share.mean(), rel=0.01)
    assert values["Area fraction, fields needed for 10 %"] == 7
    assert values["Area fraction, 95 % CI over fields, from"] == pytest.approx(share.mean() - half, abs=0.15)
    assert values["Area fraction, 95 % CI over fields, to"] == pytest.approx(share.mean() + half, abs=0.15)
    assert not of_kind(found.table.notes, "not reportable")
    results = {one.quantity: one for one in found.table.results}
    assert (results["Area fraction"].low, results["Area fraction"].reasons) == (
        values["Area fraction, 95 % CI over fields, from"],
        (),
    )
    assert results["Mean free path"].unit == "µm"


def test_free_path_and_chord_are_those_of_all_fields_together() -> None:
    rng, diameter, share = np.random.default_rng(2), 16.0, 0.2
    shapes = [(300, 300)] * 6 + [(500, 600)] * 4
    tables = [area_fraction(Mask(phantoms.boolean_discs(share, diameter, shape, rng), SCALE)) for shape in shapes]
    found, values = over(tables), statistics(over(tables))
    intensity = -np.log1p(-share) / (np.pi * diameter**2 / 4)
    assert values["Mean free path"] == pytest.approx(SCALE.um_per_px / (intensity * diameter), rel=0.08)
    for quantity, part in (
        ("Mean free path", 1 - values["Area fraction"] / 100),
        ("Mean chord", values["Area fraction"] / 100),
    ):
        assert values[quantity] == pytest.approx(1000 * part / values["Intercepts per length"])
        assert 0 < values[f"{quantity}, 95 % CI over fields (±)"] < 0.3 * values[quantity]
    units = dict(zip(found.statistics.columns["Statistic"], found.statistics.columns["Unit"], strict=True))
    assert (units["Mean free path"], units["Intercepts per length"]) == ("µm", "1/mm")


def test_intervals_of_the_free_path_hold_the_truth() -> None:
    rng, diameter, share = np.random.default_rng(4), 8.0, 0.2
    truth = np.pi * diameter / (4 * -np.log1p(-share))
    rows = [area_fraction(Mask(phantoms.boolean_discs(share, diameter, (160, 160), rng))) for _ in range(120)]
    pooled = statistics(over(rows))
    assert pooled["Mean free path"] == pytest.approx(truth, rel=0.03)
    drawn = [statistics(over([rows[k] for k in rng.choice(120, 6)])) for _ in range(200)]
    held = [
        abs(one["Mean free path"] - pooled["Mean free path"]) <= one["Mean free path, 95 % CI over fields (±)"]
        for one in drawn
    ]
    assert 0.9 <= np.mean(held) <= 1


def test_each_class_is_judged_by_itself_and_pixels_are_told() -> None:
    classes = (PixelClass("ferrite"), PixelClass("pearlite"))
    pixels = [(np.arange(2500).reshape(50, 50) % 50 < edge).astype(np.uint8) for edge in (4, 5, 6, 4, 5)]
    found = over([area_fraction(ClassMap(one, classes=classes)) for one in pixels])
    reasons = [note.text for note in of_kind(found.table.notes, "not reportable")]
    assert any(reason.startswith("pearlite: the relative accuracy") for reason in reasons)
    assert not any("ferrite" in reason for reason in reasons)
    assert any("no pixel size" in reason for reason in reasons)


def test_one_field_has_no_interval() -> None:
    found = over([with_hits(30)])
    assert np.isnan(statistics(found)["Area fraction, relative accuracy"])
    assert "1 field of at least 5" in of_kind(found.table.notes, "not reportable")[0].text


def test_other_tables_are_refused() -> None:
    with pytest.raises(Problem, match="AreaFraction"):
        over([Table({"Grains": np.array([3.0])}, {"Grains": ""}, rows="fields")])
