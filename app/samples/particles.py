"""Precipitates in a nickel alloy as an electron microscope shows them: bright rounded cubes of log-normal size."""

import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, coordinates, photographed, smooth_noise


def make(
    seed: int,
    size: Size = (480, 640),
    *,
    median: float = 22.0,
    deviation: float = 1.35,
    count: int = 170,
    um_per_px: float = 0.02,
    noise: float = 0.03,
) -> Micrograph:
    """Draw about ``count`` particles whose equivalent diameters have this median in px and geometric deviation.

    None touch. Truth: ``particles`` int32 labels from 1, those that the frame cuts included.
    """
    rng = np.random.default_rng((seed, 7))
    labels, cover = np.zeros(size, np.int32), np.zeros(size, np.float32)
    placed: list[tuple[float, float, float]] = []
    diameters = median * np.exp(np.log(deviation) * rng.standard_normal(count))
    turn = rng.uniform(0, np.pi / 2)
    for diameter in np.sort(diameters)[::-1]:  # the large ones first, while there is room
        for _ in range(200):
            x, y = (
                rng.uniform(-diameter / 2, size[1] + diameter / 2),
                rng.uniform(-diameter / 2, size[0] + diameter / 2),
            )
            if all(np.hypot(x - a, y - b) > 0.62 * (diameter + d) + 3 for a, b, d in placed):
                placed.append((x, y, diameter))
                _draw(rng, labels, cover, (x, y, diameter), turn)
                break
    matrix = 0.3 + 0.02 * smooth_noise(rng, size, 30)
    picture = matrix + cover * (0.4 + 0.02 * smooth_noise(rng, size, 8))
    pixels = photographed(rng, picture, rng.uniform(0.8, 1.1), rng.uniform(0.02, 0.05), noise)
    kept = np.unique(labels, return_inverse=True)[1].reshape(size).astype(np.int32)
    return Micrograph(pixels, um_per_px, {"particles": kept})


def _draw(
    rng: np.random.Generator, labels: np.ndarray, cover: np.ndarray, particle: tuple[float, float, float], turn: float
) -> None:
    """Draw one particle, a superellipse of exponent 3 whose sides lie along the crystal's axes."""
    x, y, diameter = particle
    reach = int(diameter) + 3
    top, left = max(0, int(y) - reach), max(0, int(x) - reach)
    box = np.s_[top : max(top + 1, int(y) + reach), left : max(left + 1, int(x) + reach)]
    if not labels[box].size:
        return
    v, u = coordinates(labels[box].shape)
    v, u = v + (top + 0.5 - y), u + (left + 0.5 - x)
    along, across = np.abs(u * np.cos(turn) + v * np.sin(turn)), np.abs(v * np.cos(turn) - u * np.sin(turn))
    ratio = rng.uniform(0.85, 1.18)
    half = diameter / 2 * np.sqrt(np.pi / 3.5328)  # a superellipse of exponent 3 covers 3.5328 · a · b
    away = ((along / (half * ratio)) ** 3 + (across / (half / ratio)) ** 3) ** (1 / 3)
    labels[box][away < 1] = labels.max() + 1
    cover[box] = np.maximum(cover[box], np.clip(0.5 + (1 - away) * half, 0, 1))
