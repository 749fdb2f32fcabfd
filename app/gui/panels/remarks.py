"""The remarks on a result in one line: as much as fits, and all of them when pointed at."""

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.text import cut
from graingraph.app.gui.base.theme import Color


class Remarks:
    """A line at the end of a row that reaches to the right edge of the window."""

    def __init__(self, ui_scale: float) -> None:
        self._scale = ui_scale
        self._text = ""
        self._fitted: tuple[object, ...] = ()
        self._line = dpg.add_text("", show=False)
        with dpg.tooltip(self._line):
            self._all = dpg.add_text("", wrap=round(420 * ui_scale))

    def show(self, remarks: Sequence[str], color: Color) -> None:
        """Show these; none hides the line."""
        self._text = " ".join(remarks)
        dpg.set_value(self._all, "\n".join(remarks))
        dpg.configure_item(self._line, show=bool(remarks), color=color)

    def refresh(self) -> None:
        """Shorten the line to the room there is."""
        left = dpg.get_item_rect_min(self._line)[0] if self._text else 0
        room = dpg.get_viewport_client_width() - left - 10 * self._scale
        if (self._text, room) != self._fitted:
            self._fitted = (self._text, room)
            dpg.set_value(self._line, cut(self._text, room))
