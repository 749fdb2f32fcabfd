"""Strokes over the picture, drawn as vectors so that they are there within a frame."""

from collections.abc import Iterable, Sequence

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import Color, rgb
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.readout import readouts
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.tools import TOOLS
from graingraph.app.rendering.view import View
from graingraph.engine.declare.injected import Mark

DRAWN = rgb("#35d0ff")
ERASED, CASING = rgb("#ffffff"), rgb("#000000", 200)
"""What takes away is a white line in a black one, which no class has for a colour."""
PICKED = rgb("#ffd60a")
RIGHT = rgb("#3ddc84")
FAINT = rgb("#ffb74d")
OF_TOOL = {"eraser": ERASED, "delete": ERASED, "reject": ERASED, "accept": RIGHT, "complete": RIGHT}
"""Colours that say what a tool does; the others have that of their layer."""
_TAKES_AWAY = ("eraser", "delete", "reject")
WIDE_BRANCH = 4.0
_CLOSED = ("polygon", "rectangle", "ellipse", "complete")


class Strokes:
    """Draws what was drawn on the image and the stroke in progress, and writes what picked features measure."""

    def __init__(self, app: AppContext, shown: Shown, tool: DrawTool, screen: Screen) -> None:
        self._app, self._shown, self._tool, self._screen = app, shown, tool, screen
        self._drawn: tuple[object, ...] = ()
        self._faint: Sequence[np.ndarray] = ()
        self.readouts: list[str] = []

    def refresh(self) -> None:
        """Draw what changed; the stroke in progress every time."""
        tool, content, viewpoint = self._tool, self._shown.content, self._shown.viewpoint
        marks = tool.marks if content.shape else ()
        revision = self._app.session.marks_revision
        offers = tool.active and tool.brush.gesture == "branch"
        faint = tool.faint if offers else ()
        drawn = (tool.node, tool.image, revision, viewpoint.view, viewpoint.size, content, marks)
        if drawn != self._drawn or (faint is not self._faint and (len(faint) or len(self._faint))):
            self._drawn, self._faint = drawn, faint
            self._draw_marks(marks)
            self._draw_faint(faint)
        dpg.delete_item(self._screen.stroke_layer, children_only=True)
        if tool.node and tool.active:
            self._draw_stroke()

    def _draw_marks(self, marks: tuple[Mark, ...]) -> None:
        tool, viewpoint, layer = self._tool, self._shown.viewpoint, self._screen.marks_layer
        dpg.delete_item(layer, children_only=True)
        pending = tool.pending
        always = tool.painting or not tool.classes  # else the map of what is traced shows all but the blocks
        shown = [mark for mark in marks if always or mark.id in pending or mark.tool == "complete"]
        draw_marks(layer, shown, viewpoint.view, viewpoint.size, self._colors(), pending)
        found = readouts(self._app, tool.node, marks) if tool.node and marks else []
        self.readouts = [words for _, words in found]
        for at, words in found:
            self._screen.words.write(viewpoint.view.to_panel(at).moved(10, -8), words, layer)

    def _draw_stroke(self) -> None:
        viewpoint, brush = self._shown.viewpoint, self._tool.brush
        layer = self._screen.stroke_layer
        color = OF_TOOL.get(brush.tool) or self._colors().get(brush.layer, DRAWN)
        width = max(brush.size * viewpoint.view.zoom, 1.5) if TOOLS[brush.tool].wide else 1.5
        if brush.gesture == "branch":
            width = WIDE_BRANCH
        points = brush.preview(viewpoint.view.zoom)
        if points:
            draw_stroke(layer, brush.tool, np.array(points), viewpoint.view, color, width)
        if brush.gesture == "paint" and viewpoint.pointer:
            dpg.draw_circle(viewpoint.pointer, width / 2, color=(255, 255, 255, 220), parent=layer)

    def _draw_faint(self, paths: Sequence[np.ndarray]) -> None:
        """The boundaries that a click of Accept would draw."""
        layer = self._screen.marks_layer
        view, (width, height) = self._shown.viewpoint.view, self._shown.viewpoint.size
        for path in paths:
            placed = (path - np.array((view.x, view.y), np.float32)) * view.zoom
            low, high = placed.min(0), placed.max(0)
            if high[0] >= 0 and high[1] >= 0 and low[0] <= width and low[1] <= height:
                dpg.draw_polyline(placed.tolist(), color=FAINT, thickness=1.5, parent=layer)

    def _colors(self) -> dict[str, Color]:
        return {layer.name: rgb(layer.color) for layer in self._tool.classes}


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
        color = OF_TOOL.get(mark.tool) or colors.get(mark.layer, DRAWN)
        width = max(mark.width * view.zoom, 1.5) if mark.id in full else 1.5
        draw_stroke(layer, mark.tool, mark.points, view, color, width)


def draw_stroke(layer: int | str, tool: str, points: np.ndarray, view: View, color: Color, width: float) -> None:
    """Draw one stroke: ``points`` (n, 2) in image coordinates, ``width`` in panel pixels."""
    placed = (np.asarray(points, np.float64) - (view.x, view.y)) * view.zoom
    if tool in ("pick", "fill", "delete"):
        mark = PICKED if tool == "pick" else color
        dpg.draw_circle(placed[-1].tolist(), 5, color=(0, 0, 0, 255), fill=mark, thickness=1.5, parent=layer)
    elif tool in ("rectangle", "ellipse", "complete") and len(placed) == 2:
        low, high = placed.min(0).tolist(), placed.max(0).tolist()
        fill = (*color[:3], 60 if tool != "complete" else 18)
        if tool != "ellipse":
            dpg.draw_rectangle(low, high, color=color, fill=fill, thickness=1.5, parent=layer)
        else:
            dpg.draw_ellipse(low, high, color=color, fill=fill, thickness=1.5, segments=48, parent=layer)
    elif tool == "region":  # its pixels are in the picture already; its points are two corners of the box about them
        low, high = placed.min(0).tolist(), placed.max(0).tolist()
        dpg.draw_rectangle(low, high, color=color, thickness=width, parent=layer)
    elif len(placed) == 1:
        dpg.draw_circle(placed[0].tolist(), max(width / 2, 1.5), color=color, fill=color, parent=layer)
    else:
        if tool in _TAKES_AWAY:
            rim = {"color": CASING, "thickness": width + 3, "closed": False}
            dpg.draw_polyline(_thinned(placed).tolist(), parent=layer, **rim)
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
