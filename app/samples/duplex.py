"""Etched steel of mixed grain size: fine grains in the place of some of the coarse ones."""

import numpy as np

from graingraph.app.samples.grains import mosaic
from graingraph.app.samples.optics import Micrograph, Size, photographed, smooth_noise


def make(
    seed: int,
    size: Size = (400, 520),
    *,
    coarse: float = 50.0,
    fine: float = 16.0,
    share: float = 0.5,
    um_per_px: float = 0.5,
    noise: float = 0.005,
) -> Micrograph:
    """Draw grains of two diameters in px; the coarse ones keep about this ``share`` of the area.

    Truth: ``grains`` int32 labels from 1, and ``coarse`` bool.
    """
    rng = np.random.default_rng((seed, 14))
    large, small = mosaic(rng, size, coarse, spread=0.05), mosaic(rng, size, fine, spread=0.2, curvature=0.12)
    areas = np.bincount(large.grain.ravel(), minlength=large.count)
    order = rng.permutation(large.count)
    kept = np.zeros(large.count, bool)
    kept[order[np.cumsum(areas[order]) <= share * areas.sum()]] = True
    is_coarse = kept[large.grain]
    beside_coarse = kept[large.neighbour]
    distance = np.where(is_coarse, large.distance, small.distance)
    distance = np.where(~is_coarse & beside_coarse, np.minimum(distance, large.distance), distance)
    # A fine grain that a coarse one cuts in two counts as one grain a coarse neighbour.
    names = np.where(is_coarse, large.grain, large.count + small.grain * large.count + large.grain)
    grains = np.unique(names, return_inverse=True)[1].reshape(size).astype(np.int32) + 1
    tone = rng.normal(0, 0.02, int(grains.max()) + 1)[grains]
    picture = 0.8 + tone + 0.01 * smooth_noise(rng, size, 15) - 0.5 * np.exp(-((distance / 1.0) ** 2))
    pixels = photographed(rng, picture, 0.7, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"grains": grains, "coarse": is_coarse})
