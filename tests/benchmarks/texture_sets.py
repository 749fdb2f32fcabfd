"""Drawn textures in islands, and drawn particles: what features and classifiers of painting are chosen on."""

from collections.abc import Callable

import cv2
import numpy as np

from graingraph.app.samples.grains import mosaic
from graingraph.app.samples.optics import Size, blur, camera, smooth_noise, uneven_light
from graingraph.engine.values import PixelClass
from tests.benchmarks.learning_sets import Pair, pair

Texture = Callable[[np.random.Generator, Size, float], np.ndarray]
VARIANTS = 4
"""Drawings of each texture; an island shows one of them."""


def _stretched(rng: np.random.Generator, size: Size, across: float, along: float, angle: float = 0.0) -> np.ndarray:
    """Gaussian noise of spread 1, blurred by two sigmas in px and turned by an angle."""
    side = int(np.hypot(*size)) + 8
    noise = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), sigmaX=along, sigmaY=across)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), np.degrees(angle), 1)
    noise = cv2.warpAffine(noise, turn, (side, side), borderMode=cv2.BORDER_REFLECT)
    top, left = (side - size[0]) // 2, (side - size[1]) // 2
    noise = noise[top : top + size[0], left : left + size[1]]
    return (noise - noise.mean()) / noise.std()


def even(rng: np.random.Generator, size: Size, width: float) -> np.ndarray:
    return _stretched(rng, size, width, width)


def coarse(rng: np.random.Generator, size: Size, width: float) -> np.ndarray:
    return even(rng, size, 1.7 * width)


def lamellar(rng: np.random.Generator, size: Size, width: float) -> np.ndarray:
    return _stretched(rng, size, width, 8 * width, rng.uniform(0, np.pi))


def crossed(rng: np.random.Generator, size: Size, width: float) -> np.ndarray:
    """Short lamellae in three directions."""
    angle = rng.uniform(0, np.pi)
    found = _stretched(rng, size, width, 4 * width, angle)
    for turn in (np.pi / 3, 2 * np.pi / 3):
        other = even(rng, size, 3 * width) > 0.4
        found[other] = _stretched(rng, size, width, 4 * width, angle + turn)[other]
    return found


def dots(rng: np.random.Generator, size: Size, width: float) -> np.ndarray:
    found = np.zeros(size, np.float32)
    for _ in range(int(size[0] * size[1] / (40 * width**2))):
        middle, axes = (rng.uniform(0, size[1]), rng.uniform(0, size[0])), tuple(width * rng.uniform(1.5, 4, 2))
        cv2.ellipse(found, (middle, axes, rng.uniform(0, 180)), 1, -1)
    return (found - found.mean()) / found.std()


TEXTURES: dict[str, tuple[Texture, ...]] = {
    "lamellar, crossed": (lamellar, crossed),
    "even, coarse": (even, coarse),
    "even, lamellar": (even, lamellar),
    "dots, coarse": (dots, coarse),
    "dots, lamellar, even": (dots, lamellar, even),
}


def textures(kind: str, seed: int, size: Size = (512, 704), width: float = 1.0) -> Pair:
    """Islands of textures, ``width`` times as wide as usual."""
    rng, drawn = np.random.default_rng((seed, 77)), TEXTURES[kind]
    islands = mosaic(rng, size, 170.0, spread=0.3, merged=0.2, curvature=0.1)
    truth = rng.integers(len(drawn), size=islands.count)[islands.grain]
    picture, width = np.zeros(size, np.float32), width * rng.uniform(1.8, 2.3)
    for index, texture in enumerate(drawn):
        chosen = rng.integers(VARIANTS, size=islands.count)[islands.grain]
        for variant in range(VARIANTS):
            here = (truth == index) & (chosen == variant)
            picture[here] = texture(rng, size, width * rng.uniform(0.85, 1.2))[here]
    picture = 0.5 + 0.09 * picture + 0.05 * smooth_noise(rng, size, 80)
    picture = blur(picture, rng.uniform(0.7, 1.2)) * uneven_light(rng, size, 0.1)
    return pair(f"{kind} {seed}", camera(rng, picture, 0.04), truth, tuple(PixelClass(one.__name__) for one in drawn))


def particles(seed: int, size: Size = (512, 512)) -> Pair:
    """Large and small particles of nearly one grey."""
    rng = np.random.default_rng((seed, 78))
    large, small = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
    for _ in range(60):
        middle = (rng.uniform(0, size[1]), rng.uniform(0, size[0]))
        cv2.ellipse(large, (middle, tuple(rng.uniform(35, 60, 2)), rng.uniform(0, 180)), 1, -1)
    far = cv2.distanceTransform(1 - large, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    for _ in range(1500):
        x, y = int(rng.integers(size[1])), int(rng.integers(size[0]))
        if far[y, x] > 8:
            cv2.circle(small, (x, y), int(rng.integers(2, 6)), 1, -1)
    truth = np.where(large > 0, 1, np.where(small > 0, 2, 0))
    grey = blur(np.array([0.35, 0.6, 0.5], np.float32)[truth], 1.3)
    grey = grey + 0.03 * smooth_noise(rng, size, 60) + 0.02 * smooth_noise(rng, size, 4)
    pixels = camera(rng, grey * uneven_light(rng, size, 0.15), 0.06)
    return pair(f"particles {seed}", pixels, truth, ("matrix", "large", "small"))
