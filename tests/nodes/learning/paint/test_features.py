"""Features: the same however a picture is exposed or turned, and the same as a graph computes."""

import numpy as np
import pytest

from graingraph.engine.values import Image
from graingraph.nodes.learning.paint.features import FINE_COUNT, TEXTURE_COUNT, feature_planes, names, padded
from graingraph.nodes.learning.paint.live_map import feature_stack


@pytest.fixture
def grey() -> np.ndarray:
    rng = np.random.default_rng(1)
    return padded(rng.random((90, 120)).astype(np.float32) * 0.4 + 0.2)


def test_there_are_as_many_as_they_are_called(grey: np.ndarray) -> None:
    fine, texture = feature_planes(grey)
    assert fine.shape == (FINE_COUNT, 96, 128)
    assert texture.shape == (TEXTURE_COUNT, 24, 32)
    assert len(names()) == FINE_COUNT + TEXTURE_COUNT
    assert np.isfinite(fine).all()
    assert np.isfinite(texture).all()


def test_another_exposure_gives_the_same_features(grey: np.ndarray) -> None:
    pixels = (grey * 255).astype(np.uint8)
    darker = (pixels * 0.5 + 20).astype(np.uint8)
    plain, other = (feature_stack(Image(one), 1.0) for one in (pixels, darker))
    for one, two in ((plain.fine, other.fine), (plain.texture, other.texture)):
        assert np.corrcoef(one.ravel(), two.ravel())[0, 1] > 0.999


def test_turning_the_picture_turns_the_features(grey: np.ndarray) -> None:
    square = np.ascontiguousarray(grey[:96, :96])
    for plain, turned in zip(feature_planes(square), feature_planes(np.rot90(square).copy()), strict=True):
        np.testing.assert_allclose(np.rot90(plain, axes=(1, 2)), turned, atol=2e-4)


@pytest.mark.parametrize("shape", [(16, 16), (16, 400)])
def test_small_pictures_have_features_too(shape: tuple[int, int]) -> None:
    fine, texture = feature_planes(np.full(shape, 0.5, np.float32))
    assert np.isfinite(fine).all()
    assert np.isfinite(texture).all()
