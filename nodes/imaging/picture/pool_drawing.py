"""Melt pools drawn on their picture: what is visible of their outlines and what lies hidden."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.melt_pools.pool_shape import PoolShape

VISIBLE, HIDDEN = (0, 230, 120), (255, 140, 0)


def draw_pools(
    found: Sequence[PoolShape], labels: npt.NDArray[np.int32], rgb: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.uint8]:
    """Outlines of the pools over a picture (uint8, H, W, 3), or over the labels (H, W) if there is none, as RGB.

    What is visible is a line in ``VISIBLE``, what is hidden is dashes in ``HIDDEN``; refused pools are left out.
    """
    if rgb is None:
        canvas = np.where(labels > 0, np.uint8(90), np.uint8(30))[..., None].repeat(3, axis=2)
    else:
        canvas = rgb.copy()
    thick = max(1, round(max(labels.shape) / 700))
    for pool in found:
        if pool.refusal:
            continue
        at = np.clip(pool.outline.astype(int), 0, np.array(labels.shape[::-1]) - 1)
        beside = cv2.dilate((labels == pool.label).view(np.uint8), np.ones((7, 7), np.uint8))
        hidden = beside[at[:, 1], at[:, 0]] == 0
        _draw(canvas, pool.outline, hidden, thick)
    return canvas


def _draw(canvas: np.ndarray, outline: np.ndarray, hidden: np.ndarray, thick: int) -> None:
    ends = np.roll(outline, -1, axis=0)
    along = np.cumsum(np.hypot(*(ends - outline).T))
    for start, end, dashed, length in zip(outline, ends, hidden, along, strict=True):
        if not dashed or length % (8 * thick) < 5 * thick:
            a, b = (tuple(round(16 * (c - 0.5)) for c in point) for point in (start, end))
            cv2.line(canvas, a, b, HIDDEN if dashed else VISIBLE, thick, cv2.LINE_AA, 4)
