"""Oracle: drawn curves whose every point is known."""

import time

import numpy as np
import pytest
from scipy.spatial import cKDTree

from graingraph.nodes.imaging.marks.livewire import snap_path, snap_point


def curved(bright: bool, size: int = 300, noise: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    """An image of one sine-shaped ridge 3 px wide, and its middle line (n, 2)."""
    x = np.arange(10, size - 10, 0.5)
    line = np.c_[x, size / 2 + 25 * np.sin(x / 40)]
    grey = np.full((size, size), 60.0 if bright else 180.0)
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    away = cKDTree(line).query(np.c_[columns.ravel(), rows.ravel()])[0].reshape(size, size)
    grey += np.exp(-((away / 1.5) ** 2)) * (100 if bright else -100)
    grey += np.random.default_rng(0).normal(0, noise, grey.shape)
    return np.clip(grey, 0, 255).astype(np.uint8), line


@pytest.mark.parametrize("bright", [True, False])
@pytest.mark.parametrize("kind", ["grey", "rgb", "16 bit"])
def test_the_line_follows_the_ridge(bright, kind):
    grey, line = curved(bright)
    pixels = {"grey": grey, "rgb": np.dstack([grey] * 3), "16 bit": grey.astype(np.uint16) * 257}[kind]
    path = snap_path(pixels, tuple(line[0]), tuple(line[-1]), "bright" if bright else "dark")
    off = np.hypot(*(path[:, None] - line[None]).transpose(2, 0, 1)).min(1)
    assert off.max() < 3.0
    assert off.mean() < 0.8
    assert np.allclose(path[[0, -1]], line[[0, -1]])


def test_the_wrong_polarity_does_not_follow_it():
    grey, line = curved(bright=True)
    path = snap_path(grey, tuple(line[0]), tuple(line[-1]), "dark")
    off = np.hypot(*(path[:, None] - line[None]).transpose(2, 0, 1)).min(1)
    assert off.mean() > 1.5


def test_a_click_beside_a_ridge_lands_on_it():
    grey, line = curved(bright=False)
    for at in range(40, 500, 60):
        snapped = np.array(snap_point(grey, (line[at][0] + 1, line[at][1] - 4)))
        assert np.hypot(*(line - snapped).T).min() < 1.2
    assert snap_point(np.full((50, 50), 7, np.uint8), (20.0, 20.0)) == (20.0, 20.0)


@pytest.mark.parametrize(
    "ends", [((3.0, 3.0), (3.0, 3.0)), ((-20.0, -5.0), (400.0, 350.0)), ((0.0, 0.0), (300.0, 0.0))]
)
def test_any_two_clicks_give_a_line_between_them(ends):
    grey, _ = curved(bright=False)
    path = snap_path(grey, *ends)
    assert np.allclose(path[[0, -1]], ends)


def test_a_segment_in_a_large_image_takes_milliseconds():
    grey = np.tile(curved(bright=False)[0], (20, 14))
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        snap_path(grey, (2000.0, 3000.0), (2250.0, 3100.0))
        times.append(time.perf_counter() - begin)
    assert min(times) < 0.05
