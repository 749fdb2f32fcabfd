"""Etched single-phase grains (ferrite): bright grains, dark boundaries of uneven width with gaps, inclusions."""

import numpy as np

from graingraph.app.samples.grains import Mosaic, edges, grain_labels, mosaic, per_boundary
from graingraph.app.samples.optics import Micrograph, Size, blur, camera, pits, scratches, smooth_noise, uneven_light


def make(
    seed: int,
    size: Size = (768, 1024),
    *,
    diameter: float = 52.0,
    um_per_px: float = 0.25,
    gaps: float = 0.1,
    noise: float = 0.012,
) -> Micrograph:
    """Draw nital-etched iron with grains of a mean equivalent ``diameter`` in pixels.

    ``gaps`` is roughly the fraction of boundary length that the etchant left faint. Truth: ``grains`` int32 labels
    from 1, ``boundaries`` bool.
    """
    rng = np.random.default_rng((seed, 1))
    grains = mosaic(rng, size, diameter, spread=0.38, merged=0.4, curvature=0.1)
    labels = grain_labels(grains.grain)
    level = 0.93 + rng.normal(0, 0.016, grains.count).astype(np.float32)[grains.grain]
    level += 0.008 * smooth_noise(rng, size, 12) + 0.006 * smooth_noise(rng, size, 4)
    area = size[0] * size[1] / (768 * 1024)
    specks = 0.6 * pits(rng, size, round(420 * area), 0.7) + 0.85 * pits(rng, size, round(50 * area), 2.2)
    dark = np.maximum(_boundary_lines(rng, grains, gaps), specks + 0.12 * scratches(rng, size, round(50 * area)))
    sigma = rng.uniform(0.7, 0.95)
    picture = blur(level, sigma) * (1 - 0.95 * np.clip(blur(dark, sigma), 0, 1))
    picture *= uneven_light(rng, size, rng.uniform(0.03, 0.08)) * rng.uniform(0.94, 1.0)
    truth = {"grains": labels, "boundaries": edges(labels)}
    return Micrograph(camera(rng, picture, noise * rng.uniform(0.8, 1.2)), um_per_px, truth)


def _boundary_lines(rng: np.random.Generator, grains: Mosaic, gaps: float) -> np.ndarray:
    """Return the darkness of the etched boundaries, 0 to 1: grooves, deep islands where cementite sits, and gaps."""
    size = grains.grain.shape
    uneven = smooth_noise(rng, size, 22)
    # Etching depth follows the misorientation, so a boundary is deep or shallow as a whole; gaps are where it fades.
    strength = np.clip(per_boundary(rng, grains, 0.45, 1.05) + 0.22 * uneven, 0.12, 1)
    threshold = np.quantile(strength[grains.distance < 1], gaps)
    strength *= np.clip(0.25 + 0.75 * (strength - 0.12) / max(float(threshold) - 0.12, 1e-3), 0.25, 1)
    width = 0.6 + 0.5 * per_boundary(rng, grains, 0, 1) + 0.2 * np.clip(uneven, -1, 2)
    groove = strength * np.exp(-((grains.distance / width) ** 2))
    crumbs = np.clip(smooth_noise(rng, size, 40) - 1.5, 0, 1) * np.clip(smooth_noise(rng, size, 3) + 0.5, 0, 1)
    islands = np.clip(1.6 * crumbs, 0, 0.9) * np.exp(-((grains.distance / 4) ** 2))
    return np.maximum(groove, islands)
