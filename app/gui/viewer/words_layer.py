"""What is written and drawn over the pictures: read-out, scale bar, histogram, legend, the line being measured."""

from collections.abc import Sequence
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.text import clipped, wrapped
from graingraph.app.gui.base.theme import FONT_SIZE, Color
from graingraph.app.gui.viewer.viewpoint import Viewpoint
from graingraph.app.rendering.appearance import Legend
from graingraph.app.rendering.geometry import Box
from graingraph.app.rendering.palettes import VIRIDIS

BACK = (0, 0, 0, 170)
WHITE = (255, 255, 255, 255)
YELLOW = (255, 214, 10, 255)


@dataclass(frozen=True)
class Words:
    """All that is said over the pictures.

    ``readout`` is what lies under the pointer, ``above`` why there is no picture or what is to be known of it, ``bar``
    the scale bar (its length in px, its words), set off in the ``accent`` colour where it is pointed at, ``measured``
    the length of the line being drawn. ``corners`` name the pictures where there are two, the second beginning at the
    column ``second_left`` if they are side by side.
    """

    readout: str
    above: str
    bar: tuple[float, str] | None
    accent: Color | None
    measured: str
    histogram: tuple[tuple[float, ...], str] | None
    legend: Legend | None
    corners: tuple[str, str]
    second_left: int


class WordsLayer:
    """The topmost layer of the viewer's draw list. Positions are pixels of the panel, from its top left corner."""

    def __init__(self, drawlist: int | str, ui_scale: float) -> None:
        self._drawlist = drawlist
        self._layer = dpg.add_draw_layer(parent=drawlist)
        self._font, self._scale = round(FONT_SIZE * ui_scale), ui_scale
        self._shown: object = None
        self.bar_box: Box | None = None
        """Where the scale bar is, in panel pixels."""

    def show(self, viewpoint: Viewpoint, words: Words) -> None:
        """Draw what is said, where it is something else than before."""
        shown = (viewpoint.size, viewpoint.line, viewpoint.view, viewpoint.compare, viewpoint.wipe, words)
        if shown == self._shown:
            return
        self._shown = shown
        dpg.delete_item(self._layer, children_only=True)
        width, height = viewpoint.size
        self._say_above(words.above, width)
        self.bar_box = self._scale_bar(*words.bar, width, height, words.accent) if words.bar else None
        below = self._in_lines(words.readout, width)
        self._say_below(below, height)
        if words.histogram:
            self._histogram(*words.histogram, width)
        if words.legend:
            self._legend(words.legend, height - 8 - self._line * (2 + len(below)))
        if viewpoint.compare == "wipe":
            self._wipe_line(viewpoint.wipe * width, height)
        if any(words.corners):
            self._title_both(*words.corners, words.second_left)
        if viewpoint.line and words.measured:
            self._measured_line(viewpoint, words.measured)

    @property
    def _line(self) -> int:
        """The height of a line of text."""
        return self._font + 4

    def _title_both(self, first: str, second: str, second_left: float) -> None:
        """Name two pictures that are beside each other, or the halves of one, each in its part of the panel."""
        whole = dpg.get_item_width(self._drawlist) or 0
        border = second_left or whole / 2
        first, second = (
            clipped(words, room - 16, 1.0, lambda text, _: self._width(text))
            for words, room in ((first, border), (second, whole - border))
        )
        self._text((8, 8), first)
        self._text((second_left + 8 if second_left else whole - 8 - self._width(second), 8), second)

    def _say_below(self, lines: Sequence[str], height: int) -> None:
        """The read-out at the foot, above the scale bar where there is no room beside it."""
        bar, wide = self.bar_box, max(map(self._width, lines), default=0.0)
        foot = round(bar.top) if bar and wide + 16 > bar.left else height - 8
        for place, line in enumerate(lines):
            self._text((8, foot - self._line * (len(lines) - place)), line)

    def _in_lines(self, words: str, width: int) -> list[str]:
        return wrapped(words, width - 24 * self._scale, 1.0, lambda text, _: self._width(text))

    def _wipe_line(self, x: float, height: int) -> None:
        dpg.draw_line((x, 0), (x, height), color=YELLOW, thickness=2, parent=self._layer)
        dpg.draw_circle((x, height / 2), 7 * self._scale, color=WHITE, fill=YELLOW, parent=self._layer)

    def _measured_line(self, viewpoint: Viewpoint, words: str) -> None:
        assert viewpoint.line
        start, end = (viewpoint.view.to_panel(point) for point in viewpoint.line)
        dpg.draw_line(start, end, color=YELLOW, thickness=2, parent=self._layer)
        for point in (start, end):
            dpg.draw_circle(point, 3, color=YELLOW, fill=YELLOW, parent=self._layer)
        self._text((end.x + 10, end.y - self._line), words)

    def _say_above(self, words: str, width: int) -> None:
        """Say in as many lines as it takes why there is no picture, or what is to be known of it."""
        margin = 12 * self._scale
        for i, line in enumerate(self._in_lines(words, width)):
            self._text((margin, margin + i * (self._line)), line)

    def write(self, at: tuple[float, float], words: str, layer: int | str) -> None:
        """Write words at a panel pixel, in a layer; at one that is out of sight, nothing."""
        width, height = dpg.get_item_width(self._drawlist) or 0, dpg.get_item_height(self._drawlist) or 0
        if 0 <= at[0] <= width and 0 <= at[1] <= height:
            self._text((at[0], min(at[1], height - self._font - 5)), words, layer)

    def _text(self, at: tuple[float, float], words: str, layer: int | str | None = None) -> None:
        layer = layer or self._layer
        words = clipped(words, dpg.get_item_width(self._drawlist) - 10, 1.0, lambda text, _: self._width(text))
        x = max(4.0, min(at[0], dpg.get_item_width(self._drawlist) - self._width(words) - 6))
        y = max(2.0, at[1])
        end = (x + self._width(words) + 4, y + self._font + 3)
        dpg.draw_rectangle((x - 4, y - 1), end, color=(0, 0, 0, 0), fill=BACK, rounding=3, parent=layer)
        dpg.draw_text((x, y), words, size=self._font, color=WHITE, parent=layer)

    def _width(self, words: str) -> float:
        size = dpg.get_text_size(words)
        return float(size[0]) if size else 0.55 * self._font * len(words)

    def _scale_bar(self, length: float, words: str, width: int, height: int, accent: Color | None) -> Box:
        """A bar of a length with its words, and its box; one of no length is words alone, which ask to be clicked."""
        pad, right, bottom = 8 * self._scale, width - 6, height - 12 * self._scale
        wide = max(length, self._width(words))
        middle = right - pad - wide / 2
        box = Box(right - wide - 2 * pad, bottom - self._font - 10, right, height - 4)
        edge = accent or ((0, 0, 0, 0) if length else YELLOW)
        dpg.draw_rectangle(box[:2], box[2:], color=edge, fill=BACK, rounding=3, thickness=1.5, parent=self._layer)
        if length:
            ends = ((middle - length / 2, bottom), (middle + length / 2, bottom))
            dpg.draw_line(*ends, color=WHITE, thickness=3 * self._scale, parent=self._layer)
        at = (middle - self._width(words) / 2, bottom - self._font - (6 if length else 2))
        dpg.draw_text(at, words, size=self._font, color=WHITE, parent=self._layer)
        return box

    def _histogram(self, heights: tuple[float, ...], words: str, width: int) -> None:
        wide, high = 200 * self._scale, 70 * self._scale
        left, top = width - wide - 8, 34 * self._scale
        box = ((left - 4, top - 4), (left + wide + 4, top + high + self._font + 6))
        dpg.draw_rectangle(*box, color=(0, 0, 0, 0), fill=BACK, rounding=3, parent=self._layer)
        step = wide / max(len(heights), 1)
        points = [(left, top + high)]
        for i, value in enumerate(heights):
            y = top + high * (1 - value)
            points += [(left + i * step, y), (left + (i + 1) * step, y)]
        dpg.draw_polyline([*points, (left + wide, top + high)], color=WHITE, parent=self._layer)
        dpg.draw_text((left, top + high + 2), words, size=self._font, color=WHITE, parent=self._layer)

    def _legend(self, legend: Legend, bottom: float) -> None:
        title, low, high = legend
        wide, step = 140 * self._scale, 140 * self._scale / len(VIRIDIS)
        top = bottom - self._font - 22 * self._scale
        dpg.draw_rectangle(
            (4, top - self._font - 6),
            (16 + max(wide, self._width(title)), top + 14 * self._scale + self._font),
            color=(0, 0, 0, 0),
            fill=BACK,
            rounding=3,
            parent=self._layer,
        )
        dpg.draw_text((10, top - self._font - 3), title, size=self._font, color=WHITE, parent=self._layer)
        for i, color in enumerate(VIRIDIS):
            corners = ((10 + i * step, top), (10 + (i + 1) * step + 0.5, top + 10 * self._scale))
            dpg.draw_rectangle(*corners, color=(0, 0, 0, 0), fill=(*color, 255), parent=self._layer)
        y = top + 11 * self._scale
        dpg.draw_text((10, y), low, size=self._font, color=WHITE, parent=self._layer)
        at = (10 + wide - self._width(high), y)
        dpg.draw_text(at, high, size=self._font, color=WHITE, parent=self._layer)
