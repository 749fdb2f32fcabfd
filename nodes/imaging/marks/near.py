"""Which mark a person points at."""

from collections.abc import Iterable

import cv2
import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.nodes.imaging.marks.strokes import BOXES, region

SINGLE = ("pick", "fill", "delete")
"""Tools whose points stand for themselves."""


def nearest_mark(marks: Iterable[Mark], at: tuple[float, float], reach: float, shape: tuple[int, int]) -> Mark | None:
    """The mark nearest to a point (x, y) of an image of this shape (H, W), of equally near ones the last; None where
    none comes within ``reach`` px of it."""
    found = [(distance(mark, at, shape), -place, mark) for place, mark in enumerate(marks) if len(mark.points)]
    away, _, mark = min(found, default=(np.inf, 0, None), key=lambda one: one[:2])
    return mark if away <= reach else None


def distance(mark: Mark, at: tuple[float, float], shape: tuple[int, int]) -> float:
    """How far a point (x, y) lies from what a mark covers, in px; of a block that is complete that is its outline.

    Of an ellipse it is taken from its box, of a region only whether it covers the point.
    """
    points = np.asarray(mark.points, np.float32)
    if mark.tool == "region":
        patch = region(mark, shape)
        row, column = int(at[1] // 1) - patch.y, int(at[0] // 1) - patch.x
        height, width = patch.inside.shape
        covers = 0 <= row < height and 0 <= column < width and patch.inside[row, column]
        return 0.0 if covers else np.inf
    if mark.tool in SINGLE:
        return float(np.hypot(*(points - at).T).min())
    if mark.tool in BOXES:
        (left, top), (right, bottom) = points.min(0), points.max(0)
        points = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    closed = mark.tool in BOXES or mark.tool == "polygon"
    if closed and mark.tool != "complete" and cv2.pointPolygonTest(points, at, measureDist=False) >= 0:
        return 0.0
    starts, ends = points, np.roll(points, -1, axis=0)
    if not closed and len(points) > 1:
        starts, ends = points[:-1], points[1:]
    along = ends - starts
    share = ((np.asarray(at) - starts) * along).sum(1) / np.maximum((along**2).sum(1), 1e-9)
    feet = starts + np.clip(share, 0, 1)[:, None] * along
    away = float(np.hypot(*(feet - at).T).min())
    return away if closed else max(0.0, away - mark.width / 2)
