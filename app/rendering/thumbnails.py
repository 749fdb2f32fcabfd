"""Small pictures of results for the nodes of the canvas."""

import cv2
import numpy as np

from graingraph.app.rendering.resample import ClassPyramid, is_lines
from graingraph.app.rendering.view import View
from graingraph.engine.values import ClassMap, Image, Labels, Mask, Probabilities, Value
from graingraph.nodes.imaging.boundaries.partition import boundary_plane
from graingraph.nodes.imaging.picture.overlay import class_palette

WIDTH, HEIGHT = 178, 92
FAINT = 0.2
"""An image darker than this share of full scale is stretched to be seen."""


def thumbnail_of(value: Value) -> np.ndarray | None:
    """A picture of a raster value: uint8 RGBA (h, w, 4) within 178 x 92 pixels; None for a value without pixels."""
    pixels = getattr(value, "pixels", None)
    if not isinstance(pixels, np.ndarray) or pixels.size == 0:
        return None
    height, width = pixels.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    rgb = _rgb(value, pixels, size)
    if rgb is None:
        return None
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def _rgb(value: Value, pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray | None:
    """The picture in RGB; categories are sampled, lines kept, and everything else averaged."""
    if isinstance(value, Image):
        small = _averaged(pixels, size).astype(np.float32)
        low, high = value.range
        if small.max() < FAINT * high:  # what a filter found: black where it is shown in full scale
            high = float(small.max())
        grey = np.clip((small - low) * (255.0 / max(high - low, 1e-12)), 0, 255).astype(np.uint8)
        return grey if grey.ndim == 3 else np.dstack([grey] * 3)
    if isinstance(value, Mask):
        grey = _averaged(_visible(pixels, size).view(np.uint8) * np.uint8(255), size)
        return np.dstack([grey] * 3)
    if isinstance(value, Labels):
        return label_colors(_sampled(pixels, size))
    if isinstance(value, ClassMap):
        view = View(min(size[0] / pixels.shape[1], size[1] / pixels.shape[0]), 0, 0)
        drawn = ClassPyramid(pixels).sample(view, size)
        return class_colors(drawn.pixels if drawn else _sampled(pixels, size), value)
    if isinstance(value, Probabilities):
        grey = np.clip(_averaged(pixels[..., telling_plane(value)], size) * 255, 0, 255).astype(np.uint8)
        return np.dstack([grey] * 3)
    return None


def telling_plane(value: Probabilities) -> int:
    """The class to show first: boundaries where there are any, else the last one that was traced; -1 without names."""
    return boundary_plane(value.classes, "")


def label_colors(labels: np.ndarray) -> np.ndarray:
    """A colour for each label, far from those of the labels before and after: uint8 (..., 3); background is black."""
    hue = (labels.astype(np.uint32) * np.uint32(2654435761) >> np.uint32(8)) % 180
    bright = 170 + (labels % 4).astype(np.uint32) * 25
    hsv = np.dstack([hue, np.full_like(hue, 150), bright]).astype(np.uint8)
    rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    rgb[labels == 0] = 0
    return rgb


def class_colors(classes: np.ndarray, value: ClassMap) -> np.ndarray:
    """The display colour of each pixel's class: uint8 (h, w, 3); pixels that nobody labelled are black."""
    return class_palette([kind.rgb for kind in value.classes])[classes]


def _averaged(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _visible(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The mask, its lines widened to what one pixel of the picture takes up."""
    width = mask.shape[1] // size[0]
    if width < 2 or not is_lines(mask):
        return mask
    return cv2.dilate(mask.view(np.uint8), np.ones((width, width), np.uint8)).view(bool)


def _sampled(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    rows = (np.arange(size[1]) * pixels.shape[0]) // size[1]
    columns = (np.arange(size[0]) * pixels.shape[1]) // size[0]
    return np.ascontiguousarray(pixels[rows][:, columns])
