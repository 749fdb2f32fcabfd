"""The picture of the viewer: micrograph and features composed at the panel's resolution."""

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from graingraph.app.rendering.resample import LINE_LEVEL, ClassPyramid, Pyramid, Sampled, nearest
from graingraph.app.rendering.thumbnails import label_colors
from graingraph.app.rendering.view import View
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, Mask, Probabilities, Raster
from graingraph.nodes.imaging.picture.overlay import class_palette

Style = Literal["fill", "outline", "off"]
GROUND = (24, 26, 30)
CHOSEN = (255, 214, 10)


@dataclass(frozen=True, eq=False)
class RenderStyle:
    """How features are laid over the micrograph.

    ``palette`` uint8 (n + 1, 3) colours labels by something measured; without one each label has a colour of its own.
    ``cover`` uint8 (256,) is how strongly each class is shown. ``chosen`` is a label to set off. ``levels`` are the
    grey levels of black and white; None takes the image's range.
    """

    style: Style = "fill"
    opacity: float = 0.45
    color: tuple[int, int, int] = (255, 90, 80)
    palette: np.ndarray | None = None
    chosen: int = 0
    levels: tuple[float, float] | None = None
    plane: int = -1
    alone: bool = False
    cover: np.ndarray | None = None


def compose(
    image: tuple[Image, Pyramid] | None,
    features: tuple[Raster, Pyramid | ClassPyramid | None] | None,
    look: RenderStyle,
    view: View,
    size: tuple[int, int],
    ground: tuple[int, int, int] = GROUND,
) -> np.ndarray:
    """Draw a panel of ``size`` (width, height): uint8 (height, width, 3) RGB."""
    picture = np.empty((size[1], size[0], 3), np.uint8)
    cv2.rectangle(picture, (0, 0), size, ground, cv2.FILLED)
    if image and not (look.alone and features):
        sampled = image[1].sample(view, size)
        if sampled:
            _put(picture, sampled, as_rgb(sampled.pixels, look.levels or image[0].range))
    if features and (look.style != "off" or look.alone or look.chosen):
        if look.alone or not image:
            look = replace(look, opacity=1.0, style="fill")
        _lay_over(picture, features, look, view, size)
    return picture


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


def _put(picture: np.ndarray, sampled: Sampled, rgb: np.ndarray) -> None:
    picture[sampled.y : sampled.y + rgb.shape[0], sampled.x : sampled.x + rgb.shape[1]] = rgb


def _lay_over(
    picture: np.ndarray,
    features: tuple[Raster, Pyramid | ClassPyramid | None],
    look: RenderStyle,
    view: View,
    size: tuple[int, int],
) -> None:
    value, pyramid = features
    found = _colors_and_cover(value, pyramid, look, view, size)
    if found is None:
        return
    sampled, colors, cover = found
    h, w = cover.shape
    part = picture[sampled.y : sampled.y + h, sampled.x : sampled.x + w]
    outlined = look.style == "outline" or (isinstance(pyramid, Pyramid) and pyramid.lines)
    if look.style != "off":
        _blend(part, colors, cover, 1.0 if outlined else look.opacity)
    if look.chosen and isinstance(value, Labels):
        rim = edges(sampled.pixels == look.chosen, around=True)
        part[cv2.dilate(rim.view(np.uint8), np.ones((2, 2), np.uint8)) > 0] = CHOSEN


def _blend(part: np.ndarray, colors: np.ndarray, cover: np.ndarray, opacity: float) -> None:
    """Lay colours over a part of the picture, changed in place; ``cover`` bool, or uint8 where it varies."""
    if cover.dtype == bool:
        mixed = cv2.addWeighted(part, 1 - opacity, colors, opacity, 0)
        np.copyto(part, cv2.copyTo(mixed, cover.view(np.uint8), part.copy()))
    else:
        weight = cover.astype(np.float32) * np.float32(opacity / 255)
        part[:] = cv2.blendLinear(np.ascontiguousarray(part), colors, 1 - weight, weight)


def _numbers(
    value: Raster, pyramid: Pyramid | ClassPyramid | None, view: View, size: tuple[int, int]
) -> Sampled | None:
    """The label or class at each pixel of the panel."""
    return pyramid.sample(view, size) if isinstance(pyramid, ClassPyramid) else nearest(value.pixels, view, size)


def _colors_and_cover(
    value: Raster, pyramid: Pyramid | ClassPyramid | None, look: RenderStyle, view: View, size: tuple[int, int]
) -> tuple[Sampled, np.ndarray, np.ndarray] | None:
    """The box, a colour for each of its pixels, and which are covered (bool), or how far (uint8)."""
    if isinstance(value, Labels | ClassMap):
        sampled = _numbers(value, pyramid, view, size)
        if sampled is None:
            return None
        numbers = sampled.pixels
        background = 0 if isinstance(value, Labels) else UNLABELLED
        colors = _looked_up(palette_of(value, look), numbers)
        shown = numbers != background
        if look.style == "outline":
            shown &= edges(numbers)
        if look.cover is not None and isinstance(value, ClassMap):
            return sampled, colors, np.where(shown, look.cover[numbers], np.uint8(0))
        return sampled, colors, shown
    if not isinstance(pyramid, Pyramid):
        return None
    sampled = pyramid.sample(view, size)
    if sampled is None:
        return None
    if isinstance(value, Mask):
        colors = np.empty((*sampled.pixels.shape, 3), np.uint8)
        colors[:] = look.color
        if pyramid.lines:
            return sampled, colors, sampled.pixels > LINE_LEVEL
        if look.style == "outline" and view.zoom > 0.5:
            return sampled, colors, edges(sampled.pixels > 127)
        return sampled, colors, sampled.pixels > 127 if view.zoom >= 1 else sampled.pixels
    level = np.clip(sampled.pixels * 255, 0, 255).astype(np.uint8)
    heat = cv2.cvtColor(cv2.applyColorMap(level, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
    return sampled, heat, np.ones(level.shape, bool)


def _looked_up(palette: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The colour of each number: uint8 (h, w, 3). Four bytes are fetched at once, which is many times faster."""
    packed = np.zeros((len(palette), 4), np.uint8)
    packed[:, :3] = palette
    found = packed.view(np.uint32)[:, 0].take(numbers)
    return cv2.cvtColor(found.view(np.uint8).reshape(*numbers.shape, 4), cv2.COLOR_RGBA2RGB)


def palette_of(value: Labels | ClassMap, look: RenderStyle) -> np.ndarray:
    """The colour of each label or class: uint8 (n, 3), indexed by the pixel's number."""
    if isinstance(value, ClassMap):
        return class_palette([kind.rgb for kind in value.classes])
    if look.palette is not None and len(look.palette) == value.count + 1:
        return look.palette
    return label_colors(np.arange(value.count + 1, dtype=np.int32)[None])[0]


def measured_palette(labels: np.ndarray, values: np.ndarray, count: int) -> tuple[np.ndarray, tuple[float, float]]:
    """Colours of labels 0..count by a measurement (viridis between its 2nd and 98th percentile), and those limits.

    ``labels`` and ``values`` (n,) are columns of the table; a label without a row is grey.
    """
    palette = np.full((count + 1, 3), 110, np.uint8)
    good = np.isfinite(values) & (labels >= 0) & (labels <= count)
    if not good.any():
        return palette, (0.0, 1.0)
    low, high = (float(v) for v in np.percentile(values[good], (2, 98)))
    level = np.clip((values[good] - low) / max(high - low, 1e-12) * 255, 0, 255).astype(np.uint8)
    heat = cv2.cvtColor(cv2.applyColorMap(level[:, None], cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)[:, 0]
    palette[labels[good].astype(np.int64)] = heat
    return palette, (low, high)


def edges(numbers: np.ndarray, *, around: bool = False) -> np.ndarray:
    """Panel pixels whose right or lower neighbour has another number (``around``: any neighbour on either side)."""
    edge = np.zeros(numbers.shape, bool)
    down, right = numbers[1:] != numbers[:-1], numbers[:, 1:] != numbers[:, :-1]
    edge[:-1] |= down
    edge[:, :-1] |= right
    if around:
        edge[1:] |= down
        edge[:, 1:] |= right
    return edge


def plane_of(value: Probabilities, plane: int) -> np.ndarray:
    """The probability of one class: float32 (H, W)."""
    return np.ascontiguousarray(value.pixels[..., plane])


VIRIDIS = [
    tuple(int(v) for v in color[::-1])
    for color in cv2.applyColorMap(np.linspace(0, 255, 28).astype(np.uint8)[:, None], cv2.COLORMAP_VIRIDIS)[:, 0]
]
"""The colour scale in 28 steps, from low to high, RGB."""
