"""What menus and keys act on: the canvas, the file, the looks of the window, besides what the panels share."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from graingraph.app.document.examples import examples_folder, open_example
from graingraph.app.document.image_edits import look_at_something, new_recipe
from graingraph.app.document.origin import HOLD_A_RECIPE
from graingraph.app.document.pasted_picture import pictures_folder, take_from_clipboard
from graingraph.app.document.saving import NoFolder, Occupied
from graingraph.app.document.start import recover_newest
from graingraph.app.gui.base.context import AppContext, Question, own_thread
from graingraph.app.gui.base.opening import open_outside
from graingraph.app.gui.base.panel_layout import Slot
from graingraph.app.gui.base.preferences import UI_SCALES
from graingraph.app.gui.base.theme import DARK, LIGHT
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.library import snippets
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.file import SUFFIX
from graingraph.engine.recipe.lock import require_unlocked
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release.policy import CommentNeeded

ASK_TO_QUIT, STOP_AND_QUIT = "Stop and quit?", "Stop and quit"
ASK_TO_LOSE, QUIT_WITHOUT = "Lose what is drawn?", "Quit without it"
SIZE_AT_NEXT_START = "Text and buttons will have {size:.0%} of their size when you start again."
WHEEL_PANS = "The wheel pans the canvas; with Ctrl it zooms."
WHEEL_ZOOMS = "The wheel zooms the canvas."
UNDONE, NOTHING_TO_UNDO = "Undone: {edit}.", "There is nothing to undo."
REDONE, NOTHING_TO_REDO = "Done again: {edit}.", "There is nothing to do again."
LEAVE_FORM = "Leave the operator's form?"
IS_LOCKED = "{recipe} is locked: only its form is shown."
NEW_SHOWS_EDITOR = "With a new recipe the whole editor is shown; the locked one stays as it is."
NEW_RECIPE = "New recipe"
OPEN_RECIPE = "Open recipe"
IS_OPEN = "{file} is open."
IS_OPEN_UNLOCKED = "{file} is open. It is not locked, so the whole editor is shown."
YOUR_OWN_COPY = "This is a copy of your own; change what you like."
NAME_OF_SNIPPET = "Name of the snippet"
SNIPPET_KEPT = "{snippet} is kept; the list of nodes to add offers it."
PASTING_PICTURE = "Pasting the picture"
PICTURE_KEPT = "The picture is kept as {file} in {folder}."
SAVE_RECIPE_AS = "Save recipe as"
SAVED = "{recipe} is saved."
WHY_CHANGED = "Why is the recipe changed?"
MAKE_FOLDER, MAKE_FOLDER_AND_SAVE = "Make this folder?", "Make the folder and save"
TAKE_OVER_MARKS, SAVE_AND_TAKE_OVER = "Take over what was drawn?", "Save, and take it over"
REPLACE_RECIPE, REPLACE_FILE = "Replace this recipe?", "Replace the file"
THE_FILE_BESIDE = "The file, beside what is open here:"
DIFFERENCE = "- {difference}"
MORE_DIFFERENCES = "- and {count} more"
OPEN_THE_FILE = "Open the file (Undo comes back)"
SAVE_AS = "Save as…"

Scope = Slot | Literal["window"]
"""Where a key works: over the panels in one place, or over all of them."""
Answer = tuple[str, Callable[[], object]]
"""A button of a question, and what it does."""
MOST_DIFFERENCES = 12
PRESSED_AGAIN_S = 1.0


class AskRecipe(Protocol):
    """Opens the dialog for a recipe file."""

    def __call__(self, title: str, start: Path, answer: Callable[[Path], None], *, saving: bool = False) -> None:
        """Ask: the suggested path, and what to do with the answer."""


def _ask_nobody(title: str, start: Path, answer: Callable[[Path], None], *, saving: bool = False) -> None:
    """Without a window there is nobody to ask."""


@dataclass(kw_only=True)
class Application(AppContext):
    """The whole program in its window. Only the main thread uses it."""

    canvas: Canvas
    text_size: float = 1.0
    """The ``ui_scale`` of the next start: panels are built with one for good."""
    ask_recipe: AskRecipe = _ask_nobody
    show_help: Callable[[], None] = lambda: None
    show_tutorial: Callable[[], None] = lambda: None
    show_about: Callable[[], None] = lambda: None
    describe: Callable[[], None] = lambda: None
    """Ask for the name of the recipe and what it does."""
    find: Callable[[str], None] = lambda what: None
    """Open the list of commands and nodes, or ("nodes") of the recipe's nodes."""
    next_panel: Callable[[int], object] = lambda by: None
    """Give the keyboard to the next panel, or (-1) to the one before."""
    keys_to_picture: Callable[[], object] = lambda: None
    """Give the keyboard to the picture, to point and draw there; from there back to the canvas."""
    go_to_settings: Callable[[], object] = lambda: None
    """Give the keyboard to the first setting of the selected node."""
    open_menus: Callable[[], object] = lambda: None
    """Open all menus as one, for the keys."""
    quitting: bool = False
    panel_key: Callable[[Scope, str], bool] = lambda scope, key: False
    """Gives a key to the panels in a place; False where it does nothing there."""
    closed_at: float = 0.0
    """When Escape last closed something (monotonic seconds)."""
    give_up: Callable[[], bool] = lambda: False
    """Ends the topmost thing that a panel has begun or opened; False where there is none."""

    def quit(self) -> None:
        """Close the window; ask first where a training or a batch runs, or something drawn cannot be kept.

        The second time the end of what runs is not waited for.
        """
        if not self.leaving:
            self.add_waiting()
        running, lost = self.running, self.would_be_lost()
        if self.leaving or not (running or lost):
            self.quitting = True
            return
        lines = (*((lost,) if lost else ()), *(work.when_quitting for work in running))
        title, words = (ASK_TO_QUIT, STOP_AND_QUIT) if running else (ASK_TO_LOSE, QUIT_WITHOUT)
        self.ask(Question(title, lines, ((words, self._leave),)))

    def _leave(self) -> None:
        self.leaving = True
        for work in self.running:
            work.stop()

    def escape(self) -> None:
        """Give up what is topmost: a drag, what a panel has open; else stop computing; at last the selection.

        What is computed goes on where Escape has just closed something: one press too many is no wish to stop.
        """
        now = time.monotonic()
        if self.canvas.gesture or self.canvas.palette or self.canvas.wiring:
            self.canvas.cancel()
        elif not self.give_up():
            if self.live.busy and now - self.closed_at > PRESSED_AGAIN_S:
                self.live.cancel()
            elif not self.live.busy:
                self.canvas.cancel()
            return
        self.closed_at = now

    def toggle_theme(self) -> None:
        """Change between dark and light."""
        self.colors = LIGHT if self.colors is DARK else DARK

    def resize_text(self, factor: float) -> None:
        """Have text and buttons larger or smaller from the next start on."""
        self.text_size = min(max(round(self.text_size * factor, 2), UI_SCALES[0]), UI_SCALES[1])
        self.session.say(SIZE_AT_NEXT_START.format(size=self.text_size))

    def toggle_wheel(self) -> None:
        """Have the wheel (two fingers on a trackpad) pan the canvas instead of zooming it, or zoom again."""
        self.canvas.wheel_pans = not self.canvas.wheel_pans
        self.session.say(WHEEL_PANS if self.canvas.wheel_pans else WHEEL_ZOOMS)

    def undo(self) -> None:
        """Take back the last edit, and say which."""
        self.add_waiting()
        before = self.session.undo_label
        done = self.take_back() or self.session.undo()
        look_at_something(self.session)
        if done or not before:
            self.session.say(UNDONE.format(edit=done) if done else NOTHING_TO_UNDO)

    def redo(self) -> None:
        """Make the edit again that was taken back last, and say which."""
        self.add_waiting()
        before = self.session.redo_label
        done = self.session.redo()
        look_at_something(self.session)
        if done or not before:
            self.session.say(REDONE.format(edit=done) if done else NOTHING_TO_REDO)

    def new(self) -> None:
        """Start a new recipe; from the form of a locked one only after a question."""
        if not self.session.recipe.locked:
            new_recipe(self.session)
            return
        lines = (IS_LOCKED.format(recipe=self.session.title), NEW_SHOWS_EDITOR)
        self.ask(Question(LEAVE_FORM, lines, ((NEW_RECIPE, lambda: new_recipe(self.session)),)))

    def open(self, path: Path) -> None:
        """Open a recipe and show all of it."""
        was_locked = self.session.recipe.locked
        self.session.open(path)
        look_at_something(self.session)
        unlocked = was_locked and not self.session.recipe.locked
        self.session.say((IS_OPEN_UNLOCKED if unlocked else IS_OPEN).format(file=path.name))
        self.canvas.fit()

    def open_example(self, title: str) -> None:
        """Open this user's copy of a shipped recipe on its samples, and show all of it."""
        open_example(self.session, title, examples_folder())
        look_at_something(self.session)
        self.session.say(YOUR_OWN_COPY)
        self.canvas.fit()

    def keep_snippet(self) -> None:
        """Keep the selected group, or the selected nodes under a name that is asked for, for other recipes."""
        part, name = self.canvas.selected_as_recipe()

        def take(name: str) -> None:
            kept = snippets.keep(part, name, self.session.models)
            self.session.say(SNIPPET_KEPT.format(snippet=kept.name))

        if name:
            self.attempt(lambda: take(name))
        else:
            self.ask_text(NAME_OF_SNIPPET, lambda name: self.attempt(lambda: take(name)))

    def put_in_middle(self, recipe: Recipe, models: Path) -> None:
        """Add a recipe whose all is one group in the middle of the canvas; its models lie in a folder.

        ``Problem`` where the recipe that is open is locked.
        """
        require_unlocked(self.session.recipe)
        self.session.models = self.session.models.and_in(models)
        self.canvas.put(recipe, self.canvas.middle)

    def show_snippets(self) -> None:
        """Show the files of the snippets, which can be renamed, handed on and deleted there."""
        folder = snippets.snippets_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self.attempt(lambda: open_outside(folder))

    def recover(self) -> None:
        """Bring back unsaved work that was left behind, and show all of it."""
        self.attempt(lambda: recover_newest(self.session))
        self.canvas.fit(everything=True)

    def take_dropped(self, paths: Sequence[Path]) -> None:
        """Open a recipe, report or bundle that was dropped on the window, or add images and folders of images."""
        recipe = next((path for path in paths if path.name.lower().endswith((SUFFIX, *HOLD_A_RECIPE))), None)
        if recipe:
            self.open(recipe)
        images = [str(path) for path in paths if path != recipe]
        if images:
            self.add_places(images)

    def paste_picture(self) -> None:
        """Add the picture on the clipboard, or the files that were copied, to the images."""

        def take() -> Callable[[], None]:
            paths = take_from_clipboard(pictures_folder())
            return lambda: self._pasted(paths)

        self.in_thread(own_thread, PASTING_PICTURE, take)

    def _pasted(self, paths: Sequence[Path]) -> None:
        self.add_places([str(path) for path in paths])
        if paths[0].parent == pictures_folder():
            self.session.say(PICTURE_KEPT.format(file=paths[0].name, folder=paths[0].parent))

    def ask_open(self) -> None:
        """Ask for a recipe file and open it."""
        start = self.session.path.parent if self.session.path else Path.cwd()
        self.ask_recipe(OPEN_RECIPE, start, self.open)

    def save(self) -> None:
        """Save the recipe, asking for a name if it has none."""
        if self.session.path:
            self.attempt(lambda: self.save_to(None))
        else:
            self.ask_save()

    def ask_save(self) -> None:
        """Ask for a name and save the recipe under it."""
        self.ask_recipe(SAVE_RECIPE_AS, self.session.suggested_file, self.save_to, saving=True)

    def save_to(self, path: Path | None, *, over: bool = False, why: str = "") -> None:
        """Save under a name (``None``: its own). ``Problem`` if it cannot be.

        Asks where another recipe is there, and for the reason where the policy of the folder demands one.
        """
        session = self.session
        self.add_waiting()
        try:
            session.save(path, over=over, why=why)
            self.add_waiting()  # what could not be kept where the recipe was
            session.say(SAVED.format(recipe=session.title))
        except CommentNeeded:
            again = lambda reason: self.attempt(lambda: self.save_to(path, over=over, why=reason))  # noqa: E731
            self.post(lambda: self.ask_text(WHY_CHANGED, again))  # once this dialog is closed
        except NoFolder as missing:
            self._ask_to_save(MAKE_FOLDER, [missing.message], (MAKE_FOLDER_AND_SAVE, path))
        except Occupied as occupied:
            self._ask_to_replace(path, occupied)

    def _ask_to_replace(self, path: Path | None, occupied: Occupied) -> None:
        if occupied.there is None:
            self._ask_to_save(TAKE_OVER_MARKS, [occupied.message], (SAVE_AND_TAKE_OVER, path))
            return
        changes = differences(self.session.recipe, occupied.there)
        more = len(changes) - MOST_DIFFERENCES
        lines = [
            occupied.message,
            THE_FILE_BESIDE,
            *(DIFFERENCE.format(difference=change) for change in changes[:MOST_DIFFERENCES]),
            *([MORE_DIFFERENCES.format(count=more)] if more > 0 else []),
        ]
        own = [(OPEN_THE_FILE, partial(self.attempt, self.session.reload))] if path is None else []
        self._ask_to_save(REPLACE_RECIPE, lines, (REPLACE_FILE, path), own)

    def _ask_to_save(
        self, title: str, lines: Sequence[str], save: tuple[str, Path | None], more: Sequence[Answer] = ()
    ) -> None:
        """Ask whether to save all the same (the words for it, and where), under another name, or not at all."""
        words, path = save
        over: Answer = (words, partial(self.attempt, lambda: self.save_to(path, over=True)))
        self.ask(Question(title, tuple(lines), (over, (SAVE_AS, self.ask_save), *more)))
