"""How points lie to each other: nearest neighbours without bias by the frame, Ripley's L, and zones of influence."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

MOST_SPACINGS = 2.5
"""Ripley's L is looked at up to so many mean spacings, and a quarter of the frame; it scatters more farther out."""
STEPS = 50
"""Places of the curve of Ripley's L."""
UNUSUAL = 1.5
"""Random points depart from L(r) = r by more than this, times √area / (n − 1), in 5 % of all cases: 2 to 8 % of 30 to
500 points by simulation. (Ripley 1979 has 1.42 for the places of his curve.)"""


def mean_nearest(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], distance: npt.NDArray[np.float64], shape: tuple[int, int]
) -> float:
    """The mean distance from a point to its nearest neighbour in px, without bias by the frame (H, W).

    A point nearer to the frame than to its neighbour does not count, as a nearer one may lie beyond; the others count
    one over the area in which a point with a neighbour so far away would count (Hanisch 1984, Math. Operationsforsch.
    Statist. 15:409). NaN where none counts. Oracle: Poisson points, ½ / √intensity.
    """
    height, width = shape
    to_frame = np.minimum.reduce([x, width - x, y, height - y])
    kept = np.isfinite(distance) & (distance <= to_frame)
    if not kept.any():
        return math.nan
    d = distance[kept]
    area = np.maximum(width - 2 * d, 1e-9) * np.maximum(height - 2 * d, 1e-9)
    return float(np.average(d, weights=1 / area))


@dataclass(frozen=True)
class Ripley:
    """Ripley's ``l`` at distances ``r``, both (STEPS,) in px, and by how much random points depart from l = r."""

    r: npt.NDArray[np.float64]
    l: npt.NDArray[np.float64]  # noqa: E741 - that is its name
    unusual: float

    @property
    def departure(self) -> float:
        """L(r) − r where it is farthest from 0: above it clusters, below it keeps apart."""
        apart = self.l - self.r
        return float(apart[np.abs(apart).argmax()]) if apart.size else math.nan

    @property
    def at(self) -> float:
        """The distance at which it is."""
        return float(self.r[np.abs(self.l - self.r).argmax()]) if self.r.size else math.nan


def ripley(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], shape: tuple[int, int]) -> Ripley:
    """L(r) = √(K(r) / π) of points (n,) in a frame (H, W), with the translation correction for the frame.

    K is the mean number of further points within r of a point, by their number per area; a pair counts one over the
    share of places in which the frame holds both (Ohser and Stoyan 1981). Oracles: Poisson points, L(r) = r; hard
    cores; clusters.
    """
    from scipy.spatial import KDTree

    height, width = shape
    n = x.size
    if n < 3:
        return Ripley(np.empty(0), np.empty(0), math.nan)
    most = min(MOST_SPACINGS * math.sqrt(width * height / n), min(shape) / 4)
    r = np.linspace(0, most, STEPS + 1)[1:]
    points = np.stack([x, y], axis=1)
    pairs = KDTree(points).query_pairs(most, output_type="ndarray")
    apart = points[pairs[:, 0]] - points[pairs[:, 1]]
    weight = 1 / ((width - np.abs(apart[:, 0])) * (height - np.abs(apart[:, 1])))
    within = np.histogram(np.hypot(*apart.T), np.append(0.0, r), weights=weight)[0].cumsum()
    area = width * height
    k = 2 * within * area**2 / (n * (n - 1))
    return Ripley(r, np.sqrt(k / np.pi), UNUSUAL * math.sqrt(area) / (n - 1))


@dataclass(frozen=True)
class Zones:
    """Of each feature the distance of its edge from that of the nearest other, px, NaN without; its neighbours' number;

    and the area in px² of its zone, which is nearer to it than to any other. All (features,). ``whole`` says that the
    zone does not meet the frame.
    """

    edge_distance: npt.NDArray[np.float64]
    neighbours: npt.NDArray[np.int64]
    area: npt.NDArray[np.float64]
    whole: npt.NDArray[np.bool_]


def zones(labels: npt.NDArray[np.int32], count: int) -> Zones:
    """The zones of influence of features 1 to ``count`` (int32, H, W), by the distance from their edges.

    Where zones meet, the nearest pixels of both features tell how far these lie apart. Oracle: the least distance of
    all pairs of pixels, to within a pixel.
    """
    if not labels.any():
        nothing = np.zeros(count)
        return Zones(np.full(count, np.nan), nothing.astype(np.int64), nothing, nothing.astype(bool))
    _, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rows, columns = np.nonzero(labels)
    source = nearest - 1  # for each pixel, which of the features' pixels is the nearest: they are numbered row by row
    zone = labels[rows[source], columns[source]]
    edge = np.full(count + 1, np.inf)
    touching: list[npt.NDArray[np.int64]] = []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meets = np.asarray(zone[here] != zone[there])
        a, b = zone[here][meets].astype(np.int64), zone[there][meets].astype(np.int64)
        one, other = source[here][meets], source[there][meets]
        apart = np.hypot(rows[one] - rows[other], columns[one] - columns[other]) - 1.0
        np.minimum.at(edge, a, apart)
        np.minimum.at(edge, b, apart)
        touching.append(np.minimum(a, b) * (count + 1) + np.maximum(a, b))
    pairs = np.unique(np.concatenate(touching))
    neighbours = np.bincount(pairs // (count + 1), minlength=count + 1) + np.bincount(
        pairs % (count + 1), minlength=count + 1
    )
    whole = np.ones(count + 1, bool)
    whole[np.concatenate([zone[0], zone[-1], zone[:, 0], zone[:, -1]])] = False
    area = np.bincount(zone.ravel(), minlength=count + 1).astype(float)
    edge = np.where(np.isfinite(edge), np.maximum(edge, 0.0), np.nan)
    return Zones(edge[1:], neighbours[1:], area[1:], whole[1:])
