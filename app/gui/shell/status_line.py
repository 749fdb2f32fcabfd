"""The line at the foot of the window: the document and the newest message, and what panels are shown."""

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.panel_layout import Foldable
from graingraph.app.gui.base.text import cut, text_width
from graingraph.app.gui.base.theme import toggle_button
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
SPACE = "    "


class StatusLine:
    """Words on the left, the newest message last; on the right a button a panel.

    Where there is no room for all of them the message comes first; what is then cut is in full when pointed at.
    """

    def __init__(self, app: Application, parent: int | str) -> None:
        self._app = app
        self._shown: tuple[object, ...] = ()
        self.widgets: dict[str, int | str] = {}
        self._text = dpg.add_text("", parent=parent)
        with dpg.tooltip(self._text):
            self._all = dpg.add_text("", wrap=round(560 * app.ui_scale))
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
        taken = dpg.get_item_rect_size(self._group)[0]
        shown = (document, size, said, layout.folded, layout.beside, colors, width, taken, self._app.letters)
        if shown == self._shown:
            return
        self._shown = shown
        left = width - taken - round(8 * self._app.ui_scale)
        dpg.set_item_pos(self._group, [left, round(10 * self._app.ui_scale)])
        room = left - 24 * self._app.ui_scale
        lines = [SPACE.join(filter(None, words)) for words in ((document, size, said), (document, said), (said,))]
        shorter = lines if said else lines[:2]
        dpg.set_value(self._text, cut(next((line for line in shorter if text_width(line) <= room), shorter[-1]), room))
        dpg.set_value(self._all, lines[0])
        for place in PLACES:
            dpg.bind_item_theme(self.widgets[f"show {place}"], toggle_button(colors, on=place not in layout.folded))
        dpg.configure_item(self.widgets["beside"], label=CANVAS_BESIDE if layout.beside else CANVAS_BELOW)
        dpg.bind_item_theme(self.widgets["beside"], toggle_button(colors, on=False))

    def _toggle(self, sender: int, value: object, place: Foldable) -> None:
        self._app.layout = self._app.layout.toggled(place)

    def _turn(self) -> None:
        self._app.layout = self._app.layout.turned()
