"""Grain micrographs of every kind, for a model that is to know grains before anybody has traced any.

Nothing here imitates one material. Everything that tells micrographs of grains apart is drawn at random and over a
range wider than any lab's: size and shape of the grains, etching by lines, by tone or both, broad over-etched
boundaries full of debris, boundaries that fade, twins in one or two families, pits, scratches, second phases, texture,
light, focus, noise and compression. What stays the same is what a grain boundary is: a closed network of gently curved
lines, across which the crystal changes, and that twins, scratches and texture are no part of.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from graingraph.app.samples.grains import Mosaic, edges, grain_labels, mosaic, per_boundary
from graingraph.app.samples.optics import (
    Micrograph,
    Size,
    blur,
    coordinates,
    pits,
    scratches,
    smooth_noise,
    streaks,
    uneven_light,
)

DIAMETERS = 14.0, 190.0
"""Least and largest mean grain diameter, in px."""

SEEN = 0.03
"""A boundary that changes the grey level by less, 0 to 1, cannot be seen: neither boundary nor grain in the truth."""

UNKNOWN = 255


@dataclass(frozen=True)
class _Surface:
    """The polished and etched surface: its ``tone``, and ``dark``, what is taken from it; float32 (H, W)."""

    tone: np.ndarray
    dark: np.ndarray


def make(seed: int, size: Size = (384, 384), *, diameter: float | None = None, um_per_px: float = 1.0) -> Micrograph:
    """Draw grains of one random kind, grey uint8 (H, W), of mean ``diameter`` in px (random where None).

    Truth: ``grains`` int32 labels from 1; ``boundaries`` bool; ``classes`` uint8, 0 boundary, 1 grain, 255 where a
    boundary runs that cannot be seen.
    """
    rng = np.random.default_rng((seed, 7))
    diameter = diameter or float(np.exp(rng.uniform(*np.log(DIAMETERS))))
    grains = mosaic(
        rng,
        size,
        diameter,
        spread=rng.uniform(0.1, 0.5),
        merged=rng.uniform(0, 0.2),
        curvature=rng.uniform(0, 0.08),
        stretch=float(np.exp(abs(rng.normal(0, 0.18)))),
    )
    labels = grain_labels(grains.grain, smallest=max(6, round(0.01 * diameter**2)))
    boundaries = edges(labels)
    by_tone, by_line = [(True, False), (False, True), (True, True)][rng.choice(3, p=[0.2, 0.35, 0.45])]
    contrast = rng.uniform(0.12, 0.35) if by_tone and not by_line else rng.uniform(0.01, 0.3) * by_tone
    level = _tones(rng, grains.count) * contrast
    line = _boundary_lines(rng, grains, diameter) if by_line else np.zeros(size, np.float32)
    seen = (np.abs(level[grains.grain] - level[grains.neighbour]) > SEEN) | (_nearby(line) > SEEN)
    twins = _twins(rng, grains, diameter, max(contrast, 0.05)) if rng.random() < 0.65 else None
    tone = level[grains.grain] + (twins.tone if twins else 0) + _texture(rng, grains, diameter)
    dark = np.maximum(line, twins.dark) if twins else line
    surface = _with_flaws(rng, _Surface(tone, dark), grains, diameter)
    pixels = _photograph(rng, surface)
    classes = np.where(cv2.dilate(boundaries.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0, 0, 1).astype(np.uint8)
    classes[(classes == 0) & ~seen] = UNKNOWN
    return Micrograph(pixels, um_per_px, {"grains": labels, "boundaries": boundaries, "classes": classes})


def _tones(rng: np.random.Generator, count: int) -> np.ndarray:
    """The etched tone of each grain, mean 0 and spread about 1: continuous, or of two or three kinds of crystal."""
    if rng.random() < 0.6:
        return rng.normal(0, 1, count).astype(np.float32)
    kinds = np.linspace(-1.2, 1.2, int(rng.integers(2, 4)))
    return (rng.choice(kinds, count) + rng.normal(0, 0.25, count)).astype(np.float32)


def _nearby(line: np.ndarray) -> np.ndarray:
    """How dark the line within a few pixels is: a gap in a line belongs to the boundary all the same."""
    return cv2.dilate(line, np.ones((9, 9), np.uint8))


def _boundary_lines(rng: np.random.Generator, grains: Mosaic, diameter: float) -> np.ndarray:
    """Darkness of the etched boundaries, float32 (H, W): fine lines, or broad and ragged bands full of debris."""
    size = grains.grain.shape
    faintest = rng.uniform(0.05, 1) if rng.random() < 0.6 else 1.0
    strength = rng.uniform(0.12, 0.75) * per_boundary(rng, grains, faintest, 1.0)
    if rng.random() < 0.5:
        strength *= np.clip(1.1 + rng.uniform(0.1, 0.9) * smooth_noise(rng, size, 0.5 * diameter), 0, 1.4)
    widest = min(15.0, 0.22 * diameter)
    if widest > 3 and rng.random() < 0.3:
        return strength * _band(rng, grains, rng.uniform(3, widest))
    width = rng.uniform(0.5, min(2.4, 0.1 * diameter)) * per_boundary(rng, grains, rng.uniform(0.4, 1), 1.0)
    return strength * np.exp(-((grains.distance / width) ** 2)).astype(np.float32)


def _band(rng: np.random.Generator, grains: Mosaic, width: float) -> np.ndarray:
    """An over-etched boundary of so many px: ragged sides, and within it dark debris and bright specks; 0 to 1."""
    size = grains.grain.shape
    half = width / 2 * per_boundary(rng, grains, rng.uniform(0.3, 1), 1.0)
    half = half * np.clip(1 + rng.uniform(0, 0.5) * smooth_noise(rng, size, 2 * width), 0.15, 2)
    ragged = grains.distance + rng.uniform(0, 0.25) * width * smooth_noise(rng, size, 0.6 * width + 1)
    inside = np.clip((half - ragged) / rng.uniform(0.8, 0.15 * width + 1) + 0.5, 0, 1)
    debris = rng.uniform(0, 0.5) * smooth_noise(rng, size, rng.uniform(2, 5))
    if rng.random() < 0.4:  # bright in the middle, dark at both sides
        debris = debris - rng.uniform(0.2, 0.9) * np.exp(-((grains.distance / (0.25 * width)) ** 2))
    return (inside * np.clip(1 + debris, -0.3, 1.5)).astype(np.float32)


def _twins(rng: np.random.Generator, grains: Mosaic, diameter: float, contrast: float) -> _Surface:
    """Straight, parallel-sided lamellae inside grains: what they add to the tone, and the darkness of their sides."""
    size, count = grains.grain.shape, grains.count
    y, x = coordinates(size)
    total = np.maximum(np.bincount(grains.grain.ravel(), minlength=count), 1)
    middle = [np.bincount(grains.grain.ravel(), axis.ravel(), count) / total for axis in (y, x)]
    y, x = (axis - centre.astype(np.float32)[grains.grain] for axis, centre in zip((y, x), middle, strict=True))
    radius = np.sqrt(total / np.pi).astype(np.float32)
    angle, has = rng.uniform(0, np.pi, count), rng.random(count) < rng.uniform(0.1, 0.95)
    tone, dark, free = np.zeros(size, np.float32), np.zeros(size, np.float32), np.full(size, np.inf, np.float32)
    edge = rng.uniform(0.05, 0.7) if rng.random() < 0.7 else 0.0
    for family in range(1 + (rng.random() < 0.4)):
        own = has & (rng.random(count) < (1.0 if family == 0 else 0.4))
        depth = np.minimum(_lamellae(rng, grains, x, y, angle, radius, own, diameter), free)
        step = rng.normal(0, 1, count) * contrast * rng.uniform(0.5, 1.6)
        tone += np.clip(depth + 0.5, 0, 1) * step.astype(np.float32)[grains.grain]
        own_edge = edge * rng.uniform(0.2, 1, count)
        sides = np.exp(-((depth / rng.uniform(0.5, 1.2)) ** 2)) * (grains.distance > 1.5)
        dark = np.maximum(dark, sides * own_edge.astype(np.float32)[grains.grain])
        free = np.minimum(free, -depth)
        angle = angle + rng.uniform(0.9, 1.6, count)
    return _Surface(tone, dark.astype(np.float32))


def _lamellae(
    rng: np.random.Generator,
    grains: Mosaic,
    x: np.ndarray,
    y: np.ndarray,
    angle: np.ndarray,
    radius: np.ndarray,
    has: np.ndarray,
    diameter: float,
) -> np.ndarray:
    """Signed distance to the sides of one family of twins, positive within one, float32 (H, W)."""
    grain, count = grains.grain, grains.count
    cos, sin = (f(angle).astype(np.float32)[grain] for f in (np.cos, np.sin))
    across, along = cos * x + sin * y, cos * y - sin * x
    depth = np.full(grain.shape, -1e3, np.float32)
    for _ in range(rng.integers(1, 5)):
        width = np.minimum(np.maximum(2.5, 0.25 * radius * rng.lognormal(0, 0.7, count)), radius)
        place = rng.uniform(-0.9, 0.9, count) * radius
        ends = np.where(rng.random(count) < 0.25, rng.uniform(-0.5, 0.6, count) * radius, 1e3)  # inside the grain
        one = np.minimum(
            (width / 2).astype(np.float32)[grain] - np.abs(across - place.astype(np.float32)[grain]),
            ends.astype(np.float32)[grain] - along,
        )
        there = has & (radius > 0.15 * diameter) & (rng.random(count) < 0.8)
        depth = np.maximum(depth, np.where(there[grain], one, -1e3))
    return depth


def _texture(rng: np.random.Generator, grains: Mosaic, diameter: float) -> np.ndarray:
    """What the inside of grains looks like, float32 (H, W): even, mottled, streaked, or lamellar in each grain."""
    size = grains.grain.shape
    rough = rng.uniform(0.3, 1, grains.count).astype(np.float32)[grains.grain]  # each crystal etches in its own way
    texture = np.zeros(size, np.float32)
    if rng.random() < 0.6:
        texture += rng.uniform(0, 0.06) * rough * smooth_noise(rng, size, rng.uniform(2, 14))
    if rng.random() < 0.2:
        angle = rng.uniform(0, np.pi, grains.count).astype(np.float32)[grains.grain]
        y, x = coordinates(size)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * rng.uniform(0.4, 1.6))
        texture += rng.uniform(0.01, 0.08) * wave * (rough > rng.uniform(0.2, 0.9))
    if rng.random() < 0.25:
        texture += rng.uniform(0.01, 0.06) * streaks(rng, size, 160, rng.uniform(3, 10), rng.uniform(0, np.pi))
    return texture


def _with_flaws(rng: np.random.Generator, surface: _Surface, grains: Mosaic, diameter: float) -> _Surface:
    """Pits, pores, inclusions, second phases and scratches, some of them at the boundaries."""
    size = surface.tone.shape
    tone, dark = surface.tone, surface.dark
    area = size[0] * size[1] / 384**2
    few, many = round(rng.choice([0, 8, 60]) * area * rng.random()), round(rng.choice([0, 3, 25]) * area * rng.random())
    spots = pits(rng, size, few, rng.uniform(0.8, 2.5)) + pits(rng, size, many, rng.uniform(2, 6))
    if rng.random() < 0.3:  # attracted by the boundaries
        spots *= np.exp(-grains.distance / (0.1 * diameter + 2))
    dark = np.maximum(dark, rng.uniform(0.2, 0.9) * np.clip(spots, 0, 1))
    if rng.random() < 0.15:
        tone = tone + rng.uniform(0.05, 0.3) * np.clip(pits(rng, size, few, 2.0), 0, 1)  # bright inclusions
    if rng.random() < 0.15:
        field = smooth_noise(rng, size, rng.uniform(0.2, 0.6) * diameter + 3)
        if rng.random() < 0.5:
            field = field - 2 * np.minimum(grains.distance / (0.15 * diameter + 2), 1.5) + 1
        phase = np.clip((field - rng.uniform(1.2, 2.0)) * 6, 0, 1)
        tone = tone + rng.choice([-1, 1]) * rng.uniform(0.1, 0.35) * phase
    marks = scratches(rng, size, round(rng.choice([0, 4, 30]) * area * rng.random()))
    scratch = rng.uniform(0.1, 0.7) * cv2.GaussianBlur(marks, (0, 0), rng.uniform(0.4, 1.2))
    if rng.random() < 0.3:
        tone = tone + scratch
    else:
        dark = np.maximum(dark, scratch)
    return _Surface(tone.astype(np.float32), dark.astype(np.float32))


def _photograph(rng: np.random.Generator, surface: _Surface) -> np.ndarray:
    """Light, focus, contrast, noise, compression: the surface as some microscope's picture, uint8 (H, W)."""
    size = surface.tone.shape
    picture = 0.6 + surface.tone - surface.dark
    if rng.random() < 0.12:  # boundaries that stand out bright, as in dark field
        picture = 0.4 + surface.tone + surface.dark
    picture = blur(np.asarray(picture, np.float32), float(np.exp(rng.uniform(np.log(0.35), np.log(2.0)))))
    picture = picture * uneven_light(rng, size, rng.uniform(0, 0.35))
    grain: np.ndarray = rng.standard_normal(size, dtype=np.float32)
    if rng.random() < 0.4:
        grain = blur(grain, 0.8) * 2.2
    picture = picture + rng.uniform(0.003, 0.05) * grain
    picture = (picture - 0.5) * rng.uniform(0.5, 1.4) + rng.uniform(0.35, 0.65)
    picture = np.clip(picture, 0, 1) ** np.exp(rng.normal(0, 0.25))
    if rng.random() < 0.1:
        picture = 1 - picture
    pixels = np.rint(picture * 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(40, 92))]
        pixels = cv2.imdecode(cv2.imencode(".jpg", pixels, quality)[1], cv2.IMREAD_GRAYSCALE)
    return pixels
