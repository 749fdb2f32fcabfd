"""The viewer's draw list: one static texture of the panel's size, swapped when the picture changes."""

import cv2
import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.theme import Color
from graingraph.app.gui.viewer.viewpoint import PICTURE_GAP
from graingraph.app.gui.viewer.words_layer import YELLOW, WordsLayer
from graingraph.app.rendering.geometry import Box, Point


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
        self.words = WordsLayer(self.drawlist, ui_scale)
        self._texture: int | str | None = None
        self._second: int | str | None = None
        self._cursor: Point | None = None

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
