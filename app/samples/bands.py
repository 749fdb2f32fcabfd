"""Rolled steel with bands: dark pearlite drawn out along the rolling direction in bright ferrite grains."""

import numpy as np

from graingraph.app.samples.grains import mosaic
from graingraph.app.samples.optics import Micrograph, Size, photographed, scratches, smooth_noise, streaks


def make(
    seed: int,
    size: Size = (480, 640),
    *,
    spacing: float = 26.0,
    elongation: float = 7.0,
    share: float = 0.3,
    um_per_px: float = 0.5,
    noise: float = 0.012,
) -> Micrograph:
    """Draw bands about ``spacing`` px from middle to middle, so many times longer than broad, along the rows.

    Truth: ``pearlite`` bool, which covers about this ``share``.
    """
    rng = np.random.default_rng((seed, 8))
    field = streaks(rng, size, spacing * elongation, spacing, 0.0) + 0.1 * smooth_noise(rng, size, 12)
    level = float(np.quantile(field, 1 - share))
    pearlite = field > level
    cover = np.clip(0.5 + (field - level) * 4, 0, 1)
    grains = mosaic(rng, size, 22.0, curvature=0.1)
    ferrite = 0.85 + 0.02 * smooth_noise(rng, size, 6) - 0.3 * np.exp(-((grains.distance / 0.8) ** 2))
    lamellae = 0.28 + 0.05 * smooth_noise(rng, size, 3) + 0.03 * smooth_noise(rng, size, 12)
    picture = ferrite + cover * (lamellae - ferrite) - 0.08 * scratches(rng, size, 25)
    pixels = photographed(rng, picture, rng.uniform(0.7, 0.95), rng.uniform(0.02, 0.05), noise)
    return Micrograph(pixels, um_per_px, {"pearlite": pearlite})
