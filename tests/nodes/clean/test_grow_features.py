"""GrowFeatures against two half planes, a mask that holds the growth in, and labels that must not change."""

import numpy as np

from graingraph.engine.values import Labels, Mask
from graingraph.nodes.clean.grow_features import grow_features


def strips(gap: int) -> Labels:
    pixels = np.zeros((20, 40 + gap), np.int32)
    pixels[:, :20], pixels[:, 20 + gap :] = 1, 2
    return Labels(pixels, count=2)


def test_two_half_planes_meet_in_the_middle_of_the_strip() -> None:
    grown = grow_features(strips(6), distance=10).pixels
    assert (grown[:, :23] == 1).all()
    assert (grown[:, 23:] == 2).all()


def test_growth_ends_at_its_distance_and_at_the_mask() -> None:
    grown = grow_features(strips(10), distance=2).pixels
    assert (grown == 0).sum() == 20 * 6
    within = np.zeros((20, 50), bool)
    within[:5] = True
    grown = grow_features(strips(10), Mask(within), distance=20).pixels
    assert (grown[:5] > 0).all()
    assert (grown[5:, 20:30] == 0).all()


def test_features_keep_their_own_pixels() -> None:
    labels = strips(4)
    grown = grow_features(labels, distance=3).pixels
    assert (grown[labels.pixels > 0] == labels.pixels[labels.pixels > 0]).all()
    empty = Labels(np.zeros((5, 5), np.int32))
    assert grow_features(empty) is empty
