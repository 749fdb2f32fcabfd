"""What every sample promises: the same seed gives the same picture, and the truth is true."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import find_objects
from skimage.measure import euler_number, label
from skimage.segmentation import watershed

from graingraph.app.samples import bands, brass, coating, etched, nodules, particles, pores, titanium
from graingraph.app.samples.grains import edges

SMALL = (384, 512)


def mean_diameter(labels: np.ndarray) -> float:
    """Mean equivalent diameter in pixels of the grains that do not touch the frame."""
    areas = np.bincount(labels.ravel()).astype(float)
    areas[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1], [0]]))] = 0
    return float(np.sqrt(4 / np.pi * areas[areas > 0]).mean())


@pytest.mark.parametrize("module", [bands, brass, coating, etched, nodules, particles, pores, titanium])
def test_a_seed_is_a_picture(module):
    first, again, other = module.make(3, SMALL), module.make(3, SMALL), module.make(4, SMALL)
    assert first.pixels.dtype == np.uint8
    assert first.pixels.shape[:2] == SMALL
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)
    for name, raster in first.truth.items():
        assert raster.shape == SMALL
        np.testing.assert_array_equal(raster, again.truth[name])


@pytest.mark.parametrize(("module", "diameter"), [(brass, 110), (etched, 52)])
def test_grains_are_as_large_as_asked(module, diameter):
    found = [mean_diameter(module.make(seed, diameter=diameter).truth["grains"]) for seed in range(3)]
    assert np.mean(found) == pytest.approx(diameter, rel=0.1)


@pytest.mark.parametrize("module", [brass, etched])
def test_boundaries_separate_exactly_the_grains(module):
    truth = module.make(5, SMALL).truth
    pieces = label(~truth["boundaries"], connectivity=2)
    owners = [np.unique(truth["grains"][pieces == piece]) for piece in range(1, pieces.max() + 1)]
    assert all(len(owner) == 1 for owner in owners)
    assert {int(owner[0]) for owner in owners} == set(range(1, truth["grains"].max() + 1))
    assert truth["boundaries"].mean() < 0.15


def test_grain_boundaries_are_darker_than_grains():
    sample = etched.make(6, SMALL, gaps=0)
    assert sample.pixels[sample.truth["boundaries"]].mean() < 0.85 * sample.pixels.mean()


def test_twins_lie_inside_grains_and_change_the_tone():
    sample = brass.make(7, color=False, noise=0.005)
    twins, boundaries = sample.truth["twins"], sample.truth["boundaries"]
    assert not (twins & boundaries).any()
    assert twins.sum() > boundaries.sum()
    flat = cv2.GaussianBlur(sample.pixels.astype(np.float32), (0, 0), 2)
    slope = np.hypot(cv2.Sobel(flat, -1, 1, 0), cv2.Sobel(flat, -1, 0, 1))
    plain = ~cv2.dilate((twins | boundaries).view(np.uint8), np.ones((9, 9))).view(bool)
    assert np.median(slope[twins]) > 4 * np.median(slope[plain])
    assert not brass.make(7, SMALL, twinned=0).truth["twins"].any()


def test_classical_recipes_miss_the_grain_size_of_twinned_brass():
    sample = brass.make(8, color=False)
    grey = cv2.GaussianBlur(sample.pixels, (0, 0), 1.0)
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    hat = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((7, 7), np.uint8))
    _, lines = cv2.threshold(hat, 0, 255, cv2.THRESH_OTSU)
    truth = mean_diameter(sample.truth["grains"])
    for wall in (edges(grey > level), cv2.Canny(grey, 40, 90) > 0, lines > 0):
        distance = cv2.distanceTransform((~wall).astype(np.uint8), cv2.DIST_L2, 5)
        grains = watershed(-distance, label(distance > 4))
        assert abs(mean_diameter(grains) / truth - 1) > 0.25


def test_nodules_are_dark_whole_and_sometimes_touch_each_other_or_the_frame():
    sample = nodules.make(9, SMALL, touching=0.4, count=150)
    labels = sample.truth["nodules"]
    assert sample.pixels[labels > 0].mean() < 0.6 * sample.pixels[labels == 0].mean()
    pieces = find_objects(labels)
    assert all(euler_number(labels[box] == k + 1, connectivity=2) == 1 for k, box in enumerate(pieces))
    assert label(labels > 0).max() < labels.max()
    assert labels[[0, -1]].any() or labels[:, [0, -1]].any()


def test_the_share_of_basketweave_is_the_share_asked_for():
    fractions = [titanium.make(seed, SMALL, region=90, basketweave=0.4).truth["classes"].mean() for seed in range(3)]
    assert np.mean(fractions) == pytest.approx(0.4, abs=0.08)
    assert set(np.unique(titanium.make(1, SMALL).truth["classes"])) == {0, 1}
