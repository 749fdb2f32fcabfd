"""Grain mosaics: power (Laguerre) diagrams with gently curved boundaries, and what is exactly known about them."""

from dataclasses import dataclass

import numpy as np

from graingraph.app.samples.optics import Size, coordinates, smooth_noise

_NEAREST = 24
"""A block of pixels half a grain wide can only belong to, or touch, its nearest few cells."""


@dataclass(frozen=True)
class Mosaic:
    """Grains that fill the frame.

    ``grain`` int32 (H, W): which grain, from 0. ``neighbour`` int32 (H, W): the grain across the nearest boundary.
    ``distance`` float32 (H, W): distance to that boundary in pixels, exact below a pixel. ``count``: grains in all.
    """

    grain: np.ndarray
    neighbour: np.ndarray
    distance: np.ndarray
    count: int


def mosaic(
    rng: np.random.Generator,
    size: Size,
    diameter: float,
    *,
    spread: float = 0.35,
    merged: float = 0.1,
    curvature: float = 0.05,
    stretch: float = 1.0,
) -> Mosaic:
    """Grow grains of a mean equivalent ``diameter`` in pixels.

    ``spread`` widens the size distribution, ``merged`` is the fraction of cells joined to a neighbour (which makes
    grains that are not convex), ``curvature`` bends the boundaries by that fraction of a diameter, ``stretch`` makes
    grains so many times as long as wide, in a random direction.
    """
    margin = 1.6 * diameter
    if stretch != 1:
        margin += (np.sqrt(stretch) - 1) * max(size) / 2
    extent = np.array([size[1], size[0]]) + 2 * margin
    seeds = _relaxed(rng, extent, max(4, round(float(np.prod(extent)) / (0.8 * diameter**2))))
    radii = 0.45 * diameter * rng.lognormal(0, spread, len(seeds))
    owner = _joined(rng, seeds, merged)
    zoom = diameter / _mean_diameter(seeds, radii, owner, extent)
    seeds, radii = (seeds - extent / 2) * zoom + extent / 2, radii * zoom

    y, x = coordinates(size)
    for length, depth in ((0.9, 1.0), (0.3, 0.25)):
        bend = curvature * diameter * depth
        x = x + bend * smooth_noise(rng, size, length * diameter)
        y = y + bend * smooth_noise(rng, size, length * diameter)
    if stretch != 1:
        x, y = _stretched(x, y, size, stretch, rng.uniform(0, np.pi))
    cells = _Cells(seeds - margin, radii, owner)
    grain, neighbour = np.empty(size, np.int32), np.empty(size, np.int32)
    distance = np.empty(size, np.float32)
    step = max(12, round(diameter / 2))
    for top in range(0, size[0], step):
        for left in range(0, size[1], step):
            block = np.s_[top : top + step, left : left + step]
            grain[block], neighbour[block], distance[block] = cells.at(x[block], y[block])
    return Mosaic(grain, neighbour, distance, int(owner.max()) + 1)


def _stretched(x: np.ndarray, y: np.ndarray, size: Size, stretch: float, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates squeezed along ``angle`` and drawn out across it, about the middle: what lies there is stretched."""
    cos, sin, root = np.cos(angle), np.sin(angle), np.sqrt(stretch)
    x, y = x - size[1] / 2, y - size[0] / 2
    along, across = (cos * x + sin * y) / root, (cos * y - sin * x) * root
    stretched = cos * along - sin * across + size[1] / 2, sin * along + cos * across + size[0] / 2
    return stretched[0].astype(np.float32), stretched[1].astype(np.float32)


def grain_labels(grain: np.ndarray, smallest: int = 40) -> np.ndarray:
    """Return labels 1, 2, ... int32 (H, W), one for each connected piece of each grain.

    Pieces of fewer than ``smallest`` pixels, the tips that a bent boundary cuts off, go to what lies nearest.
    """
    from scipy.ndimage import distance_transform_edt
    from skimage.measure import label

    pieces = label(grain + 1, connectivity=1)
    small = (np.bincount(pieces.ravel()) < smallest)[pieces]
    if small.any():
        row, column = distance_transform_edt(small, return_distances=False, return_indices=True)
        pieces = pieces[row, column]
    return np.unique(pieces, return_inverse=True)[1].reshape(grain.shape).astype(np.int32) + 1


def edges(labels: np.ndarray) -> np.ndarray:
    """Return the boundary between differing labels, bool (H, W): thin, and closed for 8-connected filling."""
    edge = np.zeros(labels.shape, bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    edge[:-1, :-1] |= labels[:-1, :-1] != labels[1:, 1:]
    return edge


def per_boundary(rng: np.random.Generator, grains: Mosaic, low: float, high: float) -> np.ndarray:
    """Return a random value in [low, high] for each boundary, float32 (H, W), the same from both of its sides."""
    first = np.minimum(grains.grain, grains.neighbour)
    second = np.maximum(grains.grain, grains.neighbour)
    return rng.uniform(low, high, (grains.count, grains.count)).astype(np.float32)[first, second]


@dataclass(frozen=True)
class _Cells:
    """The power diagram: a point belongs to the seed with the least squared distance minus squared radius."""

    seeds: np.ndarray
    radii: np.ndarray
    owner: np.ndarray

    def at(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return grain, neighbour and distance to their boundary for the points of one block."""
        here = (self.seeds[:, 0] - x.mean()) ** 2 + (self.seeds[:, 1] - y.mean()) ** 2 - self.radii**2
        near = np.argpartition(here, min(_NEAREST, len(here) - 1))[:_NEAREST]
        seeds, owner = self.seeds[near].astype(np.float32), self.owner[near]
        power = (seeds[:, :1] - x.reshape(1, -1)) ** 2 + (seeds[:, 1:] - y.reshape(1, -1)) ** 2
        power -= (self.radii[near] ** 2).astype(np.float32)[:, None]
        own = power.argmin(axis=0)
        gap = np.hypot(*(seeds[:, None] - seeds[None]).transpose(2, 0, 1))
        # Cells of the same grain have no boundary between them, so they are infinitely far apart here.
        half = np.where(owner[:, None] == owner[None], 0, 0.5 / np.maximum(gap, 1e-6)).astype(np.float32)
        away = (power - power.min(axis=0)) * half[own].T
        away[owner[:, None] == owner[own][None]] = np.inf
        other = away.argmin(axis=0)
        shape = x.shape
        return owner[own].reshape(shape), owner[other].reshape(shape), away.min(axis=0).reshape(shape)


def _relaxed(rng: np.random.Generator, extent: np.ndarray, count: int) -> np.ndarray:
    """Return seeds (count, 2) spread a little more evenly than chance, by two rounds of Lloyd's relaxation."""
    from scipy.spatial import cKDTree

    seeds = rng.uniform(0, 1, (count, 2)) * extent
    for _ in range(2):
        points = rng.uniform(0, 1, (60 * count, 2)) * extent
        nearest = cKDTree(seeds).query(points)[1]
        total = np.maximum(np.bincount(nearest, minlength=count), 1)
        middle = [np.bincount(nearest, points[:, axis], count) / total for axis in (0, 1)]
        seeds = np.stack(middle, axis=1)
    return seeds


def _joined(rng: np.random.Generator, seeds: np.ndarray, fraction: float) -> np.ndarray:
    """Return the grain that each cell belongs to, int32: its own, or for a ``fraction`` the one of its neighbour."""
    from scipy.spatial import cKDTree

    owner = np.arange(len(seeds))
    nearest = cKDTree(seeds).query(seeds, k=2)[1][:, 1]
    for cell in np.flatnonzero(rng.random(len(seeds)) < fraction):
        if owner[cell] == cell and owner[nearest[cell]] == nearest[cell]:
            owner[cell] = nearest[cell]
            owner[owner == cell] = nearest[cell]
    return np.unique(owner, return_inverse=True)[1].astype(np.int32)


def _mean_diameter(seeds: np.ndarray, radii: np.ndarray, owner: np.ndarray, extent: np.ndarray) -> float:
    """Return the mean equivalent diameter of the grains that do not touch the edge, from a coarse raster."""
    step = float(np.sqrt(np.prod(extent) / len(seeds))) / 16
    y, x = coordinates((int(extent[1] / step), int(extent[0] / step)))
    x, y = x * step, y * step
    cells = _Cells(seeds, radii, owner)
    grain = np.empty(x.shape, np.int32)
    for top in range(0, x.shape[0], 16):
        for left in range(0, x.shape[1], 16):
            block = np.s_[top : top + 16, left : left + 16]
            grain[block] = cells.at(x[block], y[block])[0]
    cut = np.unique(np.concatenate([grain[0], grain[-1], grain[:, 0], grain[:, -1]]))
    areas = np.bincount(grain.ravel())
    areas[cut] = 0
    return float(np.sqrt(areas[areas > 0] * 4 / np.pi).mean() * step)
