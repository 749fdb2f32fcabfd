"""Drawn geometry to pixels, exactly: a pixel belongs to a shape if its centre does.

Marks have pixel centres at integers + ½. Polygons fill by the even-odd rule; lines, brushes and erasers are every pixel
whose centre is within half the width of the line (round ends). Nothing depends on the order of threads or on a
library's own drawing, so the same marks give the same pixels everywhere.
"""

from typing import Any, NamedTuple

import cv2
import numba
import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import LINE_TOOLS
from graingraph.engine.marks.run_lengths import from_runs


class Patch(NamedTuple):
    """The pixels of a shape: ``inside`` bool (h, w) for the part of an image from row ``y`` and column ``x`` on."""

    y: int
    x: int
    inside: np.ndarray

    @property
    def box(self) -> tuple[slice, slice]:
        """Where in the image it lies."""
        return slice(self.y, self.y + self.inside.shape[0]), slice(self.x, self.x + self.inside.shape[1])


NOTHING = Patch(0, 0, np.zeros((0, 0), bool))
BOXES = ("rectangle", "ellipse", "complete")
"""Tools whose points are two corners."""


def footprint(
    mark: Mark, shape: tuple[int, int], width: float | None = None, under: npt.NDArray[Any] | None = None
) -> Patch:
    """The pixels that a mark covers in an image of this shape (H, W).

    ``width`` overrides the mark's own width (lines thinner than one pixel are drawn one pixel wide). ``under`` is the
    raster that a "fill" floods: the pixels of the same value, connected by their edges to the one pointed at.
    """
    if mark.tool == "fill":
        return flood(under, mark.points[-1]) if under is not None else NOTHING
    if mark.tool == "polygon":
        return polygon(mark.points, shape)
    if mark.tool == "region":
        return region(mark, shape)
    if mark.tool in BOXES:
        return in_box(mark.points, shape, round_shape=mark.tool == "ellipse")
    if mark.tool in LINE_TOOLS:
        return line(mark.points, mark.width if width is None else width, shape)
    return NOTHING


def line(points: npt.NDArray[np.floating], width: float, shape: tuple[int, int]) -> Patch:
    """Every pixel whose centre is at most ``width / 2`` from the polyline (n, 2); a single point is a dot."""
    points = np.asarray(points, np.float64)
    radius = max(width, 1.0) / 2
    patch = _window(points.min(0) - radius, points.max(0) + radius, shape)
    if patch.inside.size:
        _fill_line(points - (patch.x, patch.y), radius, patch.inside)
    return patch


def polygon(points: npt.NDArray[np.floating], shape: tuple[int, int]) -> Patch:
    """Every pixel whose centre is inside the polygon (n, 2), by the even-odd rule."""
    points = np.asarray(points, np.float64)
    patch = _window(points.min(0), points.max(0), shape)
    if patch.inside.size:
        _fill_polygon(points - (patch.x, patch.y), patch.inside)
    return patch


def in_box(corners: npt.NDArray[np.floating], shape: tuple[int, int], *, round_shape: bool) -> Patch:
    """The pixels of the axis-parallel rectangle, or of the ellipse within it, between two corners (2, 2)."""
    low, high = np.asarray(corners, np.float64).min(0), np.asarray(corners, np.float64).max(0)
    patch = _window(low, high, shape)
    rows = np.arange(patch.inside.shape[0]) + (patch.y + 0.5)
    columns = np.arange(patch.inside.shape[1]) + (patch.x + 0.5)
    if round_shape:
        centre, half = (low + high) / 2, np.maximum((high - low) / 2, 1e-9)
        inside = ((rows - centre[1]) / half[1])[:, None] ** 2 + ((columns - centre[0]) / half[0]) ** 2 <= 1
    else:
        inside = ((rows >= low[1]) & (rows < high[1]))[:, None] & ((columns >= low[0]) & (columns < high[0]))
    return Patch(patch.y, patch.x, inside)


def region(mark: Mark, shape: tuple[int, int]) -> Patch:
    """The pixels of a run-length region, cut to the image."""
    assert mark.runs is not None
    (x0, y0), (x1, y1) = mark.points.astype(np.int64)
    top, left = max(y0, 0), max(x0, 0)
    bottom, right = max(min(y1, shape[0]), top), max(min(x1, shape[1]), left)
    rows = from_runs(mark.runs, (top - y0) * (x1 - x0), (bottom - y0) * (x1 - x0)).reshape(bottom - top, x1 - x0)
    return Patch(int(top), int(left), rows[:, left - x0 : right - x0])


def flood(raster: npt.NDArray[Any], point: npt.NDArray[np.floating]) -> Patch:
    """The pixels of the value under ``point`` (x, y) that hang together with it by their edges (4-connected)."""
    x, y = (int(v) for v in np.floor(point))
    height, width = raster.shape
    if not (0 <= x < width and 0 <= y < height):
        return NOTHING
    values = raster.view(np.uint8) if raster.dtype == bool else raster
    found = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
    _, _, _, (left, top, w, h) = cv2.floodFill(np.ascontiguousarray(values).copy(), found, (x, y), 0, 0, 0, flags)
    return Patch(top, left, found[1 + top : 1 + top + h, 1 + left : 1 + left + w] == 1)


def is_open_ground(raster: npt.NDArray[Any], point: npt.NDArray[np.floating]) -> bool:
    """Whether the background (0 or False) under ``point`` (x, y) is no hole: nothing closes it off from the edges.

    What lies at the edge of an image (H, W), as a grain does that is cut by it, reaches no opposite edges and is not
    most of the image.
    """
    pixel = pixel_of(point, raster.shape)
    if pixel is None or raster[pixel]:
        return False
    patch = flood(raster, point)
    rows, columns = patch.box
    first = rows.start == 0, columns.start == 0
    last = rows.stop == raster.shape[0], columns.stop == raster.shape[1]
    across = (first[0] and last[0]) or (first[1] and last[1])
    return across or (any((*first, *last)) and 2 * int(patch.inside.sum()) > raster.size)


def pixel_of(point: npt.NDArray[np.floating], shape: tuple[int, int]) -> tuple[int, int] | None:
    """Row and column of the pixel under a point (x, y), if it is in the image."""
    x, y = (int(v) for v in np.floor(point))
    return (y, x) if 0 <= y < shape[0] and 0 <= x < shape[1] else None


def _window(low: np.ndarray, high: np.ndarray, shape: tuple[int, int]) -> Patch:
    left, top = (max(0, int(np.floor(v))) for v in low)
    right, bottom = min(shape[1], int(np.ceil(high[0]))), min(shape[0], int(np.ceil(high[1])))
    return Patch(top, left, np.zeros((max(0, bottom - top), max(0, right - left)), bool))


@numba.njit(cache=True, nogil=True)
def _fill_line(points: np.ndarray, radius: float, inside: np.ndarray) -> None:
    height, width = inside.shape
    limit = radius * radius
    for i in range(max(1, len(points) - 1)):
        ax, ay = points[i]
        bx, by = points[min(i + 1, len(points) - 1)]
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        for row in range(max(0, int(np.floor(min(ay, by) - radius))), min(height, int(max(ay, by) + radius) + 1)):
            y = row + 0.5
            low, high = _span(ax, ay, dx, dy, y - radius, y + radius)
            for column in range(max(0, int(np.floor(low - radius))), min(width, int(high + radius) + 1)):
                x = column + 0.5
                t = ((x - ax) * dx + (y - ay) * dy) / length if length > 0 else 0.0
                t = min(1.0, max(0.0, t))
                ex, ey = x - ax - t * dx, y - ay - t * dy
                if ex * ex + ey * ey <= limit:
                    inside[row, column] = True


@numba.njit(cache=True, nogil=True)
def _span(ax: float, ay: float, dx: float, dy: float, low: float, high: float) -> tuple[float, float]:
    """The x range of the part of a segment between two heights: only there can it be near that row."""
    if abs(dy) < 1e-12:
        return min(ax, ax + dx), max(ax, ax + dx)
    s, e = (low - ay) / dy, (high - ay) / dy
    s, e = min(1.0, max(0.0, s)), min(1.0, max(0.0, e))
    return min(ax + s * dx, ax + e * dx), max(ax + s * dx, ax + e * dx)


@numba.njit(cache=True, nogil=True)
def _fill_polygon(points: np.ndarray, inside: np.ndarray) -> None:
    """Toggle each row from every crossing of its centre line to the right; a second pass adds the toggles up."""
    height, width = inside.shape
    for i in range(len(points)):
        ax, ay = points[i]
        bx, by = points[(i + 1) % len(points)]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        # Rows whose centre has ay <= centre < by: a corner on a centre line counts once.
        for row in range(max(0, int(np.ceil(ay - 0.5))), min(height, int(np.ceil(by - 0.5)))):
            x = ax + (row + 0.5 - ay) * (bx - ax) / (by - ay)
            column = max(0, int(np.ceil(x - 0.5)))
            if column < width:
                inside[row, column] = not inside[row, column]
    for row in range(height):
        state = False
        for column in range(width):
            state ^= inside[row, column]
            inside[row, column] = state
