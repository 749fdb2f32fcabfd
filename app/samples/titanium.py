"""Ti-6Al-4V in back-scattered electrons: colonies of parallel alpha laths beside interwoven basketweave.

Alpha laths are dark, the beta films between them bright, in both structures: only the arrangement differs.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from graingraph.app.samples.grains import Mosaic, mosaic
from graingraph.app.samples.optics import (
    Micrograph,
    Size,
    blur,
    camera,
    coordinates,
    scratches,
    smooth_noise,
    streaks,
    uneven_light,
)

COLONY, BASKETWEAVE = 0, 1
_STRETCH = 7.0
"""How much longer than wide the laths of a colony are, about."""


def make(
    seed: int,
    size: Size = (768, 1024),
    *,
    region: float = 230.0,
    lath: float = 11.0,
    basketweave: float = 0.45,
    um_per_px: float = 0.1,
    noise: float = 0.03,
) -> Micrograph:
    """Draw regions about ``region`` pixels wide, of laths ``lath`` pixels wide, ``basketweave`` of them by area.

    The fraction varies a little from seed to seed. Truth: ``classes`` uint8, 0 colony and 1 basketweave.
    """
    rng = np.random.default_rng((seed, 3))
    regions = mosaic(rng, size, region, spread=0.3, merged=0.25, curvature=0.07)
    woven = _choose(rng, regions, basketweave + rng.uniform(-0.1, 0.1))
    angles = rng.uniform(0, np.pi, regions.count)
    alpha, beta = _colonies(rng, regions, angles, lath)
    classes = woven[regions.grain].astype(np.uint8)
    _weave(rng, _Canvas(alpha, beta, regions.grain), woven, angles, lath)
    film = np.exp(-((regions.distance / 1.3) ** 2)) * np.clip(0.5 + 0.5 * smooth_noise(rng, size, 30), 0, 1)
    thick = np.clip(0.75 + 0.3 * smooth_noise(rng, size, 25), 0.2, 1.3)
    beta = np.maximum(beta, film) * thick
    picture = alpha + 0.02 * smooth_noise(rng, size, 5) + 0.03 * smooth_noise(rng, size, 90)
    picture += 0.02 * streaks(rng, size, 40, 2, rng.uniform(0, np.pi))
    picture = picture + np.clip(beta, 0, 1) * (0.88 - picture) - 0.1 * scratches(rng, size, 160)
    picture = blur(picture, rng.uniform(0.7, 0.95)) * uneven_light(rng, size, rng.uniform(0.05, 0.12))
    pixels = camera(rng, picture * rng.uniform(0.92, 1.08), noise * rng.uniform(0.8, 1.2))
    return Micrograph(pixels, um_per_px, {"classes": classes})


@dataclass(frozen=True)
class _Canvas:
    """``alpha`` grey and ``beta`` film brightness, drawn over in place, and which ``region`` each pixel is in."""

    alpha: np.ndarray
    beta: np.ndarray
    region: np.ndarray


def _choose(rng: np.random.Generator, regions: Mosaic, fraction: float) -> np.ndarray:
    """Return which regions are basketweave, bool (count,): chosen by chance until they cover about ``fraction``."""
    areas = np.bincount(regions.grain.ravel(), minlength=regions.count) / regions.grain.size
    woven = np.zeros(regions.count, bool)
    for index in rng.permutation(regions.count):
        woven[index] = areas[woven].sum() + areas[index] / 2 <= fraction
    return woven


def _colonies(
    rng: np.random.Generator, regions: Mosaic, angles: np.ndarray, lath: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return alpha grey and beta brightness of parallel laths, which follow the angle of each region."""
    size = regions.grain.shape
    # The laths are drawn once, squeezed along their length, and each region takes its own part, turned its own way.
    tile = mosaic(rng, (128, 720), lath, spread=0.25, merged=0.1, curvature=0.25)
    y, x = coordinates(size)
    angle = angles.astype(np.float32)[regions.grain] + 0.02 * smooth_noise(rng, size, 160)
    start = rng.uniform(0, 700, (2, regions.count)).astype(np.float32)[:, regions.grain]
    pitch = rng.uniform(0.7, 1.25, regions.count).astype(np.float32)[regions.grain]
    turned = angles.astype(np.float32)[regions.grain]
    along = (np.cos(turned) * x + np.sin(turned) * y) / pitch
    across = (np.cos(angle) * y - np.sin(angle) * x) / pitch + 1.5 * smooth_noise(rng, size, 30)
    v = _mirrored(along / _STRETCH + start[0], tile.grain.shape[0])
    u = _mirrored(across + start[1], tile.grain.shape[1])
    distance = cv2.remap(tile.distance, u, v, cv2.INTER_LINEAR) * pitch
    # Where the tile is stretched the distance grows too slowly; its own slope says by how much.
    slope = np.hypot(cv2.Sobel(distance, -1, 1, 0, scale=0.125), cv2.Sobel(distance, -1, 0, 1, scale=0.125))
    distance /= np.clip(blur(slope, 1.0), 0.45, 1)
    which = tile.grain[np.rint(v).astype(int), np.rint(u).astype(int)]
    alpha = rng.normal(0.34, 0.04, tile.count).astype(np.float32)[which]
    width = rng.uniform(1.0, 2.0, tile.count).astype(np.float32)[which]
    return alpha, np.exp(-((distance / width) ** 2))


def _mirrored(position: np.ndarray, length: int) -> np.ndarray:
    """Fold positions back and forth into 0 to ``length`` - 1, float32."""
    return (length - 1 - np.abs(np.mod(position, 2 * (length - 1)) - (length - 1))).astype(np.float32)


def _weave(rng: np.random.Generator, canvas: _Canvas, woven: np.ndarray, angles: np.ndarray, lath: float) -> None:
    """Cover the basketweave regions with laths of three directions, laid over and under each other."""
    height, width = canvas.alpha.shape
    for _ in range(round(1.9 * height * width / (7.5 * lath**2))):
        x, y = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        region = canvas.region[y, x]
        angle = angles[region] + rng.integers(3) * np.pi / 3 + rng.normal(0, 0.09)
        shape = lath * rng.lognormal(0.1, 0.35), lath * rng.lognormal(2.1, 0.35), rng.normal(0.33, 0.035)
        if woven[region]:
            _lay(canvas, (x, y), angle, shape, rng.uniform(0.7, 1.2))


def _lay(canvas: _Canvas, at: tuple[int, int], angle: float, shape: tuple[float, float, float], film: float) -> None:
    """Draw one lens-shaped lath of a width, length and grey, with a bright film round it, over what is there."""
    (x, y), (wide, long, grey) = at, shape
    reach = int(long / 2) + 4
    box = np.s_[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
    v, u = coordinates(canvas.alpha[box].shape)
    v, u = v + (box[0].start - y), u + (box[1].start - x)
    along, across = np.cos(angle) * u + np.sin(angle) * v, np.cos(angle) * v - np.sin(angle) * u
    depth = wide / 2 * (1 - np.abs(2 * along / long) ** 3) - np.abs(across)
    mine = (depth > -2) & (canvas.region[box] == canvas.region[y, x])
    cover = np.clip(depth + film, 0, 1)
    rim = np.exp(-((depth / film) ** 2))
    canvas.alpha[box][mine] += (cover * (grey - canvas.alpha[box]))[mine]
    canvas.beta[box][mine] = np.maximum(canvas.beta[box] * (1 - cover), rim)[mine]
