import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.enhance.fourier_filter import fourier_filter

Y, X = np.mgrid[:240, :320].astype(float)
INSIDE = np.s_[40:-40, 40:-40]


def waves(**lengths: float) -> np.ndarray:
    return 0.1 * np.sin(2 * np.pi * X / lengths["x"]) if "x" in lengths else 0.1 * np.sin(2 * np.pi * Y / lengths["y"])


def as_image(levels: np.ndarray) -> Image:
    return Image((0.5 + levels).astype(np.float32), range=(0.0, 1.0))


def amplitude(image: Image, wave: np.ndarray) -> float:
    """How much of a wave of amplitude 0.1 is left, found by projection."""
    return float(((image.pixels - 0.5)[INSIDE] * wave[INSIDE]).sum() / (wave[INSIDE] ** 2).sum())


@pytest.mark.parametrize("length", [8, 16, 40])
def test_half_of_a_structure_of_the_limiting_size_remains(length):
    wave = waves(x=length)
    assert amplitude(fourier_filter(as_image(wave), shortest=length), wave) == pytest.approx(0.5, abs=0.02)
    flattened = fourier_filter(as_image(wave), shortest=0, longest=length)
    assert amplitude(flattened, wave) == pytest.approx(0.5, abs=0.03)


def test_sizes_far_from_the_limits_stay_or_go():
    fine, middle, coarse = waves(x=4), waves(x=20), waves(x=120)
    kept = fourier_filter(as_image(fine + middle + coarse), shortest=8, longest=50)
    assert amplitude(kept, middle) == pytest.approx(0.9, abs=0.05)
    assert abs(amplitude(kept, fine)) < 0.1
    assert abs(amplitude(kept, coarse)) < 0.15


def test_nothing_chosen_changes_nothing_and_the_mean_stays():
    pixels = np.random.default_rng(1).random((61, 83)).astype(np.float32)
    image = Image(pixels, range=(0.0, 1.0))
    np.testing.assert_allclose(fourier_filter(image, shortest=0).pixels, pixels, atol=1e-5)
    assert fourier_filter(image, shortest=9, longest=40).pixels.mean() == pytest.approx(pixels.mean(), abs=0.01)


def test_stripes_go_and_what_runs_otherwise_stays():
    rows, columns = waves(y=7), waves(x=13)
    cleaned = fourier_filter(as_image(rows + columns), shortest=0, stripes="rows")
    np.testing.assert_allclose(cleaned.pixels, 0.5 + columns, atol=0.005)
    cleaned = fourier_filter(as_image(rows + columns), shortest=0, stripes="columns")
    assert amplitude(cleaned, rows) == pytest.approx(1, abs=0.03)
    assert abs(amplitude(cleaned, columns)) < 0.1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_depth_gives_the_same(dtype):
    levels = np.random.default_rng(2).integers(0, 256, (50, 60)).astype(dtype)
    white = np.iinfo(dtype).max
    image = Image(levels * dtype(white // 255), range=(0.0, float(white)))
    expected = fourier_filter(Image((levels / 255).astype(np.float32), range=(0.0, 1.0)), longest=30).pixels
    np.testing.assert_allclose(fourier_filter(image, longest=30).pixels, expected, atol=1e-5)


def test_limits_the_wrong_way_round():
    with pytest.raises(Problem, match="exchange"):
        fourier_filter(as_image(waves(x=9)), shortest=20, longest=10)
