import numpy as np
import pytest

from graingraph.app.samples.phantoms import sphere_sections
from graingraph.engine.problem import Problem
from graingraph.engine.values import MeasuredField, PerImage, Scale, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.imaging.stereology.unfolding import bootstrapped, jackknifed, mean_diameter, saltykov
from graingraph.nodes.report.size_in_space import size_in_space

SIDE = 1000


def tables(fields: int, median: float, sigma: float, per_volume: float, rng: np.random.Generator, unit: str = "µm"):
    found = {}
    for k in range(fields):
        diameters = sphere_sections(per_volume, median, sigma, (SIDE, SIDE), rng)
        columns = {
            "Label": np.arange(1, len(diameters) + 1),
            "Equivalent diameter": diameters,
            EDGE_WEIGHT: np.ones(len(diameters)),
        }
        scale = Scale(1.0) if unit == "µm" else None
        found[f"{k}.png"] = Table(
            columns, {"Equivalent diameter": unit}, fields=(MeasuredField(SIDE, SIDE, scale, len(diameters), 0),)
        )
    return PerImage(tuple(found), found.__getitem__)


def value(table: Table, name: str) -> float:
    return float(table.columns["Value"][table.columns["Statistic"] == name][0])


def test_log_normal_spheres_are_found_again():
    rng = np.random.default_rng(1)
    median, sigma, per_volume = 30.0, 0.3, 2e-5
    found = size_in_space(tables(20, median, sigma, per_volume, rng)).statistics
    assert value(found, "Mean diameter in space") == pytest.approx(median * np.exp(sigma**2 / 2), rel=0.02)
    assert value(found, "Geometric standard deviation in space") == pytest.approx(np.exp(sigma), rel=0.03)
    assert value(found, "Number per volume") == pytest.approx(per_volume * 1e9, rel=0.04)
    (size, density) = found.results
    assert not size.reasons
    assert (size.unit, density.unit) == ("µm", "1/mm³")


def test_equal_spheres_lie_in_one_class_of_saltykov():
    edges = np.linspace(0, 10, 11)
    exact = np.sqrt(9.5**2 - np.minimum(edges, 9.5) ** 2)
    per_volume = saltykov(exact[:-1] - exact[1:], edges)
    np.testing.assert_allclose(per_volume, np.eye(10)[9], atol=1e-9)


def test_classes_add_up_to_the_number_per_volume():
    rng = np.random.default_rng(2)
    classes = size_in_space(tables(10, 30.0, 0.25, 2e-5, rng), classes=12).classes
    assert classes.units["Number per volume"] == "1/mm³"
    assert classes.columns["Number per volume"].sum() == pytest.approx(2e4, rel=0.1)
    middle = (classes.columns["Diameter from"] + classes.columns["Diameter to"]) / 2
    mean = np.average(middle, weights=classes.columns["Number per volume"])
    assert mean == pytest.approx(30 * np.exp(0.25**2 / 2), rel=0.05)


@pytest.mark.parametrize("fields", [5, 20])
def test_the_interval_over_fields_covers(fields):
    rng = np.random.default_rng(fields)
    truth, held, rounds = 30 * np.exp(0.3**2 / 2), 0, 300
    for _ in range(rounds):
        totals = []
        for _ in range(fields):
            d = sphere_sections(2e-6, 30.0, 0.3, (SIDE, SIDE), rng)
            totals.append([len(d), d.sum(), (d**2).sum()])
        found = jackknifed(np.array(totals), lambda t: mean_diameter(t[1] / t[0], t[2] / t[0]))
        held += found.low <= truth <= found.high
    assert 0.91 <= held / rounds <= 0.985


def test_no_scale_and_few_fields_are_not_reportable():
    rng = np.random.default_rng(3)
    found = size_in_space(tables(3, 30.0, 0.3, 1e-6, rng, unit="px")).statistics
    assert {"there is no pixel size", "3 fields of at least 5"} <= set(found.results[0].reasons)
    assert any("classes are uncertain" in note.text for note in found.notes)


def test_tables_without_diameters():
    table = Table({"Area": np.ones(3)}, {"Area": "µm²"}, fields=(MeasuredField(9, 9, None, 3, 0),))
    with pytest.raises(Problem, match="equivalent diameter"):
        size_in_space(PerImage(("a.png",), lambda name: table))


def test_the_band_of_the_classes_covers_and_is_always_the_same():
    rng = np.random.default_rng(8)
    edges, area = np.linspace(0, 90, 11), float(SIDE * SIDE)
    many = sphere_sections(200 * 2e-6, 30.0, 0.3, (SIDE, SIDE), rng)
    truth = saltykov(np.histogram(many, edges)[0] / (200 * area), edges)
    held, known = 0, 0
    for _ in range(60):
        fields = [sphere_sections(2e-6, 30.0, 0.3, (SIDE, SIDE), rng) for _ in range(6)]
        sections = np.array([np.histogram(one, edges)[0] for one in fields], float)
        low, high = bootstrapped(sections, np.full(6, area), edges)
        held += np.count_nonzero((low <= truth) & (truth <= high))
        known += np.count_nonzero(np.isfinite(low))
    np.testing.assert_array_equal(bootstrapped(sections, np.full(6, area), edges), (low, high))
    assert known > 300
    assert 0.88 <= held / known <= 0.98


def test_a_band_takes_five_fields_and_sections_in_the_class():
    rng = np.random.default_rng(9)
    few = size_in_space(tables(4, 30.0, 0.3, 2e-5, rng)).classes
    assert np.isnan(few.columns["95 % band, from"]).all()
    assert "no band" in few.notes[0].text
    found = size_in_space(tables(6, 30.0, 0.3, 2e-5, rng))
    low, high, value = (
        found.classes.columns[name] for name in ("95 % band, from", "95 % band, to", "Number per volume")
    )
    known = np.isfinite(low)
    assert known.any()
    assert not known.all()  # the largest sections are rare
    assert ((low <= value) & (value <= high))[known].all()
    assert {"95 % band by classes, from", "95 % band by classes, to"} <= {one.name for one in found.plot.series}
