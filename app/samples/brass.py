"""Annealed alpha brass: grains full of annealing twins, whose tones differ as much as those of grains do.

A twin is a straight, parallel-sided lamella on a {111} plane, so a grain shows one or two directions of them. All
lamellae of one direction are the same crystal variant and etch to the same tone. They end at the grain boundary, or
bluntly inside the grain. Neither tone nor the mere presence of a line tells a twin from a grain boundary; that a line
is straight, has a parallel partner and stops at darker, curved lines does.
"""

from dataclasses import dataclass

import numpy as np

from app.samples.grains import Mosaic, edges, grain_labels, mosaic, per_boundary
from app.samples.optics import Sample, Size, blur, camera, coordinates, pits, scratches, smooth_noise, uneven_light

_PALETTE = np.array(
    [[104, 88, 44], [146, 126, 72], [170, 152, 94], [190, 182, 114], [206, 210, 138], [220, 232, 160]], np.float32
)
"""Tones 0 to 1 under bright field: brown, tan, straw, pale yellow-green."""


def make(
    seed: int,
    size: Size = (768, 1024),
    *,
    diameter: float = 110.0,
    um_per_px: float = 0.5,
    twinned: float = 0.9,
    noise: float = 0.014,
    color: bool = True,
) -> Sample:
    """Draw heavily twinned brass with grains of a mean equivalent ``diameter`` in pixels.

    ``twinned`` is the fraction of grains with twins. Truth: ``grains`` int32 labels from 1, ``boundaries`` bool grain
    boundaries, ``twins`` bool twin boundaries.
    """
    rng = np.random.default_rng((seed, 0))
    grains = mosaic(rng, size, diameter, spread=0.35, merged=0.08, curvature=0.05)
    canvas = _Canvas(np.zeros(size, np.float32), np.zeros(size, np.float32), np.zeros(size, np.int32))
    y, x = coordinates(size)
    for grain in range(grains.count):
        _draw_grain(rng, canvas, grains, grain, (y, x), diameter if rng.random() < twinned else 0.0)
    labels = grain_labels(grains.grain)
    boundaries = edges(labels)
    tone = _etched(rng, canvas, _boundary_lines(rng, grains))
    pixels = camera(rng, _photograph(rng, tone, color), noise * rng.uniform(0.8, 1.3))
    twins = edges(canvas.variant) & (canvas.inner(labels)) & ~boundaries
    return Sample(pixels, um_per_px, {"grains": labels, "boundaries": boundaries, "twins": twins})


@dataclass(frozen=True)
class _Canvas:
    """What is drawn grain by grain: ``tone`` and ``line`` darkness, both 0 to 1, and the crystal ``variant``."""

    tone: np.ndarray
    line: np.ndarray
    variant: np.ndarray

    def inner(self, labels: np.ndarray) -> np.ndarray:
        """Return where all three neighbours that ``edges`` looks at lie in the same grain, bool (H, W)."""
        return ~edges(labels)


def _tone(rng: np.random.Generator, unlike: float | None = None) -> float:
    """Return an etched tone: half of all crystals stay bright, the others are anything; a twin is seen to differ."""
    for _ in range(8):
        tone = float(rng.normal(0.86, 0.07) if rng.random() < 0.45 else rng.uniform(0.08, 0.8))
        if unlike is None or abs(tone - unlike) > 0.1:
            break
    return min(tone, 1.0)


def _draw_grain(
    rng: np.random.Generator,
    canvas: _Canvas,
    grains: Mosaic,
    grain: int,
    axes: tuple[np.ndarray, np.ndarray],
    diameter: float,
) -> None:
    """Draw one grain and, where ``diameter`` is not 0, its twins, into its bounding box."""
    parent = _tone(rng)
    angle, turn = rng.uniform(0, np.pi), rng.uniform(0.9, 1.25)
    families = 1 + int(rng.random() < 0.3)
    twins = [(angle + turn * k, _tone(rng, parent), max(0.0, rng.uniform(-0.12, 0.4))) for k in range(families)]
    rows, columns = np.flatnonzero((grains.grain == grain).any(1)), np.flatnonzero((grains.grain == grain).any(0))
    if not len(rows):
        return
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = grains.grain[box] == grain
    y, x = axes[0][box] - (rows[0] + rows[-1]) / 2, axes[1][box] - (columns[0] + columns[-1]) / 2
    radius = float(np.sqrt(inside.sum() / np.pi))
    tone, line = np.full(y.shape, parent, np.float32), np.zeros(y.shape, np.float32)
    variant, free = np.zeros(y.shape, np.int32), np.full(y.shape, np.inf, np.float32)
    for number, (direction, own_tone, darkness) in enumerate(twins if diameter and radius > 0.12 * diameter else []):
        across = np.cos(direction) * x + np.sin(direction) * y
        along = np.cos(direction) * y - np.sin(direction) * x
        depth = np.minimum(_lamellae(rng, across, along, radius), free)
        cover = np.clip(depth + 0.5, 0, 1)
        tone += cover * (own_tone - tone)
        line = np.maximum(line, darkness * np.exp(-((depth / 0.9) ** 2)))
        variant[depth > 0] = number + 1
        free = np.minimum(free, -depth)
    canvas.tone[box][inside] = tone[inside]
    canvas.line[box][inside] = line[inside]
    canvas.variant[box][inside] = variant[inside]


def _lamellae(rng: np.random.Generator, across: np.ndarray, along: np.ndarray, radius: float) -> np.ndarray:
    """Return the signed distance in pixels to the sides of parallel twins, positive within one."""
    depth = np.full(across.shape, -np.inf, np.float32)
    place = -radius * rng.uniform(0.3, 0.9)
    for _ in range(rng.integers(1, 5)):
        width = min(max(4.0, 0.22 * radius * rng.lognormal(0, 0.7)), 0.9 * radius)
        middle = place + width / 2
        one = width / 2 - np.abs(across - middle)
        if rng.random() < 0.25:
            end = rng.uniform(-0.5, 0.5) * radius
            one = np.minimum(one, (along - end) * rng.choice([-1, 1]))
        depth = np.maximum(depth, one)
        place += width + max(5.0, 0.3 * radius * rng.lognormal(0, 0.6))
        if place > 0.85 * radius:
            break
    return depth


def _boundary_lines(rng: np.random.Generator, grains: Mosaic) -> np.ndarray:
    """Return the darkness of the etched grain boundaries, 0 to 1: each its own, fading and thickening on its way."""
    size = grains.grain.shape
    uneven = np.clip(1 + 0.3 * smooth_noise(rng, size, 25), 0.35, 1.4)
    strength = per_boundary(rng, grains, 0.45, 1.0) * uneven
    width = 0.75 + 0.55 * per_boundary(rng, grains, 0, 1) * uneven
    return np.clip(strength, 0, 1) * np.exp(-((grains.distance / width) ** 2))


def _etched(rng: np.random.Generator, canvas: _Canvas, boundaries: np.ndarray) -> np.ndarray:
    """Return the tone of the whole etched surface, float32 (H, W): darker crystals are rougher, and it has marks."""
    size = canvas.tone.shape
    area = size[0] * size[1] / (768 * 1024)
    rough = 0.3 + 1.2 * (1 - canvas.tone)
    surface = canvas.tone + rough * (0.02 * smooth_noise(rng, size, 3) + 0.02 * smooth_noise(rng, size, 14))
    surface += 0.03 * smooth_noise(rng, size, 120)
    marks = 0.3 * scratches(rng, size, round(60 * area)) + 0.7 * pits(rng, size, round(90 * area), 1.2)
    dark = np.maximum(np.maximum(canvas.line, boundaries), np.clip(marks, 0, 1))
    return surface * (1 - dark) - 0.45 * dark


def _photograph(rng: np.random.Generator, tone: np.ndarray, color: bool) -> np.ndarray:
    """Return the exposed picture, 0 to 1: the objective's blur, uneven light, and the colours of one microscope."""
    tone = blur(tone, rng.uniform(0.75, 0.95))
    contrast, light = rng.uniform(0.85, 1.05), uneven_light(rng, tone.shape, rng.uniform(0.06, 0.14))
    if not color:
        return (0.2 + 0.62 * contrast * tone) * light * rng.uniform(0.93, 1.05)
    place = (0.55 + contrast * (tone - 0.55)) * (len(_PALETTE) - 1)
    tint = np.array([1, 1, 1]) + rng.uniform(-0.05, 0.05, 3)
    knots = np.arange(-2, len(_PALETTE))
    palette = np.vstack([[20, 22, 16], [62, 54, 28], _PALETTE])
    channels = [np.interp(place, knots, palette[:, k] / 255 * tint[k]) for k in range(3)]
    return (np.stack(channels, axis=-1) * light[..., None] * rng.uniform(0.93, 1.03)).astype(np.float32)
