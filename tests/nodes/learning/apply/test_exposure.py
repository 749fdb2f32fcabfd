"""Pictures of any exposure as a general model takes them."""

import numpy as np
import pytest

from graingraph.nodes.learning.apply.exposure import standardised


@pytest.mark.parametrize(("gain", "offset"), [(1.0, 0.0), (0.3, 0.5), (0.6, 0.1)])
def test_exposure_makes_no_difference(gain: float, offset: float) -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (60, 80, 1)).astype(np.float32)
    wanted, found = standardised(picture), standardised(gain * picture + np.float32(offset))
    assert found.dtype == np.float32
    assert abs(found.mean() - 0.5) < 0.01
    assert np.abs(found - wanted).max() < 0.1


def test_an_even_picture_stays_even() -> None:
    assert np.ptp(standardised(np.full((8, 8, 3), 0.7, np.float32))) == 0
