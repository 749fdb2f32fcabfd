"""Grey, Invert and AutoContrast: single-pass changes of the grey levels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.values import Image
from graingraph.nodes.reading.pixel_types import grey_of, through_curve, unit_levels

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
    from graingraph.nodes.imaging.filters.parallel import strips

    conversion, plane, black, white = COLOR_SPACES[channel]
    found = np.empty(image.shape, np.float32)
    for rows in strips(0, *image.shape):
        own = cv2.extractChannel(cv2.cvtColor(unit_levels(image, rows), conversion), plane)
        np.subtract(own, np.float32(black), out=found[rows])
        found[rows] *= np.float32(1 / (white - black))
        np.clip(found[rows], 0, 1, out=found[rows])
    return found


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
    from graingraph.nodes.imaging.filters.grey_levels import percentiles

    black, white = image.range
    if method == "local" and black != white:
        return _equalised(image, limit, tiles)
    low, high = percentiles(image.pixels, (cut, 100 - cut))
    if low == high:
        return image.with_note("The image has a single grey level, so its contrast was left as it is.")
    darkest, factor = np.float32((low - black) / (white - black)), np.float32((white - black) / (high - low))
    return through_curve(image, lambda unit: np.clip((unit - darkest) * factor, 0, 1))


def _equalised(image: Image, limit: float, tiles: int) -> Image:
    from graingraph.nodes.imaging.filters.clahe import equalise_locally

    planes: Sequence[np.ndarray] = cv2.split(image.pixels) if image.is_color else [image.pixels]
    new = [equalise_locally(plane, image.range, limit, tiles) for plane in planes]
    pixels: np.ndarray = cv2.merge(new) if image.is_color else new[0]
    return replace(image, pixels=pixels, range=(0.0, 65535.0) if image.levels else image.range)
