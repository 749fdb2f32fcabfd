import cv2
import numpy as np
import pytest

from graingraph.nodes.imaging.filters import between_pixels
from graingraph.nodes.imaging.filters.between_pixels import read_between


@pytest.mark.parametrize("outside", [None, 7.0])
@pytest.mark.parametrize("interpolation", [cv2.INTER_LINEAR, cv2.INTER_NEAREST])
def test_in_parts_it_reads_what_remap_does_in_one(monkeypatch, interpolation, outside):
    rng = np.random.default_rng(1)
    pixels = rng.uniform(0, 255, (90, 140)).astype(np.float32)
    for shape in ((70, 9), (5, 120), (1, 1)):
        x, y = (rng.uniform(-30, side + 30, shape).astype(np.float32) for side in pixels.shape[::-1])
        whole = read_between(pixels, x, y, interpolation, outside=outside)
        with monkeypatch.context() as small:
            small.setattr(between_pixels, "MOST", 40)
            parts = read_between(pixels, x, y, interpolation, outside=outside)
        np.testing.assert_allclose(parts, whole, atol=1e-2)


def test_a_stitched_picture_is_longer_than_opencv_takes():
    pixels = np.tile(np.arange(40_000, dtype=np.float32), (3, 1))
    x = np.arange(0.5, 39_999, 1.0, dtype=np.float32)[None]
    np.testing.assert_allclose(read_between(pixels, x, np.ones_like(x))[0], x[0], atol=0.02)
