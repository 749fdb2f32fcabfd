import numpy as np
import pytest

from graingraph.app.samples.phantoms import stripes
from graingraph.engine.problem import Problem
from graingraph.engine.values import Mask, Scale
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.measure.lamellar_spacing import lamellar_spacing

SHAPE = (400, 400)


def colony(spacing: float, degrees: float) -> np.ndarray:
    """Lamellae of this spacing, a third of it wide."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    turn = np.radians(degrees)
    return ((x * np.sin(turn) + y * np.cos(turn)) / spacing) % 1 < 1 / 3


def test_a_single_colony_within_its_known_error_of_the_mean_over_directions():
    for degrees in (0, 10, 22.5, 40, 45, 70):
        found = lamellar_spacing(Mask(colony(12.0, degrees), Scale(0.1)))
        # Lines in all directions of the plane meet parallel lamellae 2 / π times as often as those square to them.
        assert found.columns["Random spacing"][0] == pytest.approx(12 * 0.1 * np.pi / 2, rel=0.07)


def test_colonies_in_all_directions():
    each = [lamellar_spacing(Mask(colony(10.0, a))).columns["Intercepts per length"][0] for a in range(0, 180, 3)]
    assert np.mean(each) == pytest.approx(2 / np.pi / 10, rel=0.02)


def test_true_spacing_is_half_the_random_one_in_the_region_alone():
    pixels = colony(9.0, 30)
    region = stripes(200.0, 90.0, SHAPE) == 1
    pixels[~region] = False
    found = lamellar_spacing(Mask(pixels, Scale(0.1)), Mask(region))
    whole = lamellar_spacing(Mask(colony(9.0, 30), Scale(0.1)))
    assert found.columns["True spacing"][0] == found.columns["Random spacing"][0] / 2
    assert found.columns["Random spacing"][0] == pytest.approx(whole.columns["Random spacing"][0], rel=0.02)
    assert found.columns["Analysed area"][0] == pytest.approx(region.sum() * 0.01)
    assert found.units["True spacing"] == "µm"


def test_what_is_not_reportable():
    fine = lamellar_spacing(Mask(colony(2.0, 0)))
    refused = fine.notes[0].text
    assert "no pixel size" in refused
    assert "told apart from 4 px" in refused
    nothing = lamellar_spacing(Mask(np.zeros(SHAPE, bool), Scale(0.1)))
    assert nothing.headline == "no lamella"
    assert np.isnan(nothing.columns["True spacing"][0])
    with pytest.raises(Problem, match="differ in size"):
        lamellar_spacing(Mask(colony(9, 0)), Mask(np.zeros((3, 3), bool)))


def test_a_spot_has_no_spacing():
    pixels = np.zeros(SHAPE, bool)
    pixels[100:120, 100:120] = True
    assert of_kind(lamellar_spacing(Mask(pixels, Scale(0.1))).notes, "not reportable")
