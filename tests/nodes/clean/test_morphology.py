import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from graingraph.engine.values import Mask, Scale
from graingraph.nodes.clean.morphology import morphology


def blobs(seed=0, shape=(90, 110)):
    return cv2.GaussianBlur(np.random.default_rng(seed).normal(size=shape), (0, 0), 4) > 0.02


def element(shape, radius):
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.ones((2 * radius + 1,) * 2, bool) if shape == "square" else x**2 + y**2 <= (radius + 0.5) ** 2


def run(pixels, operation, radius=2, shape="disc"):
    return morphology(Mask(pixels, Scale(0.5)), operation=operation, radius=radius, shape=shape).pixels


@pytest.mark.parametrize("shape", ["disc", "square"])
@pytest.mark.parametrize("radius", [1, 2, 8, 23, 24, 30])
def test_erode_and_dilate_are_the_definition(shape, radius):
    pixels = blobs()
    footprint = element(shape, radius)
    np.testing.assert_array_equal(run(pixels, "dilate", radius, shape), ndimage.binary_dilation(pixels, footprint))
    np.testing.assert_array_equal(
        run(pixels, "erode", radius, shape), ndimage.binary_erosion(pixels, footprint, border_value=1)
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([1, 2, 5, 9, 25]), st.sampled_from(["disc", "square"]))
def test_opening_and_closing_obey_their_laws(seed, radius, shape):
    pixels = blobs(seed)
    opened, closed = run(pixels, "open", radius, shape), run(pixels, "close", radius, shape)
    assert not (opened & ~pixels).any()
    assert not (pixels & ~closed).any()
    np.testing.assert_array_equal(run(opened, "open", radius, shape), opened)
    np.testing.assert_array_equal(run(closed, "close", radius, shape), closed)


def test_specks_gaps_and_the_frame():
    pixels = np.zeros((60, 60), bool)
    pixels[10:50, :30] = True
    clean = pixels.copy()
    pixels[5, 45] = True
    pixels[30, 10] = False
    pixels[20:23, 58:] = True
    np.testing.assert_array_equal(run(run(pixels, "open", 2, "square"), "close", 2, "square"), clean)
    near = np.zeros((60, 60), bool)
    near[20:40, 4:30] = True
    np.testing.assert_array_equal(run(near, "close", 9, "square"), near)  # not joined to the frame


@pytest.mark.parametrize("operation", ["open", "close", "erode", "dilate", "skeleton"])
@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (5, 9), (40, 40)])
def test_empty_and_full_masks(operation, value, shape):
    pixels = np.full(shape, value)
    for radius in (2, 50):
        result = run(pixels, operation, radius)
        assert result.dtype == bool
        assert result.shape == shape
        if operation != "skeleton" or not value:
            np.testing.assert_array_equal(result, pixels)


def test_skeleton_is_thin_inside_and_keeps_what_is_connected():
    pixels = blobs(3)
    skeleton = run(pixels, "skeleton")
    assert not (skeleton & ~pixels).any()
    eight = np.ones((3, 3))
    assert ndimage.label(skeleton, eight)[1] == ndimage.label(pixels, eight)[1]
    squares = ndimage.uniform_filter(skeleton.astype(float), 2) > 0.99
    assert squares.sum() <= 0.002 * pixels.sum()
    bar = np.zeros((21, 101), bool)
    bar[5:16, 5:96] = True
    assert run(bar, "skeleton")[10, 15:86].all()
    assert run(bar, "skeleton")[:, 15:86].sum() == 71


def test_a_pruned_skeleton_has_lost_its_spurs_and_kept_its_lines():
    pixels = np.zeros((80, 120), bool)
    pixels[40, 10:110] = True  # the line
    pixels[25:40, 60] = True  # a spur of 15 px
    pixels[41:76, 80] = True  # a branch of 35 px
    pixels[5, 20:26] = True  # short, but a line of its own
    kept = morphology(Mask(pixels), operation="pruned skeleton", longest=20).pixels
    assert not kept[25:38, 60].any()
    assert kept[45:70, 80].all()
    assert kept[40, 15:105].sum() >= 85  # its junctions may be rounded off by a pixel
    assert kept[5, 20:26].any()
    more = morphology(Mask(pixels), operation="pruned skeleton", longest=40).pixels
    assert not more[45:70, 80].any()
