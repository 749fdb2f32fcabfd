"""What was measured of lines, drawn and written on the image."""

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np

from graingraph.nodes.imaging.picture.lettering import write
from graingraph.nodes.imaging.picture.overlay import as_rgb8

DRAWN = (255, 214, 10)
LETTERS = 16
"""Height of the words in px, for lines that are 1 px wide."""


class MeasuredLine(NamedTuple):
    """A line (n, 2) in px, or points of it that are marked by circles, and what is written at its end."""

    points: np.ndarray
    text: str = ""
    circles: np.ndarray | None = None


def with_lines(pixels: np.ndarray, grey_range: tuple[float, float], lines: Iterable[MeasuredLine]) -> np.ndarray:
    """The image (H, W[, 3]) as RGB uint8 with the lines drawn on it."""
    picture = as_rgb8(pixels, grey_range)
    width = max(1, round(max(picture.shape) / 800))
    for points, text, circles in lines:
        if len(points) > 1:
            cv2.polylines(picture, [_sixteenths(points)], False, DRAWN, width, cv2.LINE_AA, 4)
        for x, y in [] if circles is None else _sixteenths(circles).tolist():
            cv2.circle(picture, (x, y), 4 * width * 16, DRAWN, width, cv2.LINE_AA, 4)
        if text:
            x, y = (points.max(axis=0) + 4 * width).astype(int).tolist()
            write(picture, text, (x, y), LETTERS * width, DRAWN)
    return picture


def _sixteenths(points: np.ndarray) -> np.ndarray:
    return np.rint((points - 0.5) * 16).astype(np.int32)
