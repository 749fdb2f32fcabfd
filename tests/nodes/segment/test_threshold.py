import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.filters import threshold_li, threshold_otsu, threshold_triangle

from graingraph.engine.values import Image, Scale
from graingraph.engine.values.notes import of_kind
from graingraph.nodes.imaging.filters.grey_levels import parting
from graingraph.nodes.segment.threshold import threshold

RNG = np.random.default_rng(11)
FULL = {np.uint8: 255, np.uint16: 65535, np.float32: 1}


def two_phases(dtype):
    levels = np.where(
        RNG.random((120, 150)) < 0.3, RNG.normal(0.7, 0.05, (120, 150)), RNG.normal(0.3, 0.06, (120, 150))
    )
    return Image((np.clip(levels, 0, 1) * FULL[dtype]).astype(dtype), Scale(0.1), range=(0.0, float(FULL[dtype])))


@pytest.mark.parametrize("dtype", list(FULL))
def test_otsu_agrees_with_scikit_image_and_parts_two_phases(dtype):
    image = two_phases(dtype)
    mask = threshold(image)
    reference = image.pixels > threshold_otsu(image.pixels, nbins=4096)
    assert (mask.pixels != reference).mean() < 0.002
    assert mask.pixels.mean() == pytest.approx(0.3, abs=0.02)
    assert mask.pixels.dtype == bool
    assert mask.scale == image.scale
    np.testing.assert_array_equal(threshold(image, keep="darker").pixels, ~mask.pixels)


@pytest.mark.parametrize(("method", "reference"), [("li", threshold_li), ("triangle", threshold_triangle)])
@pytest.mark.parametrize("rare", [0.02, 0.3])
def test_automatic_levels_agree_with_scikit_image(method, reference, rare):
    levels = np.where(RNG.random((300, 400)) < rare, RNG.normal(190, 20, (300, 400)), RNG.normal(80, 12, (300, 400)))
    pixels = np.clip(levels, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(threshold(Image(pixels), method=method).pixels, pixels > reference(pixels))
    turned = 255 - pixels
    np.testing.assert_array_equal(threshold(Image(turned), method=method).pixels, turned > reference(turned))


@pytest.mark.parametrize("method", ["otsu", "li", "triangle"])
def test_a_picture_has_one_level_in_every_depth(method):
    pixels = (two_phases(np.float32).pixels * 150 + 30).astype(np.uint8)
    masks = [
        threshold(Image(pixels), method=method).pixels,
        threshold(Image(pixels * np.uint16(257), range=(0, 65535.0)), method=method).pixels,
        threshold(Image((pixels / 255).astype(np.float32), range=(0, 1.0)), method=method).pixels,
    ]
    for other in masks[1:]:
        np.testing.assert_array_equal(masks[0], other)


def test_otsu_of_float_does_not_depend_on_offset_and_gain():
    image = two_phases(np.float32)
    moved = Image(image.pixels * np.float32(512) - np.float32(1024), range=(-1024.0, -512.0))
    assert (threshold(image).pixels != threshold(moved).pixels).mean() < 1e-3


@given(st.floats(0, 1), st.sampled_from(list(FULL)))
def test_manual_level_is_a_fraction_of_full_scale(level, dtype):
    image = two_phases(dtype)
    brighter = threshold(image, method="manual", level=level).pixels
    expected = (
        image.pixels.astype(np.float64) > np.float64(dtype(level))
        if dtype == np.float32
        else (image.pixels.astype(np.float64) > level * FULL[dtype])
    )
    np.testing.assert_array_equal(brighter, expected)
    np.testing.assert_array_equal(threshold(image, method="manual", level=level, keep="darker").pixels, ~brighter)


@given(st.floats(0, 1), st.floats(0, 1))
def test_range_keeps_both_ends(low, high):
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    kept = threshold(Image(pixels), method="range", low=low, high=high).pixels
    np.testing.assert_array_equal(kept, (pixels >= low * 255) & (pixels <= high * 255))


@pytest.mark.parametrize("dtype", list(FULL))
@pytest.mark.parametrize("keep", ["brighter", "darker"])
def test_local_follows_uneven_light(dtype, keep):
    ramp = np.tile(np.linspace(0.1, 0.8, 300), (200, 1))
    dots = np.zeros(ramp.shape, bool)
    for y in range(20, 190, 25):
        for x in range(20, 290, 25):
            dots[y - 3 : y + 4, x - 3 : x + 4] = True
    levels = ramp + np.where(dots, 0.1 if keep == "brighter" else -0.1, 0)
    image = Image((levels * FULL[dtype]).astype(dtype), range=(0.0, float(FULL[dtype])))
    local = threshold(image, method="local", window=25, offset=0.04, keep=keep).pixels
    np.testing.assert_array_equal(local[15:-15, 15:-15], dots[15:-15, 15:-15])
    assert (threshold(image, keep=keep).pixels != dots).mean() > 0.3


def test_local_mean_is_that_of_the_square():
    from scipy.ndimage import uniform_filter

    image = two_phases(np.uint8)
    mean = uniform_filter(image.pixels.astype(np.float64), 31, mode="nearest")
    expected = image.pixels > mean + 0.02 * 255
    assert (threshold(image, method="local", window=30).pixels == expected).all()


@pytest.mark.parametrize("method", ["otsu", "local"])
@pytest.mark.parametrize("keep", ["brighter", "darker"])
@pytest.mark.parametrize("dtype", list(FULL))
def test_constant_image_selects_nothing_and_says_so(method, keep, dtype):
    mask = threshold(Image(np.full((9, 9), 1, dtype)), method=method, keep=keep, offset=0)
    assert not mask.pixels.any()
    assert "single grey level" in mask.notes[0].text
    assert threshold(Image(np.full((1, 1), 1, dtype)), method=method).pixels.shape == (1, 1)


def test_colour_counts_by_its_luminance():
    rgb = RNG.integers(0, 256, (40, 40, 3), np.uint8)
    mask = threshold(Image(rgb), method="manual", level=0.5).pixels
    luminance = rgb @ [0.299, 0.587, 0.114]
    clear = np.abs(luminance - 127.5) > 1
    np.testing.assert_array_equal(mask[clear], (luminance > 127.5)[clear])


def greys_of(bright_share: float, noise: float, step: float = 60) -> np.ndarray:
    """Bright islands, so many levels above the rest, in noise of so many levels."""
    rng = np.random.default_rng(1)
    field = cv2.GaussianBlur(rng.normal(0, 1, (300, 400)), (0, 0), 9)
    grey = 90.0 + step * (field > np.quantile(field, 1 - bright_share))
    return np.clip(cv2.GaussianBlur(grey, (0, 0), 1.5) + rng.normal(0, noise, grey.shape), 0, 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize(
    ("method", "grey", "parts"),
    [
        ("otsu", greys_of(0.4, 10), True),
        ("otsu", greys_of(0.01, 2), True),
        ("otsu", greys_of(0.01, 10), False),  # half of the picture is taken for bright
        ("otsu", greys_of(0.4, 40), False),
        ("otsu", greys_of(0.4, 10, step=0), False),
        ("li", greys_of(0.4, 10, step=0), False),
        ("triangle", greys_of(0.4, 10, step=0), False),
    ],
)
def test_greys_that_do_not_part_in_two_are_not_reportable(method: str, grey: np.ndarray, parts: bool, dtype: type):
    pixels = (grey * (257 if dtype is np.uint16 else 1)).astype(dtype)
    assert bool(of_kind(threshold(Image(pixels), method=method).notes, "not reportable")) is not parts


def test_how_well_a_level_parts_a_picture() -> None:
    rng = np.random.default_rng(2)
    for separate, expected in ((0, 2 / np.pi), (12, 36 / 37)):  # a normal hill, and two as far apart
        grey = np.rint(rng.normal(1000, 20, 200_000) + separate * 20 * (rng.random(200_000) < 0.5))
        levels, counts = np.unique(grey, return_counts=True)
        level = float(np.median(grey)) if not separate else 1120.0
        assert parting(levels, counts, level).separability == pytest.approx(expected, abs=0.01)
    assert parting(levels, counts, 1120.0).change < 0.01
    assert parting(levels, counts, 0.0).change == np.inf
