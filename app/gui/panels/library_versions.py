"""What is chosen in the library: its versions, what changed from each to the next, and what can be done with them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document.groups import as_group
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.nouns import DIFFERENCE
from graingraph.app.gui.panels.library_signing import SIGN, Signing
from graingraph.app.gui.panels.library_work import LibraryWork
from graingraph.app.library.shelf import Shelf
from graingraph.app.library.user_library import fetched
from graingraph.app.library.versions import Version
from graingraph.engine.evaluation.workspace import MODELS, with_all_beside
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

OPEN = "Open"
RUN_AS_OPERATOR = "Run as operator"
ADD = "Add"
WHAT_ADD_DOES = "Add it to the recipe that is open, as one group"
COMPARE = "Compare"
WHAT_COMPARE_DOES = "Mark on the canvas what is new (green) or changed (yellow) beside it; again: end"
WHAT_SIGN_DOES = "Review or release it with your key"
OPENING = "Opening…"
ADDING = "Adding…"
COMPARING = "Comparing…"
OPENED = "{recipe} of {day} by {author} is open, as a copy."
DIFFERENCES = "{differences} to the version of {day}."
DIFFERENCES_LISTED = "{differences} to the version of {day}: {listed}."

MOST_SAID = 4
"""So many differences are said of those to a version."""


class LibraryVersions:
    """The newest first. ``signed`` hears of what the library holds after a signature, and of the name that has it."""

    def __init__(
        self,
        app: AppContext,
        work: LibraryWork,
        widgets: dict[str, int | str],
        signed: Callable[[Shelf, str], None],
    ) -> None:
        self._app, self._work, self._widgets = app, work, widgets
        self._signing = Signing(app, work, widgets, signed)
        self._shown: tuple[object, ...] = ()
        self._marked: tuple[int, str] = (0, "")
        self._rows: list[FlowRow] = []
        self._list = dpg.add_child_window(border=False)

    def refresh(self, shelf: Shelf | None, chosen: str) -> None:
        """Show the versions of this name; a search or a picture does not have them compared again."""
        shown = (shelf, chosen, self._signing.version)
        if shown != self._shown:
            self._shown = shown
            dpg.delete_item(self._list, children_only=True)
            self._rows.clear()
            self._signing.clear()
            if shelf is not None:
                self._show(shelf, shelf.histories.get(chosen, []))
        for row in self._rows:
            row.refresh()
        self._signing.refresh()

    def _show(self, shelf: Shelf, history: list[Version]) -> None:
        for number, version in enumerate(reversed(history)):
            row = FlowRow(self._list, self._app.ui_scale)
            self._rows.append(row)
            if version.kind == "recipe":
                self._add_buttons(row, shelf, version, number)
            with row.part():
                dpg.add_text(f"{version.day}  {version.author}")
                dpg.add_text(version.short, color=self._app.colors.faint)
            if version.kind == "recipe" and number == 0:
                with row.part():
                    sign = dpg.add_button(label=SIGN, user_data=version.id, callback=self._signing.toggle)
                    self._widgets["sign version"] = sign
                    with dpg.tooltip(sign):
                        dpg.add_text(WHAT_SIGN_DOES)
            if version.note:
                dpg.add_text(version.note, parent=self._list, wrap=0)
            if version.id == self._signing.version:
                self._signing.build(self._list, shelf, version)
            before = history[-2 - number] if number + 1 < len(history) else None
            if before and "recipe" in version.more and "recipe" in before.more:
                place = dpg.add_group(parent=self._list)
                self._work.look_up(partial(self._look_for_changes, shelf, before, version, place))
            dpg.add_separator(parent=self._list)

    def _add_buttons(self, row: FlowRow, shelf: Shelf, version: Version, number: int) -> None:
        for name, label, tip, act in (
            ("open", OPEN, "", self._open),
            ("run", RUN_AS_OPERATOR, "", partial(self._open, as_operator=True)),
            ("add", ADD, WHAT_ADD_DOES, self._add),
            ("compare", COMPARE, WHAT_COMPARE_DOES, self._mark),
        ):
            with row.part():
                button = dpg.add_button(label=label, user_data=partial(act, shelf, version), callback=self._run)
                self._widgets[f"{name} version {number}"] = button
                if tip:
                    with dpg.tooltip(button):
                        dpg.add_text(tip)

    def _run(self, sender: int, value: object, act: Callable[[], None]) -> None:
        act()

    # what the buttons do ---------------------------------------------------------------------------------------------

    def _open(self, shelf: Shelf, version: Version, *, as_operator: bool = False) -> None:
        """Open a version, to be looked at and changed or in the operator's form alone."""

        def read() -> Callable[[], None]:
            return partial(self._opened, fetched(shelf.library, version), version, as_operator)

        self._work.do(OPENING, read)

    def _opened(self, path: Path, version: Version, as_operator: bool) -> None:
        session = self._app.session
        session.open(path)
        if as_operator and not session.recipe.locked:
            session.set_locked(True)
        session.say(OPENED.format(recipe=version.name, day=version.day, author=version.author))
        self._app.fit_selected()

    def _add(self, shelf: Shelf, version: Version) -> None:
        """Add a version to the recipe that is open, as one group."""

        def read() -> Callable[[], None]:
            path = fetched(shelf.library, version)
            recipe, models = as_group(recipe_file.load(path), version.name), with_all_beside(path).parent / MODELS
            return lambda: self._app.attempt(lambda: self._app.put_recipe(recipe, models))

        self._work.do(ADDING, read)

    def _mark(self, shelf: Shelf, version: Version) -> None:
        """Mark on the canvas how the open recipe differs from a version, or no longer."""
        session = self._app.session
        if self._marked == (session.document, version.id) and session.compared is not None:
            session.compare_with(None)
            return

        def read() -> Callable[[], None]:
            return partial(self._marked_by, shelf.library.recipe(version), version)

        self._work.do(COMPARING, read)

    def _marked_by(self, recipe: Recipe, version: Version) -> None:
        session = self._app.session
        self._marked = session.document, version.id
        session.compare_with(recipe)
        lines = differences(recipe, session.recipe)
        listed = "; ".join(lines[:MOST_SAID]) + (" …" if len(lines) > MOST_SAID else "")
        said = {"differences": counted(len(lines), DIFFERENCE), "day": version.day, "listed": listed}
        session.say((DIFFERENCES_LISTED if lines else DIFFERENCES).format(**said))

    # in the thread ---------------------------------------------------------------------------------------------------

    def _look_for_changes(self, shelf: Shelf, before: Version, after: Version, place: int | str) -> None:
        try:
            lines = differences(shelf.library.recipe(before), shelf.library.recipe(after))
        except Problem as problem:
            lines = [problem.message]
        self._app.post(partial(self._show_changes, place, lines))

    def _show_changes(self, place: int | str, lines: list[str]) -> None:
        for line in lines if dpg.does_item_exist(place) else ():
            dpg.add_text(f"- {line}", parent=place, wrap=0)
