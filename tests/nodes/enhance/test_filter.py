import cv2
import numpy as np
import pytest
from scipy import ndimage

from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Cancelled
from graingraph.engine.values import Image, Scale
from graingraph.nodes.enhance.filter import filter_image

RNG = np.random.default_rng(3)
METHODS = ("gaussian", "median", "bilateral", "non-local means", "unsharp")
FULL = {np.uint8: 255, np.uint16: 65535, np.float32: 1}


def picture(dtype, shape=(70, 90)):
    smooth = cv2.GaussianBlur(RNG.random(shape), (0, 0), 3)
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    return (smooth * FULL[dtype]).astype(dtype)


def image_of(pixels):
    return Image(pixels, Scale(0.5), name="a", range=(0.0, float(FULL[pixels.dtype.type])))


def run(pixels, **settings):
    return filter_image(image_of(pixels), context=Context(), **settings).pixels


def made_of(dtype, method):
    """The pixels that a filter makes of these: all but the median make new levels, for which 8 bits are too few."""
    return np.uint16 if dtype == np.uint8 and method != "median" else dtype


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", list(FULL))
@pytest.mark.parametrize("shape", [(70, 90), (70, 90, 3), (1, 1), (2, 50)])
def test_kind_shape_and_scale_stay_and_constant_images_are_untouched(method, dtype, shape):
    pixels = (
        picture(dtype, (70, 90, 3))[: shape[0], : shape[1]] if len(shape) == 3 else np.resize(picture(dtype), shape)
    )
    before = pixels.copy()
    result = filter_image(image_of(pixels), method=method, size=7, context=Context())
    assert result.pixels.dtype == made_of(dtype, method)
    assert result.pixels.shape == shape
    assert result.scale == Scale(0.5)
    assert result.name == "a"
    np.testing.assert_array_equal(pixels, before)
    constant = np.full(shape, FULL[dtype] / 3, dtype)
    stretched = constant * (FULL[made_of(dtype, method)] / FULL[dtype])
    np.testing.assert_allclose(run(constant, method=method, size=7), stretched, rtol=2e-5)


@pytest.mark.parametrize("dtype", list(FULL))
@pytest.mark.parametrize("size", [3, 5, 9, 15])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_median_is_exact(dtype, size, channels):
    pixels = (RNG.random((80, 70, *channels)) * FULL[dtype]).astype(dtype)
    window = (size, size) + (1,) * len(channels)
    reference = ndimage.median_filter(pixels, window, mode="nearest")
    np.testing.assert_array_equal(run(pixels, method="median", size=size), reference)
    if size == 9:
        np.testing.assert_array_equal(run(pixels, method="median", size=8), reference)


@pytest.mark.parametrize("dtype", list(FULL))
def test_median_removes_specks_and_keeps_the_edge(dtype):
    step = np.zeros((60, 60), dtype)
    step[:, 30:] = FULL[dtype]
    noisy = step.copy()
    noisy[5::9, 4::9] = FULL[dtype]
    noisy[8::9, 7::9] = 0
    np.testing.assert_array_equal(run(noisy, method="median", size=5), step)


@pytest.mark.parametrize("sigma", [0.1, 0.8, 3, 40])
@pytest.mark.parametrize("shape", [(70, 90), (70, 90, 3), (1, 7), (5, 1)])
def test_gaussian_is_that_of_scipy_and_alike_in_every_depth(sigma, shape):
    pixels = RNG.integers(0, 256, shape, np.uint8)
    levels = pixels.astype(np.uint16) * 257
    result = run(pixels, method="gaussian", sigma=sigma)
    np.testing.assert_array_equal(result, run(levels, method="gaussian", sigma=sigma))
    reach = (round(8 * sigma + 1) | 1) // 2
    exact = ndimage.gaussian_filter(levels.astype(float), sigma, mode="mirror", radius=reach, axes=(0, 1))
    assert np.abs(result - exact).max() < 0.52
    floats = run((levels / 65535).astype(np.float32), method="gaussian", sigma=sigma)
    assert np.abs(floats * 65535 - exact).max() < 0.05


def test_gaussian_of_a_step_is_the_error_function():
    from scipy.special import erf

    step = np.zeros((9, 200), np.float32)
    step[:, 100:] = 1
    x = np.arange(200) - 99.5
    expected = 0.5 + 0.5 * erf(x / (5 * np.sqrt(2)))
    assert np.abs(run(step, method="gaussian", sigma=5)[4] - expected).max() < 2e-3


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_sixteen_bits_are_never_reduced_to_eight(dtype):
    ramp = (np.linspace(0.4, 0.41, 90 * 70).reshape(70, 90) * FULL[dtype]).astype(dtype)
    for method in METHODS:
        result = run(ramp, method=method, size=7, strength=0.0011)
        assert len(np.unique(result)) > 256
        assert np.abs(result.astype(float) - ramp).max() < FULL[dtype] / 256


@pytest.mark.parametrize("method", ["bilateral", "non-local means"])
@pytest.mark.parametrize("dtype", list(FULL))
def test_edge_keeping_filters_smooth_noise_and_keep_the_edge(method, dtype):
    step = np.full((64, 64), 0.3)
    step[:, 32:] = 0.7
    noise = RNG.normal(0, 0.02, step.shape)
    pixels = ((step + noise) * FULL[dtype]).astype(dtype)
    result = run(pixels, method=method, sigma=3, contrast=0.15, strength=0.03) / FULL[made_of(dtype, method)]
    assert (result - step)[8:-8].std() < 0.5 * noise.std()
    assert (result[8:-8, 32] - result[8:-8, 31]).mean() > 0.35


@pytest.mark.parametrize("method", ["median", "bilateral", "non-local means"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_strips_give_what_the_whole_image_gives(method, dtype, monkeypatch):
    pixels = picture(dtype)
    whole = run(pixels, method=method, size=7, sigma=3)
    monkeypatch.setattr("graingraph.nodes.imaging.filters.denoise.STRIP_PIXELS", 90)
    np.testing.assert_array_equal(run(pixels, method=method, size=7, sigma=3), whole)


def test_unsharp_adds_what_the_gaussian_takes():
    pixels = picture(np.float32)
    expected = pixels + 2 * (pixels - cv2.GaussianBlur(pixels, (0, 0), 3))
    np.testing.assert_allclose(run(pixels, method="unsharp", sigma=3, amount=2), expected, atol=1e-6)
    np.testing.assert_array_equal(run(pixels, method="unsharp", amount=0), pixels)
    saturated = run(np.array([[0, 255]], np.uint8), method="unsharp", amount=5)
    np.testing.assert_array_equal(saturated, [[0, 65535]])


def test_a_slow_filter_can_be_cancelled():
    with pytest.raises(Cancelled):
        filter_image(image_of(picture(np.uint8)), method="non-local means", context=Context(cancelled=lambda: True))
