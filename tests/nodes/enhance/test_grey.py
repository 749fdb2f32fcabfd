import numpy as np
import pytest

from graingraph.engine.values import Image
from graingraph.nodes.enhance.grey import auto_contrast, grey, invert

RGB = np.random.default_rng(2).integers(0, 256, (30, 40, 3), np.uint8)


def test_channels():
    for index, channel in enumerate(("red", "green", "blue")):
        np.testing.assert_array_equal(grey(Image(RGB), channel=channel).pixels, RGB[..., index])
    assert np.abs(grey(Image(RGB)).pixels / 257 - RGB @ [0.299, 0.587, 0.114]).max() <= 0.006
    plain = Image(RGB[..., 0])
    assert grey(plain, channel="blue") is plain


@pytest.mark.parametrize("channel", ["saturation", "lightness", "green to red", "blue to yellow"])
def test_channels_of_other_colour_spaces(channel):
    from skimage.color import rgb2hsv, rgb2lab

    lab, hsv = rgb2lab(RGB), rgb2hsv(RGB)
    expected = {
        "saturation": hsv[..., 1],
        "lightness": lab[..., 0] / 100,
        "green to red": (lab[..., 1] + 128) / 255,
        "blue to yellow": (lab[..., 2] + 128) / 255,
    }[channel]
    found = grey(Image(RGB), channel=channel)
    np.testing.assert_allclose(found.pixels, expected, atol=2e-3)
    sixteen = grey(Image(RGB * np.uint16(257), range=(0.0, 65535.0)), channel=channel)
    np.testing.assert_allclose(sixteen.pixels, found.pixels, atol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "limits"), [(np.uint8, (0, 255)), (np.uint16, (0, 65535)), (np.float32, (-3.0, 5.0))]
)
def test_invert_twice_is_the_image(dtype, limits):
    pixels = np.linspace(*limits, 100).reshape(10, 10).astype(dtype)
    image = Image(pixels, range=limits)
    inverted = invert(image)
    assert inverted.pixels.dtype == dtype
    assert inverted.pixels[0, 0] == pixels.max()
    np.testing.assert_allclose(invert(inverted).pixels, pixels, atol=1e-6)


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1.0)])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_stretch_and_local(dtype, white, channels):
    dull = ((np.random.default_rng(0).random((200, 300, *channels)) * 0.1 + 0.4) * white).astype(dtype)
    image = Image(dull, range=(0.0, float(white)))
    stretched = auto_contrast(image).pixels
    if dtype == np.uint8:
        dtype, white, dull = np.uint16, 65535, dull * np.uint16(257)
    assert stretched.dtype == dtype
    assert stretched.min() == 0
    assert stretched.max() == pytest.approx(white)
    if len(np.unique(dull)) > 100:  # 26 levels of 8 bits cannot be cut anywhere
        assert (stretched == 0).mean() == pytest.approx(0.0035, abs=0.0005)
    order = np.argsort(dull, axis=None, kind="stable")
    assert (np.diff(stretched.ravel()[order].astype(float)) >= 0).all()
    local = auto_contrast(image, method="local", limit=10).pixels
    assert local.dtype == dtype
    assert local.std() > 1.5 * dull.std()


def test_constant_image_stays_with_a_note():
    image = auto_contrast(Image(np.full((5, 5), 9, np.uint8)))
    assert (image.pixels == 9).all()
    assert "single grey level" in image.notes[0].text
