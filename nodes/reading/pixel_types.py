"""From the arrays that files hold to the three kinds of pixels that an image may have."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.reading.grey_range import grey_range, mend


def image_from_array(pixels: npt.NDArray[Any], name: str = "") -> Image:
    """Make an image of any numeric array (H, W), (H, W, 1), (H, W, 2..4).

    bool becomes 0 and 255; uint8 and uint16 stay; all other numbers become float32, whose ``range`` is that of
    ``grey_range``. Two and four channels end with alpha, which is laid over black. Three equal channels are one grey
    image stored three times, and become that. ``Problem`` for anything else.
    """
    if pixels.ndim not in (2, 3) or 0 in pixels.shape or (pixels.ndim == 3 and pixels.shape[2] > 4):
        raise Problem(
            f"The array has the shape {pixels.shape}, which is no image; give it as rows × columns, or × 3 for RGB."
        )
    pixels, notes = _plain_numbers(pixels)
    if pixels.ndim == 3:
        pixels, alpha_notes = _without_alpha(pixels)
        notes += alpha_notes
    limits = {"B": (0.0, 255.0), "H": (0.0, 65535.0)}.get(pixels.dtype.char) or grey_range(pixels)
    return Image(np.ascontiguousarray(pixels), name=name, range=limits).with_note(*notes)


def full_scale(pixels: np.ndarray, white: int) -> np.ndarray:
    """Whole numbers from 0 to ``white`` stretched to all of their 8 or 16 bits, so that white is white everywhere."""
    most = int(np.iinfo(pixels.dtype).max)
    if white == most:
        return pixels
    if most % white == 0:
        return pixels * pixels.dtype.type(most // white)
    levels = np.rint(np.arange(white + 1) * (most / white)).astype(pixels.dtype)
    return levels[pixels]


def of_bits(pixels: np.ndarray, bits: int) -> np.ndarray:
    """16-bit levels of a camera that has so many ``bits``, stretched to all 16; ``Problem`` where one is higher."""
    highest = int(pixels.max(initial=0))
    if highest >= 2**bits:
        raise Problem(
            f"Its levels reach {highest}, more than {bits} bits hold; choose more bits, or 0, which takes 16 for all."
        )
    return full_scale(pixels, 2**bits - 1)


def bits_used(pixels: np.ndarray) -> int:
    """8, 10, 12 or 14, whichever would do for these 16-bit levels; 16 for the rest."""
    highest = int(pixels.max(initial=0))
    return next((bits for bits in (8, 10, 12, 14) if 0 < highest < 2**bits), 16)


def at_16_bits(image: Image) -> Image:
    """An 8-bit image with 16 bits, white at 65535; any other image as it is.

    For what computes new grey levels: rounded to 8 bits again, they would move boundaries that show faintly, and a
    picture would not give one answer in every depth.
    """
    if image.pixels.dtype != np.uint8:
        return image
    return replace(image, pixels=np.multiply(image.pixels, np.uint16(257), dtype=np.uint16), range=(0.0, 65535.0))


def through_curve(image: Image, curve: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]) -> Image:
    """An image whose levels from 0 (black) to 1 (white) ``curve`` makes new ones of; of 8 bits it becomes one of 16.

    Whole levels are looked up in a table of all that there are.
    """
    black, white = image.range
    if not image.levels:
        return image.with_pixels(curve(unit_levels(image)) * np.float32(white - black) + np.float32(black))
    levels = np.arange(image.levels, dtype=np.float32) * np.float32(1 / (image.levels - 1))
    table = np.rint(curve(levels) * np.float32(65535)).astype(np.uint16)
    pixels = table[image.pixels] if image.levels > 256 else np.asarray(cv2.LUT(image.pixels, table), np.uint16)
    return replace(image, pixels=pixels, range=(0.0, 65535.0))


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """Luminance (ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B) of (H, W, 3) pixels, same dtype; grey is returned as is."""
    return pixels if pixels.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)


def grey_of(image: Image) -> Image:
    """The grey levels of an image, of colour the luminance; that of 8-bit colour has 16 bits (``at_16_bits``)."""
    if not image.is_color:
        return image
    image = at_16_bits(image)
    return image.with_pixels(to_grey(image.pixels))


def unit_grey(image: Image) -> npt.NDArray[np.float32]:
    """Grey levels float32 (H, W) of an image, with its black at 0 and its white at 1."""
    return unit_levels(grey_of(image))


def unit_levels(image: Image, rows: slice = slice(None)) -> npt.NDArray[np.float32]:
    """The levels of all channels, float32 (H, W) or (H, W, 3), black at 0 and white at 1; of some rows alone."""
    black, white = image.range
    factor = np.float32(1 / (white - black))
    if image.levels and not black:
        return np.multiply(image.pixels[rows], factor, dtype=np.float32)
    return (image.pixels[rows] - np.float32(black)) * factor


def _plain_numbers(pixels: np.ndarray) -> tuple[np.ndarray, list[str]]:
    if pixels.dtype == bool:
        return pixels.view(np.uint8) * np.uint8(255), []
    if pixels.dtype.newbyteorder("=") in (np.uint8, np.uint16):
        return pixels.astype(pixels.dtype.newbyteorder("="), copy=False), []
    if pixels.dtype.kind not in "iuf":
        raise Problem(f"The pixels are of the type {pixels.dtype}; export the image with 8, 16 or 32 bits per channel.")
    with np.errstate(over="ignore"):
        return mend(pixels.astype(np.float32))


def _without_alpha(pixels: np.ndarray) -> tuple[np.ndarray, list[str]]:
    notes: list[str] = []
    channels = pixels.shape[2]
    if channels in (2, 4):
        pixels, notes = _over_black(pixels[..., : channels - 1], pixels[..., channels - 1])
    if pixels.shape[2] == 3 and _equal_channels(pixels):
        pixels = pixels[..., :1]
    return (pixels[..., 0] if pixels.shape[2] == 1 else pixels), notes


def _over_black(colors: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, list[str]]:
    opaque = np.iinfo(alpha.dtype).max if alpha.dtype.kind == "u" else 1.0
    if (alpha == opaque).all():
        return colors, []
    if not alpha.any():
        return colors, ["The transparency of the file hides the whole image and was ignored."]
    blended = colors * (alpha.astype(np.float32) / opaque)[..., None]
    if colors.dtype.kind == "u":
        blended = np.rint(blended)
    return blended.astype(colors.dtype), ["Transparent parts of the image count as black."]


def _equal_channels(pixels: np.ndarray) -> bool:
    def equal(some: np.ndarray) -> bool:
        return bool((some[..., 0] == some[..., 1]).all() and (some[..., 0] == some[..., 2]).all())

    return equal(pixels[::37, ::37]) and equal(pixels)
