"""An oxide layer under a coating: bright porous coating above, and the oxide as grey as what lies below it."""

import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, pits, smooth_noise


def make(
    seed: int,
    size: Size = (360, 480),
    *,
    thickness: float = 110.0,
    roughness: float = 5.0,
    um_per_px: float = 0.1,
    noise: float = 0.02,
) -> Micrograph:
    """Draw an oxide layer of a mean ``thickness`` in pixels whose interfaces differ by ``roughness`` px.

    Bright coating lies above it, with pores where they meet. Below it nothing has another grey: a thin dark line parts
    them, which is fainter in some places than in others. Truth: ``layer`` bool, its pores included.
    """
    rng = np.random.default_rng((seed, 16))
    y, x = coordinates(size)
    tilt, place = np.radians(rng.uniform(-4, 4)), size[0] * rng.uniform(0.45, 0.55)
    across = (y - place) * np.cos(tilt) + (x - size[1] / 2) * np.sin(tilt)
    wave, other = (
        0.6 * smooth_noise(rng, (1, size[1]), slow)[0] + 0.4 * smooth_noise(rng, (1, size[1]), 20)[0]
        for slow in (90, 120)
    )
    top, bottom = across + thickness / 2 - roughness * wave, across - thickness / 2 - roughness * other
    area = size[0] * size[1] / (360 * 480)
    coating = np.clip(0.5 - top, 0, 1) * (1 - 0.7 * pits(rng, size, round(60 * area), 4.0))
    seam = np.clip(1.0 - np.abs(bottom), 0, 1) * np.clip(0.75 + 0.3 * smooth_noise(rng, (1, size[1]), 40)[0], 0.2, 1)
    grey = 0.4 + 0.01 * smooth_noise(rng, size, 8) - 0.25 * pits(rng, size, round(80 * area), 2.0)
    picture = grey + coating * (0.85 - grey) - 0.3 * seam
    pixels = photographed(rng, picture, rng.uniform(0.7, 0.95), rng.uniform(0.02, 0.05), noise)
    return Micrograph(pixels, um_per_px, {"layer": np.asarray((top >= 0) & (bottom < 0))})
