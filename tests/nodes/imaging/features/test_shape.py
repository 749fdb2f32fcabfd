"""Sizes and shapes by name against discs, ellipses, rectangles and rings, scikit-image and SciPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.ndimage import binary_fill_holes, distance_transform_edt, label
from scipy.spatial.distance import cdist
from skimage.measure import perimeter_crofton

from graingraph.app.samples import phantoms
from graingraph.nodes.imaging.features.inscribed import inscribed_radius
from graingraph.nodes.imaging.features.runs import label_runs, mask_runs
from graingraph.nodes.imaging.features.shape import Shape

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


def of_mask(mask: np.ndarray) -> Shape:
    return Shape(mask_runs(mask), mask.shape[1])


def turned_rectangle(length: float, width: float, degrees: float, side: int) -> np.ndarray:
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    angle = np.radians(degrees)
    along, across = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    return (np.abs(along) <= length / 2) & (np.abs(across) <= width / 2)


@settings(max_examples=150)
@given(mask=MASKS)
def test_holes_are_those_that_scipy_fills(mask: np.ndarray) -> None:
    shape = Shape(label_runs(mask.astype(np.int32), 1), mask.shape[1])  # in several pieces on purpose
    whole = binary_fill_holes(mask)
    assert shape.of("Filled area")[0] == whole.sum()
    assert shape.of("Holes")[0] == label(whole & ~mask)[1]
    assert shape.of("Outer perimeter")[0] == pytest.approx(perimeter_crofton(np.pad(whole, 1), directions=4))


@settings(max_examples=100)
@given(
    labels=arrays(np.int32, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14), elements={"max_value": 3})
)
def test_what_lies_deepest_is_what_scipy_says(labels: np.ndarray) -> None:
    labels = np.maximum(labels, 0)
    found = inscribed_radius(label_runs(labels, 3), labels.shape[1])
    for k in range(3):
        alone = np.pad(labels == k + 1, 1)
        assert found[k] == pytest.approx(distance_transform_edt(alone).max() if alone.any() else 0)


def test_a_ring_has_a_hole_and_a_feature_in_it_has_its_own() -> None:
    y, x = np.mgrid[:90, :90] + 0.5
    away = np.hypot(y - 45, x - 45)
    labels = np.zeros((90, 90), np.int32)
    labels[(away < 40) & (away >= 30)] = 1
    labels[(away < 20) & (away >= 10)] = 2
    shape = Shape(label_runs(labels, 2), 90)
    assert shape.of("Holes").tolist() == [1, 1]
    assert shape.of("Filled area") == pytest.approx(np.pi * np.array([1600, 400]), rel=0.01)
    assert shape.of("Perimeter") == pytest.approx(np.pi * np.array([140, 60]), rel=0.015)
    assert shape.of("Outer perimeter") == pytest.approx(np.pi * np.array([80, 40]), rel=0.015)
    assert shape.of("Outer circularity") == pytest.approx([1, 1], rel=0.02)
    assert shape.of("Inscribed diameter") == pytest.approx([10, 10], abs=1)


@pytest.mark.parametrize(("diameter", "limit"), [(60, 0.015), (20, 0.03), (10, 0.05), (5, 0.15)])
def test_discs_are_convex_solid_and_hold_a_circle_of_their_size(diameter: int, limit: float) -> None:
    rng, side = np.random.default_rng(diameter), diameter + 8
    found = []
    for _ in range(60):
        shape = of_mask(phantoms.ellipse(diameter, side / 2 + rng.uniform(-0.5, 0.5, 2), (side, side)))
        found.append([shape.of(name)[0] for name in ("Convexity", "Solidity", "Inscribed diameter", "Feret across")])
    convexity, solidity, inscribed, across = np.mean(found, axis=0)
    assert convexity == 1
    assert solidity == pytest.approx(1, abs=limit)
    assert inscribed == pytest.approx(diameter, rel=limit)
    assert across == pytest.approx(diameter, rel=limit)


@pytest.mark.parametrize("degrees", [0.0, 12.0, 30.0, 45.0, 77.0])
def test_a_rectangle_in_any_direction(degrees: float) -> None:
    length, width = 60.0, 20.0
    shape = of_mask(turned_rectangle(length, width, degrees, 100))
    diagonal = np.degrees(np.arctan(width / length))
    off = (shape.of("Feret angle")[0] - degrees + 90) % 180 - 90
    assert abs(off) == pytest.approx(diagonal, abs=1.5)  # either of its two diagonals
    assert shape.of("Feret across")[0] == pytest.approx(2 * length * width / np.hypot(length, width), abs=2)
    assert shape.of("Inscribed diameter")[0] == pytest.approx(width, abs=1)
    assert shape.of("Convexity")[0] == pytest.approx(1, abs=0.01)
    assert shape.of("Solidity")[0] == pytest.approx(1, abs=0.04)


def test_a_cross_is_neither_convex_nor_solid() -> None:
    """Arms of 20 by 60 px: its hull is an octagon, and its outline as long as that of the square round it."""
    cross = np.zeros((80, 80), bool)
    cross[30:50, 10:70] = cross[10:70, 30:50] = True
    shape = of_mask(cross)
    assert shape.of("Solidity")[0] == pytest.approx(2000 / (3600 - 4 * 200), rel=0.02)
    assert shape.of("Convexity")[0] == pytest.approx((4 * 20 + 4 * 20 * np.sqrt(2)) / 240, rel=0.06)
    assert shape.of("Inscribed diameter")[0] == pytest.approx(20 * np.sqrt(2), abs=1)


def test_angles_run_from_above_minus_90_to_90() -> None:
    for degrees in (-80.0, -45.0, 10.0, 90.0):
        shape = of_mask(phantoms.ellipse(40, (25.3, 24.8), (50, 50), 4.0, degrees))
        assert -90 < shape.of("Feret angle")[0] <= 90
        assert (shape.of("Feret angle")[0] - degrees + 90) % 180 - 90 == pytest.approx(0, abs=3)


def test_the_nearest_neighbour_is_the_nearest_of_all() -> None:
    rng = np.random.default_rng(4)
    mask = rng.random((60, 70)) < 0.05
    shape = of_mask(mask)
    centres = np.stack([shape.of("Centroid X"), shape.of("Centroid Y")], axis=1)
    apart = cdist(centres, centres) + np.diag(np.full(len(centres), np.inf))
    assert shape.of("Nearest neighbour") == pytest.approx(apart.min(axis=1))
    assert np.isnan(of_mask(np.eye(3, dtype=bool)).of("Nearest neighbour")).all()


def test_grey_levels_need_an_image() -> None:
    shape = of_mask(np.eye(3, dtype=bool))
    assert "Mean grey" not in shape.names
    with pytest.raises(ValueError, match="image"):
        shape.of("Mean grey")
