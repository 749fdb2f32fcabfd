import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Mask, Scale
from graingraph.nodes.input.square_pixels import square_pixels
from graingraph.nodes.measure.area_fraction import area_fraction
from graingraph.nodes.measure.measure_features import measure_features
from graingraph.nodes.segment.threshold import threshold

TILTED = Scale(0.5, "file metadata", 1.0)


def ellipse() -> Image:
    """A disc of 20 µm radius as pixels of 0.5 × 1 µm show it."""
    rows, columns = np.indices((60, 120))
    inside = np.hypot((columns - 59.5) * TILTED.x, (rows - 29.5) * TILTED.y) < 20
    return Image(np.where(inside, 200, 50).astype(np.uint8), TILTED)


def test_a_disc_is_round_and_as_large_as_it_is() -> None:
    image = square_pixels(ellipse())
    assert image.shape == (120, 120)
    assert image.scale is not None
    assert image.scale.um_per_px == 0.5
    table = measure_features(threshold(image))
    assert table.columns["Area"] == pytest.approx(np.pi * 20**2, rel=0.01)
    assert table.columns["Aspect ratio"] == pytest.approx(1, abs=0.02)


def test_square_and_unknown_pixels_stay() -> None:
    for scale in (None, Scale(0.5), Scale(0.5, "file metadata", 0.5001)):
        image = Image(np.zeros((4, 6), np.uint8), scale)
        assert square_pixels(image) is image


def test_without_it_lengths_are_refused_and_areas_are_right() -> None:
    mask = threshold(ellipse())
    with pytest.raises(Problem, match="SquarePixels"):
        measure_features(mask)
    assert area_fraction(mask).columns["Analysed area"] == pytest.approx(60 * 60)


def test_a_scale_tells_how_well_it_is_known() -> None:
    assert str(Scale(0.5, "scale bar", uncertainty=0.004)) == "0.5 µm/px ± 0.4 % (scale bar)"
    assert str(TILTED) == "0.5 × 1 µm/px (file metadata)"
    assert Mask(np.zeros((2, 2), bool), Scale(0.25)).scale == Scale(0.25, y=0.25)
