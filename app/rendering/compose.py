"""The picture of the viewer: micrograph and features composed at the panel's resolution."""

from dataclasses import replace

import cv2
import numpy as np

from graingraph.app.rendering.appearance import Prepared, RenderStyle, appearance_of, edges
from graingraph.app.rendering.resample import Pyramid, Sampled
from graingraph.app.rendering.view import View
from graingraph.engine.declare.injected import PixelBox
from graingraph.engine.values import Image, Labels, Raster

GROUND = (24, 26, 30)
CHOSEN = (255, 214, 10)
FAINT = 0.2
"""An image darker than this share of full scale is stretched to be seen."""


def compose(
    image: tuple[Image, Pyramid] | None,
    features: tuple[Raster, Prepared] | None,
    style: RenderStyle,
    view: View,
    size: tuple[int, int],
    ground: tuple[int, int, int] = GROUND,
) -> np.ndarray:
    """Draw a panel of ``size`` (width, height): uint8 (height, width, 3) RGB."""
    picture = np.empty((size[1], size[0], 3), np.uint8)
    cv2.rectangle(picture, (0, 0), size, ground, cv2.FILLED)
    if image and not (style.alone and features):
        sampled = image[1].sample(view, size)
        if sampled:
            _put(picture, sampled, as_rgb(sampled.pixels, style.levels or image[0].range))
    if features and (style.style != "off" or style.alone or style.chosen):
        if style.alone or not image:
            style = replace(style, opacity=1.0, style="fill")
        _lay_over(picture, features, style, view, size)
    return picture


def put_part(
    picture: np.ndarray,
    image: tuple[Image, Pyramid] | None,
    features: tuple[Raster, Prepared],
    box: PixelBox,
    style: RenderStyle,
    view: View,
    ground: tuple[int, int, int] = GROUND,
) -> None:
    """Draw features that lie in a box of the image, and the image below them, in the place of what is there."""
    size = (picture.shape[1], picture.shape[0])
    corners = view.to_panel((box.left, box.top)), view.to_panel((box.right, box.bottom))
    left, right = (round(min(max(corner.x, 0), size[0])) for corner in corners)
    top, bottom = (round(min(max(corner.y, 0), size[1])) for corner in corners)
    if right <= left or bottom <= top:
        return
    inside = view.panned(-left, -top)
    part = compose(image, None, style, inside, (right - left, bottom - top), ground)
    own = replace(inside, x=inside.x - box.left, y=inside.y - box.top)
    if style.style != "off" or style.alone:
        _lay_over(part, features, style, own, (right - left, bottom - top))
    picture[top:bottom, left:right] = part


def as_rgb(pixels: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    """Grey or RGB pixels of any type as uint8 RGB, black and white at ``levels``."""
    if pixels.dtype != np.uint8 or levels != (0.0, 255.0):
        low, high = levels
        scaled = (pixels.astype(np.float32) - low) * (255.0 / max(high - low, 1e-12))
        pixels = np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)
    return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels


def auto_levels(pyramid: Pyramid) -> tuple[float, float]:
    """Grey levels that leave half a percent of the pixels black and half a percent white."""
    values = pyramid.levels[-1]
    low, high = np.nanpercentile(values, (0.5, 99.5)) if values.size else (0.0, 1.0)
    return float(low), float(max(high, low + 1e-9))


def faint_levels(image: Image, pyramid: Pyramid) -> tuple[float, float] | None:
    """Grey levels at which an image can be seen that is so dark that in full scale it cannot; None for others."""
    values, (low, high) = pyramid.levels[-1], image.range
    brightest = float(np.nanmax(values)) if values.size else high
    return (low, brightest) if low < brightest < low + FAINT * (high - low) else None


def _put(picture: np.ndarray, sampled: Sampled, rgb: np.ndarray) -> None:
    picture[sampled.y : sampled.y + rgb.shape[0], sampled.x : sampled.x + rgb.shape[1]] = rgb


def _lay_over(
    picture: np.ndarray,
    features: tuple[Raster, Prepared],
    style: RenderStyle,
    view: View,
    size: tuple[int, int],
) -> None:
    value, prepared = features
    found = appearance_of(type(value)).paint(value, prepared, style, view, size)
    if found is None:
        return
    sampled, colors, cover, opaque = found
    h, w = cover.shape
    part = picture[sampled.y : sampled.y + h, sampled.x : sampled.x + w]
    if style.style != "off":
        _blend(part, colors, cover, 1.0 if opaque else style.opacity)
    if style.chosen and isinstance(value, Labels):
        rim = edges(sampled.pixels == style.chosen, around=True)
        part[cv2.dilate(rim.view(np.uint8), np.ones((2, 2), np.uint8)) > 0] = CHOSEN


def _blend(part: np.ndarray, colors: np.ndarray, cover: np.ndarray, opacity: float) -> None:
    """Lay colours over a part of the picture, changed in place; ``cover`` bool, or uint8 where it varies."""
    if cover.dtype == bool:
        mixed = cv2.addWeighted(part, 1 - opacity, colors, opacity, 0)
        np.copyto(part, cv2.copyTo(mixed, cover.view(np.uint8), part.copy()))
    else:
        weight = cover.astype(np.float32) * np.float32(opacity / 255)
        part[:] = cv2.blendLinear(np.ascontiguousarray(part), colors, 1 - weight, weight)
