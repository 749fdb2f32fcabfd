"""Porosity of discs thrown at random, drawn ellipses and empty fields; the worst window against all windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from graingraph.app.samples import phantoms
from graingraph.engine.values import Mask, PerImage, Scale, Table
from graingraph.engine.values.notes import texts
from graingraph.nodes.imaging.stereology.worst_window import worst_window
from graingraph.nodes.measure.porosity import porosity
from graingraph.nodes.report.porosity_of_fields import porosity_of_fields

SCALE = Scale(2.0)


def row(found: Table) -> dict[str, float]:
    return {name: column[0] for name, column in found.columns.items()}


@settings(max_examples=100)
@given(mask=arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=3, max_side=14)))
def test_the_worst_window_is_the_worst_of_all(mask: np.ndarray) -> None:
    allowed = np.roll(mask, 1, axis=0) | (np.arange(mask.size).reshape(mask.shape) % 3 > 0)
    for side, inside in ((3, None), (2, allowed)):
        every = {
            (y, x): mask[y : y + side, x : x + side].mean()
            for y in range(mask.shape[0] - side + 1)
            for x in range(mask.shape[1] - side + 1)
            if inside is None or inside[y : y + side, x : x + side].all()
        }
        found = worst_window(mask, inside, side)
        if not every:
            assert found is None
        else:
            assert found is not None
            assert found.share == pytest.approx(max(every.values()))
            assert every[found.row, found.column] == max(every.values())


def test_pores_thrown_at_random() -> None:
    rng, fraction, diameter = np.random.default_rng(2), 0.02, 12.0
    fields = [
        row(porosity(Mask(phantoms.boolean_discs(fraction, diameter, (400, 500), rng), SCALE)).table) for _ in range(30)
    ]
    assert np.mean([one["Porosity"] for one in fields]) == pytest.approx(100 * fraction, rel=0.06)
    intensity = -np.log1p(-fraction) / (np.pi * diameter**2 / 4)
    clumps = intensity * (1 - fraction) * (1 + np.log1p(-fraction))  # Miles 1976
    assert np.mean([one["Pores per area"] for one in fields]) == pytest.approx(clumps * 1e6 / 4, rel=0.06)


def test_one_pore_of_each_kind_in_a_specimen() -> None:
    """A disc and a crack of 60 × 10 px in a specimen whose surface is row 20, at 2 µm/px."""
    shape = (300, 400)
    specimen = np.arange(300)[:, None] >= np.full(400, 20)
    disc = phantoms.ellipse(40, (120.0, 100.0), shape)
    crack = phantoms.ellipse(60, (200.0, 300.0), shape, 6.0)
    pores = disc | crack
    found = porosity(Mask(pores, SCALE), Mask(specimen & ~pores, SCALE), window=100.0)
    values = row(found.table)
    assert values["Porosity"] == pytest.approx(100 * (np.pi * 400 + np.pi * 150) / (280 * 400), rel=0.01)
    assert values["Largest pore"] == pytest.approx(120, rel=0.03)
    assert values["Smallest distance to surface"] == pytest.approx(2 * (120 - 20 - 20), abs=2)
    assert values["Gas share of pores"] == pytest.approx(100 * 400 / 550, rel=0.01)
    assert found.pores.columns["Kind"].tolist() == ["gas", "lack of fusion"]
    assert values["Worst window"] == pytest.approx(100 * np.pi * 400 / 50**2, rel=0.02)  # 50 px hold the disc
    assert values["Pores per area"] == pytest.approx(2 / ((280 * 400 - 400 / 2 - 280 + 2 / 4) * 4e-6))


def test_the_worst_window_lies_inside_the_specimen() -> None:
    pores = np.zeros((100, 100), bool)
    pores[2:8, 2:8] = pores[60:64, 60:64] = True
    specimen = np.ones((100, 100), bool)
    specimen[:10, :1] = False
    found = porosity(Mask(pores), Mask(specimen), window=20.0)
    assert row(found.table)["Worst window"] == pytest.approx(100 * 36 / 400)
    tight = porosity(Mask(pores), Mask(specimen & (np.arange(100) > 2)), window=20.0)
    assert row(tight.table)["Worst window"] == pytest.approx(100 * 30 / 400)


def test_a_window_larger_than_the_image_is_told() -> None:
    found = porosity(Mask(np.eye(40, dtype=bool), Scale(1.0)), window=1000.0)
    assert np.isnan(row(found.table)["Worst window"])
    assert any("No window of 1000 µm" in text for text in texts(found.table.notes))
    assert any("frame cuts the largest pore" in text for text in texts(found.table.notes))


def test_empty_fields_have_an_upper_end() -> None:
    tables = {f"{k}.png": porosity(Mask(np.zeros((200, 300), bool), SCALE)).table for k in range(5)}
    found = porosity_of_fields(PerImage(tuple(tables), tables.__getitem__))
    results = {one.quantity: one for one in found.table.results}
    assert results["Porosity"].value == 0
    area = 5 * 199 * 299 * 4e-6
    assert (results["Pores per area"].low, results["Pores per area"].high) == pytest.approx((0, -np.log(0.025) / area))
    assert "Largest pore" not in results
    assert any("largest pore" in text for text in texts(found.table.notes))


def test_fields_together() -> None:
    rng = np.random.default_rng(5)
    tables = {
        f"{k}.png": porosity(Mask(phantoms.boolean_discs(0.03, 10, (300, 300), rng), SCALE), window=200.0).table
        for k in range(8)
    }
    found = porosity_of_fields(PerImage(tuple(tables), tables.__getitem__))
    results = {one.quantity: one for one in found.table.results}
    each = np.array([table.columns["Porosity"][0] for table in tables.values()])
    assert results["Porosity"].value == pytest.approx(each.mean())
    assert results["Porosity"].low < 3 < results["Porosity"].high
    assert results["Worst window"].value == max(table.columns["Worst window"][0] for table in tables.values())
    assert results["Gas share of pores"].value > 70  # clumps of discs are long
