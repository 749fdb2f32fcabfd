"""Runs and what is painted back from them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from graingraph.nodes.imaging.features.runs import label_runs, mask_runs, paint_labels, paint_mask

MASKS = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))


@pytest.mark.parametrize("connectivity", [4, 8])
@settings(max_examples=200)
@given(mask=MASKS)
def test_components_are_those_of_scipy(mask, connectivity):
    runs = mask_runs(mask, connectivity=connectivity)
    found = paint_labels(runs, np.arange(runs.features + 1, dtype=np.int32), mask.shape)
    expected, count = ndimage.label(mask, np.ones((3, 3)) if connectivity == 8 else None)
    assert runs.features == count
    assert np.array_equal(found, expected)  # scipy counts row by row too


@settings(max_examples=100)
@given(labels=arrays(np.int32, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=st.integers(0, 5)))
def test_painting_the_runs_of_labels_gives_the_labels_back(labels):
    runs = label_runs(labels, 5)
    assert np.array_equal(paint_labels(runs, np.arange(6, dtype=np.int32), labels.shape), labels)


@settings(max_examples=100)
@given(mask=MASKS)
def test_the_runs_of_the_background_complete_the_mask(mask):
    background = mask_runs(mask, value=False, connectivity=4)
    chosen = np.ones(background.features + 1, bool)
    assert paint_mask(background, chosen, True, mask).all()
    assert np.array_equal(paint_mask(background, ~chosen, True, mask), mask)


def test_a_comb_of_many_runs_joins_in_its_spine():
    comb = np.zeros((300, 9001), bool)
    comb[:-1, ::2] = True
    assert mask_runs(comb).features == 4501
    comb[-1] = True
    assert mask_runs(comb).features == 1
