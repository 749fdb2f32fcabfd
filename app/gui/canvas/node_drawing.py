"""Drawing one node: header, pins, thumbnail, state, in the node's own coordinates (its corner is 0, 0)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import dearpygui.dearpygui as dpg

from graingraph.app.document.status import NodeStatus, State
from graingraph.app.gui.base.text import LINE, TextWidth, clipped, fitted
from graingraph.app.gui.base.theme import Color, Colors
from graingraph.app.gui.canvas.boxes import FOOTER, HEADER, ROW, NodeBox, Spot
from graingraph.app.rendering.geometry import Box, Point
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.recipe.parts import WireEnd
from graingraph.engine.values.registry import declared

MUTED = "{node} (muted)"
MEAN = "mean "
"""What is left out before a number where there is little room."""
STATES: dict[State, str] = {
    "not computed": "",
    "unknown": "unknown",
    "muted": "muted",
    "fresh": "fresh",
    "cached on disk": "cached on disk",
    "running": "running",
    "stale": "stale",
    "failed": "failed",
    "needs review": "needs review",
    "needs training": "needs training",
}

NAMES_FROM_ZOOM, DETAIL_FROM_ZOOM = 0.28, 0.5
"""Below the first only coloured boxes are drawn, below the second no pin names and footers (zoom per UI scale)."""

READABLE, SMALLEST = 11.0, 5.8
"""Height of words that are read with ease, and of the smallest that can be, in pixels at UI scale 1."""
PIN_NAME = 12.5
"""Height of pin names, canvas units; larger from afar, as far as their row has room."""
SHEET = 5.0
"""How far the sheet behind a group stands out, canvas units."""


@dataclass(frozen=True)
class Look:
    """Everything that decides how a node is drawn, but not where: it is drawn anew when this changes."""

    title: str
    category: str
    pins: tuple[tuple[Spot, Point], ...]
    size: tuple[float, float]
    muted: bool
    placeholder: bool
    selected: bool
    viewed: bool
    status: NodeStatus
    zoom: float
    ui_scale: float
    dimmed: frozenset[WireEnd] = frozenset()
    change: str = ""
    """What it is beside the recipe that this one is compared with: "new", "changed", or neither."""
    button: str = ""
    """What the button of a node that runs only on request says."""
    kind: Literal["node", "group", "border"] = "node"
    """A group lies on a second sheet; what stands for the outside of an open group has no state."""


def draw_node(parent: int, look: Look, box: NodeBox, colors: Colors, texture: int | None, width_of: TextWidth) -> None:
    """Draw a node into a draw node of its own."""
    width, height = look.size
    level = look.zoom / look.ui_scale
    faded = 110 if look.muted or look.kind == "border" else 255
    header = (*colors.categories.get(look.category, colors.faint)[:3], faded)
    rounding = 6 * look.zoom
    border, thickness = _border(look, colors)
    if look.kind == "group":
        _draw_second_sheet(parent, look, colors)
    if level < NAMES_FROM_ZOOM:
        dpg.draw_rectangle((0, 0), (width, height), fill=header, color=border, thickness=thickness, parent=parent)
        _draw_state_mark(parent, look, colors)
        _draw_name_from_afar(parent, look, colors, width_of)
        return
    dpg.draw_rectangle(
        (0, 0), (width, height), fill=(*colors.node[:3], faded), color=(0, 0, 0, 0), rounding=rounding, parent=parent
    )
    size, lines = _title(look, box, level, width_of)
    head = max(HEADER, LINE * size * len(lines) + 4)
    dpg.draw_rectangle((0, 0), (width, head), fill=header, color=(0, 0, 0, 0), rounding=rounding, parent=parent)
    dpg.draw_rectangle((0, HEADER / 2), (width, head), fill=header, color=(0, 0, 0, 0), parent=parent)
    _draw_lines(parent, lines, (9.0, (head - LINE * size * len(lines)) / 2), size, colors.header_text, look.zoom)
    if box.thumbnail and texture is not None:
        _draw_thumbnail(parent, box, texture)
    if box.button and look.button:
        _draw_button(parent, look, _from_corner(box, box.button), colors, width_of)
    if level >= DETAIL_FROM_ZOOM:
        _draw_pin_names(parent, look, colors, width_of)
        if look.kind != "border":
            _draw_footer(parent, look, colors, width_of)
    else:
        _draw_state_mark(parent, look, colors)
        _draw_headline_from_afar(parent, look, box, colors, width_of)
    dpg.draw_rectangle(
        (0, 0), (width, height), color=border, thickness=thickness, rounding=rounding, fill=(0, 0, 0, 0), parent=parent
    )
    for spot, at in look.pins:
        draw_pin(parent, spot, at, look.zoom, colors, dimmed=spot.end in look.dimmed)


def _title(look: Look, box: NodeBox, level: float, width_of: TextWidth) -> tuple[float, list[str]]:
    """The size and the lines of the title: in the header; from afar, where no number needs the room, below as well."""
    title = MUTED.format(node=look.title) if look.muted else f"{look.title} ?" if look.placeholder else look.title
    high, wanted = HEADER - 2, max(14.5, READABLE / level)
    if level < DETAIL_FROM_ZOOM and not look.status.headline:
        high = (box.thumbnail.top - box.box.top if box.thumbnail else look.size[1] - 12) - 4
    return fitted(title, (look.size[0] - 16, high), (min(wanted, HEADER - 2), SMALLEST / level), width_of)


def _draw_lines(
    parent: int, lines: Sequence[str], corner: tuple[float, float], size: float, color: Color, zoom: float
) -> None:
    for row, line in enumerate(lines):
        dpg.draw_text((corner[0], corner[1] + row * LINE * size), line, size=size * zoom, color=color, parent=parent)


def draw_pin(parent: int, spot: Spot, at: Point, zoom: float, colors: Colors, *, dimmed: bool) -> None:
    """Draw a pin, coloured and shaped by its value type: hollow while nothing is wired to it."""
    kind = declared(spot.kinds[0])
    color = colors.of_pin(kind.pin, 60 if dimmed else 255)
    fill = color if spot.wired else colors.node
    x, y, r = at.x, at.y, 5.5
    line = 1.6 * zoom
    if kind.shape == "circle":
        dpg.draw_circle((x, y), r * zoom, color=color, fill=fill, thickness=line, parent=parent)
    elif kind.shape == "square":
        dpg.draw_rectangle((x - r, y - r), (x + r, y + r), color=color, fill=fill, thickness=line, parent=parent)
    elif kind.shape == "diamond":
        r += 1.2
        four = ((x, y - r), (x + r, y), (x, y + r), (x - r, y))
        dpg.draw_quad(*four, color=color, fill=fill, thickness=line, parent=parent)
    else:
        three = ((x - r, y - r), (x + r + 1, y), (x - r, y + r))
        dpg.draw_triangle(*three, color=color, fill=fill, thickness=line, parent=parent)
    if spot.pin.gathers:
        dpg.draw_line((x - 10, y - r), (x - 10, y + r), color=color, thickness=2 * zoom, parent=parent)


def _draw_second_sheet(parent: int, look: Look, colors: Colors) -> None:
    """The edge of a sheet behind the node: it stands for several."""
    width, height = look.size
    corners = ((SHEET, SHEET), (width + SHEET, height + SHEET))
    dpg.draw_rectangle(
        *corners, fill=colors.node, color=colors.node_border, rounding=6 * look.zoom, thickness=look.zoom, parent=parent
    )


def _border(look: Look, colors: Colors) -> tuple[Color, float]:
    line = max(1.0, look.zoom)
    if look.selected:
        return colors.accent, 2.2 * max(look.ui_scale, look.zoom)
    if look.change:
        return colors.states["fresh" if look.change == "new" else "running"], 3.5 * line
    if look.status.state == "failed":
        return colors.states["failed"], 2 * line
    if look.viewed:
        return colors.text, 1.6 * line
    return colors.node_border, line


def _draw_state_mark(parent: int, look: Look, colors: Colors) -> None:
    if look.status.state != "not computed":
        width, height = look.size
        color = colors.states[look.status.state]
        dpg.draw_rectangle((0, height - 12), (width, height), fill=color, color=(0, 0, 0, 0), parent=parent)


def _draw_name_from_afar(parent: int, look: Look, colors: Colors, width_of: TextWidth) -> None:
    """The title at a size that can be read whatever the zoom; smaller before it is cut."""
    width, height = look.size
    pixel = look.ui_scale / look.zoom
    if 3 * SMALLEST * pixel <= width:
        sizes = 9.5 * pixel, SMALLEST / look.zoom
        size, lines = fitted(look.title, (0.93 * width, height - 14), sizes, width_of)
        _draw_lines(parent, lines, (0.05 * width, 2), size, colors.header_text, look.zoom)


def _draw_headline_from_afar(parent: int, look: Look, box: NodeBox, colors: Colors, width_of: TextWidth) -> None:
    """The number that a node is there for, at a size that can be read; without details that there is no room for."""
    width, height = look.size
    size = READABLE * look.ui_scale / look.zoom
    free = (box.thumbnail.top - box.box.top if box.thumbnail else height - 12) - HEADER
    if not look.status.headline or free < size:
        return
    plain = re.sub(r"\s*\(.*\)$", "", look.status.headline)
    choices = (look.status.headline, plain, plain.removeprefix(MEAN))
    said = next((words for words in choices if width_of(words, size) <= width - 18), choices[-1])
    _text(parent, (16, HEADER + (free - 1.2 * size) / 2), said, size, width - 18, colors.text, look.zoom, width_of)


def _from_corner(box: NodeBox, part: Box) -> Box:
    left, top = box.box.left, box.box.top
    return Box(part.left - left, part.top - top, part.right - left, part.bottom - top)


def _draw_button(parent: int, look: Look, at: Box, colors: Colors, width_of: TextWidth) -> None:
    """The button, with its word at a size that can be read while there is room."""
    dpg.draw_rectangle(
        (at.left, at.top),
        (at.right, at.bottom),
        fill=colors.accent,
        color=(0, 0, 0, 0),
        rounding=4 * look.zoom,
        parent=parent,
    )
    size = min(max(13.0, READABLE * look.ui_scale / look.zoom), at.height - 4)
    left = at.left + (at.width - width_of(look.button, size)) / 2
    corner = (left, at.top + (at.height - LINE * size) / 2)
    _text(parent, corner, look.button, size, at.width, colors.on_accent, look.zoom, width_of)


def _draw_thumbnail(parent: int, box: NodeBox, texture: int) -> None:
    if box.thumbnail is None:
        return
    left, top = box.box.left, box.box.top
    wide, high = box.thumbnail.width, box.thumbnail.height - 4
    shape = dpg.get_item_configuration(texture)
    scale = min(wide / shape["width"], high / shape["height"])
    w, h = shape["width"] * scale, shape["height"] * scale
    x = box.thumbnail.left - left + (wide - w) / 2
    y = box.thumbnail.top - top + (high - h) / 2
    dpg.draw_image(texture, (x, y), (x + w, y + h), parent=parent)


def _draw_pin_names(parent: int, look: Look, colors: Colors, width_of: TextWidth) -> None:
    size = pin_name_size(look.zoom / look.ui_scale)
    rooms = pin_name_rooms(look, size, width_of)
    for (spot, at), room in zip(look.pins, rooms, strict=True):
        dimmed = spot.end in look.dimmed
        color = (*colors.faint[:3], 90) if dimmed else colors.faint if spot.pin.optional else colors.text
        name = clipped(spot.label, room, size, width_of)
        x = at.x - 11 - width_of(name, size) if spot.is_output else at.x + 11
        _text(parent, (x, at.y - 0.64 * size), name, size, room, color, look.zoom, width_of)


def pin_name_size(level: float) -> float:
    """The size of pin names in a node, canvas units, at a zoom per UI scale."""
    return min(max(PIN_NAME, 9.5 / level), ROW - 3)


def pin_name_rooms(look: Look, size: float, width_of: TextWidth) -> list[float]:
    """The width that the name of each pin of a node has: its row, shared with the pin on the other side."""
    whole = look.size[0] - 30
    wide = {(at.y, spot.is_output): width_of(spot.label, size) for spot, at in look.pins}
    other = [wide.get((at.y, not spot.is_output), 0.0) for spot, at in look.pins]
    return [max(whole - beside, whole / 2) if beside else whole for beside in other]


def _draw_footer(parent: int, look: Look, colors: Colors, width_of: TextWidth) -> None:
    width, height = look.size
    status = look.status
    color = colors.states[status.state]
    y = height - FOOTER / 2
    dpg.draw_circle((12, y), 4 * look.zoom, color=color, fill=color, parent=parent)
    if status.progress is not None:
        end = 8 + (width - 16) * min(max(status.progress, 0.0), 1.0)
        dpg.draw_rectangle((8, height - 5), (end, height - 2), fill=color, color=(0, 0, 0, 0), parent=parent)
    timing = "" if status.seconds is None else seconds_text(status.seconds)
    taken = width_of(timing, 11.5)
    if timing:
        _text(parent, (width - 8 - taken, y - 7), timing, 11.5, taken + 2, colors.faint, look.zoom, width_of)
    said = status.headline or STATES[status.state]
    _text(parent, (22, y - 7), said, 11.5, width - 36 - taken, colors.text, look.zoom, width_of)


def _text(
    parent: int,
    at: tuple[float, float],
    text: str,
    size: float,
    room: float,
    color: Color,
    zoom: float,
    width_of: TextWidth,
) -> None:
    if text:
        dpg.draw_text(at, clipped(text, room, size, width_of), size=size * zoom, color=color, parent=parent)
