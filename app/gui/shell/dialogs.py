"""The dialogs: a path to open or save, the text of a frame or note, the list of keys."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.document import commands
from graingraph.app.document.names import title_in
from graingraph.app.document.origin import HOLD_A_RECIPE
from graingraph.app.document.typed_path import typed_path
from graingraph.app.gui.base.context import Lookup, PathKind, Question
from graingraph.app.gui.base.flow_row import GAP, lines_of
from graingraph.app.gui.base.nouns import FILE
from graingraph.app.gui.base.rows import ROW_HEIGHT
from graingraph.app.gui.base.text import flowing, joined, text_width
from graingraph.app.gui.base.theme import (
    FRAME_COLORS,
    FRAME_PADDING,
    SCROLLBAR,
    Color,
    popup_theme,
    primary_button,
    rgb,
)
from graingraph.app.gui.shell import actions
from graingraph.app.gui.shell.application import Application
from graingraph.app.gui.shell.native_dialog import Kind, NativeDialog, Wanted
from graingraph.app.gui.shell.path_choices import PathChoices
from graingraph.engine.images.files import ENDINGS
from graingraph.engine.problem import Problem, unexpected
from graingraph.engine.recipe.file import SUFFIX
from graingraph.engine.values.wording import counted
from graingraph.engine.versions import versions

OK, OPEN, SAVE, CANCEL, CLOSE = "OK", "Open", "Save", "Cancel", "Close"
OPEN_SEVERAL = "Open {files}"
ADD_IMAGES = "Add images"
ADD_IMAGES_HERE = "Add images: click several, or type a folder or a pattern such as *.tif"
NAME_OF_GROUP = "Name of the group"
NAME_OF_NODE = "Name of the node (empty for that of its type)"
NAME_AND_DESCRIPTION = "First line: the name of the recipe. Below: what it does (Ctrl+Enter when done)"
TITLE_OF_FRAME = "Title of the frame"
WORDS_OF_NOTE = "Note (Ctrl+Enter when done)"
COLOR = "Colour"
KEYS_AND_MOUSE = "Keys and mouse"
ABOUT = "About Graingraph"
PROGRAM = "Graingraph {version}: micrographs measured by a recipe that is a graph of steps. MIT licence."
COMPUTES_WITH = "Computes with {libraries}."
LICENCES = "Written in Inter (SIL Open Font License) with the icons of Lucide (ISC licence)."
LOOKING = "{what}…"
NOTHING_TYPED = "Nothing is typed yet; type it here, or press Cancel."


class Dialogs:
    """One dialog at a time, answered with Enter or given up with Escape."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._window: int | str | None = None
        self._field: int | str | None = None
        self._answer: Callable[[str], object] = lambda text: None
        self._choices: PathChoices | None = None
        self._multiline = self._empty = self._looks = False
        self._complaint: int | str | None = None
        self._lines: tuple[str, ...] = ()
        self._waiting: list[Question] = []
        self._color = ""
        self._centred = 0.0
        self._native = NativeDialog(app.post)
        self._widgets: dict[str, int | str] = {}

    @property
    def widgets(self) -> dict[str, int | str]:
        """What a test may want to click."""
        return self._widgets | (self._choices.widgets if self._choices else {})

    @property
    def _picked(self) -> list[str]:
        """The files that were clicked where several can be meant."""
        return [*map(str, self._choices.picked)] if self._choices else []

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        field, said = self._field, self._complaint
        return {
            "dialog": self.is_open,
            "field": dpg.get_value(field) if field is not None else None,
            "question": self._lines,
            "said in dialog": dpg.get_value(said) if said is not None else "",
        }

    @property
    def is_open(self) -> bool:
        """Whether a dialog waits for an answer."""
        return self._window is not None

    @property
    def is_question(self) -> bool:
        """Whether one is open that is answered by a button: by a click, or by an arrow key and Enter."""
        return self.is_open and self._field is None

    def key(self, name: str) -> bool:
        """Take a key while open; True if it was for the dialog."""
        if not self.is_open:
            return False
        if name == "Escape":
            self.close()
        elif name == ("Ctrl+Enter" if self._multiline else "Enter") and self._field is not None:
            self._accept()
        return True

    def refresh(self) -> None:
        """Open the text editor that the canvas asks for; notice a dialog closed by its cross."""
        if self._window is not None and not dpg.is_item_shown(self._window):
            self.close()
        if self._window is not None and self.is_question:
            self._centre(self._window)
        if self._waiting and not self.is_open:
            self.ask(self._waiting.pop(0))
        index = self._app.canvas.editing_frame
        if index is not None:
            self._app.canvas.editing_frame = None
            self._edit_frame(index)
        node, self._app.canvas.renaming = self._app.canvas.renaming, None
        if node is not None:
            self._rename(node)

    def _centre(self, window: int | str) -> None:
        """Put a question, which is as wide as its words, in the middle, once it is known how wide."""
        width = dpg.get_item_rect_size(window)[0]
        if width and width != self._centred:
            self._centred = width
            left = (dpg.get_viewport_client_width() - width) / 2
            dpg.set_item_pos(window, [max(0, round(left)), dpg.get_item_pos(window)[1]])

    def _rename(self, node: str) -> None:
        """Ask what a node or group shall be called; with nothing a node is called by its type again."""
        session = self._app.session

        def answer(title: str) -> None:
            if node in (*session.recipe.steps, *session.recipe.layout.groups):
                session.do(commands.rename(session.recipe, node, title))

        groups = session.recipe.layout.groups
        asked = NAME_OF_GROUP if node in groups else NAME_OF_NODE
        self._ask(asked, title_in(session.recipe, node), answer, empty=True)

    def describe(self) -> None:
        """Ask for the name of the recipe and what it does."""
        session = self._app.session
        text = f"{session.recipe.name}\n{session.recipe.description}".strip()

        def answer(said: str) -> None:
            session.do(commands.describe(session.recipe, said))

        self._ask(NAME_AND_DESCRIPTION, text, answer, lines=8, empty=True)

    def _edit_frame(self, index: int) -> None:
        """Ask for the words and the colour of a frame or note."""
        canvas = self._app.canvas
        frame = canvas.session.recipe.layout.frames[index]
        self._color = frame.color
        title = WORDS_OF_NOTE if frame.kind == "note" else TITLE_OF_FRAME
        lines = 5 if frame.kind == "note" else 0
        self._ask(title, frame.text, lambda text: canvas.set_frame(index, text, self._color), lines=lines, empty=True)
        with dpg.group(horizontal=True, parent=self._window or 0):
            dpg.add_text(COLOR)
            size = round(20 * self._app.ui_scale)
            for name, color in FRAME_COLORS.items():
                button = dpg.add_color_button(
                    rgb(color), width=size, height=size, no_drag_drop=True, user_data=color, callback=self._choose_color
                )
                self._widgets[f"colour {name}"] = button
            self._chosen_color = dpg.add_text("")
        self._say_color()

    def _choose_color(self, sender: int, value: object, color: str) -> None:
        self._color = color
        self._say_color()

    def _say_color(self) -> None:
        name = next((name for name, color in FRAME_COLORS.items() if color == self._color), self._color)
        dpg.set_value(self._chosen_color, name)

    def ask(self, question: Question) -> None:
        """Put a question, each answer a button; where another dialog is open, once that is closed, but never twice."""
        if self.is_open:
            if question.lines not in (self._lines, *(waiting.lines for waiting in self._waiting)):
                self._waiting.append(question)
            return
        self._open(question.title)
        self._lines = question.lines
        room = self._room - round(SCROLLBAR * self._app.ui_scale)  # a long question scrolls
        for line in question.lines:
            dpg.add_text(line, parent=self._window or 0, wrap=room)
        none = CANCEL if question.answers else CLOSE
        answers = [*((label, label, act) for label, act in question.answers), (CANCEL, none, lambda: None)]
        padding, gap = (pixels * self._app.ui_scale for pixels in (2 * FRAME_PADDING[0], GAP))
        lines = lines_of([text_width(label) + padding for _, label, _ in answers], room, gap)
        for _, row in groupby(zip(lines, answers, strict=True), key=lambda placed: placed[0]):
            with dpg.group(horizontal=True, parent=self._window or 0):
                for _, (name, label, act) in row:
                    self._widgets[f"answer {name}"] = dpg.add_button(
                        label=label, user_data=act, callback=self._answered
                    )

    def ask_text(self, title: str, answer: Callable[[str], None]) -> None:
        """Ask for a line of text."""
        self._ask(title, "", answer)

    def _answered(self, sender: int, value: object, act: Callable[[], object]) -> None:
        self.close()
        act()

    def ask_path(
        self,
        title: str,
        start: Path,
        kind: PathKind,
        answer: Callable[[Path], object],
        *,
        endings: tuple[str, ...] = (),
    ) -> None:
        """Ask for a path with the dialog of the desktop; else the folder's contents are offered below a field."""

        def ask_here() -> None:
            saving = kind in ("new file", "folder")
            self._ask_path(title, start, saving, lambda texts: answer(typed_path(texts[0])), endings=endings)

        if kind == "any":
            ask_here()
        else:
            native: dict[PathKind, Kind] = {"file": "open", "new file": "save", "folder": "folder"}
            self._ask_desktop(Wanted(title, _begun(start), native[kind], endings), lambda p: answer(p[0]), ask_here)

    def ask_images(self, start: Path, answer: Callable[[list[str]], object]) -> None:
        """Ask for images, several at once; in the window's own dialog also a folder or a pattern."""

        def ask_here() -> None:
            self._ask_path(ADD_IMAGES_HERE, start, False, answer, several=True, endings=ENDINGS)

        wanted = Wanted(ADD_IMAGES, _begun(start), "several", ENDINGS)
        self._ask_desktop(wanted, lambda paths: answer([str(path) for path in paths]), ask_here)

    def _ask_desktop(
        self, wanted: Wanted, answer: Callable[[Sequence[Path]], object], otherwise: Callable[[], None]
    ) -> None:
        """Ask with the dialog of the desktop, or ``otherwise``."""

        def act(paths: Sequence[Path]) -> None:
            left = answer(paths)
            if isinstance(left, Lookup):
                self._app.look_up(left)

        def take(paths: Sequence[Path]) -> None:
            self._app.attempt(lambda: act(paths))

        if not self._native.ask(wanted, take, otherwise):
            otherwise()

    def ask_recipe(self, title: str, start: Path, answer: Callable[[Path], None], *, saving: bool = False) -> None:
        """Ask for a recipe: to open one, what holds one is offered too; a click fills the name to save to."""
        recent = self._app.session.recent
        files = recent.paths[:5] if recent and not saving else ()
        endings = (SUFFIX,) if saving else (SUFFIX, *HOLD_A_RECIPE)

        def ask_here() -> None:
            self._ask_path(
                title, start, saving, lambda texts: answer(typed_path(texts[0])), recent=files, endings=endings
            )

        wanted = Wanted(title, _begun(start), "save" if saving else "open", endings)
        self._ask_desktop(wanted, lambda paths: answer(paths[0]), ask_here)

    def _ask_path(
        self,
        title: str,
        start: Path,
        saving: bool,
        answer: Callable[[list[str]], object],
        *,
        several: bool = False,
        recent: Sequence[Path] = (),
        endings: tuple[str, ...] = (),
    ) -> None:
        text = str(start) if saving or start.is_file() else f"{start}/"
        label = SAVE if saving else OPEN
        self._ask(title, text, lambda typed: answer(self._picked or [typed]), label=label)
        self._choices = PathChoices(
            self._app,
            self._window or 0,
            self._field or 0,
            round(260 * self._app.ui_scale),
            recent=recent,
            endings=endings,
            taken=(lambda: None) if saving else self._accept,
            several=self._count_picked if several else None,
        )

    def end(self) -> None:
        """Take away the dialog of the desktop, too."""
        self._native.close()

    def show_help(self) -> None:
        """Show every key and what the mouse does."""
        self._open(KEYS_AND_MOUSE)
        with dpg.table(parent=self._window or 0, header_row=False, policy=dpg.mvTable_SizingFixedFit):
            dpg.add_table_column(width_fixed=True)
            dpg.add_table_column(width_stretch=True)
            keys_of: dict[str, list[str]] = {}
            for action in (action for action in actions.ACTIONS if action.keys):
                keys_of.setdefault(action.label, []).extend(action.keys.split())
            rows = [(", ".join(keys), label) for label, keys in keys_of.items()]
            for keys, what in (*actions.MOUSE_HELP, *rows):
                with dpg.table_row():
                    dpg.add_text(keys)
                    dpg.add_text(what, wrap=0)

    def show_about(self) -> None:
        """Show which program this is, what it computes with, and whose work comes with it."""
        installed = dict(versions())
        program = PROGRAM.format(version=installed.pop("graingraph", ""))
        libraries = ", ".join(f"{name} {version}" for name, version in installed.items())
        self.ask(Question(ABOUT, (program, COMPUTES_WITH.format(libraries=libraries), LICENCES), ()))

    def close(self) -> None:
        """Close without an answer."""
        if self._window is not None:
            dpg.delete_item(self._window)
        self._window = self._field = self._choices = self._complaint = None
        self._multiline, self._looks, self._lines = False, False, ()
        self._centred = 0.0
        self._widgets.clear()

    @property
    def _room(self) -> int:
        """The width of what is put into the window, in pixels."""
        wide = dpg.get_item_width(self._window or 0) or 600
        return wide - round(2 * FRAME_PADDING[0] * self._app.ui_scale)

    def _open(self, title: str) -> None:
        self.close()
        scale = self._app.ui_scale
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        wide = round(min(620 * scale, width - 20))
        self._window = dpg.add_window(
            label=title,
            width=wide,
            pos=((width - wide) // 2, round(min(90 * scale, height / 8))),
            max_size=(wide, round(height * 0.8)),
            autosize=True,
            no_collapse=True,
            no_saved_settings=True,
        )
        dpg.bind_item_theme(self._window, popup_theme(self._app.colors))
        dpg.focus_item(self._window)

    def _ask(
        self,
        title: str,
        text: str,
        answer: Callable[[str], object],
        label: str = OK,
        *,
        lines: int = 0,
        empty: bool = False,
    ) -> None:
        """Ask for a text; one of several ``lines`` ends with Ctrl+Enter. Nothing is an answer where it may be empty."""
        self._open(title)
        self._answer, self._multiline, self._empty = answer, lines > 0, empty
        wide = self._room
        text = flowing(text, wide - 4 * FRAME_PADDING[0] * self._app.ui_scale, text_width) if lines else text
        with dpg.group(parent=self._window or 0):
            size = {"height": round(lines * ROW_HEIGHT * self._app.ui_scale)} if lines else {}
            self._field = dpg.add_input_text(default_value=text, width=wide, multiline=lines > 0, **size)
            self._complaint = dpg.add_text("", wrap=wide, show=False)
            with dpg.group(horizontal=True):
                self._widgets["accept"] = dpg.add_button(label=label, callback=lambda: self._accept())
                dpg.bind_item_theme(self._widgets["accept"], primary_button(self._app.colors))
                dpg.add_button(label=CANCEL, callback=lambda: self.close())
        self._widgets["field"] = self._field
        dpg.focus_item(self._field)

    def _accept(self) -> None:
        """Act on what was typed; a dialog that the person has to answer otherwise stays open and says why."""
        if self._looks:
            return
        text = dpg.get_value(self._field or 0)
        text = joined(text) if self._multiline else text
        try:
            if not (text.strip() or self._empty or self._picked):
                raise Problem(NOTHING_TYPED)
            left = self._answer(text)
        except Problem as problem:
            self._refuse(problem)
            return
        if isinstance(left, Lookup):
            self._look_up(left)
        else:
            self.close()

    def _look_up(self, lookup: Lookup) -> None:
        """Wait for what a thread finds: the dialog is closed then, or says why it cannot be; Escape gives up."""
        dialog = self._window

        def find() -> Callable[[], object]:
            try:
                then = lookup.find()
            except Exception as error:
                problem = error if isinstance(error, Problem) else unexpected(error, lookup.what)
                return partial(answered, partial(self._refuse, problem))
            return partial(answered, partial(self._close_and, then))

        def answered(then: Callable[[], object]) -> None:
            if self._window == dialog:
                self._looks = False
                then()

        self._looks = True
        self._say(LOOKING.format(what=lookup.what), self._app.colors.faint)
        self._app.look_up(Lookup(lookup.what, find))

    def _close_and(self, act: Callable[[], object]) -> None:
        self.close()
        act()

    def _refuse(self, problem: Problem) -> None:
        """Stay open and say why; what is asked without a field is closed, and the messages say it."""
        if self._complaint is None:
            self._app.session.report(problem)
            self.close()
            return
        self._say(problem.message, self._app.colors.states["failed"])
        dpg.focus_item(self._field or 0)

    def _say(self, words: str, color: Color) -> None:
        dpg.configure_item(self._complaint or 0, default_value=words, color=color, show=True)

    def _count_picked(self, count: int) -> None:
        dpg.configure_item(
            self._widgets["accept"], label=OPEN_SEVERAL.format(files=counted(count, FILE)) if count else OPEN
        )


def _begun(start: Path) -> str:
    """Where a dialog of the desktop begins: inside of a folder."""
    return f"{start}{os.sep}" if start.is_dir() else str(start)
