"""Rows of lists and tables that can be chosen, in the same height everywhere."""

from functools import cache

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.theme import FONT_SIZE, FRAME_PADDING, Color

ROW_HEIGHT = FONT_SIZE + 2 * FRAME_PADDING[1]
"""Height of a row at UI scale 1, in pixels: that of a button, as the texts in the other cells of a row stand in one."""


@cache
def row_theme() -> int | str:
    """A theme that puts the words of a selectable row at the height of the words in its other cells."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvSelectable):
        dpg.add_theme_style(dpg.mvStyleVar_SelectableTextAlign, 0, 0.5)
    return theme


@cache
def shown_row_theme(color: Color) -> int | str:
    """The same for the row of what is shown: its words in another colour."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvSelectable):
        dpg.add_theme_style(dpg.mvStyleVar_SelectableTextAlign, 0, 0.5)
        dpg.add_theme_color(dpg.mvThemeCol_Text, color)
    return theme
