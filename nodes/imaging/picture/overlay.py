"""Outlines of features and colours of classes over a micrograph."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

OUTLINES = ((255, 214, 10), (0, 150, 255), (255, 20, 147))
"""Yellow, blue and pink, of which one stands out from any micrograph, RGB."""


def as_rgb8(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32], limits: tuple[float, float]
) -> npt.NDArray[np.uint8]:
    """Any image as 8-bit RGB for looking at: (H, W) or (H, W, 3), black and white at ``limits`` → uint8 (H, W, 3)."""
    grey: np.ndarray = pixels
    if grey.dtype != np.uint8:
        low, high = limits
        scaled = (grey.astype(np.float32) - low) * (255.0 / max(high - low, 1e-12))
        grey = np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)
    rgb: np.ndarray = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB) if grey.ndim == 2 else grey.copy()
    return rgb


def outlines(regions: npt.NDArray[np.bool_ | np.int32]) -> npt.NDArray[np.bool_]:
    """The pixels where a feature ends: bool (H, W) from labels or a mask (0 is background); one pixel wide inside."""
    edge = np.zeros(regions.shape, bool)
    differs = regions[1:] != regions[:-1]
    edge[1:] |= differs
    edge[:-1] |= differs
    differs = regions[:, 1:] != regions[:, :-1]
    edge[:, 1:] |= differs
    edge[:, :-1] |= differs
    edge &= regions > 0
    return edge


def outline_color(rgb: npt.NDArray[np.uint8]) -> tuple[int, int, int]:
    """The outline colour that is farthest, in RGB, from those pixels of an 8-bit RGB image that are most like it."""
    step = max(1, max(rgb.shape[:2]) // 200)
    seen = rgb[::step, ::step].reshape(-1, 3).astype(np.float32)
    apart = [np.quantile(((seen - color) ** 2).sum(axis=1), 0.1) for color in OUTLINES]
    return OUTLINES[int(np.argmax(apart))]


def draw_outlines(rgb: npt.NDArray[np.uint8], regions: npt.NDArray[np.bool_ | np.int32]) -> npt.NDArray[np.uint8]:
    """Draw the outlines of labels or of a mask onto an 8-bit RGB image (a copy), as wide as reads well at its size."""
    edge: np.ndarray = outlines(regions).view(np.uint8)
    width = max(1, round(max(rgb.shape[:2]) / 1200))
    if width > 1:
        edge = cv2.dilate(edge, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    drawn = rgb.copy()
    drawn.reshape(-1, 3)[np.flatnonzero(edge)] = outline_color(rgb)
    return drawn


def class_palette(colors: Sequence[tuple[int, int, int]]) -> npt.NDArray[np.uint8]:
    """The colour of each class by its index: uint8 (256, 3), black for numbers without a class."""
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(colors)] = np.array(colors, np.uint8).reshape(-1, 3)
    return palette


def tint_classes(
    rgb: npt.NDArray[np.uint8], classes: npt.NDArray[np.uint8], colors: Sequence[tuple[int, int, int]]
) -> npt.NDArray[np.uint8]:
    """Lay the colours of classes, half transparent, over an 8-bit RGB image (a copy).

    ``classes`` (H, W) are indices into ``colors``; a pixel of no class (unlabelled) stays as it is.
    """
    tinted: np.ndarray = cv2.addWeighted(rgb, 0.5, class_palette(colors)[classes], 0.5, 0)
    np.copyto(tinted, rgb, where=(classes >= len(colors))[:, :, None])
    return tinted
