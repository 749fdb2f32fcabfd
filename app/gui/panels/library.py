"""The library panel: what a group shares, found by words, opened, and published to."""

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import dearpygui.dearpygui as dpg
import numpy as np
from PIL import Image as Pillow

from graingraph.app.document.groups import as_group
from graingraph.app.document.origin import without_ending
from graingraph.app.gui.base.context import AppContext, Question
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.nouns import DIFFERENCE
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.rows import row_theme
from graingraph.app.gui.base.text import shortened
from graingraph.app.gui.base.theme import primary_button
from graingraph.app.library.drafts import draft_of_open
from graingraph.app.library.signing import sign_in_library
from graingraph.app.library.user_library import (
    fetched,
    fetched_version,
    open_existing,
    open_library,
    remember_library,
    usual_library,
)
from graingraph.app.library.versions import Library, Newer, Version
from graingraph.engine.account import account_name
from graingraph.engine.evaluation.workspace import MODELS, with_all_beside
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.keys import is_in_keyring, known_keys, load_key
from graingraph.engine.release.stage import Act, Stage
from graingraph.engine.values.wording import counted

WHAT_IT_IS = (
    "A library is a folder, on a drive or at a web address, in which a group keeps its recipes with all their "
    "versions. Type where it is and press Look; or publish the recipe that is open, which begins one."
)
WHERE_IT_IS = "folder or URL of a library"
LOOK = "Look"
SEARCH = "search"
PUBLISH = "Publish this recipe"
WHAT_IS_NEW = "what is new, for others"
NOTHING_PUBLISHED = "Nothing is published there yet."
OPEN = "Open"
RUN_AS_OPERATOR = "Run as operator"
ADD = "Add"
WHAT_ADD_DOES = "Add it to the recipe that is open, as one group"
COMPARE = "Compare"
WHAT_COMPARE_DOES = "Mark on the canvas what is new (green) or changed (yellow) beside it; again: end"
SIGN = "Sign"
WHAT_SIGN_DOES = "Review or release it with your key"
SIGNED: dict[str, Act] = {"Review": "reviewed", "Release": "released", "Withdraw": "withdrawn"}
"""What one signs for, as buttons say it."""
PASSPHRASE = "passphrase of the key"
WHY = "why"
CANCEL = "Cancel"
NO_KEY = "You have no key to sign with; make one in a terminal: graingraph keys --new NAME"
LOOKING = "Looking…"
OPENING = "Opening…"
ADDING = "Adding…"
COMPARING = "Comparing…"
SIGNING = "Signing…"
PUBLISHING = "Publishing…"
OPENED = "{recipe} of {day} by {author} is open, as a copy."
DIFFERENCES = "{differences} to the version of {day}."
DIFFERENCES_LISTED = "{differences} to the version of {day}: {listed}."
SIGNED_AS = "{recipe}, version {version}, is {stage}."
LIBRARY_UNSAID = "Say where the library is before it is published."
NAME_UNSAID = "Save the recipe under a name before it is published."
BEGIN_A_LIBRARY = "Begin a library there?"
BEGIN = "Begin it"
PUBLISH_ALL_THE_SAME = "Publish all the same?"
PUBLISH_AFTER = "Publish after them"
PUBLISHED_BY = "{day}, {author}"
PUBLISHED_BY_NOTING = "{day}, {author}: {note}"
PUBLISHED = "{recipe} is published as version {version}."

THUMBNAIL = (96, 54)
"""Width and height of a picture in the list at UI scale 1, in pixels."""
MOST_ROWS = 300
MOST_SAID = 4
"""So many differences are said of those to a version."""
MOST_PIXELS = 4_000_000
"""Of a thumbnail; a larger one is none."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """What a library held when it was looked at: its histories by name, oldest version first."""

    library: Library
    histories: dict[str, list[Version]] = field(default_factory=dict)

    def holding(self, words: str) -> list[Version]:
        """The newest versions that hold these words."""
        last = [history[-1] for history in self.histories.values()]
        found = (version for version in last if version.holds(words.split()))
        return sorted(found, key=lambda version: version.name.casefold())


@panel("Library", place="bottom", order=50)
class LibraryPanel(Panel):
    """Reads and writes in a thread: a library on a network may take its time."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="library")
        self._shelf: Shelf | None = None
        self._busy = ""
        self._lacking = ""
        self._chosen = ""
        self._marked: tuple[int, str] = (0, "")
        self._signing = ""
        self._listed_of: tuple[object, ...] = ()
        self._about_of: tuple[object, ...] = ()
        self._textures: dict[str, int | str] = {}
        self._asked: set[str] = set()
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        shelf = self._shelf
        return {
            "busy": self._busy,
            "where": dpg.get_value(self.widgets["library place"]) if self.widgets else "",
            "lacking": self._lacking,
            "listed": [version.name for version in self._listed()],
            "chosen": self._chosen,
            "versions": len(shelf.histories.get(self._chosen, ())) if shelf else 0,
            "thumbnails": len(self._textures),
        }

    def build(self, parent: int | str) -> None:
        """Make the fields, the list, and the place for what is chosen."""
        scale = self._app.ui_scale
        self._row = FlowRow(parent, scale)
        with self._row.part():
            self.widgets["library place"] = dpg.add_input_text(
                width=round(260 * scale),
                default_value=usual_library(),
                hint=WHERE_IT_IS,
                on_enter=True,
                callback=self.look,
            )
            self.widgets["look into library"] = dpg.add_button(label=LOOK, callback=self.look)
        with self._row.part():
            self.widgets["search library"] = dpg.add_input_text(width=round(150 * scale), hint=SEARCH)
        with self._row.part():
            self.widgets["publish"] = dpg.add_button(label=PUBLISH, callback=lambda: self._publish())
            self.widgets["library note"] = dpg.add_input_text(width=round(220 * scale), hint=WHAT_IS_NEW)
        self._words = dpg.add_text("", parent=parent, wrap=0, show=False)
        with dpg.group(horizontal=True, parent=parent):
            self._list = dpg.add_child_window(width=round(430 * scale), border=False)
            self._about = dpg.add_child_window(border=False)
        dpg.bind_item_theme(self._list, row_theme())
        self._registry = dpg.add_texture_registry()

    def refresh(self) -> None:
        """Show what was found, and what is chosen of it."""
        empty = self._shelf is not None and not self._shelf.histories
        unknown = self._shelf is None and not self._lacking
        words = self._busy or (NOTHING_PUBLISHED if empty else WHAT_IT_IS if unknown else "")
        self._row.refresh()
        if dpg.get_value(self._words) != words:
            dpg.set_value(self._words, words)
            dpg.configure_item(self._words, show=bool(words))
        about = (self._shelf, self._lacking, self._chosen, self._signing)
        listed = (
            self._shelf,
            self._lacking,
            self._chosen,
            dpg.get_value(self.widgets["search library"]),
            len(self._textures),
        )
        if listed != self._listed_of:
            self._listed_of = listed
            self._show_list()
        if about != self._about_of:  # neither a search nor a picture has the versions compared again
            self._about_of = about
            self._show_chosen()

    # the list and what is chosen -------------------------------------------------------------------------------------

    def _listed(self) -> list[Version]:
        words = dpg.get_value(self.widgets["search library"]) if self.widgets else ""
        return self._shelf.holding(words)[:MOST_ROWS] if self._shelf else []

    def _show_list(self) -> None:
        shelf = self._shelf
        dpg.delete_item(self._list, children_only=True)
        for name in [name for name in self.widgets if name.startswith("library row ")]:
            del self.widgets[name]
        if self._lacking:
            dpg.add_text(self._lacking, parent=self._list, wrap=0)
        wide, high = (round(side * self._app.ui_scale) for side in THUMBNAIL)
        for version in self._listed():
            with dpg.group(horizontal=True, parent=self._list):
                frame = dpg.add_drawlist(wide, high)
                stored = version.more.get("thumbnail", "")
                if stored in self._textures:
                    dpg.draw_image(self._textures[stored], (0, 0), (wide, high), parent=frame)
                elif shelf is not None and stored and stored not in self._asked:
                    self._asked.add(stored)
                    self._pool.submit(self._read_picture, shelf, version)
                said = shortened(version.description.partition("\n")[0], 300 * self._app.ui_scale)
                tags = f"   {', '.join(version.tags)}" if version.tags else ""
                label = f"{version.name}{tags}\n{version.day}, {version.author}\n{said}"
                self.widgets[f"library row {version.name}"] = row = dpg.add_selectable(
                    label=label,
                    height=high,
                    default_value=version.name == self._chosen,
                    user_data=version.name,
                    callback=self._choose,
                )
                if said != version.description:
                    with dpg.tooltip(row):
                        dpg.add_text(version.description, wrap=round(420 * self._app.ui_scale))

    def _show_chosen(self) -> None:
        shelf = self._shelf
        dpg.delete_item(self._about, children_only=True)
        if shelf is None:
            return
        history = shelf.histories.get(self._chosen, [])
        for place in reversed(range(len(history))):
            version = history[place]
            with dpg.group(horizontal=True, parent=self._about):
                if version.kind == "recipe":
                    button = dpg.add_button(label=OPEN, user_data=(version, False), callback=self._open)
                    self.widgets[f"open version {len(history) - 1 - place}"] = button
                    button = dpg.add_button(label=RUN_AS_OPERATOR, user_data=(version, True), callback=self._open)
                    self.widgets[f"run version {len(history) - 1 - place}"] = button
                    button = dpg.add_button(label=ADD, user_data=version, callback=self._add)
                    self.widgets[f"add version {len(history) - 1 - place}"] = button
                    with dpg.tooltip(button):
                        dpg.add_text(WHAT_ADD_DOES)
                    button = dpg.add_button(label=COMPARE, user_data=version, callback=self._mark)
                    self.widgets[f"compare version {len(history) - 1 - place}"] = button
                    with dpg.tooltip(button):
                        dpg.add_text(WHAT_COMPARE_DOES)
                dpg.add_text(f"{version.day}  {version.author}")
                dpg.add_text(version.short, color=self._app.colors.faint)
                if version.kind == "recipe" and version is history[-1]:
                    self.widgets["sign version"] = button = dpg.add_button(
                        label=SIGN, user_data=version.id, callback=self._begin_signing
                    )
                    with dpg.tooltip(button):
                        dpg.add_text(WHAT_SIGN_DOES)
            if version.note:
                dpg.add_text(version.note, parent=self._about, wrap=0)
            if version.id == self._signing:
                self._show_signing(version)
            if place and "recipe" in version.more and "recipe" in history[place - 1].more:
                self._pool.submit(self._compare, shelf, history[place - 1], version, dpg.add_group(parent=self._about))
            dpg.add_separator(parent=self._about)

    def _choose(self, sender: int, value: object, name: str) -> None:
        self._chosen = name
        dpg.set_value(sender, True)  # Dear PyGui has turned over a row that was chosen already

    # what the buttons do ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what the library holds now."""
        where = dpg.get_value(self.widgets["library place"]).strip()

        def read() -> Callable[[], None]:
            try:
                shelf = _read(open_existing(where))
            except Problem as problem:
                lacking = problem.message
                return lambda: self._take(None, lacking)
            remember_library(where)
            return lambda: self._take(shelf)

        if where:
            self._work(LOOKING, read)

    def _take(self, shelf: Shelf | None, lacking: str = "") -> None:
        self._shelf, self._lacking = shelf, lacking

    def _open(self, sender: int, value: object, wanted: tuple[Version, bool]) -> None:
        """Open a version, to be looked at and changed or in the operator's form alone."""
        shelf, (version, as_operator) = self._shelf, wanted

        def read() -> Callable[[], None]:
            assert shelf is not None
            path = fetched(shelf.library, version)
            return lambda: self._opened(path, version, as_operator)

        self._work(OPENING, read)

    def _opened(self, path: Path, version: Version, as_operator: bool) -> None:
        session = self._app.session
        session.open(path)
        if as_operator and not session.recipe.locked:
            session.set_locked(True)
        session.say(OPENED.format(recipe=version.name, day=version.day, author=version.author))
        self._app.fit_selected()

    def _add(self, sender: int, value: object, version: Version) -> None:
        """Add a version to the recipe that is open, as one group."""
        shelf = self._shelf

        def read() -> Callable[[], None]:
            assert shelf is not None
            path = fetched(shelf.library, version)
            recipe, models = as_group(recipe_file.load(path), version.name), with_all_beside(path).parent / MODELS
            return lambda: self._app.attempt(lambda: self._app.put_recipe(recipe, models))

        self._work(ADDING, read)

    def _mark(self, sender: int, value: object, version: Version) -> None:
        """Mark on the canvas how the open recipe differs from a version, or no longer."""
        session, shelf = self._app.session, self._shelf
        if self._marked == (session.document, version.id) and session.compared is not None:
            session.compare_with(None)
            return

        def read() -> Callable[[], None]:
            assert shelf is not None
            recipe = shelf.library.recipe(version)
            return lambda: self._marked_by(recipe, version)

        self._work(COMPARING, read)

    def _marked_by(self, recipe: Recipe, version: Version) -> None:
        session = self._app.session
        self._marked = session.document, version.id
        session.compare_with(recipe)
        lines = differences(recipe, session.recipe)
        listed = "; ".join(lines[:MOST_SAID]) + (" …" if len(lines) > MOST_SAID else "")
        said = {"differences": counted(len(lines), DIFFERENCE), "day": version.day, "listed": listed}
        session.say((DIFFERENCES_LISTED if lines else DIFFERENCES).format(**said))

    def _begin_signing(self, sender: int, value: object, version: str) -> None:
        """Ask for what a signature takes below a version, or no longer."""
        if self._signing == version or known_keys():
            self._signing = "" if self._signing == version else version
        else:
            self._app.session.report(Problem(NO_KEY))

    def _show_signing(self, version: Version) -> None:
        """The fields of a signature: whose, for what, and why."""
        scale, names = self._app.ui_scale, list(known_keys())
        with dpg.group(horizontal=True, parent=self._about):
            self.widgets["sign act"] = dpg.add_combo(
                list(SIGNED), default_value=next(iter(SIGNED)), width=round(100 * scale)
            )
            self.widgets["sign key"] = dpg.add_combo(names, default_value=names[0], width=round(150 * scale))
            self.widgets["sign passphrase"] = dpg.add_input_text(
                password=True, hint=PASSPHRASE, width=round(160 * scale)
            )
        with dpg.group(horizontal=True, parent=self._about):
            self.widgets["sign why"] = dpg.add_input_text(hint=WHY, width=round(260 * scale))
            self.widgets["sign now"] = dpg.add_button(label=SIGN, user_data=version, callback=self._sign)
            dpg.bind_item_theme(self.widgets["sign now"], primary_button(self._app.colors))
            dpg.add_button(label=CANCEL, user_data=version.id, callback=self._begin_signing)

    def _sign(self, sender: int, value: object, version: Version) -> None:
        shelf = self._shelf
        name, passphrase, why = (dpg.get_value(self.widgets[f"sign {part}"]) for part in ("key", "passphrase", "why"))
        act = SIGNED[dpg.get_value(self.widgets["sign act"])]

        def write() -> Callable[[], None]:
            assert shelf is not None
            key = load_key(name, None if is_in_keyring(name) else passphrase.encode() or None)
            signed, stage = sign_in_library(shelf.library, version, act, key, why.strip(), author=account_name())
            now = _read(shelf.library)
            return lambda: self._signed(now, signed, stage)

        self._work(SIGNING, write)

    def _signed(self, shelf: Shelf, version: Version, stage: Stage) -> None:
        self._shelf, self._chosen, self._signing = shelf, version.name, ""
        self._app.session.say(SIGNED_AS.format(recipe=version.name, version=version.short, stage=stage.predicate))

    def _publish(self, after: str | None = None, new: bool = False) -> None:
        """Publish what is open as a version.

        It asks first where somebody has published since it was opened, and where there is no library yet.
        """
        session, note = self._app.session, dpg.get_value(self.widgets["library note"]).strip()
        where = dpg.get_value(self.widgets["library place"]).strip()
        recipe, models, marks = session.recipe, session.models, session.marks.folder
        name = recipe.name or (without_ending(session.path) if session.path else "")
        after = fetched_version(session.origin) or None if after is None else after
        if not where or not name:
            session.report(Problem(NAME_UNSAID if where else LIBRARY_UNSAID))
            return

        def write() -> Callable[[], None]:
            library = open_library(where)
            if not new and (sentence := library.missing()):
                begin = Question(BEGIN_A_LIBRARY, (sentence,), ((BEGIN, lambda: self._publish(after, True)),))
                return lambda: self._app.ask(begin)
            with tempfile.TemporaryDirectory() as folder:
                draft, left_out = draft_of_open(recipe, models, marks, name, Path(folder))
                try:
                    version = library.publish(draft, author=account_name(), note=note, after=after)
                except Newer as newer:
                    return _ask(library, newer)
            remember_library(where)
            shelf = _read(library)
            return lambda: self._published(shelf, version, left_out)

        def _ask(library: Library, newer: Newer) -> Callable[[], None]:
            lines = [newer.message]
            for version in newer.since:
                said = {"day": version.day, "author": version.author, "note": version.note}
                lines.append((PUBLISHED_BY_NOTING if version.note else PUBLISHED_BY).format(**said))
            lines += [f"- {line}" for line in differences(library.recipe(newer.since[-1]), recipe)[:12]]
            last = newer.since[-1].id
            answer = (PUBLISH_AFTER, lambda: self._publish(last, new))
            return lambda: self._app.ask(Question(PUBLISH_ALL_THE_SAME, tuple(lines), (answer,)))

        self._work(PUBLISHING, write)

    def _published(self, shelf: Shelf, version: Version, left_out: list[str]) -> None:
        self._shelf, self._lacking, self._chosen = shelf, "", version.name
        dpg.set_value(self.widgets["library note"], "")
        for sentence in left_out:
            self._app.session.say(sentence, "warning")
        self._app.session.say(PUBLISHED.format(recipe=version.name, version=version.short))

    def _work(self, words: str, act: Callable[[], Callable[[], None]]) -> None:
        """Do something in the thread, and what it returns in the main thread; one thing at a time."""
        if self._busy:
            return
        self._busy = words

        def run() -> Callable[[], None]:
            try:
                return act()
            finally:
                self._app.post(self._rest)

        self._app.in_thread(self._pool.submit, words.rstrip("…"), run)

    def _rest(self) -> None:
        self._busy = ""

    # in the thread ---------------------------------------------------------------------------------------------------

    def _read_picture(self, shelf: Shelf, version: Version) -> None:
        try:
            path = shelf.library.thumbnail(version)
            if path is None:
                return
            with Pillow.open(path, formats=("PNG",)) as file:
                if file.width * file.height > MOST_PIXELS:
                    return
                picture = np.asarray(file.convert("RGBA"), np.float32) / 255
        except Exception:  # a picture that cannot be shown is none
            return
        self._app.post(lambda: self._show_picture(version.more["thumbnail"], picture))

    def _show_picture(self, stored: str, picture: np.ndarray) -> None:
        size = (picture.shape[1], picture.shape[0])
        self._textures[stored] = dpg.add_static_texture(*size, picture.ravel(), parent=self._registry)

    def _compare(self, shelf: Shelf, before: Version, after: Version, place: int | str) -> None:
        try:
            lines = differences(shelf.library.recipe(before), shelf.library.recipe(after))
        except Problem as problem:
            lines = [problem.message]
        self._app.post(lambda: self._show_changes(place, lines))

    def _show_changes(self, place: int | str, lines: list[str]) -> None:
        for line in lines if dpg.does_item_exist(place) else ():
            dpg.add_text(f"- {line}", parent=place, wrap=0)


def _read(library: Library) -> Shelf:
    histories: dict[str, list[Version]] = {}
    for version in library.versions():
        histories.setdefault(version.name, []).append(version)
    return Shelf(library, histories)
