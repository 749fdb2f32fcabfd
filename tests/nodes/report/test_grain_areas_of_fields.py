import numpy as np
import pytest

from graingraph.app.samples.phantoms import grains_per_area, voronoi_section
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, MeasuredField, PerImage, Scale, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.imaging.stereology.stereology import g_from_density
from graingraph.nodes.measure.grain_areas import grain_areas
from graingraph.nodes.report.duplex_grains import duplex_grains
from graingraph.nodes.report.grain_areas_of_fields import grain_areas_of_fields


def per_image(tables: list[Table]) -> PerImage[Table]:
    found = {f"{k}.png": table for k, table in enumerate(tables)}
    return PerImage(tuple(found), found.__getitem__)


@pytest.fixture(scope="module")
def sections() -> list[Labels]:
    rng = np.random.default_rng(4)
    found = [voronoi_section(20, (400, 400), rng) for _ in range(6)]
    return [Labels(one, Scale(0.5), count=int(one.max())) for one in found]


def test_squares_have_their_area_and_number():
    y, x = np.mgrid[:200, :300] // 20
    labels = Labels((y * 15 + x + 1).astype(np.int32), Scale(2.0), count=150)
    row = {name: column[0] for name, column in grain_areas(labels).table.columns.items()}
    assert row["Whole grains"] == 8 * 13
    assert row["Mean grain area"] == pytest.approx(1600)
    assert row["G by mean area"] == pytest.approx(g_from_density(1e6 / 1600))
    assert row["Largest grain"] == 1600
    assert row["G of largest grain"] == row["G by mean area"]


def test_the_mean_area_of_voronoi_sections_is_one_over_the_grains_per_area(sections):
    found = grain_areas_of_fields(per_image([grain_areas(one).table for one in sections]))
    results = {result.quantity: result for result in found.table.results}
    truth = 0.25 / grains_per_area(20)
    assert results["Mean grain area"].value == pytest.approx(truth, rel=0.04)
    assert results["Mean grain area"].low < truth < results["Mean grain area"].high
    assert not results["Mean grain area"].reasons
    g = results["G by mean area"]
    assert g.value == pytest.approx(g_from_density(1e6 / results["Mean grain area"].value))
    assert g.low < g.value < g.high
    assert results["Largest grain"].value == max(
        float(grain_areas(one).table.columns["Largest grain"][0]) for one in sections
    )


def test_a_grain_as_large_as_many_is_said(sections):
    labels = sections[0].pixels.copy()
    labels[75:325, 75:325] = labels.max() + 1  # one huge grain among the small
    one = np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32) + 1
    tables = [grain_areas(section).table for section in sections[1:]]
    huge = grain_areas(Labels(one, Scale(0.5), count=int(one.max()))).table
    found = grain_areas_of_fields(per_image([*tables, huge]))
    assert any("E930" in note.text for note in found.table.notes)


def test_without_a_pixel_size_nothing_is_reportable(sections):
    plain = Labels(sections[0].pixels, count=sections[0].count)
    table = grain_areas(plain).table
    assert table.notes[0].kind == "not reportable"
    assert np.isnan(table.columns["G by mean area"][0])
    assert table.units["Mean grain area"] == "px²"


def hills(shares: float, medians: tuple[float, float], fields: int, seed: int) -> PerImage[Table]:
    """Grains of two log-normal hills; ``shares`` is the share of the area of the coarse one."""
    rng = np.random.default_rng(seed)
    tables = []
    for _ in range(fields):
        sizes = [median * rng.lognormal(0, 0.25, 4000) for median in medians]
        areas = [np.pi / 4 * one**2 for one in sizes]
        keep = [
            one.cumsum() < part * min(each.sum() for each in areas)
            for one, part in zip(areas, (1 - shares, shares), strict=True)
        ]
        size = np.concatenate([one[chosen] for one, chosen in zip(sizes, keep, strict=True)])
        columns = {
            "Label": np.arange(1, size.size + 1),
            "Area": np.pi / 4 * size**2,
            "Equivalent diameter": size,
            EDGE_WEIGHT: np.ones(size.size),
        }
        units = {"Area": "µm²", "Equivalent diameter": "µm"}
        tables.append(Table(columns, units, fields=(MeasuredField(900, 900, Scale(1.0), size.size, 0),)))
    return per_image(tables)


@pytest.mark.parametrize("coarse", [0.3, 0.6])
def test_two_hills_of_known_shares(coarse):
    found = duplex_grains(hills(coarse, (8.0, 40.0), 6, 1))
    results = {result.quantity: result for result in found.table.results}
    assert results["Area fraction of coarse grains"].value == pytest.approx(100 * coarse, abs=2)
    assert not results["Area fraction of coarse grains"].reasons
    # E[area] of a log-normal hill
    assert results["Mean area of fine grains"].value == pytest.approx(np.pi / 4 * 64 * np.exp(2 * 0.25**2), rel=0.05)
    assert len(found.plot.series) == 2
    by_hand = duplex_grains(hills(coarse, (8.0, 40.0), 6, 1), limit="manual", diameter=18.0)
    assert by_hand.table.results[0].value == pytest.approx(100 * coarse, abs=2)


def test_one_hill_is_not_duplex(sections):
    found = duplex_grains(per_image([grain_areas(one).grains for one in sections]))
    refused = found.table.results[0].reasons
    assert any("not duplex" in reason for reason in refused)


def test_other_tables_are_refused(sections):
    table = grain_areas(sections[0]).table
    with pytest.raises(Problem, match="grains of GrainAreas"):
        duplex_grains(per_image([table]))
