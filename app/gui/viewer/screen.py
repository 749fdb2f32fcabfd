"""The viewer's draw list: one static texture of the panel's size, swapped when the picture changes."""

import cv2
import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.text import clipped, wrapped
from graingraph.app.gui.base.theme import FONT_SIZE, Color
from graingraph.app.gui.viewer.viewpoint import PICTURE_GAP, Viewpoint
from graingraph.app.rendering.appearance import Legend
from graingraph.app.rendering.geometry import Box, Point
from graingraph.app.rendering.palettes import VIRIDIS

BACK = (0, 0, 0, 170)
WHITE = (255, 255, 255, 255)
YELLOW = (255, 214, 10, 255)


class Screen:
    """Draws; decides nothing. Positions are pixels of the panel, from its top left corner."""

    def __init__(self, parent: int | str, ui_scale: float) -> None:
        self.drawlist = dpg.add_drawlist(64, 64, parent=parent)
        self._registry = dpg.add_texture_registry()
        self._picture_layer = dpg.add_draw_layer(parent=self.drawlist)
        self.lines_layer = dpg.add_draw_layer(parent=self.drawlist)
        self.marks_layer = dpg.add_draw_layer(parent=self.drawlist)
        self.stroke_layer = dpg.add_draw_layer(parent=self.drawlist)
        self.merge_layer = dpg.add_draw_layer(parent=self.drawlist)
        self._second_layer = dpg.add_draw_layer(parent=self.drawlist)  # over what is drawn beyond the first picture
        self._cursor_layer = dpg.add_draw_layer(parent=self.drawlist)
        self._words_layer = dpg.add_draw_layer(parent=self.drawlist)
        self._texture: int | str | None = None
        self._second: int | str | None = None
        self._cursor: Point | None = None
        self._words: object = None
        self.bar_box: Box | None = None
        """Where the scale bar is, in panel pixels."""
        self._font = round(FONT_SIZE * ui_scale)
        self._scale = ui_scale

    @property
    def corner(self) -> Point:
        """Where the draw list begins, in pixels of the window."""
        return Point(*dpg.get_item_rect_min(self.drawlist))

    @property
    def box(self) -> Box:
        """The box of the draw list in pixels of the window."""
        return Box(*dpg.get_item_rect_min(self.drawlist), *dpg.get_item_rect_max(self.drawlist))

    def resize(self, width: int, height: int) -> None:
        """Give the draw list a size in pixels."""
        dpg.configure_item(self.drawlist, width=width, height=height)

    def show_picture(self, picture: np.ndarray | None, size: tuple[int, int]) -> None:
        """Swap in another picture, uint8 (height, width, 3), stretched to ``size``; None for none."""
        dpg.delete_item(self._picture_layer, children_only=True)
        old, self._texture = self._texture, None
        if picture is not None:
            self._texture = self._texture_of(picture)
            dpg.draw_image(self._texture, (0, 0), size, parent=self._picture_layer)
        if old is not None:
            dpg.delete_item(old)

    def show_second(self, picture: np.ndarray | None, left: int, size: tuple[int, int], ground: Color) -> None:
        """Swap in another second picture from the column ``left`` on, of ``size``; None for none."""
        dpg.delete_item(self._second_layer, children_only=True)
        old, self._second = self._second, None
        if left:
            corners = ((left - PICTURE_GAP, 0), (left + size[0], size[1]))
            dpg.draw_rectangle(*corners, color=(0, 0, 0, 0), fill=ground, parent=self._second_layer)
        if picture is not None:
            self._second = self._texture_of(picture)
            dpg.draw_image(self._second, (left, 0), (left + size[0], size[1]), parent=self._second_layer)
        if old is not None:
            dpg.delete_item(old)

    def show_cursor(self, at: Point | None) -> None:
        """Mark where the pointer is in the other picture."""
        if at == self._cursor:
            return
        self._cursor = at
        dpg.delete_item(self._cursor_layer, children_only=True)
        if at is not None:
            for dx, dy in ((7, 0), (0, 7)):
                ends = (at.moved(-dx, -dy), at.moved(dx, dy))
                dpg.draw_line(*ends, color=(0, 0, 0, 200), thickness=3, parent=self._cursor_layer)
                dpg.draw_line(*ends, color=YELLOW, thickness=1, parent=self._cursor_layer)

    def _texture_of(self, picture: np.ndarray) -> int | str:
        height, width = picture.shape[:2]
        data = np.multiply(cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA), np.float32(1 / 255), dtype=np.float32)
        return dpg.add_static_texture(width, height, data.ravel(), parent=self._registry)

    def show_words(
        self,
        viewpoint: Viewpoint,
        lines: tuple[str, ...],
        above: str,
        bar: tuple[float, str] | None,
        measured: str,
        histogram: tuple[tuple[float, ...], str] | None,
        corners: tuple[str, str],
        legend: Legend | None,
        accent: Color | None,
        second_left: int,
    ) -> None:
        """Draw the read-out, the scale bar (length in px, words), the line being measured, and what is said ``above``.

        ``corners`` name the pictures where there are two, the second beginning at the column ``second_left`` if they
        are side by side. The scale bar is set off in the ``accent`` colour where it is pointed at.
        """
        shown = (viewpoint.size, viewpoint.line, viewpoint.view, viewpoint.compare, viewpoint.wipe)
        state = (shown, lines, above, bar, measured, histogram, corners, legend, accent, second_left)
        if state == self._words:
            return
        self._words = state
        dpg.delete_item(self._words_layer, children_only=True)
        width, height = viewpoint.size
        line_height = self._font + 4
        self._say_above(above, width)
        self.bar_box = None
        if bar:
            self._scale_bar(bar, width, height, accent)
        foot = height - 8
        if self.bar_box and any(self._width(line) + 16 > self.bar_box.left for line in lines):
            foot = round(self.bar_box.top)  # no room beside the scale bar
        for i, line in enumerate(reversed([line for line in lines if line])):
            self._text((8, foot - (i + 1) * line_height), line)
        if histogram:
            self._histogram(*histogram, width)
        if legend:
            self._legend(legend, height - 8 - line_height * (2 + len([line for line in lines if line])))
        if viewpoint.compare == "wipe":
            x = viewpoint.wipe * width
            dpg.draw_line((x, 0), (x, height), color=YELLOW, thickness=2, parent=self._words_layer)
            dpg.draw_circle((x, height / 2), 7 * self._scale, color=WHITE, fill=YELLOW, parent=self._words_layer)
        if any(corners):
            self._text((8, 8), corners[0])
            self._text((second_left + 8 if second_left else width - 8 - self._width(corners[1]), 8), corners[1])
        if viewpoint.line and measured:
            start, end = (viewpoint.view.to_panel(point) for point in viewpoint.line)
            dpg.draw_line(start, end, color=YELLOW, thickness=2, parent=self._words_layer)
            for point in (start, end):
                dpg.draw_circle(point, 3, color=YELLOW, fill=YELLOW, parent=self._words_layer)
            self._text((end.x + 10, end.y - line_height), measured)

    def _say_above(self, words: str, width: int) -> None:
        """Say in as many lines as it takes why there is no picture, or what is to be known of it."""
        margin = 12 * self._scale
        for i, line in enumerate(wrapped(words, width - 2 * margin, 1.0, lambda text, _: self._width(text))):
            self._text((margin, margin + i * (self._font + 4)), line)

    def write(self, at: tuple[float, float], words: str, layer: int | str) -> None:
        """Write words at a panel pixel, in a layer; at one that is out of sight, nothing."""
        width, height = dpg.get_item_width(self.drawlist) or 0, dpg.get_item_height(self.drawlist) or 0
        if 0 <= at[0] <= width and 0 <= at[1] <= height:
            self._text((at[0], min(at[1], height - self._font - 5)), words, layer)

    def _text(self, at: tuple[float, float], words: str, layer: int | str | None = None) -> None:
        layer = layer or self._words_layer
        words = clipped(words, dpg.get_item_width(self.drawlist) - 10, 1.0, lambda text, _: self._width(text))
        x = max(4.0, min(at[0], dpg.get_item_width(self.drawlist) - self._width(words) - 6))
        y = max(2.0, at[1])
        end = (x + self._width(words) + 4, y + self._font + 3)
        dpg.draw_rectangle((x - 4, y - 1), end, color=(0, 0, 0, 0), fill=BACK, rounding=3, parent=layer)
        dpg.draw_text((x, y), words, size=self._font, color=WHITE, parent=layer)

    def _width(self, words: str) -> float:
        size = dpg.get_text_size(words)
        return float(size[0]) if size else 0.55 * self._font * len(words)

    def _scale_bar(self, bar: tuple[float, str], width: int, height: int, accent: Color | None) -> None:
        """A bar of a length with its words; one of no length is words alone, which ask to be clicked."""
        length, words = bar
        left, bottom = width - 14 * self._scale - length, height - 12 * self._scale
        wide = max(length, self._width(words))
        corner = (width - 14 * self._scale - wide - 6, bottom - self._font - 10)
        self.bar_box = Box(*corner, width - 6, height - 4)
        edge = accent or ((0, 0, 0, 0) if length else YELLOW)
        dpg.draw_rectangle(
            corner, (width - 6, height - 4), color=edge, fill=BACK, rounding=3, thickness=1.5, parent=self._words_layer
        )
        thick = 3 * self._scale
        if length:
            ends = ((left, bottom), (left + length, bottom))
            dpg.draw_line(*ends, color=WHITE, thickness=thick, parent=self._words_layer)
        at = (left + length / 2 - self._width(words) / 2, bottom - self._font - 6)
        at = (min(max(at[0], corner[0] + 3), width - 10 - self._width(words)), at[1] + (0 if length else 4))
        dpg.draw_text(at, words, size=self._font, color=WHITE, parent=self._words_layer)

    def _histogram(self, heights: tuple[float, ...], words: str, width: int) -> None:
        wide, high = 200 * self._scale, 70 * self._scale
        left, top = width - wide - 8, 34 * self._scale
        box = ((left - 4, top - 4), (left + wide + 4, top + high + self._font + 6))
        dpg.draw_rectangle(*box, color=(0, 0, 0, 0), fill=BACK, rounding=3, parent=self._words_layer)
        step = wide / max(len(heights), 1)
        points = [(left, top + high)]
        for i, value in enumerate(heights):
            y = top + high * (1 - value)
            points += [(left + i * step, y), (left + (i + 1) * step, y)]
        dpg.draw_polyline([*points, (left + wide, top + high)], color=WHITE, parent=self._words_layer)
        dpg.draw_text((left, top + high + 2), words, size=self._font, color=WHITE, parent=self._words_layer)

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
            parent=self._words_layer,
        )
        dpg.draw_text((10, top - self._font - 3), title, size=self._font, color=WHITE, parent=self._words_layer)
        for i, color in enumerate(VIRIDIS):
            corners = ((10 + i * step, top), (10 + (i + 1) * step + 0.5, top + 10 * self._scale))
            dpg.draw_rectangle(*corners, color=(0, 0, 0, 0), fill=(*color, 255), parent=self._words_layer)
        y = top + 11 * self._scale
        dpg.draw_text((10, y), low, size=self._font, color=WHITE, parent=self._words_layer)
        at = (10 + wide - self._width(high), y)
        dpg.draw_text(at, high, size=self._font, color=WHITE, parent=self._words_layer)
