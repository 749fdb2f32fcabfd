"""What a microscope, a polish and a camera do to a perfect picture; shared by every sample generator.

A generator draws an ideal picture in grey levels 0 (black) to 1 (white), then passes it through these steps.
Every function takes the generator's own ``numpy.random.Generator``, so one seed gives one picture.
Sizes are ``(height, width)`` in pixels; lengths are in pixels.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

Size = tuple[int, int]


@dataclass(frozen=True)
class Micrograph:
    """A generated micrograph and everything that is exactly known about it.

    ``pixels`` is uint8, (H, W) or (H, W, 3) RGB. ``truth`` holds rasters of the same height and width by name:
    bool masks, uint8 classes or int32 labels with 0 for "none"; an array of another shape is a table of numbers.
    """

    pixels: np.ndarray
    um_per_px: float
    truth: dict[str, np.ndarray] = field(default_factory=dict)


def coordinates(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Return the float32 (y, x) of every pixel centre, each (H, W)."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    return y, x


def smooth_noise(rng: np.random.Generator, size: Size, length: float) -> np.ndarray:
    """Return a smooth random field, float32 (H, W), mean 0 and variance 1, that varies over ``length`` pixels."""
    step = max(length / 2, 1.0)
    coarse = (int(np.ceil(size[0] / step)) + 5, int(np.ceil(size[1] / step)) + 5)
    noise: np.ndarray = cv2.GaussianBlur(rng.standard_normal(coarse, dtype=np.float32), (0, 0), 1.0)
    # The 2-D Gaussian of sigma 1 leaves a variance of 1 / (4 pi); the upsampling keeps nearly all of it.
    noise *= np.float32(np.sqrt(4 * np.pi))
    if step == 1.0:
        return noise[2 : 2 + size[0], 2 : 2 + size[1]]
    grid = np.array([[1 / step, 0, 2], [0, 1 / step, 2]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(noise, grid, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REFLECT)


def streaks(rng: np.random.Generator, size: Size, length: float, width: float, angle: float) -> np.ndarray:
    """Return a random field drawn out along ``angle`` (radians from the x axis), float32 (H, W), mean 0, variance 1."""
    diagonal = int(np.hypot(*size)) + 2
    squeezed = smooth_noise(rng, (diagonal, int(diagonal * width / length) + 2), width)
    cos, sin, squeeze = np.cos(angle), np.sin(angle), width / length
    shift = diagonal / 2 - np.array([cos * size[1] + sin * size[0], cos * size[0] - sin * size[1]]) / 2
    grid = np.array([[cos * squeeze, sin * squeeze, shift[0] * squeeze], [-sin, cos, shift[1]]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(squeezed, grid, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REFLECT)


def uneven_light(rng: np.random.Generator, size: Size, strength: float = 0.08) -> np.ndarray:
    """Return a factor near 1, float32 (H, W): a tilted lamp, a vignette and slow stains, ``strength`` in all."""
    y, x = coordinates(size)
    v, u = (y / size[0] - 0.5), (x / size[1] - 0.5)
    angle = rng.uniform(0, 2 * np.pi)
    tilt = np.cos(angle) * u + np.sin(angle) * v
    centre = rng.uniform(-0.15, 0.15, 2)
    vignette = -((u - centre[0]) ** 2 + (v - centre[1]) ** 2) * 2
    stain = smooth_noise(rng, size, max(size) / 3) * 0.2
    return (1 + strength * (tilt + vignette + stain)).astype(np.float32)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Blur by the point spread of the objective, a Gaussian of ``sigma`` pixels."""
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)


def scratches(rng: np.random.Generator, size: Size, count: int) -> np.ndarray:
    """Return the depth of polishing scratches, float32 (H, W), 0 to 1: thin, straight, broken, mostly one way."""
    depth = np.zeros(size, np.uint8)
    main = rng.uniform(0, np.pi)
    for _ in range(count):
        angle = main + rng.normal(0, 0.12) if rng.random() < 0.7 else rng.uniform(0, np.pi)
        middle = rng.uniform(0, 1, 2) * (size[1], size[0])
        along = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.05, 0.3) * max(size)
        start, end = _fixed(middle - along), _fixed(middle + along)
        cv2.line(depth, start, end, int(rng.uniform(50, 255)), 1, cv2.LINE_AA, 4)
    broken = np.clip(0.6 + 0.5 * smooth_noise(rng, size, 30), 0, 1)
    return depth * (broken / 255)


def pits(rng: np.random.Generator, size: Size, count: int, radius: float = 1.5) -> np.ndarray:
    """Return the depth of etch pits and small inclusions, float32 (H, W), 0 to 1; radii are lognormal."""
    depth = np.zeros(size, np.uint8)
    for _ in range(count):
        middle = rng.uniform(0, 1, 2) * (size[1], size[0])
        axes = radius * rng.lognormal(0, 0.45) * np.array([1, rng.uniform(0.6, 1.0)])
        spot = int(rng.uniform(100, 255))
        cv2.ellipse(depth, _fixed(middle), _fixed(axes), rng.uniform(0, 180), 0, 360, spot, -1, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(depth.astype(np.float32) / 255, (0, 0), 0.5)


def camera(rng: np.random.Generator, image: np.ndarray, noise: float = 0.012) -> np.ndarray:
    """Expose a picture in grey levels 0 to 1, (H, W) or (H, W, 3), and return it as uint8 of the same shape.

    ``noise`` is the standard deviation at full brightness. Most of it is shot noise, which grows with the root of
    the light; in colour the channels share most of it, as demosaicing makes them do.
    """
    size = image.shape[:2]
    grain = rng.standard_normal(size, dtype=np.float32)
    grain = 0.7 * grain + 0.9 * cv2.GaussianBlur(grain, (0, 0), 0.8)
    level = np.sqrt(np.clip(image, 0, 1) * 0.9 + 0.1) * np.float32(noise)
    if image.ndim == 3:
        chroma = rng.standard_normal((*size, 3), dtype=np.float32)
        chroma = cv2.GaussianBlur(chroma, (0, 0), 1.0) * 0.9
        exposed = image + level * (grain[..., None] + chroma)
    else:
        exposed = image + level * grain
    return np.rint(np.clip(exposed, 0, 1) * 255).astype(np.uint8)


def photographed(rng: np.random.Generator, ideal: np.ndarray, sigma: float, light: float, noise: float) -> np.ndarray:
    """Blur an ideal picture (H, W), light it unevenly and expose it: uint8 of the same shape.

    ``sigma``, ``light`` and ``noise`` are those of ``blur``, ``uneven_light`` and ``camera``.
    """
    picture = blur(np.asarray(ideal, np.float32), sigma)
    return camera(rng, picture * uneven_light(rng, picture.shape[:2], light), noise)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    """Return a point as OpenCV's fixed point with four fraction bits, so that drawing is sub-pixel."""
    return round(point[0] * 16), round(point[1] * 16)
