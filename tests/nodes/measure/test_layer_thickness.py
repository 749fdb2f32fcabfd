"""Layer thickness of drawn bands, wedges, sine interfaces, arcs and rings."""

import numpy as np
import pytest
from scipy import stats

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Mask, PerImage, Scale
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.measure.layer_thickness import layer_thickness
from graingraph.nodes.report.layer_thickness_of_fields import layer_thickness_of_fields

Y, X = np.mgrid[:300, :420] + 0.5
SCALE = Scale(0.5)


def band(thick: float, degrees: float, shift: float = 0.0) -> np.ndarray:
    turn = np.radians(degrees)
    across = (X - 210) * np.sin(turn) + (Y - 150) * np.cos(turn) + shift
    return np.abs(across) < thick / 2


def measured(mask: np.ndarray, **settings) -> dict[str, float]:
    table = layer_thickness(Mask(mask, SCALE), **settings).table
    return {name: column[0] for name, column in table.columns.items()}


@pytest.mark.parametrize("degrees", [0.0, 7.0, 30.0, 45.0, 80.0, 90.0])
@pytest.mark.parametrize(("shape", "limit"), [("straight", 0.1), ("bent", 0.15), ("any shape", 0.3)])
def test_a_band_in_any_direction(shape: str, limit: float, degrees: float) -> None:
    rng = np.random.default_rng(1)
    for thick in (12.3, 40.0):
        off = [
            measured(band(thick, degrees, rng.uniform(-1, 1)), shape=shape)["Mean thickness"] / 0.5 - thick
            for _ in range(4)
        ]
        assert np.mean(off) == pytest.approx(
            0, abs=limit + 0.25 * (degrees % 45 == 0)
        )  # rows or diagonals are whole there


def test_a_wedge() -> None:
    """From 10 to 30 px over the width."""
    found = measured(np.abs(Y - 150) < 5 + 10 * X / 420)
    assert found["Mean thickness"] == pytest.approx(20 * 0.5, rel=0.01)
    assert (found["Smallest thickness"], found["Largest thickness"]) == pytest.approx((10 * 0.5, 30 * 0.5), abs=0.5)
    assert found["Standard deviation of thickness"] == pytest.approx(0.5 * 20 / np.sqrt(12), rel=0.02)


def test_sine_interfaces() -> None:
    found = measured(np.abs(Y - 135 - 2.5 * np.sin(2 * np.pi * X / 60)) < 15 + 2.5 * np.sin(2 * np.pi * X / 60))
    assert found["Mean thickness"] == pytest.approx(30 * 0.5, abs=0.1)
    assert found["Standard deviation of thickness"] == pytest.approx(0.5 * 5 / np.sqrt(2), rel=0.03)
    assert (found["Smallest thickness"], found["Largest thickness"]) == pytest.approx((12.5, 17.5), abs=0.3)


def test_an_arc_is_bent_and_not_straight() -> None:
    away = np.hypot(X - 210, Y - 500)
    arc = (away > 370) & (away < 390)
    assert measured(arc, shape="bent")["Mean thickness"] == pytest.approx(10, abs=0.05)
    assert measured(arc, shape="straight")["Mean thickness"] > 10.5


@pytest.mark.parametrize(("radius", "thick"), [(60, 12), (100, 20), (40, 30)])
def test_a_ring_in_any_shape(radius: float, thick: float) -> None:
    away = np.hypot(X - 210.3, Y - 149.8)
    found = measured(np.abs(away - radius) < thick / 2, shape="any shape")
    assert found["Mean thickness"] == pytest.approx(thick * 0.5, abs=0.1)


def test_holes_belong_to_the_layer_and_other_pieces_do_not() -> None:
    mask = band(30.0, 0.0)
    mask[145:152, 100:140] = False
    mask[10:15, 10:40] = True
    for shape in ("straight", "any shape"):
        assert measured(mask, shape=shape)["Mean thickness"] == pytest.approx(15, abs=0.1)


def test_a_layer_that_leaves_the_picture_is_measured_where_it_is_whole() -> None:
    """A band at 30° whose lower interface leaves the picture at the bottom."""
    turn = np.radians(30)
    across = (X - 210) * np.sin(turn) + (Y - 230) * np.cos(turn)
    found = measured(np.abs(across) < 15)
    assert found["Mean thickness"] == pytest.approx(15, abs=0.1)
    assert found["Measured length"] < 0.5 * 420 / np.cos(turn)


def test_a_layer_without_two_sides_is_refused() -> None:
    with pytest.raises(Problem, match="two sides"):
        layer_thickness(Mask(Y > 100, SCALE), shape="any shape")
    for nothing in (np.zeros((50, 60), bool), np.ones((50, 60), bool)):
        assert np.isnan(layer_thickness(Mask(nothing, SCALE)).table.columns["Mean thickness"][0])


def test_a_thin_layer_is_not_reportable_and_the_picture_shows_the_normals() -> None:
    image = Image(np.full((300, 420), 80, np.uint8), SCALE, name="a")
    thin = layer_thickness(Mask(band(6.0, 10.0), SCALE), image)
    assert "6 px thick" in of_kind(thin.table.notes, "not reportable")[0].text
    assert (thin.picture.pixels != 80).any(axis=2).sum() > 100
    assert not of_kind(layer_thickness(Mask(band(16.0, 10.0), SCALE)).table.notes, "not reportable")


def test_fields_together() -> None:
    thick = np.array([19.0, 20, 21, 20, 22, 18])
    tables = {f"{k}.png": layer_thickness(Mask(band(t, 0.0), SCALE)).table for k, t in enumerate(thick)}
    found = layer_thickness_of_fields(PerImage(tuple(tables), tables.__getitem__))
    results = {one.quantity: one for one in found.table.results}
    each = np.array([table.columns["Mean thickness"][0] for table in tables.values()])
    low, high = stats.t.interval(0.95, 5, each.mean(), stats.sem(each))
    mean = results["Mean thickness"]
    assert (mean.value, mean.low, mean.high) == pytest.approx((each.mean(), low, high))
    assert mean.unit == "µm"
    assert mean.reasons == ()
    assert results["Largest thickness"].value == pytest.approx(11)
    assert "(6 fields)" in found.table.headline


def test_a_scrap_is_not_reported_as_the_layer() -> None:
    """A piece that runs along little of the picture may be a pore, a scratch, or a part of the layer."""
    scrap = band(30.0, 0.0) & (X > 200) & (X < 300)
    (said,) = of_kind(layer_thickness(Mask(scrap, SCALE)).table.notes, "not reportable")
    assert "over 99 px" in said.text
    assert not of_kind(layer_thickness(Mask(band(30.0, 0.0), SCALE)).table.notes, "not reportable")
