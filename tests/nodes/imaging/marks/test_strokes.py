"""Oracle: the definition, applied to every pixel centre by brute force; analytic areas."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.engine.declare.injected import Mark
from graingraph.nodes.imaging.marks.strokes import Patch, flood, footprint, is_open_ground, line, pixel_of, polygon

SHAPE = (30, 40)
ROWS, COLUMNS = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]] + 0.5
point = st.tuples(st.floats(-8, 48, width=32), st.floats(-8, 38, width=32))


def whole(patch: Patch, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    full = np.zeros(shape, bool)
    full[patch.box] = patch.inside
    return full


def mark(tool: str, points, width: float = 1.0, **more) -> Mark:
    return Mark("m", tool, np.array(points, np.float32), width, **more)


@given(st.lists(point, min_size=1, max_size=6), st.floats(1, 14))
@settings(max_examples=150)
def test_a_line_is_every_centre_within_half_its_width(points, width):
    ends = points if len(points) > 1 else points * 2
    distance = np.full(SHAPE, np.inf)
    for (ax, ay), (bx, by) in pairwise(ends):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        t = np.clip(((COLUMNS - ax) * dx + (ROWS - ay) * dy) / length, 0, 1) if length else 0.0
        distance = np.minimum(distance, np.hypot(COLUMNS - ax - t * dx, ROWS - ay - t * dy))
    drawn = whole(line(np.array(points), width, SHAPE))
    sure = np.abs(distance - width / 2) > 1e-6
    assert np.array_equal(drawn[sure], (distance < width / 2)[sure])


@given(st.lists(point, min_size=3, max_size=8))
@settings(max_examples=150)
def test_a_polygon_is_every_centre_with_an_odd_number_of_edges_to_its_left(points):
    count = np.zeros(SHAPE, int)
    sure = np.ones(SHAPE, bool)
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        spans = (ay <= ROWS) != (by <= ROWS)
        with np.errstate(all="ignore"):
            x = ax + (ROWS - ay) * (bx - ax) / (by - ay)
        sure &= ~(spans & (np.abs(x - COLUMNS) < 1e-6))
        count += spans & (x <= COLUMNS)
    assert np.array_equal(whole(polygon(np.array(points), SHAPE))[sure], (count % 2 == 1)[sure])


def test_neighbouring_polygons_share_no_pixel_and_leave_none_out():
    cut = [(11.5, 0), (13.25, 12.5), (17, 30)]
    left, right = ([(0, 0), *cut, (0, 30)], [(40, 0), *cut, (40, 30)])
    assert np.array_equal(whole(polygon(np.array(left), SHAPE)), ~whole(polygon(np.array(right), SHAPE)))


def test_a_thin_line_has_no_gaps_and_one_of_one_and_a_half_separates_four_connected_sides():
    import cv2

    for angle in np.linspace(0, np.pi, 37):
        away = 60 * np.array([np.cos(angle), np.sin(angle)])
        centre = np.array([20.3, 15.8])
        thin = whole(line(np.array([centre - away, centre + away]), 0.0, SHAPE))
        assert cv2.connectedComponents(thin.view(np.uint8), connectivity=8)[0] == 2
        thick = whole(line(np.array([centre - away, centre + away]), 1.5, SHAPE))
        assert cv2.connectedComponents((~thick).view(np.uint8), connectivity=8)[0] == 3


def test_rectangle_and_ellipse_cover_what_their_corners_say():
    corners = [(30, 25), (10, 5)]
    box = (COLUMNS >= 10) & (COLUMNS < 30) & (ROWS >= 5) & (ROWS < 25)
    disc = (COLUMNS - 20) ** 2 + (ROWS - 15) ** 2 <= 100
    assert np.array_equal(whole(footprint(mark("rectangle", corners), SHAPE)), box)
    assert np.array_equal(whole(footprint(mark("ellipse", corners), SHAPE)), disc)


@given(st.integers(-6, 36), st.integers(-6, 26), st.integers(0, 12), st.integers(0, 9), st.randoms())
@settings(max_examples=80)
def test_a_region_is_its_runs_cut_to_the_image(x, y, width, height, random):
    inside = np.array([random.random() < 0.5 for _ in range(width * height)], bool)
    changes = np.flatnonzero(np.diff(np.concatenate([[False], inside]))) if len(inside) else np.array([], int)
    runs = np.diff(np.concatenate([[0], changes, [len(inside)]]))
    drawn = whole(footprint(mark("region", [(x, y), (x + width, y + height)], runs=runs), SHAPE))
    expected = np.zeros((SHAPE[0] + 40, SHAPE[1] + 40), bool)
    expected[y + 20 : y + 20 + height, x + 20 : x + 20 + width] = inside.reshape(height, width)
    assert np.array_equal(drawn, expected[20:-20, 20:-20])


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32])
def test_a_fill_stops_at_other_values_and_does_not_pass_a_corner(dtype):
    raster = np.zeros(SHAPE, dtype)
    raster[10, :] = raster[:10, 15] = 1
    raster[5, 15], raster[5, 14], raster[4, 15] = 0, 1, 1
    raster[5, 16] = raster[6, 15] = 1
    expected = np.zeros(SHAPE, bool)
    expected[:10, :15] = True
    expected[5, 14] = False
    assert np.array_equal(whole(flood(raster, np.array([3.0, 3.0]))), expected)
    assert not flood(raster, np.array([-1.0, 3.0])).inside.size


def test_what_lies_outside_the_image_is_nothing():
    for tool in ("pen", "polygon", "rectangle", "ellipse"):
        points = [(100, 100), (120, 110), (110, 130)][: 2 if tool in ("rectangle", "ellipse") else 3]
        assert not footprint(mark(tool, points), SHAPE).inside.any()
    assert not footprint(mark("pick", [(5, 5)]), SHAPE).inside.any()
    assert pixel_of(np.array([39.9, 29.9]), SHAPE) == (29, 39)
    assert pixel_of(np.array([40.0, 3.0]), SHAPE) is None


def test_a_grain_that_is_cut_by_the_edge_is_no_open_ground():
    grains = np.zeros((100, 200), np.int32)
    grains[:, 60] = grains[70, :] = 1
    corner, edge, most = np.array((10, 90)), np.array((10, 10)), np.array((150, 10))
    assert not is_open_ground(grains, corner)
    assert not is_open_ground(grains, edge)
    grains[:, 60], grains[:, 190] = 0, 1
    assert is_open_ground(grains, most)  # two neighbouring edges alone, but most of the image
    grains[70, 60] = 0
    assert is_open_ground(grains, corner)  # through a gap
    assert not is_open_ground(grains, np.array((190, 10)))  # on a feature
    assert not is_open_ground(grains, np.array((300, 10)))  # beside the image
