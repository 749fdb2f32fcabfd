"""Corrected results become training data only where somebody corrected something."""

import numpy as np

from graingraph.engine.values import UNLABELLED, Labels, Mask
from graingraph.nodes.learn.truth_from_mask import truth_from_mask


def test_an_untouched_result_stays_unlabelled() -> None:
    mask = Mask(np.eye(8, dtype=bool))
    assert (truth_from_mask(mask, mask).pixels == UNLABELLED).all()


def test_a_corrected_mask_is_labelled_everywhere() -> None:
    before, after = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    after[2:4] = True
    truth = truth_from_mask(Mask(after), Mask(before), name="pore", rest_name="metal")
    assert np.array_equal(truth.pixels, after)
    assert [item.name for item in truth.classes] == ["metal", "pore"]


def test_grains_become_lines_between_them() -> None:
    grains = np.ones((10, 20), np.int32)
    grains[:, 10:] = 2
    truth = truth_from_mask(Labels(grains, count=2), kind="boundaries between features", line_width=3)
    assert set(np.flatnonzero(truth.pixels[5])) <= set(range(7, 13))
    assert truth.pixels[5, 9:11].any()
    assert not truth.pixels[:, :6].any()
