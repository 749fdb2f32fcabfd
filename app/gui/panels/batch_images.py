"""The part of the batch panel that says which images to run on."""

from collections.abc import Callable, Sequence
from pathlib import Path

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.nouns import IMAGE
from graingraph.app.gui.panels.setting_widgets import CHOOSE
from graingraph.app.services.batch_choice import CHOICES, HELP, WORDS, Choice, by_marks, candidates
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import printable
from graingraph.engine.images.passed_over import passed_over
from graingraph.engine.values.wording import counted

RUN_ON = "Run on"
RUN_ON_COUNTED = "Run on {images}"
RUN_ON_MARKED: dict[Choice, str] = {"drawn on": "Run on images drawn on", "not drawn on": "Run on images not drawn on"}
RUN_ON_OTHERS = "Run on a folder, a file or a pattern"


class BatchImages:
    """A list to choose from and, for images outside the tray, the place where they are."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self.choice: Choice = "all"
        self._others: list[Path] = []
        self.widgets: dict[str, int | str] = {}
        scale = app.ui_scale
        dpg.add_text(RUN_ON)
        self.widgets["images"] = dpg.add_combo(
            list(WORDS.values()),
            default_value=WORDS["all"],
            width=round(250 * scale),
            callback=self._choose,
        )
        with dpg.tooltip(self.widgets["images"]):
            self._help = dpg.add_text(HELP["all"], wrap=round(360 * scale))

    def build_place(self) -> None:
        """Add what names images outside the tray, where it may be as long as it likes."""
        self.widgets["other images"] = dpg.add_button(label=CHOOSE, show=False, callback=self._ask)
        self._place = dpg.add_text("", show=False)

    @property
    def images(self) -> list[Path]:
        """The images that may be meant, in their order."""
        return candidates(self.choice, self._app.session, self._others)

    @property
    def words(self) -> str:
        """What the button to run says."""
        if self.choice in RUN_ON_MARKED:
            return RUN_ON_MARKED[self.choice]
        return RUN_ON_COUNTED.format(images=counted(len(self.images), IMAGE))

    def chooser(self) -> Callable[[Sequence[Path]], list[Path]]:
        """What makes the final choice, in the thread of the run."""
        choice, session = self.choice, self._app.session
        recipe, marks = session.recipe, session.marks
        return lambda paths: by_marks(choice, paths, recipe, marks)

    def _choose(self, sender: int, words: str) -> None:
        self.choice = next(choice for choice in CHOICES if WORDS[choice] == words)
        dpg.set_value(self._help, HELP[self.choice])
        for item in (self.widgets["other images"], self._place):
            dpg.configure_item(item, show=self.choice == "others")
        if self.choice == "others" and not self._others:
            self._ask()

    def _ask(self) -> None:
        images = self._others or self._app.session.images
        start = images[-1].parent if images else Path.cwd()
        self._app.ask_path(RUN_ON_OTHERS, start, "any", self._take)

    def _take(self, path: Path) -> None:
        self._others = find_images([str(path)])
        for sentence in passed_over([str(path)]):
            self._app.session.say(sentence, "warning")
        dpg.set_value(self._place, printable(str(path)))
