"""Outlines of features and colours of classes over a micrograph."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.imaging.picture.overlay import OUTLINES, draw_outlines, outline_color, outlines, tint_classes

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)


@settings(max_examples=80)
@given(regions=arrays(np.int32, SHAPES, elements=st.integers(0, 3)) | arrays(bool, SHAPES))
def test_an_outline_is_where_a_feature_meets_something_else(regions):
    height, width = regions.shape
    found = outlines(regions)
    for r in range(height):
        for c in range(width):
            beside = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
            meets = any(regions[p] != regions[r, c] for p in beside if 0 <= p[0] < height and 0 <= p[1] < width)
            assert found[r, c] == (regions[r, c] > 0 and meets)


def test_drawing_colours_the_outline_and_nothing_else():
    mask = np.zeros((20, 30), bool)
    mask[5:15, 8:20] = True
    rgb = np.full((20, 30, 3), 77, np.uint8)
    drawn = draw_outlines(rgb, mask)
    edge = outlines(mask)
    assert edge.sum() == 2 * 10 + 2 * 12 - 4
    assert (drawn[edge] == outline_color(rgb)).all()
    assert (drawn[~edge] == 77).all()
    assert (rgb == 77).all()


def test_outlines_stand_out_from_dark_grey_yellow_and_blue_pictures():
    for color in ((10, 10, 10), (128, 128, 128), (240, 240, 240), (230, 215, 120), (40, 90, 200), (200, 60, 120)):
        rgb = np.full((40, 300, 3), color, np.uint8)
        rgb[::2] = np.clip(np.array(color) + 10, 0, 255)
        chosen = outline_color(rgb)
        assert chosen in OUTLINES
        assert np.abs(np.array(chosen) - color).max() > 100
    assert outline_color(np.full((40, 300, 3), (230, 215, 60), np.uint8)) != OUTLINES[0]


def test_the_colours_of_classes_are_half_transparent_and_unlabelled_pixels_stay():
    rgb = np.full((2, 3, 3), 100, np.uint8)
    classes = np.array([[0, 1, UNLABELLED], [1, UNLABELLED, 0]], np.uint8)
    tinted = tint_classes(rgb, classes, [(200, 0, 100), (0, 50, 254)])
    assert (tinted[classes == 0] == (150, 50, 100)).all()
    assert (tinted[classes == 1] == (50, 75, 177)).all()
    assert (tinted[classes == UNLABELLED] == 100).all()
    assert (rgb == 100).all()
    assert (tint_classes(rgb, classes, []) == rgb).all()
