"""Ductile iron: dark graphite nodules of every size and roundness, some touching, some cut by the frame."""

import numpy as np

from graingraph.app.samples.grains import mosaic
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
    size: Size = (768, 1024),
    *,
    diameter: float = 36.0,
    um_per_px: float = 0.8,
    count: int = 110,
    touching: float = 0.15,
    etched: bool = True,
    noise: float = 0.014,
) -> Micrograph:
    """Draw about ``count`` nodules of a mean ``diameter`` in pixels on a frame of 768 by 1024 (fewer on a smaller one).

    ``touching`` is the fraction set against another nodule. ``etched`` shows ferrite rings (bull's eyes) in pearlite,
    otherwise the matrix is plain. Truth: ``nodules`` int32 labels from 1, also where they touch or leave the frame.
    """
    rng = np.random.default_rng((seed, 2))
    number = round(count * size[0] * size[1] / (768 * 1024))
    labels, inside = np.zeros(size, np.int32), np.full(size, -1e3, np.float32)
    placed: list[tuple[float, float, float]] = []
    for _ in range(40 * number):
        if len(placed) < number:
            _place(rng, placed, size, diameter, touching)
    for index, nodule in enumerate(placed):
        _draw(rng, labels, inside, index + 1, nodule)
    matrix = _ferrite_and_pearlite(rng, inside, diameter) if etched else np.full(size, 0.82, np.float32)
    graphite = 0.2 + 0.04 * smooth_noise(rng, size, 4) + 0.03 * smooth_noise(rng, size, 12)
    cover = np.clip(inside + 0.5, 0, 1)
    picture = matrix + cover * (graphite - matrix)
    marks = 0.4 * pits(rng, size, 90, 1.2) + 0.15 * scratches(rng, size, 50)
    picture = blur(picture * (1 - marks), rng.uniform(0.7, 0.95))
    picture *= uneven_light(rng, size, rng.uniform(0.05, 0.12)) * rng.uniform(0.92, 1.05)
    kept = np.unique(labels, return_inverse=True)[1].reshape(size).astype(np.int32)
    return Micrograph(camera(rng, picture, noise), um_per_px, {"nodules": kept})


def _place(
    rng: np.random.Generator, placed: list[tuple[float, float, float]], size: Size, diameter: float, touching: float
) -> None:
    """Try one nodule (x, y, radius): clear of the others, or set against one of them."""
    radius = diameter / 2 * rng.lognormal(-0.06, 0.35)
    x, y = rng.uniform(0, size[1]), rng.uniform(0, size[0])
    partner = -1
    if placed and rng.random() < touching:
        partner = int(rng.integers(len(placed)))
        other, angle = placed[partner], rng.uniform(0, 2 * np.pi)
        reach = 0.93 * (other[2] + radius)
        x, y = other[0] + reach * np.cos(angle), other[1] + reach * np.sin(angle)
    clear = all(np.hypot(x - a, y - b) > 1.2 * (radius + r) + 2 for k, (a, b, r) in enumerate(placed) if k != partner)
    if clear and -radius / 2 < x < size[1] + radius / 2 and -radius / 2 < y < size[0] + radius / 2:
        placed.append((x, y, radius))


def _draw(
    rng: np.random.Generator, labels: np.ndarray, inside: np.ndarray, index: int, nodule: tuple[float, float, float]
) -> None:
    """Draw one nodule: ``inside`` takes the signed distance to its outline, lobed where it lacks nodularity."""
    x, y, radius = nodule
    reach = int(2.5 * radius) + 40
    top, left = max(0, int(y) - reach), max(0, int(x) - reach)
    box = np.s_[top : max(top + 1, int(y) + reach), left : max(left + 1, int(x) + reach)]
    v, u = coordinates(labels[box].shape)
    v, u = v + (top - y), u + (left - x)
    angle, rough = np.arctan2(v, u), 0.02 + 0.12 * rng.beta(1, 3)
    outline = np.full(angle.shape, radius, np.float32)
    for lobe in range(2, 9):
        outline += radius * rough * rng.normal(0, 1.6 / lobe) * np.cos(lobe * angle + rng.uniform(0, 2 * np.pi))
    depth = outline - np.hypot(u, v)
    mine = depth > np.maximum(inside[box], 0)
    labels[box][mine] = index
    inside[box] = np.maximum(inside[box], depth)


def _ferrite_and_pearlite(rng: np.random.Generator, inside: np.ndarray, diameter: float) -> np.ndarray:
    """Return the etched matrix: bright ferrite with faint boundaries round nodules, lamellar grey pearlite beyond."""
    size = inside.shape
    rim = diameter * (0.35 + 0.15 * smooth_noise(rng, size, 60)) + 1.2 * smooth_noise(rng, size, 6)
    ferrite = np.clip((inside + rim) / 2, 0, 1)
    grains = mosaic(rng, size, diameter, curvature=0.08)
    lines = np.exp(-(grains.distance**2)) * np.clip(0.6 + 0.3 * smooth_noise(rng, size, 25), 0, 1)
    colony = mosaic(rng, size, 1.1 * diameter, curvature=0.15)
    angle = rng.uniform(0, np.pi, colony.count).astype(np.float32)[colony.grain]
    pitch = rng.uniform(3.0, 6.0, colony.count).astype(np.float32)[colony.grain]
    y, x = coordinates(size)
    phase = (np.cos(angle) * x + np.sin(angle) * y) / pitch * 2 * np.pi + 0.8 * smooth_noise(rng, size, 10)
    shade = rng.uniform(0.42, 0.6, colony.count).astype(np.float32)[colony.grain]
    pearlite = shade + 0.07 * np.sin(phase) + 0.04 * smooth_noise(rng, size, 3)
    return pearlite + ferrite * (0.86 - 0.3 * lines - pearlite)
