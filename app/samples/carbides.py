"""Spheroidised steel: sections of bright carbide spheres in a dark etched matrix, at random but apart."""

import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, smooth_noise
from graingraph.app.samples.phantoms import sphere_sections


def make(
    seed: int,
    size: Size = (360, 480),
    *,
    median: float = 22.0,
    sigma: float = 0.2,
    sections: float = 130.0,
    um_per_px: float = 0.05,
    noise: float = 0.008,
) -> Micrograph:
    """Draw about so many sections of spheres of this median diameter in px and log-standard deviation.

    What is cut under 3 px across is left out, as an observer would not see it. Truth: ``carbides`` int32 labels.
    """
    rng = np.random.default_rng((seed, 13))
    mean = median * np.exp(sigma**2 / 2)
    circles = sphere_sections(sections / (size[0] * size[1] * mean), median, sigma, size, rng)
    labels, cover = np.zeros(size, np.int32), np.zeros(size, np.float32)
    rows, columns = (side + 0.5 for side in coordinates(size))
    placed: list[tuple[float, float, float]] = []
    for diameter in np.sort(circles[circles > 3])[::-1].tolist():
        for _ in range(300):
            x, y = rng.uniform(0, size[1]), rng.uniform(0, size[0])
            if all(np.hypot(x - a, y - b) > (diameter + d) / 2 + 3 for a, b, d in placed):
                placed.append((x, y, diameter))
                away = np.hypot(columns - x, rows - y)
                cover = np.maximum(cover, np.clip(0.5 + diameter / 2 - away, 0, 1))
                labels[away < diameter / 2] = len(placed)
                break
    matrix = 0.32 + 0.015 * smooth_noise(rng, size, 12)
    pixels = photographed(rng, matrix + cover * 0.45, 0.7, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"carbides": labels})
