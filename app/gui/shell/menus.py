"""The menu bar: every action, and the recipes that were open last."""

from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document import examples
from graingraph.app.gui.shell import actions
from graingraph.app.gui.shell.application import Application
from graingraph.engine.images.image_set import printable

OPEN_RECENT, EXAMPLES = "Open recent", "Examples"
UNDO, REDO = "Undo {edit}", "Redo {edit}"


class Menus:
    """Made from the declared actions; Undo and Redo say what they would undo and redo."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._items: dict[actions.Action, int | str] = {}
        self._ticked = {one: one.ticked for one in actions.ACTIONS if one.menu and one.ticked is not None}
        self._recent: int | str = 0
        self._recent_shown: object = None
        self._locked = False
        with dpg.viewport_menu_bar():
            for name in dict.fromkeys(action.menu for action in actions.ACTIONS if action.menu):
                with dpg.menu(label=name):
                    for action in (action for action in actions.ACTIONS if action.menu == name):
                        self._add(action)

    def refresh(self) -> None:
        """Bring the words in step with the session."""
        session = self._app.session
        for action, label, edit in ((actions.UNDO, UNDO, session.undo_label), (actions.REDO, REDO, session.redo_label)):
            wanted = label.format(edit=edit) if edit else action.label
            if dpg.get_item_label(self._items[action]) != wanted:
                dpg.configure_item(self._items[action], label=wanted, enabled=bool(edit))
        if session.recipe.locked != self._locked:
            self._locked = session.recipe.locked
            for action in (action for action in self._items if action.edits):
                dpg.configure_item(self._items[action], enabled=not self._locked)
        for action, ticked in self._ticked.items():
            if dpg.get_value(self._items[action]) != ticked(self._app):
                dpg.set_value(self._items[action], ticked(self._app))
        if session.path != self._recent_shown:
            self._recent_shown = session.path
            self._list_recent()

    def _add(self, action: actions.Action) -> None:
        if action.apart:
            dpg.add_separator()
        self._items[action] = dpg.add_menu_item(
            label=action.label,
            shortcut=action.keys.split(" ")[0],
            check=action.ticked is not None,
            callback=lambda: action.run(self._app),
        )
        if action is actions.OPEN:
            self._recent = dpg.add_menu(label=OPEN_RECENT)
            self._list_recent()
            with dpg.menu(label=EXAMPLES):
                for title in examples.EXAMPLES:
                    dpg.add_menu_item(label=title, user_data=title, callback=self._open_example)

    def _open_example(self, sender: int, value: object, title: str) -> None:
        self._app.attempt(lambda: self._app.open_example(title))

    def _list_recent(self) -> None:
        recent = self._app.session.recent
        paths = recent.paths if recent else []
        dpg.delete_item(self._recent, children_only=True)
        dpg.configure_item(self._recent, enabled=bool(paths))
        for path in paths:
            dpg.add_menu_item(
                label=printable(f"{path.name}    {path.parent}"),
                user_data=path,
                callback=self._open,
                parent=self._recent,
            )

    def _open(self, sender: int, value: object, path: Path) -> None:
        self._app.attempt(lambda: self._app.open(path))
