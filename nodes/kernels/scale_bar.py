"""Finding the scale bar that a microscope has drawn into an image."""

from typing import NamedTuple

import cv2
import numpy as np

THICKEST = 1 / 25
"""Of the image's height; a bar is no thicker."""
SHORTEST, LONGEST = 1 / 25, 0.9
"""Of the image's width; longer lines are the edges of data bars."""
CONTRAST = 0.2
"""Of the range of grey levels; a bar stands out by at least this all along."""


class ScaleBar(NamedTuple):
    """A horizontal bar: its ``length`` in px (ends at half height), and the pixel in its left end."""

    length: float
    x: int
    y: int


def find_scale_bar(grey: np.ndarray) -> ScaleBar | None:
    """The longest evenly bright or evenly dark thin horizontal line in (H, W) pixels, or None.

    A top hat keeps what is thinner than 1/25 of the height, a horizontal opening what is longer than 1/25 of the
    width. Lines of the specimen can be mistaken for a bar where there is none: whoever asks should say what was found.
    """
    height, width = grey.shape
    levels = grey.astype(np.float32)
    tall = np.ones((max(3, round(height * THICKEST)), 1), np.uint8)
    long = np.ones((1, max(5, round(width * SHORTEST))), np.uint8)
    least = CONTRAST * float(levels.max() - levels.min())
    if not least:
        return None
    bars = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        thin = cv2.morphologyEx(levels, operation, tall)
        even = cv2.morphologyEx(thin, cv2.MORPH_OPEN, long)
        _, _, boxes, _ = cv2.connectedComponentsWithStats((even > least).view(np.uint8))
        for x, y, box_width, box_height, _ in boxes[1:]:
            if box_width <= LONGEST * width and box_height <= len(tall):
                bars.append(_measure(thin[y : y + box_height], int(x), int(x + box_width), int(y)))
    return max(bars, default=None)


def _measure(rows: np.ndarray, left: int, right: int, top: int) -> ScaleBar:
    # The row with the most light is the core of the bar; end ticks and outlines blur its other rows.
    core = int(np.argmax(rows[:, left:right].sum(axis=1)))
    line = rows[core]
    half = float(np.median(line[left:right])) / 2
    start, end = left, right - 1
    while start > 0 and line[start - 1] > half:
        start -= 1
    while end < line.size - 1 and line[end + 1] > half:
        end += 1
    return ScaleBar(float(end - start + 1), start, top + core)
