"""How an image becomes what a network takes: grey levels from 0 to 1, one or three channels, at the network's size.

What the network gives for it comes back to the size of the image here too.
"""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from graingraph.engine.values import Image

STRIDE = 16
"""Sides of what goes through the network are multiples of this: it halves the picture four times."""


def unit_range(image: Image) -> np.ndarray:
    """Pixels as float32 from 0 (black) to 1 (white), shape kept.

    16-bit files often hold 10-, 12- or 14-bit data: white is then the largest level of the smallest such depth that
    holds the image, so that the same micrograph reads the same at every depth.
    """
    low, high = image.range
    pixels = image.pixels
    if pixels.dtype == np.uint16 and (low, high) == (0.0, 65535.0):
        brightest = int(pixels.max())
        high = float(next(top for top in (1023, 4095, 16383, 65535) if brightest <= top))
    return (pixels.astype(np.float32) - np.float32(low)) * np.float32(1.0 / max(high - low, 1e-12))


def to_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Grey (h, w) or colour (h, w, 3) float32 as (h, w, ``channels``) with 1 or 3 channels."""
    if channels == 1 and pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if channels == 3 and pixels.ndim == 2:
        return np.repeat(pixels[:, :, None], 3, axis=2)
    return pixels.reshape(*pixels.shape[:2], channels)


def network_size(shape: tuple[int, int], size_factor: float) -> tuple[int, int]:
    """Height and width that an image of this shape has for the network."""
    return max(1, round(shape[0] * size_factor)), max(1, round(shape[1] * size_factor))


def picture_at(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A picture float32 (h, w, c), 0 to 1, at the network's size: averaged when made smaller, else cubic.

    Cubic interpolation keeps outlines sharp: particles of a few px are learnt better from it (``docs/learning.md``).
    """
    if shape[0] <= pixels.shape[0]:
        return resize(pixels, shape)
    enlarged = resize(pixels, shape, enlarge=cv2.INTER_CUBIC)
    return np.clip(enlarged, 0.0, 1.0, out=enlarged)


def resize(planes: np.ndarray, shape: tuple[int, int], *, enlarge: int = cv2.INTER_LINEAR) -> np.ndarray:
    """Shares or probabilities (h, w) or (h, w, c) at another size: averaged when made smaller, else linear.

    ``enlarge`` is another of OpenCV's interpolations for what is made larger.
    """
    if planes.shape[:2] == shape:
        return planes
    smaller = shape[0] < planes.shape[0]
    resized = cv2.resize(planes, shape[::-1], interpolation=cv2.INTER_AREA if smaller else enlarge)
    return resized.reshape(*shape, *planes.shape[2:])


def at_size(planes: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Probabilities (C, h, w) at the size of the image: float32 (H, W, C)."""
    shares = np.empty((*shape, len(planes)), np.float32)

    def fill(number: int) -> None:
        shares[..., number] = resize(np.ascontiguousarray(planes[number]), shape)

    with ThreadPoolExecutor(2) as pool:  # most of the time goes into memory that is touched for the first time
        list(pool.map(fill, range(len(planes))))
    return shares
