"""FlattenBackground: remove slow changes of brightness."""

from typing import Annotated, Literal

import cv2
import numpy as np

from engine.node import node
from engine.settings import Label, Range, Unit
from engine.values import Image

SMALLEST_SIGMA = 6.0
"""Blur left on the reduced image, in its own pixels: from here on reduction changes the background by under 0.1 %."""


@node(
    "FlattenBackground",
    category="Enhance",
    synonyms=("shading", "illumination", "vignetting", "uneven light", "FlattenBackground"),
)
def flatten_background(
    image: Image,
    *,
    sigma: Annotated[float, Range(1, 2000, log=True), Unit("px"), Label("σ")] = 50.0,
    mode: Annotated[Literal["subtract", "divide"], Label("correction")] = "subtract",
    brightness: Literal["own mean", "mid grey"] = "own mean",
) -> Image:
    """Remove slow changes of brightness, such as vignetting or a tilted specimen.

    The background is the image blurred by a Gaussian, taken on a reduced image where σ is large: against the
    blur in full size it errs by at most 0.1 grey level of 255 inside and 0.9 at the frame. Choose σ several times
    larger than the features that shall stay; regions wider than σ fade to the mean. Colour channels are corrected
    one by one.

    Settings:
        sigma: Standard deviation of the Gaussian that makes the background.
        mode: Subtract an added background, or divide by uneven lighting.
        brightness: Mean grey level afterwards; mid grey makes one manual threshold fit all images.
    """
    pixels = image.pixels
    black, white = image.range
    level = (black + white) / 2
    shade = background(pixels, sigma)
    mean = np.array(cv2.mean(pixels)[: 1 if pixels.ndim == 2 else 3], np.float32)
    target = mean if brightness == "own mean" else np.full_like(mean, level)
    if mode == "subtract":
        flat = pixels - shade + target
    else:
        flat = (pixels - np.float32(black)) / np.maximum(shade - np.float32(black), 1e-6) * (target - black) + black
    if pixels.dtype != np.float32:
        flat = np.rint(np.clip(flat, black, white))
    return image.with_pixels(flat.astype(pixels.dtype))


def background(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of (H, W) or (H, W, 3) pixels as float32, made on an image reduced by a whole factor."""
    factor = max(1, int(sigma / SMALLEST_SIGMA))
    height, width = pixels.shape[:2]
    small = (-(-width // factor), -(-height // factor))
    reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    blurred = cv2.GaussianBlur(reduced, (0, 0), sigma / factor, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR)
