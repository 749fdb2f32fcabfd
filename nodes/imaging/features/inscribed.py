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
    _deepest(runs.first, runs.start, runs.stop, runs.label, labels, _from_above(labels), squared)
    return np.sqrt(squared[1:])


@njit(int32[:, ::1](int32[:, ::1]), cache=True, nogil=True)
def _from_above(labels: np.ndarray) -> np.ndarray:
    """Distance of each pixel, in its column, to the nearest above of another label or beyond the frame."""
    height, width = labels.shape
    depth = np.empty((height, width), np.int32)
    depth[0] = 1
    for r in range(1, height):
        for c in range(width):  # compiles to vector instructions
            depth[r, c] = depth[r - 1, c] + 1 if labels[r, c] == labels[r - 1, c] else 1
    return depth


@njit(
    void(int32[::1], int32[::1], int32[::1], int32[::1], int32[:, ::1], int32[:, ::1], int64[::1]),
    cache=True,
    nogil=True,
)
def _deepest(
    first: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
    label: np.ndarray,
    labels: np.ndarray,
    above: np.ndarray,
    squared: np.ndarray,
) -> None:
    """Raise the entry of each label in ``squared`` to the square of its largest distance; rows from below."""
    height, width = labels.shape
    below = np.zeros(width, np.int32)
    depth = np.empty(width, np.int32)
    for r in range(height - 1, -1, -1):
        if r == height - 1:
            below[:] = 1
        else:
            for c in range(width):
                below[c] = below[c] + 1 if labels[r, c] == labels[r + 1, c] else 1
        for c in range(width):
            depth[c] = min(above[r, c], below[c])
        for k in range(first[r], first[r + 1]):
            a, b, best = np.int64(start[k]), np.int64(stop[k]), squared[label[k]]
            least = np.int64(np.sqrt(best))  # what is no farther than this from an end of the run is not deeper
            for c in range(a + least, b - least):
                nearest = min(np.int64(depth[c]), c - a + 1, b - c) ** 2
                step = 1
                while nearest > best and step * step < nearest:
                    side = np.int64(min(depth[c - step], depth[c + step]))
                    nearest = min(nearest, step * step + side * side)
                    step += 1
                best = max(best, nearest)
            squared[label[k]] = best
