"""The menu of a right click: the actions for what is under the pointer."""

from collections.abc import Mapping

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import Target
from graingraph.app.gui.base.pointer import pointer
from graingraph.app.gui.base.theme import popup_theme
from graingraph.app.gui.canvas.model import Hit
from graingraph.app.gui.shell import actions
from graingraph.app.gui.shell.application import Application

_TARGETS: Mapping[str, Target] = {
    "empty": "canvas",
    "input": "node",
    "output": "node",
    "node": "node",
    "wire": "wire",
    "reroute": "reroute",
    "frame": "frame",
    "frame corner": "frame",
}
"""What a kind of ``Hit`` on the canvas is to a person."""


class ContextMenu:
    """Made anew from the declared actions for every right click.

    On the canvas it follows what that asks for; for the panels the window opens it.
    """

    def __init__(self, app: Application) -> None:
        self._app = app
        self._hit: Hit | None = None
        self.items: dict[str, int | str] = {}
        self._window = dpg.add_window(
            popup=True, show=False, autosize=True, no_move=True, no_saved_settings=True, min_size=(1, 1)
        )

    @property
    def is_open(self) -> bool:
        """Whether the menu is shown."""
        return bool(dpg.is_item_shown(self._window))

    def refresh(self) -> None:
        """Open as the canvas asks, and tell it when the menu was closed."""
        canvas = self._app.canvas
        if self.is_open:
            self._keep_inside()
        if canvas.menu is not self._hit:
            self._hit = canvas.menu
            if self._hit:
                self.open(_TARGETS[self._hit.kind])
        elif self._hit and not self.is_open:
            self._hit = canvas.menu = None

    def open(self, target: Target) -> None:
        """Open at the pointer."""
        dpg.delete_item(self._window, children_only=True)
        self.items.clear()
        locked = self._app.session.recipe.locked
        group = ""
        for action in (action for action in actions.ACTIONS if target in action.targets):
            if group not in ("", action.menu):
                dpg.add_separator(parent=self._window)
            group = action.menu
            with dpg.group(parent=self._window) as self.items[action.label]:  # an entry itself tells no box
                dpg.add_menu_item(
                    label=action.label,
                    shortcut=action.keys.split(" ")[0],
                    enabled=not (action.edits and locked),
                    user_data=action,
                    callback=self._run,
                )
        dpg.bind_item_theme(self._window, popup_theme(self._app.colors))
        here = pointer()
        dpg.configure_item(self._window, show=True, pos=(round(here.x), round(here.y)))

    def _keep_inside(self) -> None:
        """Move the menu so far that all of it can be seen."""
        x, y = dpg.get_item_pos(self._window)
        width, height = dpg.get_item_rect_size(self._window)
        most = dpg.get_viewport_client_width() - width, dpg.get_viewport_client_height() - height
        if x > most[0] or y > most[1]:
            dpg.set_item_pos(self._window, [max(0, min(x, most[0])), max(0, min(y, most[1]))])

    def _run(self, sender: int, value: object, action: actions.Action) -> None:
        action.run(self._app)
