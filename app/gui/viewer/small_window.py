"""A small window of the viewer that lies over the panels and is as large as what is put into it."""

from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import popup_theme
from graingraph.app.rendering.geometry import Box, Point

CANCEL = "Cancel"


MARGIN = 8
"""Between it and the border of the picture, at UI scale 1, in pixels."""


def place_beside(picture: Box, size: tuple[float, float], window: tuple[float, float], margin: float) -> Point:
    """Where a small window of this size leaves most of the picture in sight, in a window of another size.

    In the right upper corner of the picture where it covers no more than half of each side, else below it, or on its
    right, or on its left; in the corner again where it fits in nowhere.
    """
    width, height = size
    corner = Point(max(picture.left, picture.right - width - margin), picture.top + margin)
    if width <= picture.width / 2 and height <= picture.height / 2:
        return corner
    left = min(max(picture.left, 0), window[0] - width)
    around = (
        Point(left, picture.bottom + margin),
        Point(picture.right + margin, picture.top),
        Point(picture.left - margin - width, picture.top),
    )
    fits = (at for at in around if at.x >= 0 and at.x + width <= window[0] and at.y + height <= window[1])
    return next(fits, corner)


class SmallWindow:
    """Open until it is closed, here or by its cross; ``widgets`` are those in it, by name."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._window: int | str | None = None
        self._size: tuple[float, ...] = ()
        self._placed = False
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
        self._size, self._placed = (), False

    def _place(self, picture: Box, *, grows: float = 0) -> None:
        """Put it beside the picture once it has its size, to which some height may come; then it can be moved."""
        size = tuple(dpg.get_item_rect_size(self._window or 0))
        if size == self._size and not self._placed and size[0]:
            self._placed = True
            scale, whole = self._app.ui_scale, (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
            at = place_beside(picture, (size[0], size[1] + grows * scale), whole, MARGIN * scale)
            dpg.set_item_pos(self._window or 0, list(at))
        self._size = size

    @property
    def _crossed(self) -> bool:
        """Whether it is open, but was closed by its cross."""
        return self._window is not None and not dpg.is_item_shown(self._window)
