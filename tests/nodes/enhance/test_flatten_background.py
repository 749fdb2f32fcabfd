import cv2
import numpy as np
import pytest

from graingraph.engine.values import Image
from graingraph.nodes.enhance.flatten_background import flatten_background
from graingraph.nodes.reading.pixel_types import image_from_array

RNG = np.random.default_rng(5)


def grains(shape=(600, 900)):
    field = cv2.GaussianBlur(RNG.normal(size=shape).astype(np.float32), (0, 0), 3)
    return 110 + 25 * np.sign(field).astype(np.float32)


def levels_of_255(image):
    return (image.pixels - image.range[0]) * (255 / (image.range[1] - image.range[0]))


def low_frequencies(pixels, sigma=60):
    inner = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), sigma)[100:-100, 100:-100]
    return float(np.ptp(inner))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_subtract_removes_a_known_gradient(dtype):
    flat = grains()
    tilt = np.linspace(-60, 60, flat.shape[1], dtype=np.float32)
    gain = {np.uint8: 1, np.uint16: 257, np.float32: 1 / 255}[dtype]
    image = Image(((flat + tilt) * gain).astype(dtype), range=(0, 255.0 * gain))
    result = levels_of_255(flatten_background(image, sigma=50))
    assert result.mean() == pytest.approx(image.pixels.mean() / gain, abs=0.6)
    assert low_frequencies(image.pixels / gain) > 90
    assert low_frequencies(result) < 6
    inner = np.s_[100:-100, 100:-100]
    # The two phases lie further apart than the gradient left in either, so that one threshold parts them.
    assert ((result > 110) == (flat > 110))[inner].mean() > 0.999


def test_divide_removes_a_known_shading():
    flat = grains()
    shade = np.linspace(0.5, 1.5, flat.shape[1], dtype=np.float32)
    result = flatten_background(Image((flat * shade).astype(np.uint8)), sigma=50, mode="divide").pixels
    inner = result[100:-100, 100:-100].astype(float)
    bright = flat[100:-100, 100:-100] > 110
    left, right = np.s_[:, :100], np.s_[:, -100:]
    contrast = [inner[s][bright[s]].mean() - inner[s][~bright[s]].mean() for s in (left, right)]
    assert contrast[0] == pytest.approx(contrast[1], rel=0.05)  # subtracting would leave 1 to 3


@pytest.mark.parametrize("sigma", [3, 12, 50, 120])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_reduced_background_agrees_with_the_full_blur(sigma, dtype):
    pixels = np.clip(grains() + np.linspace(-60, 60, 900), 0, 255).astype(dtype)
    image = Image(pixels.astype(np.float32), range=(0.0, 255.0))
    background = image.pixels - flatten_background(image, sigma=sigma, brightness="mid grey").pixels + 127.5
    full = cv2.GaussianBlur(image.pixels, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    error = np.abs(background - full)
    margin = min(150, 3 * sigma)
    assert error[margin:-margin, margin:-margin].max() < 0.25
    assert error.max() < 1.0


@pytest.mark.parametrize("mode", ["subtract", "divide"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (7, 5), (20, 20, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_small_and_constant_images(mode, shape, dtype):
    constant = np.full(shape, 77, dtype)
    result = flatten_background(Image(constant), mode=mode, sigma=200)
    assert result.pixels.dtype == (np.uint16 if dtype == np.uint8 else dtype)
    expected = constant.astype(np.uint16) * 257 if dtype == np.uint8 else constant
    np.testing.assert_allclose(result.pixels, expected, rtol=1e-4)
    black = flatten_background(Image(np.zeros(shape, dtype)), mode=mode)
    assert not black.pixels.any()


def test_mid_grey_and_colour_channels_one_by_one():
    pixels = np.stack([grains(), grains() * 0.5, grains() * 1.5], axis=-1).astype(np.uint8)
    own = levels_of_255(flatten_background(Image(pixels)))
    np.testing.assert_allclose(own.mean((0, 1)), pixels.mean((0, 1)), atol=0.7)
    mid = levels_of_255(flatten_background(Image(pixels), brightness="mid grey"))
    np.testing.assert_allclose(mid.mean((0, 1)), 127.5, atol=0.7)


@pytest.mark.parametrize("mode", ["subtract", "divide"])
@pytest.mark.parametrize("color", [False, True])
def test_one_picture_is_flattened_alike_in_every_depth(mode, color):
    pixels = np.clip(grains() + np.linspace(-60, 60, 900), 0, 255).astype(np.uint8)
    if color:
        pixels = np.stack([pixels, pixels[::-1], pixels // 2], axis=-1)
    depths = [pixels, pixels.astype(np.uint16) * 257, pixels.astype(np.float32), pixels / np.float32(255)]
    eight, *others = (
        levels_of_255(flatten_background(image_from_array(one), sigma=50, mode=mode, brightness="mid grey"))
        for one in depths
    )
    for other in others:
        # Whole numbers saturate at black and white, and the background of 16 bits is reduced to whole numbers too.
        np.testing.assert_allclose(eight, np.clip(other, 0, 255), atol=0.02)
