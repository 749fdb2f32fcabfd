"""A polished section of an additively manufactured part: bright metal with gas pores and lack of fusion, dark mount."""

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, scratches, smooth_noise


def make(
    seed: int,
    size: Size = (512, 640),
    *,
    gas: int = 55,
    lack_of_fusion: int = 7,
    um_per_px: float = 1.0,
    noise: float = 0.012,
) -> Micrograph:
    """Draw so many round pores of some 9 px and so many flat ones of some 40 px in metal below a rough surface.

    Truth: ``pores`` and ``metal`` (the part with its pores), bool.
    """
    rng = np.random.default_rng((seed, 6))
    y, _ = coordinates(size)
    surface = size[0] * 0.12 + 3 * smooth_noise(rng, (1, size[1]), 60)[0] + 2 * smooth_noise(rng, (1, size[1]), 12)[0]
    metal = y + 0.5 > surface
    drawn = np.zeros(size, np.uint8)
    for k in range(gas + lack_of_fusion):
        middle = rng.uniform((0, 0.2 * size[0]), (size[1], size[0]))
        if k < gas:
            radius = 4.5 * rng.lognormal(0, 0.3)
            axes, angle = np.array([radius, radius * rng.uniform(0.85, 1.0)]), rng.uniform(0, 180)
        else:
            long = 20 * rng.lognormal(0, 0.3)
            axes, angle = np.array([long, long * rng.uniform(0.12, 0.25)]), rng.normal(0, 12)
        centre = (round(16 * middle[0]), round(16 * middle[1]))
        cv2.ellipse(drawn, centre, (round(16 * axes[0]), round(16 * axes[1])), angle, 0, 360, 255, -1, cv2.LINE_AA, 4)
    hole = drawn.astype(np.float32) / 255 * metal
    bright = 0.82 + 0.012 * smooth_noise(rng, size, 12) - 0.1 * scratches(rng, size, 40)
    dark = 0.14 + 0.015 * smooth_noise(rng, size, 5)
    part = np.clip(y + 0.5 - surface + 0.5, 0, 1) * (1 - hole)
    picture = dark + part * (bright - dark)
    pixels = photographed(rng, picture, rng.uniform(0.7, 0.95), rng.uniform(0.02, 0.05), noise)
    return Micrograph(pixels, um_per_px, {"pores": hole >= 0.5, "metal": metal})
