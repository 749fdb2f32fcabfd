"""A small window of the viewer that lies over the panels and is as large as what is put into it."""

from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import popup_theme

CANCEL = "Cancel"


class SmallWindow:
    """Open until it is closed, here or by its cross; ``widgets`` are those in it, by name."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._window: int | str | None = None
        self.widgets: dict[str, int | str] = {}

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self._window is not None

    def close(self) -> bool:
        """Close it; False where it is not open."""
        if self._window is None:
            return False
        dpg.delete_item(self._window)
        self._window = None
        self.widgets.clear()
        return True

    def _open_window(self, title: str, **look: Any) -> None:
        self._window = dpg.add_window(label=title, autosize=True, no_collapse=True, no_saved_settings=True, **look)
        dpg.bind_item_theme(self._window, popup_theme(self._app.colors))

    @property
    def _crossed(self) -> bool:
        """Whether it is open, but was closed by its cross."""
        return self._window is not None and not dpg.is_item_shown(self._window)
