import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.app.rendering.resample import LINE_LEVEL, ClassPyramid, Pyramid, is_lines, nearest
from graingraph.app.rendering.view import View, fit
from graingraph.engine.values import UNLABELLED


@settings(max_examples=80)
@given(
    zoom=st.sampled_from([1.0, 1.3, 2.0, 3.7, 16.0]),
    x=st.floats(-20, 60),
    y=st.floats(-20, 40),
    width=st.integers(1, 90),
    height=st.integers(1, 70),
)
def test_zoomed_in_every_panel_pixel_is_the_image_pixel_under_its_centre(zoom, x, y, width, height):
    pixels = np.arange(30 * 50, dtype=np.uint16).reshape(30, 50)
    view = View(zoom, x, y)
    sampled = Pyramid(pixels).sample(view, (width, height))
    covered = np.zeros((height, width), bool)
    if sampled is not None:
        h, w = sampled.pixels.shape
        covered[sampled.y : sampled.y + h, sampled.x : sampled.x + w] = True
    for row in range(0, height, 7):
        for column in range(0, width, 7):
            at = view.to_image((column + 0.5, row + 0.5))
            inside = 0 <= at.x < 50 and 0 <= at.y < 30
            assert covered[row, column] == inside
            if inside and sampled is not None:
                assert sampled.pixels[row - sampled.y, column - sampled.x] == pixels[int(at.y), int(at.x)]


@pytest.mark.parametrize("zoom", [0.5, 0.31, 0.11])
def test_zoomed_out_a_slope_stays_where_it_is(zoom: float):
    """Oracle: a linear ramp averages to its value at the centre of each panel pixel."""
    pixels = np.add.outer(np.arange(1400.0), 2 * np.arange(2000.0)).astype(np.float32)
    view = View(zoom, 300.0, 200.0)
    sampled = Pyramid(pixels).sample(view, (120, 90))
    assert sampled is not None
    rows, columns = np.mgrid[0:90, 0:120] + 0.5
    expected = (view.y + rows / zoom - 0.5) + 2 * (view.x + columns / zoom - 0.5)
    assert np.abs(sampled.pixels - expected).max() < 1.0


@pytest.mark.parametrize("shape", [(1, 900), (900, 1), (2, 5000)])
def test_zoomed_out_an_image_of_hardly_any_width_is_still_seen(shape: tuple[int, int]):
    view = fit(shape, (300, 200))
    sampled = Pyramid(np.full(shape, 200, np.uint8)).sample(view, (300, 200))
    assert sampled is not None
    assert min(sampled.pixels.shape) == 1
    assert (sampled.pixels == 200).all()
    assert Pyramid(np.ones(shape, np.uint8)).sample(View(view.zoom, 1e6, 1e6), (300, 200)) is None


def test_zoomed_out_a_mask_keeps_its_share_of_the_area():
    mask = np.random.default_rng(1).random((1024, 1024)) < 0.3
    sampled = Pyramid(mask).sample(View(0.25, 0, 0), (256, 256))
    assert sampled is not None
    assert sampled.pixels.mean() / 255 == pytest.approx(0.3, abs=0.005)


@settings(max_examples=60)
@given(zoom=st.floats(0.06, 0.999), x=st.floats(0, 20), y=st.floats(0, 20), slope=st.floats(-1, 1))
def test_zoomed_out_a_line_one_pixel_wide_is_nowhere_broken_and_hardly_wider(zoom, x, y, slope):
    mask = np.zeros((1100, 1500), np.uint8)
    cv2.line(mask, (0, round(550 - 750 * slope * 0.7)), (1499, round(550 + 750 * slope * 0.7)), 1)
    sampled = Pyramid(mask.view(bool)).sample(View(zoom, x, y), (80, 1200))
    assert sampled is not None
    wide = (sampled.pixels > LINE_LEVEL).sum(axis=0)
    assert wide.min() >= 1
    assert wide.max() <= 5


@settings(max_examples=60)
@given(zoom=st.floats(0.06, 0.999), x=st.floats(0, 20), y=st.floats(0, 20), slope=st.floats(-1, 1))
def test_zoomed_out_a_class_of_lines_is_nowhere_broken_and_others_stay_as_sampled(zoom, x, y, slope):
    pixels = np.zeros((1100, 1500), np.uint8)
    pixels[:, 700:] = 1
    pixels[:60] = UNLABELLED
    cv2.line(pixels, (0, round(550 - 750 * slope * 0.7)), (1499, round(550 + 750 * slope * 0.7)), 2)
    view = View(zoom, x, y)
    sampled = ClassPyramid(pixels).sample(view, (80, 1200))
    plain = nearest(pixels, view, (80, 1200))
    assert sampled is not None
    assert plain is not None
    line = sampled.pixels == 2
    assert line.sum(axis=0).min() >= 1
    assert line.sum(axis=0).max() <= 5
    assert np.array_equal(sampled.pixels[~line & (plain.pixels != 2)], plain.pixels[~line & (plain.pixels != 2)])


def test_what_is_wide_or_dense_is_not_taken_for_lines():
    lines, wide, dense = (np.zeros((200, 300), bool) for _ in range(3))
    lines[::20] = True
    wide[50:150, 50:150] = True
    dense[::3] = True
    assert [is_lines(mask) for mask in (lines, wide, dense, ~lines, dense & False)] == [True, *[False] * 4]


def test_panning_by_whole_pixels_moves_the_picture_without_changing_it():
    pixels = np.random.default_rng(2).integers(0, 255, (900, 1200), np.uint8)
    pyramid = Pyramid(pixels)
    view = View(0.4, 100, 100)
    before = pyramid.sample(view, (200, 150)).pixels
    after = pyramid.sample(view.panned(-10, -5), (200, 150)).pixels
    assert np.abs(after[:-5, :-10].astype(int) - before[5:, 10:]).max() <= 1


def test_nothing_is_sampled_beside_the_image():
    assert nearest(np.zeros((10, 10), np.int32), View(1.0, 50, 0), (20, 20)) is None
    assert Pyramid(np.zeros((2000, 2000), np.uint8)).sample(View(0.2, -5000, 0), (20, 20)) is None


@settings(max_examples=50)
@given(st.floats(0.02, 30), st.floats(0.2, 5), st.floats(0, 500), st.floats(0, 400))
def test_zooming_keeps_the_point_under_the_pointer(zoom: float, factor: float, x: float, y: float):
    view = View(zoom, 12.0, -7.0)
    before, after = view.to_image((x, y)), view.zoomed(factor, (x, y)).to_image((x, y))
    assert before.distance(after) < 1e-6 * (1 + abs(before.x) + abs(before.y))


def test_fit_shows_the_whole_image_in_the_middle():
    view = fit((3000, 4000), (800, 400))
    corner, end = view.to_panel((0, 0)), view.to_panel((4000, 3000))
    assert corner.y == pytest.approx(0)
    assert end.y == pytest.approx(400)
    assert corner.x == pytest.approx(800 - end.x)
