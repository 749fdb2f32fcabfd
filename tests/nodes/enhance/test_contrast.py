import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.enhance.contrast import contrast

RAMP = np.linspace(0, 255, 256).astype(np.uint8).reshape(16, 16)


def test_levels_between_black_and_white_use_the_whole_range():
    set_by_hand = contrast(Image(RAMP), black=51 / 255, white=204 / 255)
    assert set_by_hand.pixels.dtype == np.uint16
    assert set_by_hand.pixels[RAMP == 51] == 0
    assert set_by_hand.pixels[RAMP == 204] == 65535
    assert set_by_hand.pixels[RAMP == 102] == pytest.approx(65535 / 3, abs=1)


def test_gamma_is_a_power_and_leaves_black_and_white():
    brighter = contrast(Image(RAMP), gamma=2.0).pixels
    np.testing.assert_allclose(brighter / 65535, np.sqrt(RAMP / 255), atol=1e-4)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_every_depth_gives_the_same(channels):
    levels = np.random.default_rng(0).integers(0, 256, (20, 30, *channels))
    results = [
        contrast(Image(levels.astype(np.uint8)), black=0.1, white=0.8, gamma=0.7).pixels / 65535,
        contrast(Image((levels * 257).astype(np.uint16), range=(0, 65535.0)), black=0.1, white=0.8, gamma=0.7).pixels
        / 65535,
        contrast(Image((levels / 255).astype(np.float32), range=(0, 1.0)), black=0.1, white=0.8, gamma=0.7).pixels,
    ]
    for other in results[1:]:
        np.testing.assert_allclose(results[0], other, atol=2e-5)


def test_levels_the_wrong_way_round_make_the_negative():
    np.testing.assert_allclose(contrast(Image(RAMP), black=1, white=0).pixels, 65535 - RAMP * 257.0, atol=1)
    with pytest.raises(Problem, match="equal"):
        contrast(Image(RAMP), black=0.5, white=0.5)
