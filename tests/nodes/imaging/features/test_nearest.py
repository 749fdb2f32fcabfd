"""Nearest distances against those of all pairs."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from graingraph.nodes.imaging.features.nearest import nearest_distances


@pytest.mark.parametrize("spread", [(1.0, 1.0), (1000.0, 3.0), (0.0, 50.0), (0.0, 0.0)])
@pytest.mark.parametrize("count", [2, 3, 40, 500])
def test_it_is_the_least_of_all_pairs(count: int, spread: tuple[float, float]) -> None:
    rng = np.random.default_rng(count)
    points = rng.random((count, 2)) * spread + 7
    points[: count // 3] = points[: count // 3] * 0.01  # many near each other, the others far apart
    apart = cdist(points, points) + np.diag(np.full(count, np.inf))
    x, y = np.ascontiguousarray(points.T)
    assert nearest_distances(x, y) == pytest.approx(apart.min(axis=1), abs=1e-9)


def test_a_single_point_has_none() -> None:
    assert np.isnan(nearest_distances(np.array([3.0]), np.array([4.0]))).all()
