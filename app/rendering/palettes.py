"""Colours of features: one each, or by something measured."""

import cv2
import numpy as np

VIRIDIS = [
    tuple(int(v) for v in color[::-1])
    for color in cv2.applyColorMap(np.linspace(0, 255, 28).astype(np.uint8)[:, None], cv2.COLORMAP_VIRIDIS)[:, 0]
]
"""The colour scale in 28 steps, from low to high, RGB."""


CELL = 8
"""Features that begin within so many px of each other have one colour; a few px more or less of one change none."""


def place_palette(labels: np.ndarray, count: int) -> np.ndarray:
    """A colour for each of the labels 0..count by where in the image it begins: uint8 (count + 1, 3).

    A feature so keeps its colour from step to step, however the features are numbered anew in between. ``labels`` is
    int (H, W); background is black.
    """
    flat, width = labels.reshape(-1), max(labels.shape[1], 1)
    runs = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1]) if flat.size else np.zeros(0, np.int64)
    first = np.zeros(count + 1, np.int64)
    first[flat[runs[::-1]]] = runs[::-1]  # of several runs the first in the image is written last
    row, column = (first // width // CELL).astype(np.uint32), (first % width // CELL).astype(np.uint32)
    mixed = (row * np.uint32(2654435761)) ^ (column * np.uint32(2246822519))
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(2654435761)
    hue = (mixed >> np.uint32(8)) % 180
    bright = 170 + (mixed & np.uint32(3)) * 25
    hsv = np.dstack([hue[None], np.full_like(hue, 150)[None], bright[None]]).astype(np.uint8)
    palette = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0]
    palette[0] = 0
    return palette


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
