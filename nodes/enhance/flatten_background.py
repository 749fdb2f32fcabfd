"""FlattenBackground: remove slow changes of brightness."""

from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.values import Image
from graingraph.nodes.reading.pixel_types import at_16_bits

SMALLEST_SIGMA = 6.0
"""Blur left on the reduced image, in its own pixels: from here on reduction changes the background by under 0.1 %."""


@node(
    "FlattenBackground",
    category="Enhance",
    version=2,  # 1 rounded the result of 8-bit images to 8 bits
    synonyms=(
        "shading",
        "illumination",
        "vignetting",
        "uneven light",
        "flatten background",
        "shading correction",
    ),
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
    blur in full size it errs by at most 0.25 grey level of 255 inside and 1.0 at the frame. Choose σ several times
    larger than the features that shall stay; regions wider than σ fade to the mean. Colour channels are corrected
    one by one. The result of an 8-bit image has 16 bits, so that a picture is measured alike in every depth.

    Settings:
        sigma: Standard deviation of the Gaussian that makes the background.
        mode: Subtract an added background, or divide by uneven lighting.
        brightness: Mean grey level afterwards; mid grey makes one manual threshold fit all images.
    """
    image = at_16_bits(image)
    pixels = image.pixels
    black, white = image.range
    channels = 1 if pixels.ndim == 2 else 3
    target = np.array(cv2.mean(pixels)[:channels] if brightness == "own mean" else [(black + white) / 2] * channels)
    shade = reduced_background(pixels, sigma)
    # The target joins the background while that is small; the full image is then passed over once, and saturates.
    depth = cv2.CV_32F if pixels.dtype == np.float32 else cv2.CV_16U
    if mode == "subtract":
        flat = cv2.subtract(pixels, _enlarge(shade - target, pixels.shape), dtype=depth)
    else:
        gain = (target - black) / np.maximum(shade - black, (white - black) * 1e-6)
        above_black = pixels if black == 0 else pixels - np.float32(black)
        flat = cv2.multiply(above_black, _enlarge(gain, pixels.shape), dtype=depth)
        flat = flat if black == 0 else flat + np.float32(black)
    return image.with_pixels(flat.reshape(pixels.shape))


def reduced_background(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of (H, W) or (H, W, 3) pixels as float32, on an image reduced by the whole factor σ allows."""
    factor = max(1, int(sigma / SMALLEST_SIGMA))
    height, width = pixels.shape[:2]
    small = (-(-width // factor), -(-height // factor))
    reduced = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA).astype(np.float32)
    blurred = cv2.GaussianBlur(reduced, (0, 0), sigma / factor, borderType=cv2.BORDER_REFLECT)
    return blurred.reshape(small[1], small[0], *pixels.shape[2:])


def _enlarge(small: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    large = cv2.resize(small.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return large.reshape(shape)
