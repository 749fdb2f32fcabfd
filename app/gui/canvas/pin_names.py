"""The names of the pins of the node under the pointer, beside it, where the zoom is too small to read them inside."""

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.text import TextWidth
from graingraph.app.gui.base.theme import Colors
from graingraph.app.gui.canvas.boxes import Spot
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.gestures import DragWire
from graingraph.app.gui.canvas.node_drawing import PIN_NAME, READABLE
from graingraph.app.rendering.geometry import Point, Viewpoint
from graingraph.engine.values.registry import declared

SIZE, LINE_HEIGHT, AWAY = 12.0, 16.0, 14.0
"""Of the names, their lines, and how far they are from their pins: pixels at UI scale 1."""


def named_node(canvas: Canvas) -> str:
    """The node whose pins are to be named beside it; empty for none."""
    if canvas.viewpoint.zoom / canvas.ui_scale * PIN_NAME >= READABLE or canvas.palette:
        return ""
    if isinstance(canvas.gesture, DragWire):
        return canvas.gesture.over.node if canvas.gesture.over else ""
    return "" if canvas.gesture else canvas.scene.box_of(canvas.hover)


def draw_pin_names(parent: int, canvas: Canvas, node: str, colors: Colors, width_of: TextWidth) -> None:
    """Draw them, in pixels of the panel: inputs left of the node, outputs right of it."""
    box = canvas.scene.boxes.get(node)
    if box:
        _draw_side(parent, canvas, box.inputs, colors, width_of)
        _draw_side(parent, canvas, box.outputs, colors, width_of)


def label_places(spots: Sequence[Spot], viewpoint: Viewpoint, line: float, height: float) -> list[float]:
    """The heights of the middles of the labels (pixels): each at its pin, moved apart, all inside the panel."""
    pins = [viewpoint.to_screen(spot.at).y for spot in spots]
    if not pins:
        return []
    pitch = max(line, (pins[-1] - pins[0]) / max(1, len(pins) - 1))
    top = (pins[0] + pins[-1]) / 2 - pitch * (len(pins) - 1) / 2
    top = max(line / 2, min(top, height - line / 2 - pitch * (len(pins) - 1)))
    return [top + pitch * row for row in range(len(pins))]


def _draw_side(parent: int, canvas: Canvas, spots: Sequence[Spot], colors: Colors, width_of: TextWidth) -> None:
    scale, viewpoint = canvas.ui_scale, canvas.viewpoint
    size, line, away = SIZE * scale, LINE_HEIGHT * scale, AWAY * scale
    for spot, y in zip(spots, label_places(spots, viewpoint, line, canvas.size[1]), strict=True):
        pin, name = viewpoint.to_screen(spot.at), spot.label
        width = width_of(name, size) + 8 * scale
        left = pin.x + away if spot.is_output else pin.x - away - width
        left = max(0.0, min(left, canvas.size[0] - width))
        color = colors.of_pin(declared(spot.kinds[0]).pin)
        edge = Point(left if spot.is_output else left + width, y)
        dpg.draw_line(pin, edge, color=color, thickness=scale, parent=parent)
        corners = (left, y - line / 2), (left + width, y + line / 2)
        dpg.draw_rectangle(*corners, fill=colors.popup, color=color, rounding=3, parent=parent)
        dpg.draw_text((left + 4 * scale, y - 0.62 * size), name, size=size, color=colors.text, parent=parent)
