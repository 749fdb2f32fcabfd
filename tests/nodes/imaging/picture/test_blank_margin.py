"""Blank margins: data bars with writing in them and even mounts are seen, specimens of whatever kind are not."""

import cv2
import numpy as np
import pytest

from graingraph.engine.values import Image
from graingraph.nodes.imaging.picture.blank_margin import blank_margins

HEIGHT, WIDTH, BAR = 300, 400, 30


def specimen(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8), (0, 0), 2)


def with_bar(level: int, ink: int, *, above: bool = False) -> np.ndarray:
    pixels = specimen()
    bar = pixels[:BAR] if above else pixels[-BAR:]
    bar[:] = level
    cv2.putText(bar, "20 kV  x500  100 um", (10, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, ink, 2)
    bar[12:15, 250:350] = ink
    return pixels


@pytest.mark.parametrize(("level", "ink"), [(0, 255), (255, 0), (90, 255)])
def test_a_data_bar_is_seen_below_and_above(level: int, ink: int) -> None:
    below, above = slice(HEIGHT - BAR, HEIGHT), slice(0, BAR)
    pixels = with_bar(level, ink)
    assert blank_margins(Image(pixels)) == (below,)
    assert blank_margins(Image(with_bar(level, ink, above=True))) == (above,)
    pixels = pixels.copy()
    pixels[:BAR] = 45
    assert blank_margins(Image(pixels)) == (above, below)


def test_a_data_bar_is_seen_in_colour_in_16_bits_and_after_jpeg() -> None:
    pixels, expected = with_bar(0, 255), slice(HEIGHT - BAR, HEIGHT)
    assert blank_margins(Image(np.dstack([pixels] * 3))) == (expected,)
    assert blank_margins(Image(pixels.astype(np.uint16) * 257, range=(0.0, 65535.0))) == (expected,)
    packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    (found,) = blank_margins(Image(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)))
    assert abs(found.start - expected.start) <= 2


def test_specimens_have_none() -> None:
    sloping = specimen()
    for column in range(WIDTH):
        sloping[HEIGHT - column // 3 :, column] = 0
    two_levels = np.where(specimen() > 128, 255, 0).astype(np.uint8)
    for pixels in (specimen(), sloping, two_levels, np.full((HEIGHT, WIDTH), 40, np.uint8), specimen()[:5, :5]):
        assert blank_margins(Image(pixels)) == ()
