"""The class of a pixel is the largest plane; the first wins a tie. Oracle: numpy.argmax."""

import numpy as np
import pytest

from graingraph.nodes.imaging.features.class_indices import class_indices


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_largest_plane_wins_in_every_layout(count: int) -> None:
    shares = np.random.default_rng(3).integers(0, 4, (40, 61, count)).astype(np.float32)  # many ties
    wanted = shares.argmax(axis=2)
    assert (class_indices(np.moveaxis(shares, 2, 0)) == wanted).all()
    assert (class_indices(np.ascontiguousarray(np.moveaxis(shares, 2, 0))) == wanted).all()
