"""Sums over features against exact shapes and against scikit-image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.measure import label as skimage_label
from skimage.measure import perimeter_crofton, regionprops

from graingraph.app.samples import phantoms
from graingraph.nodes.imaging.features.feret import feret
from graingraph.nodes.imaging.features.regions import grey_levels, measure
from graingraph.nodes.imaging.features.runs import label_runs, mask_runs


def disc(radius, centre=(0.0, 0.0), margin=3):
    side = int(radius) + margin
    y, x = np.mgrid[-side : side + 1, -side : side + 1]
    return np.hypot(y - centre[0], x - centre[1]) <= radius


def turned_rectangle(length, width, degrees, side=400):
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    angle = np.radians(degrees)
    along, across = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)


@settings(max_examples=150)
@given(mask=arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20)))
def test_everything_agrees_with_scikit_image(mask):
    runs = mask_runs(mask)
    found = measure(runs)
    widths = feret(runs, found)
    grey = np.arange(mask.size, dtype=np.uint16).reshape(mask.shape) + np.uint16(60000)
    greys = grey_levels(runs, grey)
    expected = regionprops(skimage_label(mask, connectivity=2), intensity_image=grey)
    assert len(expected) == runs.features
    for i, region in enumerate(expected):
        assert found.area[i] == region.area
        assert (found.y[i] - 0.5, found.x[i] - 0.5) == pytest.approx(region.centroid)
        assert (found.top[i], found.left[i], found.bottom[i], found.right[i]) == region.bbox
        assert found.perimeter[i] == pytest.approx(perimeter_crofton(np.pad(region.image, 1), directions=4))
        assert greys.mean[i] == pytest.approx(region.intensity_mean)
        assert greys.deviation[i] == pytest.approx(region.intensity_std, abs=1e-6)
        assert (greys.lowest[i], greys.highest[i]) == (region.intensity_min, region.intensity_max)
        # scikit-image takes pixels as points: its axes lack the 1/12 px² of a pixel square.
        major, minor, orientation = found.ellipse()
        assert major[i] ** 2 / 16 == pytest.approx(region.axis_major_length**2 / 16 + 1 / 12, abs=1e-6)
        assert minor[i] ** 2 / 16 == pytest.approx(region.axis_minor_length**2 / 16 + 1 / 12, abs=1e-6)
        if major[i] > minor[i] + 0.1:  # scikit-image's is from the vertical
            turned = np.radians(2 * (orientation[i] - 90)) - 2 * region.orientation
            assert np.cos(turned) == pytest.approx(1, abs=1e-6)
        # scikit-image measures between midpoints of pixel sides, which lie within half a pixel of the outline here.
        assert widths.longest[i] == pytest.approx(region.feret_diameter_max, abs=1.0)


def brute_force_feret(points):
    angles = np.radians(np.arange(0, 180, 0.05))
    extents = np.ptp(points @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)
    return extents.max(), extents.min()


@settings(max_examples=60)
@given(mask=arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)))
def test_feret_diameters_lie_between_those_of_pixel_centres_and_corners(mask):
    mask[0, 0] = True
    runs = label_runs(mask.astype(np.int32), 1)  # in several pieces on purpose: rows in between may be empty
    longest, shortest = feret(runs, measure(runs))[:2]
    rows, columns = np.nonzero(mask)
    centres = np.stack([columns, rows], 1)
    corners = np.concatenate([centres + np.array([dx, dy]) for dx in (0, 1) for dy in (0, 1)])
    inner, outer = brute_force_feret(centres), brute_force_feret(corners)
    assert inner[0] - 1e-6 <= longest[0] <= outer[0] * (1 + 1e-6)  # which takes steps of 0.05°
    assert inner[1] - outer[0] * np.radians(0.05) <= shortest[0] <= outer[1] * (1 + 1e-6)


@pytest.mark.parametrize(
    ("diameter", "ratio", "limit"), [(5, 1, 0.09), (10, 1, 0.03), (20, 1, 0.03), (20, 2, 0.03), (10, 2, 0.04)]
)
def test_feret_diameters_and_circularity_of_discs_and_ellipses_are_hardly_biased(diameter, ratio, limit):
    """The mean over places and directions; hulls of pixel corners made a disc of 20 px 6 % too long, 5 px 17 %."""
    from scipy.special import ellipe

    rng, side = np.random.default_rng(diameter), diameter + 8
    found = []
    for _ in range(100):
        shape = phantoms.ellipse(diameter, side / 2 + rng.random(2), (side, side), ratio, 180 * rng.random())
        runs = mask_runs(shape)
        one = measure(runs)
        found.append((*(float(value[0]) for value in feret(runs, one)[:2]), one.circularity[0]))
    longest, shortest, circularity = np.mean(found, axis=0)
    perimeter = 2 * diameter * ellipe(1 - 1 / ratio**2)
    assert longest == pytest.approx(diameter, rel=limit)
    assert shortest == pytest.approx(diameter / ratio, rel=limit)
    assert circularity == pytest.approx(np.pi**2 * diameter**2 / ratio / perimeter**2, rel=0.025)  # 2 % at 5 px


def test_circularity_is_not_cut_off_at_1():
    """A round feature scatters to both sides of 1; cut off, the mean of discs is too low."""
    rng = np.random.default_rng(0)
    shapes = [phantoms.ellipse(7, 6 + rng.random(2), (12, 12)) for _ in range(40)]
    assert max(measure(mask_runs(shape)).circularity[0] for shape in shapes) > 1


def test_a_rectangle_is_exact():
    mask = np.zeros((50, 60), bool)
    mask[10:22, 5:40] = True  # 12 high, 35 wide
    runs = mask_runs(mask)
    found = measure(runs)
    longest, shortest = feret(runs, found)[:2]
    major, minor, orientation = found.ellipse()
    assert found.area[0] == 12 * 35
    assert longest[0] == pytest.approx(np.hypot(12, 35))  # from corner to corner, as ImageJ's
    assert shortest[0] == 12
    assert (found.x[0], found.y[0]) == (22.5, 16.0)
    assert major[0] == pytest.approx(4 * 35 / np.sqrt(12))  # a bar of length L has second moment L²/12
    assert minor[0] == pytest.approx(4 * 12 / np.sqrt(12))
    assert orientation[0] == 0


@pytest.mark.parametrize("degrees", [-60, -45, -10, 0, 20, 30, 45, 75, 90])
def test_a_turned_rectangle_keeps_its_size_and_gives_its_angle(degrees):
    runs = mask_runs(turned_rectangle(240.5, 80.5, degrees))
    found = measure(runs)
    longest, shortest = feret(runs, found)[:2]
    major, minor, orientation = found.ellipse()
    assert found.area[0] == pytest.approx(240.5 * 80.5, rel=0.015)
    assert longest[0] == pytest.approx(np.hypot(240.5, 80.5), abs=2)
    assert shortest[0] == pytest.approx(80.5, abs=2)
    assert orientation[0] == pytest.approx(degrees, abs=0.2)
    assert major[0] / minor[0] == pytest.approx(240.5 / 80.5, rel=0.015)


@pytest.mark.parametrize("radius", [10.3, 25.7, 80.2])
def test_a_disc_is_round(radius):
    shapes = [disc(radius, centre) for centre in ((0, 0), (0.3, 0.1), (0.5, 0.5), (0.2, 0.7))]
    for shape in shapes:
        runs = mask_runs(shape)
        found = measure(runs)
        longest, shortest = feret(runs, found)[:2]
        assert found.equivalent_diameter[0] == pytest.approx(2 * radius, abs=0.3)
        assert found.perimeter[0] == pytest.approx(2 * np.pi * radius, rel=0.02)
        assert found.circularity[0] > 0.97
        assert longest[0] == pytest.approx(2 * radius, abs=1.5)
        assert shortest[0] == pytest.approx(2 * radius, abs=1.5)


def test_squares_have_no_orientation():
    _, _, orientation = measure(mask_runs(np.ones((7, 7), bool))).ellipse()
    assert np.isnan(orientation[0])


def test_perimeters_of_touching_features_do_not_share_edges():
    labels = np.zeros((40, 60), np.int32)
    labels[5:25, 5:25], labels[5:25, 25:45] = 1, 2
    together = measure(label_runs(labels, 2)).perimeter
    alone = measure(label_runs((labels == 1).astype(np.int32), 1)).perimeter
    assert together == pytest.approx([alone[0], alone[0]])


def test_turning_by_a_right_angle_changes_only_the_direction():
    mask = turned_rectangle(31, 12, 25, side=60)
    a, b = measure(mask_runs(mask)), measure(mask_runs(np.rot90(mask)))
    assert a.perimeter == pytest.approx(b.perimeter)
    assert a.circularity == pytest.approx(b.circularity)
    turned = (a.ellipse()[2] - b.ellipse()[2]) % 180
    assert turned == pytest.approx([90.0])
