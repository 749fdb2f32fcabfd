"""The menu of a right click: the actions for what is under the pointer."""

from collections.abc import Callable, Mapping

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import Target
from graingraph.app.gui.base.pointer import pointer
from graingraph.app.gui.base.theme import popup_theme
from graingraph.app.gui.canvas.scene import Hit
from graingraph.app.gui.shell import actions
from graingraph.app.gui.shell.application import Application
from graingraph.app.rendering.geometry import Box, Point

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

    def __init__(self, app: Application, canvas_corner: Callable[[], Point]) -> None:
        self._app, self._canvas_corner = app, canvas_corner
        self._hit: Hit | None = None
        self._items: dict[str, int | str] = {}
        self.ticked: list[str] = []
        """The entries that are on."""
        self._window = dpg.add_window(
            popup=True, show=False, autosize=True, no_move=True, no_saved_settings=True, min_size=(1, 1)
        )

    @property
    def is_open(self) -> bool:
        """Whether the menu is shown."""
        return bool(dpg.is_item_shown(self._window))

    @property
    def boxes(self) -> dict[str, Box]:
        """Where each entry lies, in pixels; none in the first frames, in which the menu finds its size."""
        if not self.is_open:
            return {}
        corner, (width, height) = Point(*dpg.get_item_pos(self._window)), dpg.get_item_rect_size(self._window)
        line, boxes = dpg.get_text_size("M")[1], {}
        for label, item in self._items.items():
            left, top = dpg.get_item_pos(item)
            if 0 < top < height - line:
                boxes[label] = Box(corner.x + left, corner.y + top, corner.x + width - left, corner.y + top + line)
        return boxes

    def refresh(self) -> None:
        """Open as the canvas asks, and tell it when the menu was closed."""
        canvas = self._app.canvas
        if self.is_open:
            self._keep_inside()
        if canvas.menu is not self._hit:
            self._hit = canvas.menu
            if self._hit:
                corner = self._canvas_corner()
                at = canvas.viewpoint.to_screen(canvas.menu_at).moved(*corner)
                self.open(*self._targets_of(self._hit), at=at)
        elif self._hit and not self.is_open:
            self._hit = canvas.menu = None

    def _targets_of(self, hit: Hit) -> list[Target]:
        """What something on the canvas is to a person; a group is a node as well, and so is a member of one."""
        canvas, found = self._app.canvas, [_TARGETS[hit.kind]]
        if canvas.selected & canvas.session.recipe.layout.groups.keys() and found == ["node"]:
            found.append("group")
        if canvas.group and found[0] == "node":
            found += ["member"] if hit.kind == "node" else ["member", "pin of a member"]
        if canvas.group and found[0] == "canvas":
            found.append("open group")
        return found

    def open(self, *targets: Target, at: Point | None = None) -> None:
        """Open with what can be done with something, at a pixel of the window; at the pointer if not given."""
        self._empty()
        group = ""
        for action in (action for action in actions.ACTIONS if {*targets} & {*action.targets}):
            if group not in ("", action.menu):
                dpg.add_separator(parent=self._window)
            group = action.menu
            self._add(action, self._window)
        self._show(at or pointer())

    def open_all(self, at: Point) -> None:
        """Open with all menus, each below its name: the menu bar cannot be reached by keys."""
        self._empty()
        for name in dict.fromkeys(action.menu for action in actions.ACTIONS if action.menu):
            menu = self._items[name] = dpg.add_menu(label=name, parent=self._window)
            for action in (action for action in actions.ACTIONS if action.menu == name):
                if action.apart:
                    dpg.add_separator(parent=menu)
                self._add(action, menu)
        self._show(at)

    def _empty(self) -> None:
        dpg.delete_item(self._window, children_only=True)
        self._items.clear()
        self.ticked.clear()

    def _add(self, action: actions.Action, parent: int | str) -> None:
        ticked = action.ticked is not None and action.ticked(self._app)
        entry = dpg.add_menu_item(
            label=action.label,
            shortcut=action.keys.split(" ")[0],
            enabled=not (action.edits and self._app.session.recipe.locked),
            check=action.ticked is not None,
            default_value=ticked,
            user_data=action,
            callback=self._run,
            parent=parent,
        )
        if ticked:
            self.ticked.append(action.label)
        if parent == self._window:
            self._items[action.label] = entry

    def _show(self, at: Point) -> None:
        dpg.bind_item_theme(self._window, popup_theme(self._app.colors))
        dpg.configure_item(self._window, show=True, pos=(round(at.x), round(at.y)))

    def _keep_inside(self) -> None:
        """Move the menu so far that all of it can be seen."""
        x, y = dpg.get_item_pos(self._window)
        width, height = dpg.get_item_rect_size(self._window)
        most = dpg.get_viewport_client_width() - width, dpg.get_viewport_client_height() - height
        if x > most[0] or y > most[1]:
            dpg.set_item_pos(self._window, [max(0, min(x, most[0])), max(0, min(y, most[1]))])

    def _run(self, sender: int, value: object, action: actions.Action) -> None:
        action.run(self._app)
