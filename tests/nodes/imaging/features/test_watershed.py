"""Watershed against what it promises and against scikit-image."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

from graingraph.nodes.imaging.features.watershed import split_summits


def distance(mask):
    return cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def two_discs(gap):
    y, x = np.mgrid[:60, :100]
    return (np.hypot(y - 30, x - 50 + gap / 2) <= 20) | (np.hypot(y - 30, x - 50 - gap / 2) <= 20)


@settings(max_examples=150)
@given(mask=arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)))
def test_labels_partition_the_mask_into_connected_pieces(mask):
    labels, count = split_summits(distance(mask), 0.4)
    assert np.array_equal(labels > 0, mask)
    assert np.array_equal(np.unique(labels[mask]), np.arange(1, count + 1))
    for k in range(1, count + 1):
        assert ndimage.label(labels == k, np.ones((3, 3)))[1] == 1


def textbook_h_maxima(height, h):
    """Regional maxima of the landscape lowered by h and rebuilt (skimage's h_maxima counts equal twin tops twice)."""
    return local_maxima(reconstruction(height - h, height, footprint=np.ones((3, 3))), connectivity=2)


@settings(max_examples=100)
@given(levels=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=14)))
def test_summits_are_the_h_maxima(levels):
    """The limit lies between two levels, so that no summit rises by exactly the limit."""
    height = (levels // 32 + 10).astype(np.float32)
    _, count = split_summits(height, 2.5)
    padded = np.pad(height, 1)
    assert count == ndimage.label(textbook_h_maxima(padded, 2.5), np.ones((3, 3)))[1]


def test_two_discs_part_at_their_neck():
    mask = two_discs(32)
    labels, count = split_summits(distance(mask), 1.0)
    assert count == 2
    assert abs(np.sum(labels == 1) - np.sum(labels == 2)) <= 0.02 * mask.sum()
    columns = np.nonzero(labels == 1)[1], np.nonzero(labels == 2)[1]
    left, right = sorted(columns, key=np.mean)
    assert left.max() <= 51
    assert right.min() >= 49


def test_depth_decides_whether_a_neck_counts():
    height = distance(two_discs(32))
    neck = 20 - np.sqrt(20**2 - 16**2)  # radius of a disc less half the chord where the two cross
    assert split_summits(height, neck - 1)[1] == 2
    assert split_summits(height, neck + 1)[1] == 1


def test_sizes_agree_with_scikit_image_on_touching_grains():
    rng = np.random.default_rng(5)
    mask = np.zeros((600, 800), bool)
    y, x = np.mgrid[:600, :800]
    for cy in range(30, 600, 40):
        for cx in range(30, 800, 40):
            jy, jx, radius = rng.uniform(-5, 5), rng.uniform(-5, 5), rng.uniform(17, 23)
            mask |= np.hypot(y - cy - jy, x - cx - jx) <= radius
    height = distance(mask)
    labels, count = split_summits(height, 1.0)
    markers, expected_count = ndimage.label(textbook_h_maxima(height, 1.0), np.ones((3, 3)))
    expected = watershed(-height, markers, mask=mask, connectivity=2)
    assert count == expected_count
    mean = np.mean(np.sqrt(np.bincount(labels[mask])[1:]))
    assert mean == pytest.approx(np.mean(np.sqrt(np.bincount(expected[mask])[1:])), rel=0.01)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (7, 5)])
def test_a_plain_or_empty_landscape(shape):
    assert split_summits(np.zeros(shape, np.float32), 1.0)[1] == 0
    labels, count = split_summits(np.ones(shape, np.float32), 0.0)
    assert count == 1
    assert (labels == 1).all()
