"""LineFilter on lines, edges and discs of known depth."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from graingraph.engine.values import Image, Scale
from graingraph.nodes.enhance.line_filter import line_filter
from graingraph.nodes.segment.boundaries import boundaries_to_grains

SIZE = 120
GROUND, DEPTH = 0.8, 0.4


def image(pixels):
    return Image(pixels.astype(np.float32), Scale(0.3), name="a.tif", range=(0.0, 1.0))


def profile(degrees, shape):
    """Signed distance from a line through the middle, put through ``shape``, as an image."""
    y, x = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    angle = np.radians(degrees)
    return shape(x * np.sin(angle) - y * np.cos(angle))


def middle(values):
    return values[30:-30, 30:-30]


@settings(max_examples=25)
@given(st.floats(0, 180), st.sampled_from([3.0, 6.0, 12.0]))
def test_a_line_of_any_direction_gives_most_of_its_depth_on_its_middle_and_nothing_beside_it(degrees, width):
    line = profile(degrees, lambda d: np.abs(d) < width / 2)
    response = middle(line_filter(image(GROUND - DEPTH * line), width=width).pixels)
    on = middle(profile(degrees, np.abs) < 0.7)
    beside = middle(profile(degrees, np.abs) > 4 * width)
    assert response[on].min() > 0.6 * DEPTH
    assert response.max() < 1.05 * DEPTH
    assert np.all(response[beside] < 0.02)


@settings(max_examples=15)
@given(st.floats(0, 180))
def test_an_edge_gives_nothing(degrees):
    edge = profile(degrees, lambda d: d > 0)
    assert middle(line_filter(image(GROUND - DEPTH * edge)).pixels).max() < 0.1 * DEPTH


@pytest.mark.parametrize("radius", [1, 2, 3, 5])
def test_a_pit_gives_half_of_its_depth_at_most(radius):
    pit = np.zeros((SIZE, SIZE), np.float32)
    cv2.circle(pit, (60, 60), radius, 1.0, -1)
    assert line_filter(image(GROUND - DEPTH * pit)).pixels.max() < 0.51 * DEPTH


def test_bright_lines_are_dark_lines_of_the_negative():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 70), np.uint8)
    bright = line_filter(Image(pixels), lines="brighter").pixels
    assert bright == pytest.approx(line_filter(Image(255 - pixels)).pixels, abs=1e-6)


def test_noise_between_lines_is_taken_off():
    noise = np.random.default_rng(0).normal(0, 0.03, (200, 200))
    assert np.quantile(line_filter(image(GROUND + noise)).pixels, 0.9) < 0.005


def test_scale_name_and_shape_stay_and_depth_does_not_depend_on_bits():
    line = (GROUND - DEPTH * profile(30, lambda d: np.abs(d) < 1.5)).astype(np.float32)
    eight = line_filter(Image(np.rint(line * 255).astype(np.uint8), Scale(0.3), name="a.tif"))
    sixteen = line_filter(Image(np.rint(line * 65535).astype(np.uint16), Scale(0.3), range=(0.0, 65535.0)))
    assert eight.scale == Scale(0.3)
    assert (eight.name, eight.range, eight.pixels.dtype) == ("a.tif", (0.0, 1.0), np.float32)
    assert eight.pixels == pytest.approx(sixteen.pixels, abs=0.01)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (7, 3), (300, 5), (40, 30, 3)])
@pytest.mark.parametrize("width", [1.0, 3.0, 100.0])
def test_any_shape_gives_a_grey_image_of_that_size(shape, width):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    response = line_filter(Image(pixels), width=width)
    assert response.pixels.shape == shape[:2]
    assert response.pixels.min() >= 0


def etched(seed: int = 0) -> np.ndarray:
    """Grains with dark boundaries of 3 px, float32 (400, 500) between 0 and 1."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, (400, 500), (110, 2))
    distance = cKDTree(points).query(np.stack(np.indices((400, 500)), -1).reshape(-1, 2), k=2)[0]
    boundary = (distance[:, 1] - distance[:, 0]).reshape(400, 500) < 3
    levels = cv2.GaussianBlur(np.where(boundary, 0.4, 0.75).astype(np.float32), (0, 0), 0.7)
    return np.clip(levels + rng.normal(0, 0.02, levels.shape), 0, 1).astype(np.float32)


def scratched(pixels: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    drawn = np.zeros(pixels.shape, np.float32)
    for angle in rng.uniform(0, np.pi, count):
        middle, half = (
            rng.uniform((150, 100), (350, 300)),
            rng.uniform(120, 300) * np.array([np.cos(angle), np.sin(angle)]),
        )
        ends = [tuple(np.rint(16 * (middle + side * half)).astype(int).tolist()) for side in (-1, 1)]
        cv2.line(drawn, *ends, 1.0, 2, cv2.LINE_AA, 4)
    return np.clip(pixels - 0.4 * drawn, 0, 1)


def grains(pixels: np.ndarray, **settings) -> int:
    return boundaries_to_grains(line_filter(image(pixels), **settings)).count


@pytest.mark.parametrize("seed", range(3))
def test_scratches_are_taken_out_and_said(seed):
    clean = etched(seed)
    found = line_filter(image(clean))
    assert not found.notes
    assert np.array_equal(found.pixels, line_filter(image(clean), scratches="keep").pixels)
    count, worn = grains(clean), scratched(clean, 8, seed)
    parted = grains(worn, scratches="keep") - count
    assert parted > 0.3 * count
    assert abs(grains(worn) - count) < 0.3 * parted
    (note,) = line_filter(image(worn)).notes
    assert note.about == "scratches"
    assert line_filter(image(worn), scratches="keep").notes[0].kind == "not reportable"
    assert line_filter(image(scratched(clean, 25, seed))).notes[0].kind == "not reportable"


def test_straight_sides_of_single_grains_are_no_scratches():
    squares = np.full((400, 500), 0.75, np.float32)
    for row in range(0, 400, 40):  # bricks: the rows are straight through all grains, the columns through one
        squares[row : row + 3] = 0.75
        for column in range(20 * (row // 40 % 2), 500, 40):
            squares[row : row + 40, column : column + 3] = 0.4
    assert not line_filter(image(squares)).notes
