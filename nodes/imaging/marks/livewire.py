"""Live-wire: the line between two clicks that follows a dark or bright ridge.

The cheapest path over a cost that is low on ridges (Mortensen and Barrett 1995, with the ridge strength of Steger 1998:
the largest curvature of the smoothed grey level across the line).
"""

from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

MOST_PIXELS = 40_000
"""A window larger than this is searched at a lower resolution, so that an answer takes milliseconds."""
MARGIN = 24
FLOOR = 0.03
"""Cost of a pixel on a perfect ridge, against 1 off any: how far a detour along a ridge may go."""


def snap_path(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32],
    start: tuple[float, float],
    end: tuple[float, float],
    polarity: Literal["dark", "bright"] = "dark",
    *,
    sigma: float = 1.5,
) -> npt.NDArray[np.float32]:
    """Points float32 (n, 2) as (x, y) from ``start`` to ``end`` along a dark or bright ridge of ``pixels`` (H, W[, 3]).

    ``sigma`` is the half-width of the ridges in px. Works on the window around both ends only.
    """
    from skimage.graph import route_through_array

    ends = np.array([start, end], np.float64)
    margin = MARGIN + 0.25 * np.hypot(*(ends[1] - ends[0]))
    left, top = np.clip(np.floor(ends.min(0) - margin), 0, (pixels.shape[1] - 1, pixels.shape[0] - 1)).astype(int)
    right, bottom = np.clip(np.ceil(ends.max(0) + margin), (left + 1, top + 1), pixels.shape[1::-1]).astype(int)
    window = pixels[top:bottom, left:right]
    shrink = max(1.0, np.sqrt(window.shape[0] * window.shape[1] / MOST_PIXELS))
    cost = ridge_cost(window, polarity, sigma, shrink)
    to_grid = np.array(cost.shape[::-1]) / window.shape[1::-1]
    grid = np.clip(np.floor((ends - (left, top)) * to_grid), 0, np.array(cost.shape[::-1]) - 1).astype(int)
    route, _ = route_through_array(cost, grid[0][::-1], grid[1][::-1], fully_connected=True, geometric=True)
    path = (np.array(route, np.float64)[:, ::-1] + 0.5) / to_grid + (left, top)
    path[0], path[-1] = ends
    return _smoothed(path).astype(np.float32)


def snap_point(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32],
    point: tuple[float, float],
    polarity: Literal["dark", "bright"] = "dark",
    *,
    reach: int = 6,
    sigma: float = 1.5,
) -> tuple[float, float]:
    """The strongest ridge pixel's centre within ``reach`` px of a click; the click itself where nothing is a ridge."""
    x, y = int(np.floor(point[0])), int(np.floor(point[1]))
    span = reach + int(np.ceil(4 * sigma))
    top, left = max(0, y - span), max(0, x - span)
    window = pixels[top : y + span + 1, left : x + span + 1]
    if not window.size:
        return point
    cost = ridge_cost(window, polarity, sigma, 1.0)
    rows, columns = np.mgrid[0 : cost.shape[0], 0 : cost.shape[1]]
    away = np.hypot(columns + left + 0.5 - point[0], rows + top + 0.5 - point[1])
    cost = np.where(away <= reach, cost + 0.01 * away / reach, np.inf)
    row, column = np.unravel_index(int(cost.argmin()), cost.shape)
    return (left + column + 0.5, top + row + 0.5) if cost[row, column] < 0.9 else point


def ridge_cost(window: np.ndarray, polarity: str, sigma: float, shrink: float) -> np.ndarray:
    """Cost float32 of going through each pixel, 1 off ridges down to ``FLOOR``; smaller by the factor ``shrink``."""
    grey = cv2.cvtColor(window, cv2.COLOR_RGB2GRAY) if window.ndim == 3 else window
    grey = np.ascontiguousarray(grey, np.float32)
    if shrink > 1:
        size = (max(2, round(grey.shape[1] / shrink)), max(2, round(grey.shape[0] / shrink)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.8, sigma / shrink))
    sign = 1.0 if polarity == "dark" else -1.0
    xx, yy, xy = (sign * cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3) for order in ((2, 0), (0, 2), (1, 1)))
    ridge = np.maximum((xx + yy) / 2 + np.sqrt(((xx - yy) / 2) ** 2 + xy**2), 0)
    top = float(np.percentile(ridge, 99.5))
    strength = np.minimum(ridge / top, 1.0) if top > 0 else np.zeros_like(ridge)
    return FLOOR + (1 - FLOOR) * (1 - strength) ** 2


def _smoothed(path: np.ndarray) -> np.ndarray:
    """Without the stair steps of the pixel grid; the ends stay."""
    if len(path) < 5:
        return path
    padded = np.pad(path, ((2, 2), (0, 0)), mode="edge")
    smooth = np.mean([padded[i : i + len(path)] for i in range(5)], axis=0)
    smooth[0], smooth[-1] = path[0], path[-1]
    return smooth
