"""Uncertainty is 0 where the network is certain and 1 at a toss-up; the least sure region is named first."""

import numpy as np
import pytest

from graingraph.engine.values import PerImage, Probabilities
from graingraph.nodes.learn.uncertainty import trace_next, uncertainty


def certain_but(box: tuple[slice, slice] | None, shape: tuple[int, int] = (100, 120)) -> Probabilities:
    pixels = np.zeros((*shape, 2), np.float32)
    pixels[..., 0] = 1
    if box:
        pixels[box] = 0.5
    return Probabilities(pixels)


def test_uncertainty_of_certainty_and_of_a_toss_up() -> None:
    shown = uncertainty(certain_but(np.s_[10:20, 30:50])).pixels
    assert shown[15, 40] == pytest.approx(1, abs=1e-3)
    assert shown[50, 50] == pytest.approx(0, abs=1e-3)


def test_the_unsure_region_of_the_unsure_image_comes_first() -> None:
    values = {"sure": certain_but(None), "unsure": certain_but(np.s_[40:72, 60:92])}
    table = trace_next(PerImage(list(values), values.__getitem__), region=32, per_image=3)
    first = table.frame.iloc[0]
    assert (first["Image"], first["X"], first["Y"]) == ("unsure", 60, 40)
    assert first["Uncertainty"] == pytest.approx(1, abs=1e-3)
    assert list(table.frame["Rank"]) == list(range(1, len(table.frame) + 1))


def test_regions_of_one_image_do_not_overlap() -> None:
    table = trace_next(PerImage(["a"], lambda name: certain_but(np.s_[:, :])), region=50, per_image=4)
    boxes = table.frame[["X", "Y"]].to_numpy()
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert (np.abs(one - other) >= 50).any()
