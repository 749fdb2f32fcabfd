"""The skeleton against scikit-image's, which it equals pixel by pixel."""

import cv2
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from skimage.morphology import skeletonize

from graingraph.nodes.imaging.boundaries.thinning import thinned


@given(st.integers(0, 10**6), st.integers(1, 200), st.integers(1, 200), st.sampled_from([0.0, 0.8, 2.0, 8.0]))
@example(0, 1, 64, 0.0)
@example(0, 63, 65, 2.0)
@example(0, 130, 128, 8.0)
def test_it_is_that_of_scikit_image(seed: int, height: int, width: int, smooth: float) -> None:
    noise = np.random.default_rng(seed).random((height, width), np.float32)
    mask = (cv2.GaussianBlur(noise, (0, 0), smooth) if smooth else noise) > 0.48
    found = thinned(mask)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, skeletonize(mask))


def test_thick_things_and_masks_that_are_not_in_one_piece_of_memory() -> None:
    mask = np.zeros((300, 400), bool)
    mask[20:280, 30:390] = True
    np.testing.assert_array_equal(thinned(mask.T), skeletonize(mask.T))
