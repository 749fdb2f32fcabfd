"""What is drawn over (and frames: behind) the nodes: the drag in progress, a refusal, the empty canvas's hint."""

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.text import TextWidth, clipped, fitted
from graingraph.app.gui.base.theme import Color, Colors, rgb
from graingraph.app.gui.canvas.boxes import FRAME_GRIP, frame_box
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.gestures import BoxSelect, DragWire, Knife
from graingraph.app.gui.canvas.node_drawing import READABLE, SMALLEST
from graingraph.app.gui.canvas.pin_names import draw_pin_names, named_node
from graingraph.app.rendering.geometry import Point, wire_curve
from graingraph.engine.recipe.parts import Frame
from graingraph.engine.values.registry import declared

NOTE_SIZE, NOTE_LINE = 13.0, 1.25
EMPTY_HINT = "Double-click here, or press Tab, to add the first node."


def draw_overlay(parent: int, canvas: Canvas, tip: str, colors: Colors, width_of: TextWidth) -> None:
    """Draw the drag in progress and what is said about it, in pixels of the panel."""
    drag = canvas.gesture
    if isinstance(drag, BoxSelect) and drag.end:
        corners = [canvas.viewpoint.to_screen(p) for p in ((drag.box.left, drag.box.top), drag.box[2:])]
        fill = (*colors.accent[:3], 40)
        dpg.draw_rectangle(*corners, color=colors.accent, fill=fill, parent=parent)
    if isinstance(drag, Knife) and len(drag.path) > 1:
        points = [list(canvas.viewpoint.to_screen(point)) for point in drag.path]
        dpg.draw_polyline(points, color=colors.states["failed"], thickness=2 * canvas.ui_scale, parent=parent)
    if isinstance(drag, DragWire) and drag.moved:
        _draw_dragged_wire(parent, canvas, drag, colors)
    draw_pin_names(parent, canvas, named_node(canvas), colors, width_of)
    _draw_breadcrumb(parent, canvas, colors, width_of)
    reason = canvas.complaint or (drag.reason if isinstance(drag, DragWire) else None)
    if reason:
        draw_label(parent, canvas, reason, colors, width_of, color=colors.states["failed"])
    elif tip:
        draw_label(parent, canvas, tip, colors, width_of, color=colors.border)
    if not canvas.session.recipe.steps and not drag:
        size = 15 * canvas.ui_scale
        at = Point(canvas.size[0] / 2 - width_of(EMPTY_HINT, size) / 2, canvas.size[1] / 2 - size)
        dpg.draw_text(at, EMPTY_HINT, size=size, color=colors.faint, parent=parent)


def _draw_breadcrumb(parent: int, canvas: Canvas, colors: Colors, width_of: TextWidth) -> None:
    """The way back out of the group that is open; its last part is where one is."""
    size, crumbs = 13 * canvas.ui_scale, canvas.breadcrumb
    for crumb in crumbs:
        box, last = crumb.box, crumb is crumbs[-1]
        hovered = box.holds(canvas.pointer) and not last
        dpg.draw_rectangle(
            (box.left, box.top),
            (box.right, box.bottom),
            fill=colors.popup,
            color=colors.accent if hovered else colors.border,
            rounding=4,
            parent=parent,
        )
        title = clipped(crumb.title, box.width - 6, size, width_of)
        at = (box.left + (box.width - width_of(title, size)) / 2, box.top + (box.height - 1.2 * size) / 2)
        color = colors.text if last or hovered else colors.faint
        dpg.draw_text(at, title, size=size, color=color, parent=parent)
        if not last:
            middle, x = box.top + box.height / 2, box.right + 6 * canvas.ui_scale
            reach = 4 * canvas.ui_scale
            points = [[x, middle - reach], [x + reach, middle], [x, middle + reach]]
            dpg.draw_polyline(points, color=colors.faint, thickness=1.6 * canvas.ui_scale, parent=parent)


def draw_label(parent: int, canvas: Canvas, text: str, colors: Colors, width_of: TextWidth, *, color: Color) -> None:
    """Draw a few lines of text beside the pointer, kept inside the panel."""
    scale = canvas.ui_scale
    size, pad, line = 13 * scale, 6 * scale, 17 * scale
    lines = _wrapped(text, 70)
    width = max(width_of(row, size) for row in lines) + 2 * pad
    height = len(lines) * line + 2 * pad
    x = max(0.0, min(canvas.pointer.x + 14 * scale, canvas.size[0] - width))
    y = canvas.pointer.y + 16 * scale
    if y + height > canvas.size[1]:
        y = max(0.0, canvas.pointer.y - height - 6 * scale)
    dpg.draw_rectangle((x, y), (x + width, y + height), fill=colors.popup, color=color, rounding=4, parent=parent)
    for row, words in enumerate(lines):
        at = (x + pad, y + pad + row * line)
        dpg.draw_text(at, words, size=size, color=colors.text, parent=parent)


def draw_frame(
    parent: int, frame: Frame, zoom: float, ui_scale: float, colors: Colors, width_of: TextWidth, *, hovered: bool
) -> None:
    """Draw a frame or a note, in canvas units; its words grow when seen from afar, as far as there is room."""
    box = frame_box(frame)
    color = rgb(frame.color)
    fill = (*color[:3], 70 if frame.kind == "note" else 34)
    border = colors.accent if hovered else (*color[:3], 200)
    corners = ((box.left, box.top), (box.right, box.bottom))
    dpg.draw_rectangle(*corners, fill=fill, color=border, rounding=6 * zoom, parent=parent)
    if frame.kind == "note":
        size, lines = _note_lines(frame, READABLE * ui_scale / zoom)
    else:
        size = min(max(15.0, READABLE * ui_scale / zoom), 2 * FRAME_GRIP - 4)
        smallest = min(SMALLEST * ui_scale / zoom, size)
        size, lines = fitted(frame.text, (frame.width - 16, 2 * FRAME_GRIP), (size, smallest), width_of)
    for row, line in enumerate(lines):
        at = (box.left + 8, box.top + 6 + row * size * NOTE_LINE)
        dpg.draw_text(at, line, size=size * zoom, color=colors.text, parent=parent)
    grip = FRAME_GRIP * 0.7
    ends = ((box.right - grip, box.bottom - 2), (box.right - 2, box.bottom - grip))
    dpg.draw_line(*ends, color=border, thickness=max(1.0, 1.5 * zoom), parent=parent)


def _note_lines(frame: Frame, wanted: float) -> tuple[float, list[str]]:
    """The size of a note's words and its lines: as near to the wanted size as all of it can be shown."""
    size = max(wanted, NOTE_SIZE)
    while True:
        lines = _wrapped(frame.text, max(4, int((frame.width - 16) / (size * 0.57))))
        room = max(1, int((frame.height - 12) / (size * NOTE_LINE)))
        if len(lines) <= room or size <= NOTE_SIZE:
            return size, lines[:room]
        size = max(NOTE_SIZE, size * 0.93)


def _draw_dragged_wire(parent: int, canvas: Canvas, drag: DragWire, colors: Colors) -> None:
    spot = canvas.scene.spots.get(drag.end)
    if spot is None:
        return
    over = drag.over.at if drag.over and not drag.reason else drag.at or drag.start
    fixed, loose = canvas.viewpoint.to_screen(spot.at), canvas.viewpoint.to_screen(over)
    curve = wire_curve(fixed, loose) if drag.end.is_output else wire_curve(loose, fixed)
    color = colors.states["failed"] if drag.reason else colors.of_pin(declared(spot.kinds[0]).pin)
    dpg.draw_bezier_cubic(*curve, color=color, thickness=2.4 * canvas.ui_scale, segments=24, parent=parent)


def _wrapped(text: str, columns: int) -> list[str]:
    import textwrap

    return [line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, columns) or [""]]
