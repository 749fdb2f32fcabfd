"""Tiles cover every size, and joining them leaves no seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graingraph.nodes.learning.apply.tiles import plan, span


@settings(max_examples=200)
@given(st.integers(1, 900), st.integers(32, 256), st.integers(0, 200))
def test_fades_of_all_tiles_add_up_to_one(length: int, tile: int, overlap: int) -> None:
    cut = span(length, tile, min(overlap, tile // 2))
    total = np.zeros(max(length, cut.tile))
    for start, weight in zip(cut.starts, cut.weights, strict=True):
        assert 0 <= start <= total.size - cut.tile
        total[start : start + cut.tile] += weight
    assert np.allclose(total, 1, atol=1e-6)
    assert cut.tile % 16 == 0


@pytest.mark.parametrize("shape", [(1, 1), (64, 64), (65, 200), (300, 130)])
def test_joining_unchanged_tiles_gives_the_picture_back(shape: tuple[int, int]) -> None:
    tiles = plan(shape, (64, 64), 24)
    picture = np.random.default_rng(1).random((2, *tiles.padded), dtype=np.float32)
    joined = np.zeros_like(picture)
    for place in tiles.places():
        tiles.join(joined, place, tiles.cut(picture, place))
    assert np.allclose(joined, picture, atol=1e-6)


def test_the_outermost_pixels_of_inner_tile_borders_have_no_weight() -> None:
    cut = span(200, 64, 32)
    assert (cut.weights[1, :8] == 0).all()
    assert (cut.weights[0, -8:] == 0).all()
    assert cut.weights[0, 0] == 1
