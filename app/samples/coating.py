"""A coated part in cross-section: bright mount, grey coating with pores and rough interfaces, brighter steel below."""

import numpy as np

from graingraph.app.samples.optics import (
    Micrograph,
    Size,
    blur,
    camera,
    coordinates,
    pits,
    scratches,
    smooth_noise,
    uneven_light,
)


def make(
    seed: int,
    size: Size = (480, 640),
    *,
    thickness: float = 110.0,
    roughness: float = 3.0,
    um_per_px: float = 0.2,
    noise: float = 0.012,
) -> Micrograph:
    """Draw a coating of a mean ``thickness`` in pixels, a little tilted, whose interfaces differ by ``roughness`` px.

    Dark mount lies above, grey coating with pores between, bright steel below. Truth: ``layer`` bool, its pores
    included.
    """
    rng = np.random.default_rng((seed, 5))
    y, x = coordinates(size)
    tilt, place = np.radians(rng.uniform(-8, 8)), size[0] * rng.uniform(0.45, 0.55)
    across = (y - place) * np.cos(tilt) + (x - size[1] / 2) * np.sin(tilt)
    wave = 0.6 * smooth_noise(rng, (1, size[1]), 90)[0] + 0.4 * smooth_noise(rng, (1, size[1]), 20)[0]
    other = 0.6 * smooth_noise(rng, (1, size[1]), 120)[0] + 0.4 * smooth_noise(rng, (1, size[1]), 25)[0]
    top, bottom = across + thickness / 2 - roughness * wave, across - thickness / 2 - roughness * other
    layer = np.clip(top + 0.5, 0, 1) * np.clip(0.5 - bottom, 0, 1)
    steel = np.clip(bottom + 0.5, 0, 1)
    area = size[0] * size[1] / (480 * 640)
    coat = 0.55 + 0.015 * smooth_noise(rng, size, 6) - 0.35 * pits(rng, size, round(260 * area), 2.0)
    metal = 0.86 + 0.01 * smooth_noise(rng, size, 10) - 0.1 * scratches(rng, size, round(25 * area))
    picture = 0.16 + 0.01 * smooth_noise(rng, size, 15) + layer * (coat - 0.16) + steel * (metal - 0.16)
    picture = blur(picture, rng.uniform(0.7, 0.95)) * uneven_light(rng, size, rng.uniform(0.02, 0.05))
    return Micrograph(camera(rng, picture, noise), um_per_px, {"layer": np.asarray(layer >= 0.5)})
