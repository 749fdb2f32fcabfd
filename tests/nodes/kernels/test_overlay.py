"""Outlines of features over a micrograph."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nodes.kernels.overlay import OUTLINE, draw_outlines, outlines

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
    assert (drawn[edge] == OUTLINE).all()
    assert (drawn[~edge] == 77).all()
    assert (rgb == 77).all()
