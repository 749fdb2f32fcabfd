"""The edge of a decarburised bar: bright ferrite at the surface gives way to dark pearlite inside; dark mount above."""

import numpy as np

from graingraph.app.samples.grains import mosaic
from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, smooth_noise


def make(
    seed: int, size: Size = (400, 360), *, depth: float = 120.0, um_per_px: float = 1.0, noise: float = 0.008
) -> Micrograph:
    """Draw grains that are pearlite with a probability that rises with depth: half of them at ``depth`` px.

    Truth: ``pearlite`` and ``metal``, bool.
    """
    rng = np.random.default_rng((seed, 12))
    y, _ = coordinates(size)
    surface = 42 + 4 * smooth_noise(rng, (1, size[1]), 90)[0]
    metal = y + 0.5 > surface
    grains = mosaic(rng, size, 13.0, curvature=0.1)
    pixels = np.bincount(grains.grain.ravel(), minlength=grains.count)
    depths = np.bincount(grains.grain.ravel(), (y + 0.5 - surface).ravel(), grains.count)
    below = depths / np.maximum(pixels, 1)
    share = 1 / (1 + np.exp(-(below - depth) / 18))
    dark = (rng.random(grains.count) < share)[grains.grain]
    ferrite = 0.84 + 0.01 * smooth_noise(rng, size, 8) - 0.25 * np.exp(-((grains.distance / 0.7) ** 2))
    pearlite = 0.36 + 0.03 * smooth_noise(rng, size, 3)
    steel = np.where(dark, pearlite, ferrite)
    part = np.clip(y + 1.0 - surface, 0, 1)
    picture = 0.1 + 0.01 * smooth_noise(rng, size, 6) + part * (steel - 0.1)
    pixels = photographed(rng, picture, 0.7, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"pearlite": dark & metal, "metal": metal})
