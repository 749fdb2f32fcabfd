"""Strokes over the picture, drawn as vectors so that they are there within a frame."""

from collections.abc import Iterable

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.theme import Color, rgb
from graingraph.app.rendering.view import View
from graingraph.engine.declare.injected import Mark

DRAWN = rgb("#35d0ff")
ERASED = rgb("#ff5252")
PICKED = rgb("#ffd60a")
_CLOSED = ("polygon", "rectangle", "ellipse")


def draw_marks(
    layer: int | str,
    marks: Iterable[Mark],
    view: View,
    size: tuple[int, int],
    colors: dict[str, Color],
    full: frozenset[str],
) -> None:
    """Draw what is in the panel: strokes named in ``full`` in their width, the others as thin lines."""
    for mark in marks:
        if len(mark.points) == 0:
            continue
        margin = mark.width / 2 + 2
        low, high = view.to_panel(mark.points.min(0) - margin), view.to_panel(mark.points.max(0) + margin)
        if high.x < 0 or high.y < 0 or low.x > size[0] or low.y > size[1]:
            continue
        color = ERASED if mark.tool in ("eraser", "delete") else colors.get(mark.layer, DRAWN)
        width = max(mark.width * view.zoom, 1.5) if mark.id in full else 1.5
        draw_stroke(layer, mark.tool, mark.points, view, color, width)


def draw_stroke(layer: int | str, tool: str, points: np.ndarray, view: View, color: Color, width: float) -> None:
    """Draw one stroke: ``points`` (n, 2) in image coordinates, ``width`` in panel pixels."""
    placed = (np.asarray(points, np.float64) - (view.x, view.y)) * view.zoom
    if tool in ("pick", "fill", "delete"):
        mark = PICKED if tool == "pick" else color
        dpg.draw_circle(placed[-1].tolist(), 5, color=(0, 0, 0, 255), fill=mark, thickness=1.5, parent=layer)
    elif tool in ("rectangle", "ellipse") and len(placed) == 2:
        low, high = placed.min(0).tolist(), placed.max(0).tolist()
        fill = (*color[:3], 60)
        if tool == "rectangle":
            dpg.draw_rectangle(low, high, color=color, fill=fill, thickness=1.5, parent=layer)
        else:
            dpg.draw_ellipse(low, high, color=color, fill=fill, thickness=1.5, segments=48, parent=layer)
    elif len(placed) == 1:
        dpg.draw_circle(placed[0].tolist(), max(width / 2, 1.5), color=color, fill=color, parent=layer)
    else:
        translucent = (*color[:3], 150) if width > 6 else color
        dpg.draw_polyline(
            _thinned(placed).tolist(),
            color=translucent,
            thickness=width,
            closed=tool in _CLOSED,
            parent=layer,
        )


def _thinned(points: np.ndarray) -> np.ndarray:
    """Without points that are closer than a pixel to the one before, which a line cannot show."""
    if len(points) < 400:
        return points
    cells = np.floor(points)
    keep = np.ones(len(points), bool)
    keep[1:-1] = (np.diff(cells[:-1], axis=0) != 0).any(1)
    return points[keep]
