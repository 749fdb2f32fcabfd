"""SelectFeatures. Oracle: the covered pixels of each feature counted one feature at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask
from graingraph.nodes.clean.select_features import select_features


@given(
    pixels=arrays(np.int32, (9, 11), elements=st.integers(0, 4)),
    where=arrays(bool, (9, 11)),
    share=st.sampled_from([0.0, 25.0, 50.0, 100.0]),
    keep=st.sampled_from(["at least", "at most"]),
)
def test_a_feature_stays_by_its_covered_share(pixels, where, share, keep):
    values = np.unique(pixels[pixels > 0])
    labels = np.searchsorted(values, pixels).astype(np.int32) + 1
    labels[pixels == 0] = 0
    found = select_features(Labels(labels, count=len(values)), Mask(where), keep=keep, share=share)
    parts = [
        100 * np.count_nonzero(where[labels == n]) / np.count_nonzero(labels == n) for n in range(1, len(values) + 1)
    ]
    stay = [n for n, part in enumerate(parts, 1) if (part >= share if keep == "at least" else part <= share)]
    assert found.count == len(stay)
    assert np.array_equal(found.pixels > 0, np.isin(labels, stay))


def test_features_of_a_mask_stay_whole():
    pixels = np.zeros((10, 20), bool)
    pixels[2:8, 2:8] = pixels[2:8, 12:18] = True
    where = np.zeros((10, 20), bool)
    where[:, :5] = True
    kept = select_features(Mask(pixels), Mask(where), share=50.0).pixels
    assert kept[:, :10].sum() == 36
    assert not kept[:, 10:].any()


def test_another_size_is_refused():
    with pytest.raises(Problem, match="differ in size"):
        select_features(Mask(np.ones((4, 4), bool)), Mask(np.ones((4, 5), bool)))
