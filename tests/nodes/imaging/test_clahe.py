"""Local equalisation against OpenCV, which knows 8 bits, on parts large enough for it to share out what it cuts off."""

import cv2
import numpy as np
import pytest

from graingraph.nodes.imaging.filters.clahe import equalise_locally


@pytest.mark.parametrize(("limit", "tiles", "shape"), [(2.0, 4, (400, 600)), (4.0, 2, (231, 297)), (40.0, 3, (90, 90))])
def test_of_whole_levels_it_is_that_of_opencv(limit: float, tiles: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    picture = cv2.GaussianBlur(rng.integers(0, 256, shape, dtype=np.uint8), (0, 0), 3)
    expected = cv2.createCLAHE(limit, (tiles, tiles)).apply(picture) / 255
    for pixels, white in ((picture, 65535), (picture * np.uint16(257), 65535), (picture / np.float32(255), 1)):
        found = equalise_locally(pixels, (0.0, 1.0), limit, tiles) / white
        assert np.abs(found - expected).mean() < 0.004
        assert np.abs(found - expected).max() < 0.02
