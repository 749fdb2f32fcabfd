"""The files and folders that are offered below the field of a dialog that asks for a path."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document.typed_path import typed_path
from graingraph.engine.images.files import ZARR
from graingraph.engine.images.image_set import printable
from graingraph.engine.problem import Problem

RECENT = "recent: {name}    {folder}"

MOST_CHOICES = 150
"""A folder may hold thousands of images; typing the beginning of a name finds the others."""


class PathChoices:
    """The ``recent`` files, then what is in the folder typed into ``field``: of files those with one of ``endings``.

    A click looks into a folder. One on a file fills the field and calls ``taken``; where ``several`` can be meant it
    takes the file into ``picked`` or out again, and calls that with their number.
    """

    def __init__(
        self,
        dialog: int | str,
        field: int | str,
        height: int,
        *,
        recent: Sequence[Path],
        endings: tuple[str, ...],
        taken: Callable[[], None],
        several: Callable[[int], None] | None,
    ) -> None:
        self._field, self._recent, self._endings = field, recent, endings
        self._taken, self._several = taken, several
        self.picked: dict[Path, None] = {}
        self.widgets: dict[str, int | str] = {}
        self._listed: Path | None = None
        self._inside: list[tuple[bool, str]] = []
        self._list = dpg.add_child_window(parent=dialog, height=height, border=True)
        dpg.configure_item(field, callback=lambda: self._offer())
        self._offer()

    def _offer(self) -> None:
        if not dpg.does_item_exist(self._list):  # the dialog was closed since
            return
        dpg.delete_item(self._list, children_only=True)
        self.widgets.clear()
        for path in self._recent:
            self._add(path, printable(RECENT.format(name=path.name, folder=path.parent)))
        try:
            typed = typed_path(dpg.get_value(self._field))
            folder = typed if typed.is_dir() else typed.parent
            if folder != self._listed:  # not at every letter: a folder may hold a hundred thousand files
                self._listed, self._inside = folder, self._entries(folder)
        except (Problem, OSError):
            return
        begun = "" if folder == typed else typed.name.lower()
        fitting = [(is_file, name) for is_file, name in self._inside if name.lower().startswith(begun)] or self._inside
        self._add(folder.parent, "../")
        for is_file, name in sorted(fitting[:MOST_CHOICES]):
            self._add(folder / name, printable(name) + ("" if is_file else "/"))

    def _entries(self, folder: Path) -> list[tuple[bool, str]]:
        """What is offered of a folder, by name, and whether it is a file: of files only what can be meant."""
        with os.scandir(folder) as entries:
            shown = (one for one in entries if not one.name.startswith("."))
            found = [(not (one.is_dir() and self._looks_into(one.name)), one.name) for one in shown]
        wanted = (one for one in found if not (one[0] and self._endings) or one[1].lower().endswith(self._endings))
        return sorted(wanted, key=lambda one: one[1].lower())

    def _looks_into(self, folder: str) -> bool:
        """Whether a click looks into a folder of this name, rather than taking it as the image that it is."""
        return not (ZARR in self._endings and folder.lower().endswith(ZARR))

    def _add(self, path: Path, label: str) -> None:
        item = dpg.add_selectable(label=label, user_data=path, callback=self._clicked, parent=self._list)
        self.widgets[f"choice {label}"] = item

    def _clicked(self, sender: int, value: object, path: Path) -> None:
        if not dpg.does_item_exist(self._list):  # the dialog was closed since
            return
        opens = path.is_dir() and self._looks_into(path.name)
        dpg.set_value(self._field, f"{path}/" if opens else str(path))
        if opens:
            self._offer()
        elif self._several:
            self._pick(sender, path)
            self._several(len(self.picked))
        else:
            self._taken()

    def _pick(self, sender: int, path: Path) -> None:
        if path in self.picked:
            del self.picked[path]
        else:
            self.picked[path] = None
        dpg.set_value(sender, path in self.picked)
