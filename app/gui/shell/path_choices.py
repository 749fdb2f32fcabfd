"""The files and folders that are offered below the field of a dialog that asks for a path."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document.typed_path import typed_path
from graingraph.app.gui.base.context import AppContext, Lookup
from graingraph.engine.images.files import ZARR
from graingraph.engine.images.image_set import printable
from graingraph.engine.problem import Problem

RECENT = "recent: {name}    {folder}"
LOOKING = "Looking into the folder"

MOST_CHOICES = 150
"""A folder may hold thousands of images; typing the beginning of a name finds the others."""


@dataclass(frozen=True)
class Choice:
    """A file, or a folder that a click looks into."""

    path: Path
    is_folder: bool
    name: str


class PathChoices:
    """The ``recent`` files, then what is in the folder typed into ``field``: of files those with one of ``endings``.

    A click looks into a folder. One on a file fills the field and calls ``taken``; where ``several`` can be meant it
    takes the file into ``picked`` or out again, and calls that with their number. A thread looks into the folder.
    """

    def __init__(
        self,
        app: AppContext,
        dialog: int | str,
        field: int | str,
        height: int,
        *,
        recent: Sequence[Path],
        endings: tuple[str, ...],
        taken: Callable[[], None],
        several: Callable[[int], None] | None,
    ) -> None:
        self._app, self._field, self._recent, self._endings = app, field, recent, endings
        self._taken, self._several = taken, several
        self.picked: dict[Path, None] = {}
        self.widgets: dict[str, int | str] = {}
        self._looks = False
        self._listed: Path | None = None
        """The folder that the thread has looked into last."""
        self._inside: list[tuple[str, bool]] = []
        """What is in it: names, and whether each is a folder to look into."""
        self._list = dpg.add_child_window(parent=dialog, height=height, border=True)
        dpg.configure_item(field, callback=lambda: self._offer())
        self._show([])
        self._offer()

    def _offer(self) -> None:
        """Have it looked up what fits what is typed; what is typed meanwhile comes after that."""
        if not self._looks:
            self._looks = True
            self._app.look_up(Lookup(LOOKING, partial(self._look, dpg.get_value(self._field))))

    def _offered(self, text: str, choices: Sequence[Choice]) -> None:
        self._looks = False
        if not dpg.does_item_exist(self._list):  # the dialog was closed since
            return
        self._show(choices)
        if dpg.get_value(self._field) != text:
            self._offer()

    def _show(self, choices: Sequence[Choice]) -> None:
        dpg.delete_item(self._list, children_only=True)
        self.widgets.clear()
        for path in self._recent:
            self._add(Choice(path, False, path.name), RECENT.format(name=path.name, folder=path.parent))
        for choice in choices:
            self._add(choice, f"{choice.name}/" if choice.is_folder else choice.name)

    def _add(self, choice: Choice, words: str) -> None:
        label = printable(words)
        item = dpg.add_selectable(label=label, user_data=choice, callback=self._clicked, parent=self._list)
        self.widgets[f"choice {label}"] = item

    # in the thread -----------------------------------------------------------------------------------------------

    def _look(self, text: str) -> Callable[[], None]:
        """What is in the folder that was typed, or the beginning of what was typed; nothing where that is none."""
        choices: list[Choice] = []
        with suppress(Problem, OSError):
            typed = typed_path(text)
            folder = typed if typed.is_dir() else typed.parent
            if folder != self._listed:  # not at every letter: a folder may hold a hundred thousand files
                self._listed, self._inside = folder, self._entries(folder)
            begun = "" if folder == typed else typed.name.lower()
            fitting = [one for one in self._inside if one[0].lower().startswith(begun)] or self._inside
            first = sorted(fitting[:MOST_CHOICES], key=lambda one: (not one[1], one[0]))
            choices = [
                Choice(folder.parent, True, ".."),
                *(Choice(folder / name, is_folder, name) for name, is_folder in first),
            ]
        return partial(self._offered, text, choices)

    def _entries(self, folder: Path) -> list[tuple[str, bool]]:
        """What is offered of a folder, by name: of files only what can be meant."""
        with os.scandir(folder) as entries:
            found = [(one.name, self._looks_into(one)) for one in entries if not one.name.startswith(".")]
        wanted = (one for one in found if one[1] or one[0].lower().endswith(self._endings or ""))
        return sorted(wanted, key=lambda one: one[0].lower())

    def _looks_into(self, entry: "os.DirEntry[str]") -> bool:
        """Whether a click looks into it: a folder, if it is not taken as the image that it is."""
        return entry.is_dir() and not (ZARR in self._endings and entry.name.lower().endswith(ZARR))

    # what a click does -------------------------------------------------------------------------------------------

    def _clicked(self, sender: int, value: object, choice: Choice) -> None:
        if not dpg.does_item_exist(self._list):  # the dialog was closed since
            return
        path = choice.path
        dpg.set_value(self._field, f"{path}/" if choice.is_folder else str(path))
        if choice.is_folder:
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
