"""The part of a raster that a view shows, at the panel's own resolution: the cost is the panel's, not the image's.

Zoomed in, every panel pixel is exactly the image pixel under its centre. Zoomed out, pixels are averaged (from a
pyramid of halved images) where averages make sense; label numbers and classes are sampled, and lines stay lines.
"""

from typing import NamedTuple

import cv2
import numpy as np

from graingraph.app.rendering.view import View
from graingraph.engine.values import UNLABELLED

COARSEST, COARSEST_LINES = 512, 32
"""No level is halved that is smaller; lines, of which none may be skipped, are halved further."""
LINE_PX = 4
"""What is no wider than this is a line, and what is no farther apart a texture."""
LINE_LEVEL = 80
"""Of 255: no line, from however coarse a level, falls below this in all the panel pixels around it."""


class Sampled(NamedTuple):
    """``pixels`` of the panel's box from ``x``, ``y`` on (the part of the panel where the image is)."""

    x: int
    y: int
    pixels: np.ndarray


class Nearest:
    """Numbers of things, of which averages mean nothing: the pixel under the centre of each panel pixel."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels

    def sample(self, view: View, size: tuple[int, int]) -> Sampled | None:
        """The picture of a panel (width, height); None where no pixel of the image is in it."""
        return nearest(self._pixels, view, size)


class Pyramid:
    """A raster (H, W) or (H, W, 3) and its halves, quarters, ... by area averages. bool is shown as 0 and 255.

    A mask of lines (``lines``), which averages would make vanish, is halved by maxima instead.
    """

    def __init__(self, pixels: np.ndarray) -> None:
        self.lines = pixels.dtype == bool and is_lines(pixels)
        if pixels.dtype == bool:
            pixels = pixels.view(np.uint8) * np.uint8(255)
        self.levels = [np.ascontiguousarray(pixels)]
        halved, coarsest = (_halved_by_maxima, COARSEST_LINES) if self.lines else (_halved, COARSEST)
        while max(self.levels[-1].shape[:2]) > coarsest:
            self.levels.append(halved(self.levels[-1]))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the raster itself."""
        return self.levels[0].shape[0], self.levels[0].shape[1]

    def sample(self, view: View, size: tuple[int, int]) -> Sampled | None:
        """The picture of a panel (width, height); None where no pixel of the image is in it."""
        if view.zoom >= 1:
            return nearest(self.levels[0], view, size)
        box = _box(self.shape, view, size)
        if box is None:
            return None
        left, top, right, bottom = box
        level = self._level(view.zoom)
        source = self.levels[level]
        fx, fy = source.shape[1] / self.shape[1], source.shape[0] / self.shape[0]
        # The level's coordinates of the centre of the box's first panel pixel, and the step to the next one.
        x0, y0 = (view.x + (left + 0.5) / view.zoom) * fx - 0.5, (view.y + (top + 0.5) / view.zoom) * fy - 0.5
        dx, dy = fx / view.zoom, fy / view.zoom
        width, height = right - left, bottom - top
        c0, r0 = max(0, int(x0) - 1), max(0, int(y0) - 1)
        part = source[r0 : int(y0 + dy * height) + 3, c0 : int(x0 + dx * width) + 3]
        matrix = np.array([[dx, 0, x0 - c0], [0, dy, y0 - r0]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        drawn = cv2.warpAffine(part, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return Sampled(left, top, drawn)

    def _level(self, zoom: float) -> int:
        """The coarsest level whose pixels are no larger than the panel's; of lines, no larger than one and a half."""
        level, most = 0, 1.5001 if self.lines else 1.0001
        while level + 1 < len(self.levels) and 2 ** (level + 1) * zoom <= most:
            level += 1
        return level


class ClassPyramid:
    """A class map (H, W): classes are sampled, but those that are lines stay lines however far away they are."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels
        self._thin: dict[int, Pyramid] = {}
        counts = cv2.calcHist([pixels], [0], None, [256], [0, 256]).ravel()
        for index in np.flatnonzero(counts[:UNLABELLED]).tolist():
            mask = pixels == index
            if is_lines(mask):
                self._thin[index] = Pyramid(mask)

    def sample(self, view: View, size: tuple[int, int]) -> Sampled | None:
        """The class at each pixel of a panel (width, height); None where no pixel of the image is in it."""
        sampled = nearest(self._pixels, view, size)
        if sampled is None or view.zoom >= 1:
            return sampled
        for index, lines in self._thin.items():
            drawn = lines.sample(view, size)
            if drawn is not None:
                sampled.pixels[drawn.pixels > LINE_LEVEL] = index
        return sampled


def is_lines(mask: np.ndarray) -> bool:
    """Whether a bool mask (H, W) is lines far apart: hardly anything in it is wider, and most ground is wider."""
    around, pixels = np.ones((LINE_PX + 1, LINE_PX + 1), np.uint8), mask.view(np.uint8)
    count = cv2.countNonZero(pixels)
    if not 0 < count < 0.5 * mask.size or cv2.countNonZero(cv2.erode(pixels, around)) >= 0.01 * count:
        return False
    return cv2.countNonZero(cv2.dilate(pixels, around)) < 0.5 * mask.size


def _halved(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    half = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
    return cv2.resize(pixels, half, interpolation=cv2.INTER_AREA)


def _halved_by_maxima(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(cv2.dilate(pixels, np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2])


def nearest(pixels: np.ndarray, view: View, size: tuple[int, int]) -> Sampled | None:
    """For each panel pixel the image pixel under its centre; None where no pixel of the image is in the panel."""
    box = _box((pixels.shape[0], pixels.shape[1]), view, size)
    if box is None:
        return None
    left, top, right, bottom = box
    columns = _indices(view.x, view.zoom, left, right, pixels.shape[1])
    rows = _indices(view.y, view.zoom, top, bottom, pixels.shape[0])
    part = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Sampled(left, top, part[rows - rows[0]].take(columns - columns[0], axis=1))


def _indices(origin: float, zoom: float, low: int, high: int, count: int) -> np.ndarray:
    at = np.floor(origin + (np.arange(low, high) + 0.5) / zoom).astype(np.int64)
    return np.clip(at, 0, count - 1)


def _box(shape: tuple[int, int], view: View, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The panel pixels whose centre is on the image: left, top, right, bottom."""
    start, end = view.to_panel((0, 0)), view.to_panel((shape[1], shape[0]))
    left, right = _between(start.x, end.x, size[0])
    top, bottom = _between(start.y, end.y, size[1])
    return (left, top, right, bottom) if right > left and bottom > top else None


def _between(start: float, end: float, room: int) -> tuple[int, int]:
    """The pixels whose centre is between two places; one where they are so close that there is none."""
    first, last = max(0, int(np.ceil(start - 0.5))), min(room, int(np.ceil(end - 0.5)))
    if last <= first and end - start < 1 and 0 <= start < room:
        return int(start), int(start) + 1
    return first, last
