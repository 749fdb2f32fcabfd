import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Image, Labels, Mask, PixelClass, Scale
from graingraph.nodes.input.crop import crop

LEVELS = np.arange(80, dtype=np.uint8).reshape(8, 10)
SCALE = Scale(0.5)


def test_every_raster_keeps_its_kind_and_scale():
    for value in (
        Image(LEVELS, SCALE, name="a"),
        Image(np.dstack([LEVELS] * 3), SCALE),
        Mask(LEVELS > 9, SCALE),
        ClassMap(LEVELS % 3, SCALE, classes=(PixelClass("a"),)),
    ):
        cropped = crop(value, x=2, y=3, width=4, height=5)
        np.testing.assert_array_equal(cropped.pixels, value.pixels[3:8, 2:6])
        assert type(cropped) is type(value)
        assert cropped.scale == SCALE


def test_zero_means_to_the_edge_and_the_data_bar_goes_first():
    np.testing.assert_array_equal(crop(Image(LEVELS)).pixels, LEVELS)
    np.testing.assert_array_equal(crop(Image(LEVELS), y=1, bottom=3).pixels, LEVELS[1:5])


@pytest.mark.parametrize(
    "box", [{"x": 10}, {"y": 8}, {"width": 11}, {"y": 5, "height": 4}, {"bottom": 8}, {"bottom": 99}]
)
def test_beyond_the_image(box):
    with pytest.raises(Problem, match="10 × "):
        crop(Image(LEVELS), **box)


@given(st.integers(0, 2**32 - 1), st.integers(0, 9), st.integers(0, 7))
def test_labels_have_no_gaps_and_the_same_features(seed, x, y):
    pixels = np.random.default_rng(seed).integers(0, 12, (8, 10)).astype(np.int32)
    cropped = crop(Labels(pixels, count=11), x=x, y=y)
    before = pixels[y:, x:]
    assert set(np.unique(cropped.pixels)) | {0} == set(range(cropped.count + 1))
    assert cropped.pixels.dtype == np.int32
    pairs = set(zip(before.ravel().tolist(), cropped.pixels.ravel().tolist(), strict=True))
    assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs)
    assert all((old == 0) == (new == 0) for old, new in pairs)
