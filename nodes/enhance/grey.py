"""Grey, Invert and AutoContrast: single-pass changes of the grey levels."""

from dataclasses import replace
from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.values import Image
from graingraph.nodes.reading.pixel_types import at_16_bits, grey_of, unit_levels

CHANNELS = ("red", "green", "blue")
COLOR_SPACES = {
    "saturation": (cv2.COLOR_RGB2HSV, 1, 0.0, 1.0),
    "lightness": (cv2.COLOR_RGB2Lab, 0, 0.0, 100.0),
    "green to red": (cv2.COLOR_RGB2Lab, 1, -128.0, 127.0),
    "blue to yellow": (cv2.COLOR_RGB2Lab, 2, -128.0, 127.0),
}
"""Of each channel that is computed: the conversion, which plane of it, and what is black and white there."""


@node(
    "Grey",
    category="Enhance",
    version=2,  # 1 rounded the luminance of 8-bit images to 8 bits
    synonyms=(
        "gray",
        "grayscale",
        "channel",
        "luminance",
        "monochrome",
        "saturation",
        "CIELAB",
        "colour channel",
        "RGB",
    ),
)
def grey(
    image: Image,
    *,
    channel: Literal[
        "luminance", "red", "green", "blue", "saturation", "lightness", "green to red", "blue to yellow"
    ] = "luminance",
) -> Image:
    """Turn a colour image into grey levels; a grey image stays as it is.

    Luminance weighs the channels as the eye does (ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue); that of an 8-bit
    image has 16 bits. Saturation is that of the HSV hexcone; lightness, green to red and blue to yellow are L*, a* and
    b* of CIE 1976 (sRGB, D65), neutral colours in the middle of a* and b*: they part tints that are equally bright.
    These four are floating-point images. Oracle: scikit-image.

    Settings:
        channel: Which channel becomes the grey level.
    """
    if not image.is_color:
        return image
    if channel in COLOR_SPACES:
        return replace(image, pixels=_converted(image, channel), range=(0.0, 1.0))
    if channel == "luminance":
        return grey_of(image)
    return image.with_pixels(np.ascontiguousarray(image.pixels[..., CHANNELS.index(channel)]))


def _converted(image: Image, channel: str) -> np.ndarray:
    """A channel of another colour space, float32 (H, W) from 0 to 1."""
    conversion, plane, black, white = COLOR_SPACES[channel]
    found = np.asarray(cv2.cvtColor(unit_levels(image), conversion))[..., plane]
    return np.clip((found - np.float32(black)) * np.float32(1 / (white - black)), 0, 1)


@node("Invert", category="Enhance", synonyms=("negative", "complement"))
def invert(image: Image) -> Image:
    """Exchange dark and bright: black becomes white."""
    black, white = image.range
    # black + white - pixel, which cannot leave the range of whole-number pixels.
    return image.with_pixels(image.pixels.dtype.type(black + white) - image.pixels)


@node(
    "AutoContrast",
    category="Enhance",
    version=2,  # 1 rounded the result of 8-bit images to 8 bits, and equalised other depths by other histograms
    synonyms=("auto contrast", "normalise", "normalize", "stretch", "CLAHE", "equalize"),
)
def auto_contrast(
    image: Image,
    *,
    method: Literal["stretch", "local"] = "stretch",
    cut: Annotated[float, Range(0, 20), Unit("%"), Label("cut off"), When(method="stretch")] = 0.35,
    limit: Annotated[float, Range(1, 40), Label("contrast limit"), When(method="local")] = 2.0,
    tiles: Annotated[int, Range(2, 64), When(method="local")] = 8,
) -> Image:
    """Use the full range of grey levels.

    Stretch moves the darkest level to black and the brightest to white, all channels alike, which also makes a manual
    threshold fit images of different exposure. Local equalises each part of the image for itself (contrast-limited
    adaptive histogram equalisation, K. Zuiderveld, Graphics Gems IV, 1994, 474-485): good to look at and to trace,
    but grey levels no longer compare across the image. An 8-bit image becomes one of 16 bits.

    Settings:
        method: Stretch all grey levels alike, or equalise locally.
        cut: Share of pixels that may become black, and again white.
        limit: How much local contrast may grow; 1 hardly changes the image.
        tiles: Number of parts across and down.
    """
    from graingraph.nodes.imaging.filters.clahe import equalise_locally

    low, high = np.percentile(image.pixels, (cut, 100 - cut)) if method == "stretch" else image.range
    if low == high:
        return image.with_note("The image has a single grey level, so its contrast was left as it is.")
    low, high = (number * (257 if image.pixels.dtype == np.uint8 else 1) for number in (low, high))
    image = at_16_bits(image)
    black, white = image.range
    pixels = image.pixels
    if method == "stretch":
        factor = (white - black) / (high - low)
        stretched = np.clip((pixels.astype(np.float32) - low) * factor + black, black, white)
        return image.with_pixels(_as(stretched, pixels.dtype))
    unit = unit_levels(image)
    planes = [unit] if unit.ndim == 2 else cv2.split(unit)
    equalised = [equalise_locally(np.ascontiguousarray(plane), limit, tiles) for plane in planes]
    result = equalised[0] if unit.ndim == 2 else np.dstack(equalised)
    return image.with_pixels(_as(result * np.float32(white - black) + np.float32(black), pixels.dtype))


def _as(pixels: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return (np.rint(pixels) if dtype.kind == "u" and pixels.dtype.kind == "f" else pixels).astype(dtype, copy=False)
