"""Colours of features: one each, or by something measured."""

import cv2
import numpy as np

VIRIDIS = [
    tuple(int(v) for v in color[::-1])
    for color in cv2.applyColorMap(np.linspace(0, 255, 28).astype(np.uint8)[:, None], cv2.COLORMAP_VIRIDIS)[:, 0]
]
"""The colour scale in 28 steps, from low to high, RGB."""


def label_colors(labels: np.ndarray) -> np.ndarray:
    """A colour for each label, far from those of the labels before and after: uint8 (..., 3); background is black."""
    hue = (labels.astype(np.uint32) * np.uint32(2654435761) >> np.uint32(8)) % 180
    bright = 170 + (labels % 4).astype(np.uint32) * 25
    hsv = np.dstack([hue, np.full_like(hue, 150), bright]).astype(np.uint8)
    rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    rgb[labels == 0] = 0
    return rgb


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
