"""Duplex stainless steel: bright islands of austenite, drawn out along the rows, in dark ferrite."""

import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, photographed, scratches, smooth_noise, streaks


def make(
    seed: int,
    size: Size = (320, 420),
    *,
    share: float = 0.48,
    width: float = 10.0,
    um_per_px: float = 0.5,
    noise: float = 0.008,
) -> Micrograph:
    """Draw islands about so many px wide that cover about this ``share``, by a hundredth more or less.

    Truth: ``austenite`` bool.
    """
    rng = np.random.default_rng((seed, 15))
    field = streaks(rng, size, 3 * width, width, 0.0) + 0.15 * smooth_noise(rng, size, 8)
    level = float(np.quantile(field, 1 - np.clip(share + rng.normal(0, 0.012), 0.02, 0.98)))
    cover = np.clip(0.5 + (field - level) * 5, 0, 1)
    ferrite = 0.36 + 0.012 * smooth_noise(rng, size, 20)
    austenite = 0.78 + 0.012 * smooth_noise(rng, size, 12)
    picture = ferrite + cover * (austenite - ferrite) - 0.05 * scratches(rng, size, 15)
    pixels = photographed(rng, picture, 0.7, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"austenite": field > level})
