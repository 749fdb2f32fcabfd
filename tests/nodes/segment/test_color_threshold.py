import colorsys

import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.segment.color_threshold import color_threshold

RGB = np.random.default_rng(4).integers(0, 256, (40, 50, 3)).astype(np.uint8)
HSV = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in RGB.reshape(-1, 3) / 255]).reshape(RGB.shape)


@pytest.mark.parametrize(("hue_from", "hue_to"), [(100, 200), (330, 30), (0, 360)])
def test_limits_of_hue_saturation_and_brightness(hue_from, hue_to):
    hue = HSV[..., 0] * 360
    by_hue = (hue >= hue_from) & (hue <= hue_to) if hue_from < hue_to else (hue >= hue_from) | (hue <= hue_to)
    expected = by_hue & (HSV[..., 1] >= 0.305) & (HSV[..., 2] >= 0.201) & (HSV[..., 2] <= 0.903)
    found = color_threshold(
        Image(RGB),
        hue_from=hue_from,
        hue_to=hue_to,
        saturation_from=0.305,
        brightness_from=0.201,
        brightness_to=0.903,
    )
    assert (found.pixels != expected).mean() < 0.002  # float32 at the limits


def test_every_depth_selects_the_same():
    eight = color_threshold(Image(RGB), hue_from=20.3, hue_to=80.7, saturation_from=0.21)
    for pixels, white in ((RGB * np.uint16(257), 65535.0), ((RGB / 255).astype(np.float32), 1.0)):
        other = color_threshold(Image(pixels, range=(0, white)), hue_from=20.3, hue_to=80.7, saturation_from=0.21)
        assert (other.pixels != eight.pixels).mean() < 0.002


def test_a_grey_image_has_no_hue():
    with pytest.raises(Problem, match="use Threshold"):
        color_threshold(Image(RGB[..., 0]))
