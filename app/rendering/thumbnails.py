"""Small pictures of results for the nodes of the canvas, by the type of the value."""

import logging
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from graingraph.app.rendering.appearance import telling_plane
from graingraph.app.rendering.compose import FAINT
from graingraph.app.rendering.palettes import place_palette
from graingraph.app.rendering.resample import ClassPyramid, is_lines
from graingraph.app.rendering.view import View
from graingraph.engine.values import ClassMap, Image, Labels, Mask, Probabilities, Value
from graingraph.engine.values.views import thumbnail
from graingraph.nodes.imaging.picture.overlay import class_palette

WIDTH, HEIGHT = 178, 92


def has_thumbnail(kind: type[Value]) -> bool:
    """Whether values of this type have a picture."""
    return thumbnail.of(kind) is not None


def thumbnail_of(value: Value) -> np.ndarray | None:
    """A picture of a value as its type declares it: uint8 RGBA (h, w, 4) within 178 x 92 pixels.

    None for a type without one, for a value without pixels, and where the picture of a plug-in's value fails.
    """
    picture, pixels = thumbnail.of(type(value)), getattr(value, "pixels", None)
    if picture is None or (isinstance(pixels, np.ndarray) and pixels.size == 0):
        return None
    try:
        rgb = picture(value, WIDTH, HEIGHT)
        return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    except Exception:  # results must not fail for want of a picture
        logging.getLogger(__name__).exception("thumbnail of a %s", type(value).__name__)
        return None


def thumbnail_of_file(path: Path) -> np.ndarray | None:
    """A picture of an image file as Load reads it: its darkest level black, its brightest white, one alone as it is."""
    from graingraph.nodes.reading.pixel_types import image_from_array
    from graingraph.nodes.reading.read_image import read_pixels

    image = image_from_array(read_pixels(path)[0])
    darkest, brightest = float(image.pixels.min()), float(image.pixels.max())
    return thumbnail_of(replace(image, range=(darkest, brightest)) if darkest < brightest else image)


@thumbnail(Image)
def _of_image(value: Image, width: int, height: int) -> np.ndarray:
    """Averaged; what a filter found is black where it is shown in full scale."""
    small = _averaged(value.pixels, _size(value.shape, width, height)).astype(np.float32)
    low, high = value.range
    if small.max() < FAINT * high:
        high = float(small.max())
    return _rgb(np.clip((small - low) * (255.0 / max(high - low, 1e-12)), 0, 255))


@thumbnail(Mask)
def _of_mask(value: Mask, width: int, height: int) -> np.ndarray:
    size = _size(value.shape, width, height)
    return _rgb(_averaged(_visible(value.pixels, size).view(np.uint8) * np.uint8(255), size))


@thumbnail(Labels)
def _of_labels(value: Labels, width: int, height: int) -> np.ndarray:
    return place_palette(value.pixels, value.count)[_sampled(value.pixels, _size(value.shape, width, height))]


@thumbnail(ClassMap)
def _of_classes(value: ClassMap, width: int, height: int) -> np.ndarray:
    """Sampled, with lines kept; pixels that nobody labelled are black."""
    size, (rows, columns) = _size(value.shape, width, height), value.shape
    drawn = ClassPyramid(value.pixels).sample(View(min(size[0] / columns, size[1] / rows), 0, 0), size)
    return class_palette([kind.rgb for kind in value.classes])[drawn.pixels if drawn else _sampled(value.pixels, size)]


@thumbnail(Probabilities)
def _of_probabilities(value: Probabilities, width: int, height: int) -> np.ndarray:
    plane = value.pixels[..., telling_plane(value)]
    return _rgb(np.clip(_averaged(plane, _size(value.shape, width, height)) * 255, 0, 255))


def _size(shape: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """Width and height of a picture of this many rows and columns."""
    scale = min(width / shape[1], height / shape[0], 1.0)
    return max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))


def _rgb(grey: np.ndarray) -> np.ndarray:
    grey = grey.astype(np.uint8)
    return grey if grey.ndim == 3 else np.dstack([grey] * 3)


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
