"""What menus and keys act on: the canvas, the file, the looks of the window, besides what the panels share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graingraph.app.document.examples import examples_folder, open_example
from graingraph.app.document.start import recover_newest
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.preferences import UI_SCALES
from graingraph.app.gui.base.theme import DARK, LIGHT
from graingraph.app.gui.canvas.controller import Canvas


@dataclass(kw_only=True)
class Application(AppContext):
    """The whole program in its window. Only the main thread uses it."""

    canvas: Canvas
    text_size: float = 1.0
    """The ``ui_scale`` of the next start: panels are built with one for good."""
    ask_recipe: Callable[[Path, Callable[[Path], None]], None] = lambda start, answer: None
    """Opens the dialog for a recipe file: suggested path, and what to do with the answer."""
    show_help: Callable[[], None] = lambda: None
    next_image: Callable[[int], None] = lambda steps: None
    quitting: bool = False

    def escape(self) -> None:
        """Give up the drag or the palette; else stop computing; else let go of the selection."""
        if self.live.busy and not (self.canvas.gesture or self.canvas.palette):
            self.live.cancel()
        else:
            self.canvas.cancel()

    def toggle_theme(self) -> None:
        """Change between dark and light."""
        self.colors = LIGHT if self.colors is DARK else DARK

    def resize_text(self, factor: float) -> None:
        """Have text and buttons larger or smaller from the next start on."""
        self.text_size = min(max(round(self.text_size * factor, 2), UI_SCALES[0]), UI_SCALES[1])
        self.session.say(f"Text and buttons will have {self.text_size:.0%} of their size when you start again.")

    def toggle_wheel(self) -> None:
        """Have the wheel (two fingers on a trackpad) pan the canvas instead of zooming it, or zoom again."""
        self.canvas.wheel_pans = not self.canvas.wheel_pans
        does = "pans the canvas; with Ctrl it zooms" if self.canvas.wheel_pans else "zooms the canvas"
        self.session.say(f"The wheel {does}.")

    def open(self, path: Path) -> None:
        """Open a recipe and show all of it."""
        self.session.open(path)
        self.session.say(f"{path.name} is open.")
        self.canvas.fit()

    def open_example(self, title: str) -> None:
        """Open this user's copy of a shipped recipe on its samples, and show all of it."""
        open_example(self.session, title, examples_folder())
        self.session.say("This is a copy of your own; change what you like.")
        self.canvas.fit()

    def recover(self) -> None:
        """Bring back unsaved work that was left behind, and show all of it."""
        self.attempt(lambda: recover_newest(self.session))
        self.canvas.fit(everything=True)

    def ask_open(self) -> None:
        """Ask for a recipe file and open it."""
        start = self.session.path.parent if self.session.path else Path.cwd()
        self.ask_recipe(start, lambda path: self.attempt(lambda: self.open(path)))

    def save(self) -> None:
        """Save the recipe, asking for a name if it has none."""
        if self.session.path:
            self.attempt(self.session.save)
        else:
            self.ask_save()

    def ask_save(self) -> None:
        """Ask for a name and save the recipe under it."""
        start = self.session.path or Path.cwd() / "recipe.graingraph.json"
        self.ask_path("Save recipe as", start, True, lambda path: self.attempt(lambda: self.session.save(path)))
