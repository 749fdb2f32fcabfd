"""The images of the tray: click one to look at it; add by path."""

from pathlib import Path

import dearpygui.dearpygui as dpg

from app.desk import Desk


class Tray:
    """The list of images that the recipe runs on."""

    title = "Images"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shown: tuple[object, ...] = ()
        self._list: int | str = 0

    def build(self, parent: int | str) -> None:
        """Make the button and the list."""
        dpg.add_button(label="Add images…", parent=parent, width=-1, callback=self._ask)
        self._list = dpg.add_group(parent=parent)

    def refresh(self) -> None:
        """Show the images of the session."""
        session = self._desk.session
        shown = (session.images, session.image)
        if shown == self._shown:
            return
        self._shown = shown
        dpg.delete_item(self._list, children_only=True)
        for path in session.images:
            dpg.add_selectable(
                label=path.name,
                default_value=path == session.image,
                user_data=path,
                callback=self._show,
                parent=self._list,
            )

    def _show(self, sender: int, value: object, path: Path) -> None:
        self._desk.session.show_image(path)

    def _ask(self) -> None:
        start = self._desk.session.images[0].parent if self._desk.session.images else Path.cwd()
        self._desk.ask_path("Add image or folder", start, False, lambda path: self._desk.session.add_images([path]))
