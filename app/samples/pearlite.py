"""Etched pearlite: colonies of cementite lamellae, each cut at another angle, with ferrite between."""

import numpy as np

from graingraph.app.samples.grains import mosaic
from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, smooth_noise

LAMELLA = 0.35
"""Share of a spacing that is cementite."""


def make(
    seed: int, size: Size = (320, 320), *, spacing: float = 9.0, um_per_px: float = 0.02, noise: float = 0.012
) -> Micrograph:
    """Draw colonies whose lamellae lie this many px apart in space; the section shows them as far or farther apart.

    A colony whose normal makes an angle θ with the section shows spacing / sin θ. None is cut flatter than 18°, where
    lamellae are blurred into patches. Truth: ``lamellae`` bool.
    """
    rng = np.random.default_rng((seed, 10))
    colonies = mosaic(rng, size, 60.0, curvature=0.15)
    here = colonies.grain
    sine = np.sin(np.arccos(rng.uniform(-0.95, 0.95, colonies.count)))[here]
    turn, phase = rng.uniform(0, np.pi, colonies.count), rng.uniform(0, 1, colonies.count)
    y, x = coordinates(size)
    y = y + 1.5 * smooth_noise(rng, size, 40)
    x = x + 1.5 * smooth_noise(rng, size, 40)
    across = (x * np.cos(turn)[here] + y * np.sin(turn)[here]) * sine / spacing + phase[here]
    away = np.abs(across - np.rint(across)) * spacing / sine - LAMELLA / 2 * spacing / sine
    cover = np.clip(0.5 - away, 0, 1)
    picture = 0.72 + 0.02 * smooth_noise(rng, size, 30) - 0.45 * cover
    pixels = photographed(rng, picture, rng.uniform(0.6, 0.8), 0.04, noise)
    return Micrograph(pixels, um_per_px, {"lamellae": cover >= 0.5})
