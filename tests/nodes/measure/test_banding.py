"""Banding of stripes of known spacing and tilt, discs, and sections of grains drawn out."""

import numpy as np
import pytest

from graingraph.app.samples import phantoms
from graingraph.engine.values import Mask, PerImage, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.measure.banding import banding
from graingraph.nodes.report.banding_of_fields import banding_of_fields

SCALE = Scale(0.5)


def row(mask: np.ndarray, **settings) -> dict[str, float]:
    return {name: column[0] for name, column in banding(Mask(mask, SCALE), **settings).columns.items()}


def stripes(spacing: float, degrees: float) -> np.ndarray:
    """Bands half as wide as their distance from middle to middle."""
    return phantoms.stripes(spacing / 2, degrees, (600, 700)) % 2 == 0


@pytest.mark.parametrize("degrees", [0.0, 12.0, -35.0])
def test_stripes_of_known_spacing_and_tilt(degrees: float) -> None:
    found = row(stripes(40.0, degrees), angle=degrees, spacing=7.3)
    assert found["Band spacing"] == pytest.approx(40 * 0.5, rel=0.04)
    assert found["Mean free path perpendicular"] == pytest.approx(20 * 0.5, rel=0.05)
    assert found["Degree of orientation"] > 0.97
    looked_for = row(stripes(40.0, degrees), direction="found")
    assert looked_for["Direction"] == pytest.approx(degrees, abs=1)


def test_stripes_seen_at_an_angle() -> None:
    """Lines at an angle t to stripes enter them sin t as often as lines square to them."""
    found = row(stripes(40.0, 30.0), angle=0.0)
    assert found["Anisotropy index"] == pytest.approx(np.cos(np.radians(30)) / np.sin(np.radians(30)), rel=0.04)


@pytest.mark.parametrize(("degrees", "refused"), [(0.0, False), (6.0, False), (30.0, True), (90.0, True)])
def test_bands_beside_the_direction_that_is_given_are_not_reportable(degrees: float, refused: bool) -> None:
    mask = Mask(stripes(40.0, degrees), SCALE)
    assert any("have it found" in text for text in texts(banding(mask).notes)) is refused
    assert not any("have it found" in text for text in texts(banding(mask, direction="found").notes))


def test_discs_are_not_banded() -> None:
    rng = np.random.default_rng(1)
    found = [row(phantoms.boolean_discs(0.3, 24, (600, 600), rng)) for _ in range(8)]
    assert np.mean([one["Anisotropy index"] for one in found]) == pytest.approx(1, abs=0.03)
    assert np.mean([one["Degree of orientation"] for one in found]) == pytest.approx(0, abs=0.02)
    share = np.mean([one["Area fraction"] for one in found]) / 100
    entered = np.mean([one["N_L perpendicular"] for one in found]) * 0.5e-3  # by px
    seen = -np.log1p(-share) / (np.pi * 24**2 / 4)
    assert entered == pytest.approx(seen * 24 * (1 - share), rel=0.035)  # Boolean discs: intensity · diameter · (1 − V)


def test_grains_of_two_phases_drawn_out() -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(6):
        grains = phantoms.voronoi_section(14, (500, 700), rng, stretch=3.0)
        found.append(row(phantoms.of_two_phases(grains, 0.3, rng)))
    assert np.mean([one["Anisotropy index"] for one in found]) == pytest.approx(3, rel=0.06)


def test_bands_from_side_to_side_have_no_index_and_none_no_band() -> None:
    rows = np.repeat((np.arange(200) // 10 % 2 == 0)[:, None], 300, axis=1)
    table = banding(Mask(rows, SCALE))
    assert np.isnan(table.columns["Anisotropy index"][0])
    assert table.columns["Degree of orientation"][0] == pytest.approx(1)
    assert any("no anisotropy index" in text for text in texts(table.notes))
    assert banding(Mask(np.zeros((60, 60), bool))).headline == "no band"


def test_fields_together() -> None:
    rng = np.random.default_rng(3)
    tables = {}
    for k in range(6):
        grains = phantoms.voronoi_section(12, (400, 400), rng, stretch=2.0)
        tables[f"{k}.png"] = banding(Mask(phantoms.of_two_phases(grains, 0.4, rng), SCALE))
    found = banding_of_fields(PerImage(tuple(tables), tables.__getitem__))
    results = {one.quantity: one for one in found.table.results}
    index = results["Anisotropy index"]
    assert index.low < 2 < index.high
    assert 1.7 < index.value < 2.3
    assert results["Band spacing"].value == pytest.approx(1000 / results["N_L perpendicular"].value)
    assert results["Band spacing"].unit == "µm"
