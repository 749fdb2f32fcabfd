"""The line at the foot of the window: the document and the newest message, and what panels are shown."""

import time

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.icons import labelled
from graingraph.app.gui.base.panel_layout import Foldable
from graingraph.app.gui.base.text import cut, text_width
from graingraph.app.gui.base.theme import FONT_SIZE, FRAME_PADDING, toggle_button
from graingraph.app.gui.shell.application import Application

PLACES: dict[Foldable, tuple[str, str]] = {
    "left": ("Images", "Show the images, or fold them away"),
    "canvas": ("Canvas", "Show or fold away the canvas with the recipe"),
    "bottom": ("Results", "Show results, batch, training and messages, or fold them away"),
    "right": ("Settings", "Show the settings of the selected node, or fold them away"),
}
"""The button of each place, and what it does."""
CANVAS_BESIDE, CANVAS_BELOW = "Canvas beside", "Canvas below"
WHERE_CANVAS_IS = "Where the canvas is: below the picture or beside it (Ctrl+5)"
STOP = "Stop"
STOP_COMPUTING = "Stop computing (Esc over the picture or the canvas, Ctrl+Period)"

SPACE, MARGIN = "    ", 8
SLOW_S = 0.3
"""Computing is offered to be stopped once it has taken so long, so that nothing flickers."""


class StatusLine:
    """Words on the left, the newest message last; on the right a button a panel, before them one to stop computing.

    Where there is no room for all of them the message comes first; what is then cut is in full when pointed at.
    """

    def __init__(self, app: Application, parent: int | str) -> None:
        self._app, self._parent = app, parent
        self._shown: tuple[object, ...] = ()
        self._busy_since: float | None = None
        self.widgets: dict[str, int | str] = {}
        self._text = dpg.add_text("", parent=parent)
        with dpg.tooltip(self._text):
            self._all = dpg.add_text("", wrap=round(560 * app.ui_scale))
        self.widgets["stop"] = dpg.add_button(
            label=labelled("stop", STOP), small=True, show=False, parent=parent, callback=lambda: app.live.cancel()
        )
        with dpg.tooltip(self.widgets["stop"]):
            dpg.add_text(STOP_COMPUTING)
        with dpg.group(horizontal=True, parent=parent) as self._group:
            for place, (label, does) in PLACES.items():
                button = dpg.add_button(label=label, small=True, user_data=place, callback=self._toggle)
                self.widgets[f"show {place}"] = button
                with dpg.tooltip(button):
                    dpg.add_text(does)
            self.widgets["beside"] = dpg.add_button(small=True, callback=self._turn)
            with dpg.tooltip(self.widgets["beside"]):
                dpg.add_text(WHERE_CANVAS_IS)

    def refresh(self, document: str, size: str, said: str) -> None:
        """Show what is open and how large it is, the newest message, and what is folded."""
        layout, colors = self._app.layout, self._app.colors
        width = dpg.get_viewport_client_width()
        taken, high = dpg.get_item_rect_size(self._group)
        shown = (document, size, said, layout.folded, layout.beside, colors, width, taken, self._app.letters)
        stop, slow = self.widgets["stop"], self._is_slow()
        stop_wide = dpg.get_item_rect_size(stop)[0] if slow else 0
        if (*shown, slow, stop_wide) == self._shown:
            return
        self._shown = (*shown, slow, stop_wide)
        dpg.configure_item(stop, show=slow)
        margin = round(MARGIN * self._app.ui_scale)
        left, height = width - taken - margin, dpg.get_item_height(self._parent) or 0
        dpg.set_item_pos(self._group, [left, round((height - high) / 2)])
        if slow:
            left -= stop_wide + margin
            dpg.set_item_pos(stop, [left, round((height - high) / 2)])
        raised = FRAME_PADDING[1] * self._app.ui_scale  # a text is put so far lower, beside widgets with a frame
        dpg.set_item_pos(self._text, [margin, round((height - FONT_SIZE * self._app.ui_scale) / 2 - raised)])
        room = left - 24 * self._app.ui_scale
        lines = [SPACE.join(filter(None, words)) for words in ((document, size, said), (document, said), (said,))]
        shorter = lines if said else lines[:2]
        dpg.set_value(self._text, cut(next((line for line in shorter if text_width(line) <= room), shorter[-1]), room))
        dpg.set_value(self._all, lines[0])
        for place in PLACES:
            dpg.bind_item_theme(self.widgets[f"show {place}"], toggle_button(colors, on=place not in layout.folded))
        dpg.configure_item(self.widgets["beside"], label=CANVAS_BESIDE if layout.beside else CANVAS_BELOW)
        dpg.bind_item_theme(self.widgets["beside"], toggle_button(colors, on=False))

    def _is_slow(self) -> bool:
        """Whether something has been computed for a while."""
        now = time.monotonic()
        self._busy_since = (self._busy_since or now) if self._app.live.busy else None
        return self._busy_since is not None and now - self._busy_since > SLOW_S

    def _toggle(self, sender: int, value: object, place: Foldable) -> None:
        self._app.layout = self._app.layout.toggled(place)

    def _turn(self) -> None:
        self._app.layout = self._app.layout.turned()
