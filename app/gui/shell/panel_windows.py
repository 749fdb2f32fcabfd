"""The windows that the panels are built in: where they lie, and the borders between them that can be dragged."""

from typing import get_args

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.panel_layout import OUT_OF_SIGHT, Grip, Slot
from graingraph.app.gui.base.pointer import pointer
from graingraph.app.gui.shell.application import Application
from graingraph.app.rendering.geometry import Box, Point

MENU_HEIGHT, STATUS_HEIGHT = 24, 32


class PanelWindows:
    """A window for each panel's ``slots`` and one for the ``status`` line, laid out as the person has them."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self.slots: dict[Slot, int | str] = {slot: _window() for slot in get_args(Slot)}
        self.status = _window()
        dpg.configure_item(self.status, no_scrollbar=True)
        dpg.configure_item(self.slots["canvas"], no_scrollbar=True, no_scroll_with_mouse=True)
        self._grip: Grip | None = None
        self._placed: tuple[object, ...] = ()

    @property
    def area(self) -> Box:
        """The part of the window for panels: below the menu, above the status line, in pixels."""
        scale = self._app.ui_scale
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        return Box(0, round(MENU_HEIGHT * scale), width, height - round(STATUS_HEIGHT * scale))

    @property
    def boxes(self) -> dict[Slot, Box]:
        """The box of each panel, in pixels of the window."""
        return self._app.layout.boxes(self.area, self._app.ui_scale)

    @property
    def dragged(self) -> bool:
        """Whether a border is being dragged."""
        return self._grip is not None

    def slot_at(self, place: Point) -> Slot | None:
        """Which panel lies at a pixel of the window."""
        return next((slot for slot, box in self.boxes.items() if box.holds(place)), None)

    def place(self) -> None:
        """Put every panel where the layout has it."""
        area = self.area
        if (area, self._app.layout) == self._placed:
            return
        self._placed = (area, self._app.layout)
        boxes: dict[int | str, Box] = {self.slots[slot]: box for slot, box in self.boxes.items()}
        boxes[self.status] = Box(0, area.bottom, area.right, area.bottom + STATUS_HEIGHT * self._app.ui_scale)
        for window, box in boxes.items():
            place = [round(box.left), round(box.top)]
            dpg.configure_item(window, pos=place, width=round(box.width), height=round(box.height))
        canvas = self.boxes["canvas"]
        if canvas != OUT_OF_SIGHT:
            self._app.canvas.resize((canvas.width, canvas.height))

    def drag_border(self, *, covered: bool) -> None:
        """Follow the mouse with the border that it holds; it takes none that is ``covered`` by something open."""
        here = pointer()
        if not dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._grip = None
        elif self._grip:
            self._app.layout = self._app.layout.dragged(self._grip, here, self.area)
        elif dpg.is_mouse_button_clicked(dpg.mvMouseButton_Left) and not covered:
            self._grip = self._app.layout.grip_at(here, self.area, self._app.ui_scale)


def _window() -> int | str:
    return dpg.add_window(
        no_title_bar=True,
        no_move=True,
        no_resize=True,
        no_collapse=True,
        no_bring_to_front_on_focus=True,
        min_size=(1, 1),
        no_saved_settings=True,
    )
