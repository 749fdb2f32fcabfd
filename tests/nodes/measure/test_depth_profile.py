import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Mask, PixelClass, Scale
from graingraph.nodes.measure.depth_profile import depth_profile

RNG = np.random.default_rng(6)
SHAPE = (300, 400)
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
CLASSES = (PixelClass("ferrite"), PixelClass("pearlite"))


def test_a_layer_of_known_depth_below_a_flat_surface():
    specimen = Mask(Y > 40, Scale(2.0))
    ferrite = ClassMap(np.where(Y < 40 + 55, 0, 1).astype(np.uint8), classes=CLASSES)
    found = depth_profile(ferrite, specimen, step=4.0)
    assert found.depths.columns["Depth of ferrite"][0] == pytest.approx(110, abs=0.5)
    assert found.depths.columns["Depth of pearlite"][0] == pytest.approx(110, abs=0.5)
    shares = found.layers.columns["Area fraction ferrite"]
    assert (shares[:27] == 100).all()
    assert (shares[29:] == 0).all()
    assert found.layers.columns["Analysed area"].sum() == pytest.approx((Y > 40).sum() * 4)
    assert found.plot.series[0].name == "ferrite"


@pytest.mark.parametrize("radius", [120, 140])
def test_a_ramp_below_a_curved_surface(radius):
    depth = radius - np.hypot(Y - 150, X - 200)
    ferrite = RNG.random(SHAPE) < np.clip(1 - depth / 80, 0, 1)
    found = depth_profile(Mask(ferrite), Mask(depth > 0, Scale(1.0)), step=5.0)
    assert found.depths.columns["Depth"][0] == pytest.approx(40, abs=1.5)
    middles = (found.layers.columns["Depth from"] + found.layers.columns["Depth to"]) / 2
    shares = found.layers.columns["Area fraction"]
    near = middles < 70
    np.testing.assert_allclose(shares[near], 100 * (1 - middles[near] / 80), atol=4)


def test_grey_levels_and_one_side_as_the_surface():
    specimen = Mask((X > 50) & (X < 350), Scale(1.0))
    grey = Image(np.clip((X - 50) / 300, 0, 1).astype(np.float32), range=(0.0, 1.0))
    left = depth_profile(grey, specimen, step=10.0, level=20.0, surface="left")
    assert left.depths.columns["Depth"][0] == pytest.approx(60, abs=1)
    right = depth_profile(grey, specimen, step=10.0, level=80.0, surface="right")
    assert right.depths.columns["Depth"][0] == pytest.approx(60, abs=1)
    with_top = depth_profile(grey, specimen, surface="top")  # no outside above: no surface
    assert "no surface" in with_top.depths.notes[0].text


def test_unclassified_pixels_do_not_count():
    pixels = np.where(Y < 100, 0, 1).astype(np.uint8)
    pixels[:, :200] = UNLABELLED
    found = depth_profile(ClassMap(pixels, classes=CLASSES), Mask(Y > 10, Scale(1.0)), step=10.0)
    assert found.layers.columns["Analysed area"].sum() == (Y > 10)[:, 200:].sum()


def test_without_a_surface_a_scale_or_a_fit():
    whole = depth_profile(Mask(Y > 100), Mask(np.ones(SHAPE, bool), Scale(1.0)))
    assert "no surface" in whole.depths.notes[0].text
    assert whole.layers.count == 0
    unscaled = depth_profile(Mask(Y < 100), Mask(Y > 20), step=4.0)
    assert "no pixel size" in unscaled.depths.notes[0].text
    assert unscaled.depths.units["Depth"] == "px"
    with pytest.raises(Problem, match="differ in size"):
        depth_profile(Mask(Y > 9), Mask(np.ones((3, 3), bool)))
