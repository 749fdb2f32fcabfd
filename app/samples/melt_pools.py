"""Etched section of an additively manufactured part: the last layer's melt pools, one under the other."""

import cv2
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

COLUMNS = ("Label", "Overlap", "Width", "Depth", "Whole area", "Tilt")
"""The columns of the truth table ``overlap``: a number, %, px, px, px², degrees clockwise."""


def make(
    seed: int,
    size: Size = (512, 1024),
    *,
    width: float = 150.0,
    um_per_px: float = 1.0,
    roughness: float = 0.6,
    tilt: float = 6.0,
    noise: float = 0.02,
) -> Micrograph:
    """Draw tracks melted from right to left whose pools have a mean ``width`` in pixels.

    ``roughness`` is the standard deviation of the outlines and ``tilt`` the largest tilt in degrees. Every pool is
    about 10 to 45 % hidden but the first from the left, which was melted last and is complete. Truth: ``pools`` int32
    labels from 1, left to right; ``fusion_lines`` bool; ``overlap`` float64 (n, 6), a row a pool with ``COLUMNS``.
    """
    rng = np.random.default_rng((seed, 5))
    labels, table = _pools(rng, size, width, roughness, tilt)
    metal = _metal(rng, labels)
    lines = _fusion_lines(labels, metal)
    level = _columnar(rng, size) - 0.45 * _layers(rng, labels, width) - 0.5 * _etched(rng, lines)
    level -= 0.4 * pits(rng, size, round(size[0] * size[1] / 1500), 0.8)
    level -= 0.12 * scratches(rng, size, round(size[0] * size[1] / 12000))
    mount = 0.035 + 0.02 * np.clip(smooth_noise(rng, size, 5) + smooth_noise(rng, size, 25), 0, 2)
    picture = blur(np.where(metal, np.clip(level, 0.05, 1), mount).astype(np.float32), 0.9)
    pixels = camera(rng, picture * uneven_light(rng, size), noise)
    return Micrograph(pixels, um_per_px, {"pools": labels, "fusion_lines": lines, "overlap": table})


def outline(width: float, depth: float, n: float, m: float, crown: float, tilt: float) -> np.ndarray:
    """Return a whole pool's closed outline (600, 2) as (x, y) about the middle of its top chord, evenly spaced.

    The bottom is ``|2x/width|^n + (y/depth)^m = 1``, the top an arc ``crown`` px high, turned by ``tilt`` degrees.
    """
    across = np.cos(np.linspace(0, np.pi, 600))
    bottom = np.c_[across * width / 2, depth * (1 - np.abs(across) ** n).clip(0, 1) ** (1 / m)]
    top = np.c_[-across * width / 2, -crown * (1 - across**2)]
    closed = np.r_[bottom, top]
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T))]
    at = np.linspace(0, along[-1], 600, endpoint=False)
    even = np.c_[np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])]
    c, s = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    return even @ np.array([[c, s], [-s, c]])


def _pools(
    rng: np.random.Generator, size: Size, width: float, roughness: float, tilt: float
) -> tuple[np.ndarray, np.ndarray]:
    """Paint the tracks in the order in which they were melted; return the labels and the truth table."""
    depth, surface = rng.uniform(0.38, 0.5), 0.3 * size[0] + 0.1 * width
    n, m = rng.uniform(1.9, 2.6), rng.uniform(1.3, 2.2)
    x, wholes, rows = 0.65 * width, [], []
    while x < size[1] - 0.6 * width:
        w, lean = width * rng.uniform(0.92, 1.08), rng.uniform(-tilt, tilt)
        d, crown = w * depth * rng.uniform(0.95, 1.05), 0.1 * w * rng.uniform(0.3, 1)
        rough = roughness * _wobble(rng, 600)
        centre = (x, surface + rng.normal(0, 0.01 * width))
        wholes.append(_filled(outline(w, d, n, m, crown, lean) + rough + centre, size))
        rows.append([len(wholes), 0.0, w, d + crown, np.count_nonzero(wholes[-1]), lean])
        x += w * rng.uniform(0.48, 0.79)
    labels = np.zeros(size, np.int32)
    for number in range(len(wholes), 0, -1):
        labels[wholes[number - 1]] = number
    for row, whole in zip(rows, wholes, strict=True):
        row[1] = 100 * np.mean(labels[whole] != row[0])
    return labels, np.array(rows)


def _wobble(rng: np.random.Generator, count: int) -> np.ndarray:
    """Smooth closed noise (count, 2) of standard deviation 1."""
    rough = cv2.GaussianBlur(np.tile(rng.standard_normal((count, 2)), (3, 1)), (1, 61), 0, sigmaY=9)[count : 2 * count]
    return rough / rough.std()


def _filled(polygon: np.ndarray, size: Size) -> np.ndarray:
    """Pixels whose centre lies inside the polygon (k, 2), bool (H, W)."""
    from skimage.draw import polygon as inside

    mask = np.zeros(size, bool)
    mask[inside(polygon[:, 1] - 0.5, polygon[:, 0] - 0.5, size)] = True
    return mask


def _metal(rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
    """The pools and all below them; beside them the older surface."""
    older = np.full(labels.shape[1], 0.33 * labels.shape[0]) + 2 * smooth_noise(rng, (1, labels.shape[1]), 60)[0]
    top = np.where((labels > 0).any(0), (labels > 0).argmax(0), older)
    return np.arange(labels.shape[0])[:, None] >= top


def _fusion_lines(labels: np.ndarray, metal: np.ndarray) -> np.ndarray:
    """Pixels beside another pool or older metal (not the mount), bool (H, W)."""
    here = np.where(metal, labels, -1).astype(np.int16)
    lines = np.zeros(labels.shape, bool)
    for axis in (0, 1):
        a, b = (here[:-1], here[1:]) if axis == 0 else (here[:, :-1], here[:, 1:])
        differ = (a != b) & (a >= 0) & (b >= 0)
        (lines[:-1] if axis == 0 else lines[:, :-1])[differ] = True
    return lines


def _etched(rng: np.random.Generator, lines: np.ndarray) -> np.ndarray:
    """Darkness of the fusion lines, 0 to 1: grooves that fade along their length."""
    distance = cv2.distanceTransform((~lines).view(np.uint8), cv2.DIST_L2, 5)
    strength = np.clip(0.6 + 0.3 * smooth_noise(rng, lines.shape, 40), 0.1, 1)
    return strength * np.exp(-((distance / 1.3) ** 2))


def _layers(rng: np.random.Generator, labels: np.ndarray, width: float) -> np.ndarray:
    """Darkness of what is left of earlier layers' fusion lines below the pools, 0 to 1: shallow scallops."""
    y, x = coordinates(labels.shape)
    dark = np.zeros(labels.shape, np.float32)
    for k in range(1, 40):
        phase = x / (0.62 * width) + rng.uniform(0, 1)
        scallop = 0.16 * width * (1 - 4 * (phase % 1 - 0.5) ** 2) * rng.uniform(0.3, 1)
        at = 0.3 * labels.shape[0] + 0.2 * width * (k + 1) + scallop + 4 * smooth_noise(rng, labels.shape, 80)
        fade = np.clip(0.25 + 0.3 * smooth_noise(rng, labels.shape, 60), 0, 1)
        dark = np.maximum(dark, fade * np.exp(-(((y - at) / 1.5) ** 2)))
        if 0.2 * width * k > labels.shape[0]:
            break
    return np.where(labels > 0, 0, dark)


def _columnar(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Grey level of grains grown upwards through the layers, float32 (H, W)."""
    stretch = 6
    flat = mosaic(rng, (size[0] // stretch + 2, size[1]), 13.0, spread=0.5, merged=0.3)
    tone = (0.78 + rng.normal(0, 0.055, flat.count)).astype(np.float32)[flat.grain]
    tone -= 0.08 * np.exp(-(flat.distance**2)) * np.clip(smooth_noise(rng, tone.shape, 15), 0, 1)
    tall = cv2.resize(tone, None, fx=1, fy=stretch, interpolation=cv2.INTER_LINEAR)[: size[0]]
    y, x = coordinates(size)
    bent = cv2.remap(tall, x + 4 * smooth_noise(rng, size, 40), y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return bent + 0.025 * smooth_noise(rng, size, 3) + 0.02 * smooth_noise(rng, size, 25)
