"""Finding the scale bar that a microscope has drawn into an image."""

from typing import NamedTuple

import cv2
import numpy as np

THICKEST = 1 / 25
"""Of the image's height; a bar is no thicker."""
SHORTEST, LONGEST = 1 / 25, 0.9
"""Of the image's width; longer lines are the edges of data bars."""
CONTRAST, UNEVEN = 0.2, 0.1
"""Of the range of grey levels: how much a drawn bar stands out at least, and how much it changes along its length."""
EDGE = 3
"""Rows within which a drawn bar begins and ends; what belongs to the specimen is seldom so sharp all along."""


class ScaleBar(NamedTuple):
    """A horizontal bar: its ``length`` in px (ends at half height), and the pixel in its left end."""

    length: float
    x: int
    y: int


def find_scale_bar(grey: np.ndarray) -> ScaleBar | None:
    """The longest even, sharp, thin, bright or dark horizontal line in (H, W) pixels, or None.

    A top hat keeps what is thinner than 1/25 of the height; of that, what is even over 1/25 of the width. Lines of
    the specimen can be mistaken for a bar where there is none: whoever asks should say what was found.
    """
    height, width = grey.shape
    levels = grey.astype(np.float32)
    contrast = CONTRAST * float(levels.max() - levels.min())
    long = np.ones((1, max(5, round(width * SHORTEST)) | 1), np.uint8)
    tall = np.ones((max(3, round(height * THICKEST) | 1), 1), np.uint8)
    even = cv2.dilate(levels, long) - cv2.erode(levels, long) < contrast * UNEVEN / CONTRAST
    even[:, : long.size // 2] = even[:, width - long.size // 2 :] = False
    bars = []
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        thin = cv2.morphologyEx(levels, operation, tall)
        seeds = even & (cv2.erode(thin, long) > contrast)
        _, _, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(seeds.view(np.uint8), long))
        for x, y, box_width, box_height, _ in boxes[1:].tolist():
            if box_height <= tall.size:
                bar = _measure(thin[y : y + box_height], x, x + box_width, y)
                if bar.length <= LONGEST * width and _is_sharp(thin, bar, tall.size):
                    bars.append(bar)
    return max(bars, default=None)


def _measure(rows: np.ndarray, left: int, right: int, top: int) -> ScaleBar:
    # The row with the most light is the core of the bar; end ticks and outlines blur its other rows.
    core = int(np.argmax(rows[:, left:right].sum(axis=1)))
    line = rows[core]
    half = float(np.median(line[left:right])) / 2
    start = end = (left + right) // 2
    while start > 0 and line[start - 1] > half:
        start -= 1
    while end < line.size - 1 and line[end + 1] > half:
        end += 1
    return ScaleBar(float(end - start + 1), start, top + core)


def _is_sharp(thin: np.ndarray, bar: ScaleBar, reach: int) -> bool:
    rows = thin[max(0, bar.y - reach) : bar.y + reach + 1, bar.x : bar.x + int(bar.length)]
    profile = np.median(rows, axis=1)
    core = min(bar.y, reach)
    steps = profile[EDGE:] - profile[:-EDGE]
    least = 0.7 * profile[core]
    return bool((steps[:core] > least).any() and (steps[max(0, core - EDGE) :] < -least).any())
