import cv2
import numpy as np
import pytest
from skimage.segmentation import watershed

from graingraph.app.samples.phantoms import voronoi_section
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Scale
from graingraph.nodes.imaging.features.flooding import flood
from graingraph.nodes.imaging.features.runs import feature_runs
from graingraph.nodes.segment.marker_watershed import marker_watershed

RNG = np.random.default_rng(8)
GRAINS = voronoi_section(40, (300, 400), RNG)
TONES = RNG.random(int(GRAINS.max()) + 1).astype(np.float32)[GRAINS] * 0.8 + 0.1


def middles() -> np.ndarray:
    """A few pixels in the middle of every grain that is wide enough, numbered as the grains are."""
    same = np.ones(GRAINS.shape, bool)
    for axis in (0, 1):
        for step in (-1, 1):
            same &= np.roll(GRAINS, step, axis) == GRAINS
    inside = cv2.distanceTransform(same.view(np.uint8), cv2.DIST_L2, 5)
    return np.where(inside > 4, GRAINS, 0).astype(np.int32)


@pytest.mark.parametrize("smooth", [2, 8])
def test_flooding_agrees_with_scikit_image(smooth):
    landscape = cv2.GaussianBlur(RNG.random((200, 260), np.float32), (0, 0), smooth)
    seeds = np.zeros(landscape.shape, np.int32)
    places = RNG.choice(landscape.size, 40, replace=False)
    seeds.flat[places] = np.arange(1, 41)
    inside = np.ones(landscape.shape, bool)
    inside[80:100, 30:200] = False
    seeds[~inside] = 0
    assert (flood(landscape, seeds, inside) != watershed(landscape, seeds, mask=inside)).mean() < 0.02


def test_grains_grow_up_to_their_edges():
    found = marker_watershed(Image(TONES, Scale(0.5), range=(0, 1.0)), Labels(middles(), count=int(GRAINS.max())))
    truth = np.where(np.isin(GRAINS, np.unique(middles())), GRAINS, 0)
    pairs = np.unique(np.stack([found.pixels.ravel(), truth.ravel()]), axis=1, return_counts=True)
    largest = np.zeros(found.count + 1)
    np.maximum.at(largest, pairs[0][0], pairs[1])
    assert found.count == len(np.unique(middles())) - 1
    assert largest.sum() / truth.size > 0.93  # neighbours of one tone have no edge
    assert found.scale == Scale(0.5)


@pytest.mark.parametrize(("borders", "line"), [("dark lines", 0.2), ("bright lines", 0.9)])
def test_lines_part_two_markers(borders, line):
    pixels = np.full((50, 60), 0.6, np.float32)
    pixels[:, 33:35] = line
    seeds = np.zeros(pixels.shape, bool)
    seeds[20:22, 5:8] = seeds[20:22, 50:52] = True
    found = marker_watershed(Image(pixels, range=(0, 1.0)), Mask(seeds), borders=borders)
    assert found.count == 2
    assert (found.pixels[:, :33] == 1).all()
    assert (found.pixels[:, 35:] == 2).all()


def test_features_stay_in_the_mask_and_are_numbered_without_gaps():
    mask = np.zeros((40, 90), bool)
    mask[5:30, 5:25] = mask[5:30, 35:55] = mask[5:30, 65:85] = True
    seeds = np.zeros(mask.shape, np.int32)
    seeds[10, 10], seeds[10, 70], seeds[35, 45] = 3, 7, 9
    image = Image(np.full(mask.shape, 90, np.uint8))
    found = marker_watershed(image, Labels(seeds, count=9), Mask(mask, whole_at=("top",), cut=2))
    assert found.count == feature_runs(found.pixels, found.count).features == 2
    assert set(np.unique(found.pixels)) == {0, 1, 2}
    assert (found.pixels[mask] > 0).sum() == 2 * 25 * 20
    assert (found.whole_at, found.cut) == (("top",), 2)


def test_no_marker_and_another_size():
    image = Image(np.zeros((9, 9), np.uint8))
    assert "no marker" in marker_watershed(image, Mask(np.zeros((9, 9), bool))).notes[0].text
    with pytest.raises(Problem, match="markers differ in size"):
        marker_watershed(image, Mask(np.zeros((9, 8), bool)))
