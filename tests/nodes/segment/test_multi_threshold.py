import numpy as np
import pytest
from skimage.filters import threshold_multiotsu

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.segment.multi_threshold import multi_threshold

RNG = np.random.default_rng(5)
PHASE = RNG.choice(4, (200, 300), p=[0.4, 0.3, 0.2, 0.1])
PIXELS = np.clip(np.array([40, 100, 160, 220])[PHASE] + RNG.normal(0, 8, PHASE.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("phases", [2, 3, 4])
def test_multi_otsu_agrees_with_scikit_image(phases):
    expected = np.digitize(PIXELS, threshold_multiotsu(PIXELS, phases), right=True)
    found = multi_threshold(Image(PIXELS), phases=phases)
    assert (found.pixels != expected).mean() < 0.003  # levels that nothing or hardly anything has may go to either side


def test_four_phases_are_parted():
    found = multi_threshold(Image(PIXELS), phases=4, names="ferrite, pearlite")
    assert (found.pixels != PHASE).mean() < 0.002
    assert [one.name for one in found.classes] == ["ferrite", "pearlite", "phase 3", "phase 4"]
    assert len({one.color for one in found.classes}) == 4


@pytest.mark.parametrize("phases", [2, 3, 6])
def test_a_picture_has_the_same_phases_in_every_depth(phases):
    expected = multi_threshold(Image(PIXELS), phases=phases).pixels
    for pixels, white in ((PIXELS * np.uint16(257), 65535.0), ((PIXELS / 255).astype(np.float32), 1.0)):
        np.testing.assert_array_equal(multi_threshold(Image(pixels, range=(0, white)), phases=phases).pixels, expected)


def test_manual_levels_count_as_darker():
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    found = multi_threshold(Image(ramp), method="manual", levels="0.2, 0.6").pixels
    np.testing.assert_array_equal(found, (ramp > 51).astype(int) + (ramp > 153))


@pytest.mark.parametrize("levels", ["", "a", "0.5, 0.2", "0.2, 0.2", "-1", "2", "nan", ",".join(["0.1"] * 9)])
def test_levels_that_are_none(levels):
    with pytest.raises(Problem, match="rising order"):
        multi_threshold(Image(PIXELS), method="manual", levels=levels)


def test_too_few_levels_and_too_many_names():
    with pytest.raises(Problem, match="1 grey level, too few for 3"):
        multi_threshold(Image(np.zeros((5, 5), np.uint8)))
    with pytest.raises(Problem, match="each once"):
        multi_threshold(Image(PIXELS), phases=2, names="a, b, c")
    with pytest.raises(Problem, match="each once"):
        multi_threshold(Image(PIXELS), names="a, a")


def test_phases_that_are_one_hill_of_greys_are_not_reportable():
    assert not multi_threshold(Image(PIXELS), phases=4).notes
    one_phase = Image(np.clip(RNG.normal(120, 15, (200, 300)), 0, 255).astype(np.uint8))
    for phases in (2, 3, 5):
        assert of_kind(multi_threshold(one_phase, phases=phases).notes, "not reportable")
    assert not multi_threshold(one_phase, method="manual").notes
