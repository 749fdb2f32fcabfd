"""Which panel the keyboard has been given to. It belongs to the panel under the pointer until F6 hands it on."""

from collections.abc import Callable, Mapping

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.panel_layout import OUT_OF_SIGHT, Slot
from graingraph.app.rendering.geometry import Box

ROUND: tuple[Slot, ...] = ("canvas", "right", "bottom", "left", "viewer")
"""The order in which F6 goes through the panels."""
OF_WIDGETS = frozenset(("Left", "Right", "Up", "Down", "Tab", "Shift+Tab", "Space", "Enter"))
"""The keys by which Dear ImGui goes from widget to widget of a panel and presses them."""


class KeyFocus:
    """Draws a line around the panel that has the keyboard; a mouse button takes it away again."""

    def __init__(
        self, app: AppContext, windows: Mapping[Slot, int | str], boxes: Callable[[], Mapping[Slot, Box]]
    ) -> None:
        self._app, self._windows, self._boxes = app, windows, boxes
        self.slot: Slot | None = None
        self.in_picture = False
        """Whether the keys are for the picture of the viewer, not for its widgets."""
        self._layer = dpg.add_viewport_drawlist(front=True)
        self._drawn: tuple[object, ...] = ()

    @property
    def among_widgets(self) -> bool:
        """Whether the keys go from widget to widget; on the canvas they go from node to node."""
        return self.slot not in (None, "canvas") and not self.in_picture

    def step(self, by: int) -> None:
        """Give the keyboard to the next panel in sight (1), or to the one before (-1)."""
        there = [slot for slot in ROUND if self._boxes()[slot] != OUT_OF_SIGHT]
        here = there.index(self.slot) if self.slot in there else -1 if by > 0 else 0
        self.give(there[(here + by) % len(there)])

    def give(self, slot: Slot, widget: int | str | None = None) -> None:
        """Give the keyboard to a panel, and to one of its widgets."""
        self.slot, self.in_picture = slot, False
        dpg.focus_item(self._windows[slot] if widget is None else widget)

    def to_picture(self) -> None:
        """Give the keyboard to the picture, to point and draw there; again: to the canvas."""
        if self.in_picture:
            self.give("canvas")
            return
        self.give("viewer")
        self.in_picture = True
        self._app.point_by_keys()

    def key(self, name: str) -> bool:
        """Take a key; True if it is for the widgets of a panel. Escape goes back to the canvas."""
        if not self.among_widgets:
            return False
        if name == "Escape" and not self._app.typing and self._boxes()["canvas"] != OUT_OF_SIGHT:
            self.give("canvas")
            return True
        return name in OF_WIDGETS

    def refresh(self, *, covered: bool) -> None:
        """Bring the line in step; there is none while something lies over the panels."""
        if any(dpg.is_mouse_button_clicked(button) for button in range(3)):
            self.slot, self.in_picture = None, False
        box = self._boxes()[self.slot] if self.slot and not covered else OUT_OF_SIGHT
        look = (box, self._app.colors)
        if look != self._drawn:
            self._drawn = look
            dpg.delete_item(self._layer, children_only=True)
            if box != OUT_OF_SIGHT:
                edge = box.grown(-1)
                line = 2 * self._app.ui_scale
                corners = (edge.left, edge.top), (edge.right, edge.bottom)
                color = self._app.colors.accent
                dpg.draw_rectangle(*corners, color=color, thickness=line, fill=(0, 0, 0, 0), parent=self._layer)
