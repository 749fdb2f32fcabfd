"""Annealed alpha brass: grains full of annealing twins, whose tones differ as much as those of grains do.

A twin is a straight, parallel-sided lamella on a {111} plane, so a grain shows one or two directions of them. All
lamellae of one direction are the same crystal variant and etch to the same tone. They end at the grain boundary, or
bluntly inside the grain if they are thin. Neither tone nor the mere presence of a line tells a twin from a grain
boundary; that a line is straight, has a parallel partner and stops at darker, curved lines does.
"""

from dataclasses import dataclass

import numpy as np

from graingraph.app.samples.grains import Mosaic, edges, grain_labels, mosaic, per_boundary
from graingraph.app.samples.optics import (
    Micrograph,
    Size,
    blur,
    camera,
    coordinates,
    pits,
    scratches,
    smooth_noise,
    streaks,
    uneven_light,
)

_PALETTE = np.array(
    [[118, 98, 52], [150, 126, 76], [176, 152, 96], [194, 184, 116], [210, 214, 140], [224, 238, 164]], np.float32
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
) -> Micrograph:
    """Draw heavily twinned brass with grains of a mean equivalent ``diameter`` in pixels.

    ``twinned`` is the fraction of grains with twins. Truth: ``grains`` int32 labels from 1, ``boundaries`` bool grain
    boundaries, ``twins`` bool twin boundaries.
    """
    from scipy.ndimage import find_objects

    rng = np.random.default_rng((seed, 0))
    grains = mosaic(rng, size, diameter, spread=0.35, merged=0.08, curvature=0.05)
    canvas = _Canvas(np.zeros(size, np.float32), np.zeros(size, np.float32), np.zeros(size, np.int32))
    for grain, box in enumerate(find_objects(grains.grain + 1, grains.count)):
        if box is not None:
            inside = grains.grain[box] == grain
            _draw_grain(rng, canvas, box, inside, diameter if rng.random() < twinned else 0.0)
    labels = grain_labels(grains.grain)
    boundaries = edges(labels)
    tone, dark = _etched(rng, canvas, _boundary_lines(rng, grains))
    pixels = camera(rng, _photograph(rng, tone, dark, color), noise * rng.uniform(0.8, 1.3))
    twins = edges(canvas.variant) & ~boundaries
    return Micrograph(pixels, um_per_px, {"grains": labels, "boundaries": boundaries, "twins": twins})


@dataclass(frozen=True)
class _Canvas:
    """What is drawn grain by grain: ``tone`` and ``line`` darkness, both 0 to 1, and the crystal ``variant``."""

    tone: np.ndarray
    line: np.ndarray
    variant: np.ndarray


def _tone(rng: np.random.Generator, unlike: float | None = None) -> float:
    """Return an etched tone: half of all crystals stay bright, the others are anything; a twin is seen to differ."""
    for _ in range(8):
        tone = float(rng.normal(0.9, 0.06) if rng.random() < 0.45 else rng.uniform(0.08, 0.8))
        if unlike is None or abs(tone - unlike) > 0.1:
            break
    return min(tone, 1.0)


def _draw_grain(
    rng: np.random.Generator, canvas: _Canvas, box: tuple[slice, slice], inside: np.ndarray, diameter: float
) -> None:
    """Draw one grain and, where ``diameter`` is not 0, its twins, into its bounding box."""
    parent, angle, families = _tone(rng), rng.uniform(0, np.pi), 1 + int(rng.random() < 0.2)
    y, x = coordinates(inside.shape)
    y, x = y - inside.shape[0] / 2, x - inside.shape[1] / 2
    radius = float(np.sqrt(inside.sum() / np.pi))
    tone, line = np.full(y.shape, parent, np.float32), np.zeros(y.shape, np.float32)
    variant, free = np.zeros(y.shape, np.int32), np.full(y.shape, np.inf, np.float32)
    for family in range(families if radius > 0.12 * diameter > 0 else 0):
        own_tone, darkness = _tone(rng, parent), max(0.0, rng.uniform(-0.1, 0.85))
        across, along = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
        depth = np.minimum(_lamellae(rng, across, along, radius), free)
        cover = np.clip(depth + 0.5, 0, 1)
        tone += cover * (own_tone - tone)
        line = np.maximum(line, darkness * np.exp(-((depth / 0.9) ** 2)))
        variant[depth > 0] = family + 1
        free = np.minimum(free, -depth)
        angle += rng.uniform(0.9, 1.25)
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
        if width < 0.25 * radius and rng.random() < 0.4:
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
    uneven = np.clip(1 + 0.3 * smooth_noise(rng, size, 25), 0.5, 1.4)
    strength = per_boundary(rng, grains, 0.4, 0.95) * uneven
    width = 0.75 + 0.55 * per_boundary(rng, grains, 0, 1) * uneven
    return np.clip(strength, 0, 1) * np.exp(-((grains.distance / width) ** 2))


def _etched(rng: np.random.Generator, canvas: _Canvas, boundaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return tone and darkness of the etched surface, float32 (H, W): dark crystals are rough, and it has marks."""
    size = canvas.tone.shape
    area = size[0] * size[1] / (768 * 1024)
    rough = 0.25 + 1.2 * (1 - canvas.tone)
    smear = streaks(rng, size, 160, 7, rng.uniform(0, np.pi)) * np.clip(smooth_noise(rng, size, 160), 0, 2)
    tone = canvas.tone + rough * (0.025 * smooth_noise(rng, size, 3) + 0.02 * smooth_noise(rng, size, 14))
    tone += 0.03 * smooth_noise(rng, size, 120) + 0.06 * rough * smear
    marks = 0.3 * scratches(rng, size, round(60 * area)) + 0.8 * pits(rng, size, round(110 * area), 1.1)
    dark = np.maximum(np.maximum(canvas.line, boundaries), np.clip(marks, 0, 1))
    return tone, dark


def _photograph(rng: np.random.Generator, tone: np.ndarray, dark: np.ndarray, color: bool) -> np.ndarray:
    """Return the exposed picture, 0 to 1: the objective's blur, uneven light, and the colours of one microscope."""
    sigma = rng.uniform(0.6, 0.85)
    tone, shade = blur(tone, sigma), 1 - 0.85 * blur(dark, sigma)
    contrast, light = rng.uniform(0.9, 1.1), uneven_light(rng, tone.shape, rng.uniform(0.06, 0.14))
    light *= shade * rng.uniform(0.94, 1.05)
    if not color:
        return (0.25 + 0.6 * contrast * tone) * light
    place = (0.55 + contrast * (tone - 0.55)) * (len(_PALETTE) - 1)
    tint = np.array([1, 1, 1]) + rng.uniform(-0.035, 0.035, 3)
    channels = [np.interp(place, range(len(_PALETTE)), _PALETTE[:, k] / 255 * tint[k]) * light for k in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)
