"""The largest circle that lies inside each feature."""

import numpy as np
import numpy.typing as npt
from numba import int32, int64, njit, void

from graingraph.nodes.imaging.features.runs import Runs, paint_labels


def inscribed_radius(runs: Runs, width: int) -> npt.NDArray[np.float64]:
    """How far the deepest pixel centre of each feature lies from the nearest one outside it, float64 (features,), px.

    Other features, holes and what lies beyond the frame (of an image ``width`` px broad) are outside. The distance is
    Euclidean and exact: along a column it is counted (Meijster, Roerdink and Hesselink 2000, "A general algorithm for
    computing distance transforms in linear time"), across columns only pixels are looked at that may be deeper than the
    deepest so far. Oracle: scipy.ndimage.distance_transform_edt of each feature.
    """
    every = np.arange(runs.features + 1, dtype=np.int32)
    labels = paint_labels(runs, every, (runs.first.size - 1, width))
    squared = np.zeros(runs.features + 1, np.int64)
    _deepest(runs.first, runs.start, runs.stop, runs.label, _along_columns(labels), squared)
    return np.sqrt(squared[1:])


@njit(int32[:, ::1](int32[:, ::1]), cache=True, nogil=True)
def _along_columns(labels: np.ndarray) -> np.ndarray:
    """Distance of each pixel, in its column, to the nearest of another label or beyond the frame."""
    height, width = labels.shape
    depth = np.empty((height, width), np.int32)
    for c in range(width):
        depth[0, c] = 1
    for r in range(1, height):
        for c in range(width):  # compiles to vector instructions
            depth[r, c] = depth[r - 1, c] + 1 if labels[r, c] == labels[r - 1, c] else 1
    for c in range(width):
        depth[height - 1, c] = 1
    for r in range(height - 2, -1, -1):
        for c in range(width):
            below = depth[r + 1, c] + 1 if labels[r, c] == labels[r + 1, c] else 1
            depth[r, c] = min(depth[r, c], below)
    return depth


@njit(void(int32[::1], int32[::1], int32[::1], int32[::1], int32[:, ::1], int64[::1]), cache=True, nogil=True)
def _deepest(
    first: np.ndarray, start: np.ndarray, stop: np.ndarray, label: np.ndarray, depth: np.ndarray, squared: np.ndarray
) -> None:
    """Raise the entry of each label in ``squared`` to the square of its largest distance."""
    for r in range(first.size - 1):
        for k in range(first[r], first[r + 1]):
            a, b, best = np.int64(start[k]), np.int64(stop[k]), squared[label[k]]
            for c in range(a, b):
                nearest = min(np.int64(depth[r, c]), c - a + 1, b - c) ** 2
                step = 1
                while nearest > best and step * step < nearest:
                    left, right = np.int64(depth[r, c - step]), np.int64(depth[r, c + step])
                    nearest = min(nearest, step * step + min(left, right) ** 2)
                    step += 1
                best = max(best, nearest)
            squared[label[k]] = best
