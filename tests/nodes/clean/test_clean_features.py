"""The nodes that repair, select and separate features."""

import inspect
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage
from skimage.morphology import remove_small_holes, remove_small_objects
from skimage.segmentation import clear_border

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.clean.edge_reject import edge_reject
from graingraph.nodes.clean.fill_holes import fill_holes
from graingraph.nodes.clean.label_features import label_features
from graingraph.nodes.clean.reject_features import NAMES, reject_features
from graingraph.nodes.clean.separate_features import separate_features
from graingraph.nodes.imaging.features.quantities import QUANTITIES
from graingraph.nodes.measure.measure_features import measure_features

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))
SCALE = Scale(0.5)


def rectangles(*boxes, shape=(60, 80)):
    """A mask with a filled box for each (top, left, height, width)."""
    pixels = np.zeros(shape, bool)
    for top, left, height, width in boxes:
        pixels[top : top + height, left : left + width] = True
    return Mask(pixels, SCALE)


@settings(max_examples=100)
@given(pixels=MASKS)
def test_filling_holes_is_what_scipy_does(pixels):
    assert np.array_equal(fill_holes(Mask(pixels)).pixels, ndimage.binary_fill_holes(pixels))


@settings(max_examples=100)
@given(pixels=MASKS)
def test_small_holes_only(pixels):
    padded = np.pad(pixels, 1)  # scikit-image also fills at the frame; with a frame of background it does not
    expected = remove_small_holes(np.pad(padded, 30), connectivity=1, max_size=3)[31:-31, 31:-31]
    filled = fill_holes(Mask(padded), size="up to max_area", max_area=3.0).pixels[1:-1, 1:-1]
    assert np.array_equal(filled, expected)


@settings(max_examples=100)
@given(pixels=MASKS)
def test_dropping_small_features_is_what_scikit_image_does(pixels):
    kept = reject_features(Mask(pixels), by="area", keep="at least", minimum=5.0)
    assert np.array_equal(kept.pixels, remove_small_objects(pixels, connectivity=2, max_size=4))


@settings(max_examples=100)
@given(pixels=MASKS)
def test_edge_reject_is_what_scikit_image_does(pixels):
    expected = clear_border(ndimage.label(pixels, np.ones((3, 3)))[0]) > 0
    assert np.array_equal(edge_reject(Mask(pixels)).pixels, expected)
    assert np.array_equal(edge_reject(label_features(Mask(pixels))).pixels > 0, expected)


def test_each_side_of_the_frame_can_be_spared():
    mask = rectangles((0, 20, 5, 5), (55, 20, 5, 5), (20, 0, 5, 5), (20, 75, 5, 5), (30, 30, 5, 5))
    assert label_features(edge_reject(mask)).count == 1
    for side in ("top", "bottom", "left", "right"):
        spared = edge_reject(mask, **{side: False})
        assert label_features(spared).count == 2
        assert texts(spared.notes) == ("3 of 5 features touched the image frame and were left out.",)


def test_labels_stay_without_gaps_and_in_order():
    labels = label_features(rectangles((0, 0, 5, 5), (10, 10, 8, 8), (30, 30, 2, 2), (40, 40, 9, 9)))
    kept = reject_features(edge_reject(labels), minimum=10.0)
    assert isinstance(kept, Labels)
    assert kept.count == 2
    assert (kept.pixels[12, 12], kept.pixels[42, 42], kept.pixels[0, 0], kept.pixels[30, 30]) == (1, 2, 0, 0)
    assert kept.scale == SCALE


@pytest.mark.parametrize(
    ("settings_", "left"),
    [
        ({"by": "area", "minimum": 100.0}, {100, 400, 160}),
        ({"by": "area", "minimum": 100.0, "unit": "µm"}, {400}),
        ({"by": "area", "keep": "at most", "maximum": 100.0}, {100, 25}),
        ({"by": "area", "keep": "between", "minimum": 26.0, "maximum": 160.0}, {100, 160}),
        ({"by": "aspect ratio", "keep": "at most", "maximum": 2.0}, {100, 400, 25}),
        ({"by": "aspect ratio", "minimum": 9.9}, {160}),
        ({"by": "Feret min", "minimum": 5.0}, {100, 400, 25}),
        ({"by": "Feret max", "minimum": 28.2}, {400, 160}),
        ({"by": "Feret max", "minimum": 14.1, "unit": "µm"}, {400, 160}),
        ({"by": "equivalent diameter", "keep": "at most", "maximum": 12.0}, {100, 25}),
        ({"by": "circularity", "keep": "at most", "maximum": 0.5}, {160}),
    ],
)
def test_limits_of_every_kind(settings_, left):
    mask = rectangles((2, 2, 10, 10), (20, 2, 20, 20), (2, 30, 4, 40), (50, 50, 5, 5))
    kept = reject_features(mask, **settings_)
    assert set(np.bincount(label_features(kept).pixels.ravel())[1:].tolist()) == left


def choices() -> tuple[str, ...]:
    return get_args(inspect.signature(reject_features).parameters["by"].annotation)


def test_features_are_rejected_by_whatever_is_measured():
    assert list(choices()) == list(NAMES)


@pytest.mark.parametrize("by", choices())
def test_limits_are_those_that_measure_features_shows(by):
    """Two-sided limits in µm at the values of the table, for every size and shape."""
    mask = rectangles((0, 0, 3, 3), (10, 10, 8, 21), (30, 30, 20, 20), (40, 2, 15, 5))
    image = Image(np.add.outer(np.arange(60), np.arange(80)).astype(np.uint8))
    values = measure_features(mask, image).columns[NAMES[by]]
    values = values[np.isfinite(values)]
    values = np.sort(values % 180 if QUANTITIES[NAMES[by]] == "angle" else np.minimum(values, 1e9))
    low, high = (values[0] + values[1]) / 2, (values[-2] + values[-1]) / 2
    inside = np.count_nonzero((values >= low) & (values <= high))
    for keep, count in (("between", inside), ("outside", np.count_nonzero((values <= low) | (values >= high)))):
        kept = reject_features(mask, image, by=by, keep=keep, minimum=float(low), maximum=float(high), unit="µm")
        assert label_features(kept).count == count


def test_directions_go_on_beyond_180_degrees():
    lying, rising = rectangles((10, 10, 4, 40)), Mask(np.eye(60, dtype=bool)[::-1])
    for mask, angle in ((lying, 180.0), (lying, 0.0), (rising, 45.0)):
        kept = reject_features(mask, by="orientation", keep="between", minimum=max(angle - 2, 0), maximum=angle + 2)
        assert kept.pixels.any()
        outside = reject_features(mask, by="orientation", keep="outside", minimum=max(angle - 2, 0), maximum=angle + 2)
        assert not outside.pixels.any() or angle == 0.0


def test_grey_levels_need_the_image():
    with pytest.raises(Problem, match="wire the image"):
        reject_features(rectangles((10, 10, 4, 40)), by="mean grey")


def test_micrometres_need_a_pixel_size():
    with pytest.raises(Problem, match="SetScale"):
        reject_features(Mask(np.ones((4, 4), bool)), unit="µm")
    assert reject_features(Mask(np.ones((4, 4), bool)), by="circularity", unit="µm", minimum=0.5).pixels.all()


def test_connectivity_of_labels():
    diagonal = Mask(np.eye(6, dtype=bool))
    assert label_features(diagonal).count == 1
    assert label_features(diagonal, connectivity="4").count == 6


def test_dark_lines_separate_by_brightness_where_the_shape_has_no_neck():
    grey = np.full((40, 90), 180, np.uint8)
    grey[:, 28:31] = 60
    mask = Mask(np.pad(np.ones((30, 80), bool), 5))
    assert separate_features(mask, depth=2.0).count == 1
    found = separate_features(mask, Image(grey), by="brightness", contrast=20.0)
    assert found.count == 2
    assert np.array_equal(found.pixels > 0, mask.pixels)
    assert (found.pixels[20, 20], found.pixels[20, 40]) == (1, 2)


@pytest.mark.parametrize("image", [None, Image(np.zeros((3, 3), np.uint8))])
def test_brightness_needs_the_image(image):
    with pytest.raises(Problem, match="wire"):
        separate_features(Mask(np.ones((4, 4), bool)), image, by="brightness")


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (8, 1), (6, 9)])
@pytest.mark.parametrize("full", [False, True])
def test_nothing_and_everything(shape, full):
    mask = Mask(np.full(shape, full))
    assert np.array_equal(fill_holes(mask).pixels, mask.pixels)
    assert np.array_equal(reject_features(mask, minimum=0.0).pixels, mask.pixels)
    assert not edge_reject(mask).pixels.any()
    for labels in (label_features(mask), separate_features(mask)):
        assert labels.count == int(full)
        assert labels.pixels.dtype == np.int32
        assert bool(labels.notes) != full
