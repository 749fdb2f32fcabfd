"""What a result says of itself and the remarks on it in one line: as much as fits, and all of it when pointed at."""

from collections.abc import Sequence

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.text import at_most, cut, text_width
from graingraph.app.gui.base.theme import Color

GAP, MARGIN, LEAST_REMARKS, WIDE = 8, 10, 64, 420
"""Between the two, beside the border of the window, and the least width of the remarks; the last is that of what is
shown when pointed at. At UI scale 1, in pixels."""
MOST = 12
"""So many remarks are shown when pointed at: a screen is not full of them."""


class Headline:
    """A line at the end of a row that reaches to the right edge of the window. The headline comes first."""

    def __init__(self, ui_scale: float) -> None:
        self._scale = ui_scale
        self._words = self._remarks = ""
        self._fitted: tuple[object, ...] = ()
        self._lines, self._whole = [0, 0], [0, 0]
        for place in range(2):
            self._lines[place] = dpg.add_text("")
            with dpg.tooltip(self._lines[place]):
                self._whole[place] = dpg.add_text("", wrap=round(WIDE * ui_scale))

    def show(self, words: str, remarks: Sequence[str], color: Color) -> None:
        """Show these, the remarks in their colour."""
        self._words, self._remarks = words, " ".join(remarks)
        dpg.set_value(self._whole[0], words)
        dpg.set_value(self._whole[1], "\n".join(at_most(remarks, MOST)))
        dpg.configure_item(self._lines[1], show=bool(remarks), color=color)

    def refresh(self) -> None:
        """Shorten the line to the room there is."""
        left = dpg.get_item_rect_min(self._lines[0])[0]
        room = dpg.get_viewport_client_width() - left - MARGIN * self._scale
        if (self._words, self._remarks, room) == self._fitted:
            return
        self._fitted = (self._words, self._remarks, room)
        gap = GAP * self._scale if self._remarks else 0
        wanted = text_width(self._remarks)
        of_remarks = max(min(wanted, room - gap - text_width(self._words)), min(wanted, LEAST_REMARKS * self._scale))
        words = cut(self._words, room - gap - of_remarks)
        dpg.set_value(self._lines[0], words)
        dpg.set_value(self._lines[1], cut(self._remarks, room - gap - text_width(words)))
