"""Neighbours of Poisson points, hard cores and clusters; edge distances against all pairs of pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from graingraph.engine.values import Labels, Mask, PerImage, Scale
from graingraph.nodes.imaging.features.nearest import nearest_distances
from graingraph.nodes.imaging.stereology import neighbours as parts
from graingraph.nodes.measure.neighbours import neighbours
from graingraph.nodes.report.neighbours_of_fields import neighbours_of_fields

SIDE = 400


def poisson(rng: np.random.Generator, mean: float = 120) -> np.ndarray:
    return rng.random((rng.poisson(mean), 2)) * SIDE


def hard_core(rng: np.random.Generator, least: float = 22.0) -> np.ndarray:
    kept: list[np.ndarray] = []
    for point in rng.random((600, 2)) * SIDE:
        if all(np.hypot(*(point - other)) >= least for other in kept):
            kept.append(point)
    return np.array(kept)


def clusters(rng: np.random.Generator) -> np.ndarray:
    middles = rng.random((18, 2)) * (SIDE + 60) - 30
    points = np.concatenate([middle + rng.normal(0, 10, (rng.poisson(7), 2)) for middle in middles])
    return points[((points >= 0) & (points < SIDE)).all(axis=1)]


def drawn(points: np.ndarray) -> Mask:
    """A pixel a point, on a finer raster, so that none meet."""
    mask = np.zeros((4 * SIDE, 4 * SIDE), bool)
    columns, rows = (points * 4).astype(int).T
    mask[rows, columns] = True
    return Mask(mask, Scale(0.25))


def ratio(points: np.ndarray) -> float:
    x, y = np.ascontiguousarray(points.T)
    nearest = parts.mean_nearest(x, y, nearest_distances(x, y), (SIDE, SIDE))
    return nearest / (0.5 / np.sqrt(len(points) / SIDE**2))


def test_the_ratio_is_1_at_random_without_bias_by_the_frame() -> None:
    rng = np.random.default_rng(1)
    assert np.mean([ratio(poisson(rng, 60)) for _ in range(400)]) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("points", "word"), [(hard_core, "keeping apart"), (clusters, "clustered")])
def test_hard_cores_keep_apart_and_clusters_cluster(points, word: str) -> None:
    found = neighbours(drawn(points(np.random.default_rng(2))))
    row = {name: column[0] for name, column in found.table.columns.items()}
    assert found.table.headline.startswith(word)
    assert row["Neighbour ratio"] > 1.25 if points is hard_core else row["Neighbour ratio"] < 0.8
    assert row["Largest departure of L"] < 0 if points is hard_core else row["Largest departure of L"] > 0
    assert abs(row["Largest departure of L"]) > row["Departure of random points"]


def test_random_points_depart_as_seldom_as_the_band_says() -> None:
    rng = np.random.default_rng(3)
    found = [parts.ripley(*np.ascontiguousarray(poisson(rng).T), (SIDE, SIDE)) for _ in range(300)]
    assert 0.01 <= np.mean([abs(one.departure) > one.unusual for one in found]) <= 0.1
    mean = np.mean([one.l[-1] / one.r[-1] for one in found])
    assert mean == pytest.approx(1, abs=0.02)


@settings(max_examples=60)
@given(
    pixels=arrays(np.int32, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=14), elements={"max_value": 60})
)
def test_edge_distances_are_those_of_all_pairs_of_pixels(pixels: np.ndarray) -> None:
    labels = np.where((pixels >= 1) & (pixels <= 3), pixels, 0).astype(np.int32)
    found = parts.zones(labels, 3).edge_distance
    where = {k: np.argwhere(labels == k) for k in (1, 2, 3) if (labels == k).any()}
    for k, mine in where.items():
        others = [other for j, other in where.items() if j != k]
        if not others:
            assert np.isnan(found[k - 1])
            continue
        apart = min(np.hypot(*(mine[:, None] - other[None]).transpose(2, 0, 1)).min() for other in others)
        assert found[k - 1] == pytest.approx(max(apart - 1, 0), abs=1.0)


def test_zones_of_a_square_grid() -> None:
    mask = np.zeros((200, 200), bool)
    mask[10::20, 10::20] = True
    found = neighbours(Mask(mask, Scale(2.0)))
    rows = found.features.columns
    inner = np.isfinite(rows["Zone area"])
    assert np.count_nonzero(inner) == 8 * 8
    assert rows["Zone area"][inner].mean() == pytest.approx(400 * 4, rel=0.05)
    assert rows["Edge distance"] == pytest.approx(np.full(100, 19 * 2.0))
    assert found.table.columns["Neighbour ratio"][0] == pytest.approx(2, rel=0.02)


def test_fields_together_hold_1_at_random() -> None:
    rng = np.random.default_rng(4)
    tables = {f"{k}.png": neighbours(drawn(poisson(rng, 100))).table for k in range(8)}
    found = neighbours_of_fields(PerImage(tuple(tables), tables.__getitem__))
    result = next(one for one in found.table.results if one.quantity == "Neighbour ratio")
    assert 0.9 < result.low < 1 < result.high < 1.1
    assert found.table.headline.startswith("Neighbour ratio")


def test_few_and_none() -> None:
    two = np.zeros((40, 40), np.int32)
    two[5:8, 5:8], two[20:22, 20:30] = 1, 2
    assert neighbours(Labels(two, count=2)).table.headline.startswith("only 2 features")
    nothing = neighbours(Mask(np.zeros((30, 30), bool)))
    assert np.isnan(nothing.table.columns["Neighbour ratio"][0])
    assert nothing.features.count == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_of_few_features_no_number_that_is_none_is_said(count: int) -> None:
    points = np.array([[100.0, 100.0], [200.0, 250.0]])[:count]
    table = neighbours(drawn(points) if count else Mask(np.zeros((90, 90), bool), Scale(0.25))).table
    assert "nan" not in table.headline
    assert table.notes
