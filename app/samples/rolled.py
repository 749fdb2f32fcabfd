"""Rolled steel with elongated grains, cut in three planes: longitudinal, transverse and planar."""

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, photographed, smooth_noise
from graingraph.app.samples.phantoms import voronoi_section

PLANES = {"longitudinal": (4, 1), "transverse": (2, 1), "planar": (4, 2)}
"""How many times longer the grains are along the rows and along the columns of each plane: 4 : 2 : 1 in space."""
FIELDS = 5
"""Fields of each plane, one after the other."""


def plane(seed: int) -> str:
    """The plane of a field."""
    return list(PLANES)[(seed - 1) // FIELDS % len(PLANES)]


def named(seed: int) -> str:
    """The name of the file, which tells the plane."""
    return f"rolled_{plane(seed)}_{(seed - 1) % FIELDS + 1:03d}"


def make(
    seed: int,
    size: Size = (320, 440),
    *,
    intercept: float = 12.0,
    um_per_px: float = 0.5,
    noise: float = 0.006,
) -> Micrograph:
    """Draw a section of 3-D Voronoi grains of this mean intercept in px in the thickness of the sheet.

    Truth: ``grains`` int32 labels from 1.
    """
    rng = np.random.default_rng((seed, 17))
    along, across = PLANES[plane(seed)]
    grains = voronoi_section(intercept * across, size, rng, along / across)
    # A line one pixel wide between the grains, drawn at twice the size and put together: soft as an etched one.
    fine = cv2.resize(grains, (2 * size[1], 2 * size[0]), interpolation=cv2.INTER_NEAREST)
    line = np.zeros(fine.shape, np.uint8)
    line[:, 1:] |= fine[:, 1:] != fine[:, :-1]
    line[1:] |= fine[1:] != fine[:-1]
    broad = cv2.dilate(line, np.ones((2, 2), np.uint8)).astype(np.float32)
    cover = cv2.resize(broad, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    tone = rng.normal(0, 0.015, int(grains.max()) + 1)[grains]
    picture = 0.8 + tone + 0.01 * smooth_noise(rng, size, 15) - 0.55 * cover
    return Micrograph(photographed(rng, picture, 0.6, 0.03, noise), um_per_px, {"grains": grains})
