"""The library panel: what a group shares, found by words, and what of it is chosen; publishing to it."""

from collections.abc import Callable
from functools import partial

import dearpygui.dearpygui as dpg
import numpy as np
from PIL import Image as Pillow

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.rows import row_theme
from graingraph.app.gui.base.text import shortened
from graingraph.app.gui.base.theme import SCROLLBAR
from graingraph.app.gui.panels.library_publishing import Publishing
from graingraph.app.gui.panels.library_versions import LibraryVersions
from graingraph.app.gui.panels.library_work import LibraryWork
from graingraph.app.library.shelf import Shelf
from graingraph.app.library.user_library import open_existing, remember_library, usual_library
from graingraph.app.library.versions import Version
from graingraph.engine.problem import Problem

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
LOOKING = "Looking…"

THUMBNAIL = (96, 54)
"""Width and height of a picture in the list at UI scale 1, in pixels."""
LIST_WIDE, MOST_OF_LIST = 430, 0.4
"""Width of the list at UI scale 1, in pixels, and its largest share of the panel; what is chosen is beside it."""
BESIDE_WORDS = 16 + SCROLLBAR
"""What of a row neither the picture nor the words have, at UI scale 1, in pixels."""
MOST_ROWS = 300
MOST_PIXELS = 4_000_000
"""Of a thumbnail; a larger one is none."""


@panel("Library", place="bottom", order=50)
class LibraryPanel(Panel):
    """The fields to find, the list of what was found, and beside it the versions of what is chosen."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._work = LibraryWork(app)
        self._publishing = Publishing(app, self._work, self._published)
        self._shelf: Shelf | None = None
        self._lacking = ""
        self._chosen = ""
        self._listed_of: tuple[object, ...] = ()
        self._textures: dict[str, int | str] = {}
        self._asked: set[str] = set()
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        shelf = self._shelf
        return {
            "busy": self._work.busy,
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
            self.widgets["publish"] = dpg.add_button(label=PUBLISH, callback=self._publish)
            self.widgets["library note"] = dpg.add_input_text(width=round(220 * scale), hint=WHAT_IS_NEW)
        self._words = dpg.add_text("", parent=parent, wrap=0, show=False)
        with dpg.group(horizontal=True, parent=parent):
            self._list = dpg.add_child_window(width=round(LIST_WIDE * scale), border=False)
            self._versions = LibraryVersions(self._app, self._work, self.widgets, self._take)
        dpg.bind_item_theme(self._list, row_theme())
        self._registry = dpg.add_texture_registry()

    def refresh(self) -> None:
        """Show what was found, and what is chosen of it."""
        wide = round(min(LIST_WIDE * self._app.ui_scale, MOST_OF_LIST * self._row.room))
        if wide and wide != dpg.get_item_width(self._list):
            dpg.configure_item(self._list, width=wide)
        empty = self._shelf is not None and not self._shelf.histories
        unknown = self._shelf is None and not self._lacking
        words = self._work.busy or (NOTHING_PUBLISHED if empty else WHAT_IT_IS if unknown else "")
        self._row.refresh()
        if dpg.get_value(self._words) != words:
            dpg.set_value(self._words, words)
            dpg.configure_item(self._words, show=bool(words))
        listed = (
            self._shelf,
            self._lacking,
            self._chosen,
            dpg.get_value(self.widgets["search library"]),
            len(self._textures),
            wide,
        )
        if listed != self._listed_of:
            self._listed_of = listed
            self._show_list()
        self._versions.refresh(self._shelf, self._chosen)

    # the list --------------------------------------------------------------------------------------------------------

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
        room = (dpg.get_item_width(self._list) or 0) - wide - BESIDE_WORDS * self._app.ui_scale
        for version in self._listed():
            with dpg.group(horizontal=True, parent=self._list):
                frame = dpg.add_drawlist(wide, high)
                stored = version.more.get("thumbnail", "")
                if stored in self._textures:
                    dpg.draw_image(self._textures[stored], (0, 0), (wide, high), parent=frame)
                elif shelf is not None and stored and stored not in self._asked:
                    self._asked.add(stored)
                    self._work.look_up(partial(self._read_picture, shelf, version))
                tags = f"   {', '.join(version.tags)}" if version.tags else ""
                lines = [f"{version.name}{tags}", f"{version.day}, {version.author}", version.description]
                label = "\n".join(shortened(line.partition("\n")[0], room) for line in lines)
                self.widgets[f"library row {version.name}"] = row = dpg.add_selectable(
                    label=label,
                    height=high,
                    default_value=version.name == self._chosen,
                    user_data=version.name,
                    callback=self._choose,
                )
                whole = "\n".join(lines)
                if label != whole:
                    with dpg.tooltip(row):
                        dpg.add_text(whole, wrap=round(420 * self._app.ui_scale))

    def _choose(self, sender: int, value: object, name: str) -> None:
        self._chosen = name
        dpg.set_value(sender, True)  # Dear PyGui has turned over a row that was chosen already

    # what the buttons do ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read what the library holds now."""
        where = dpg.get_value(self.widgets["library place"]).strip()

        def read() -> Callable[[], None]:
            try:
                shelf = Shelf.of(open_existing(where))
            except Problem as problem:
                return partial(self._lack, problem.message)
            remember_library(where)
            return partial(self._take, shelf)

        if where:
            self._work.do(LOOKING, read)

    def _take(self, shelf: Shelf, chosen: str = "") -> None:
        """Show what the library holds now, and the versions of what is chosen in it; what was chosen stays for none."""
        self._shelf, self._lacking, self._chosen = shelf, "", chosen or self._chosen

    def _lack(self, why: str) -> None:
        self._shelf, self._lacking = None, why

    def _publish(self) -> None:
        """Publish what is open as a version."""
        where, note = (dpg.get_value(self.widgets[name]).strip() for name in ("library place", "library note"))
        self._publishing.publish(where, note)

    def _published(self, shelf: Shelf, name: str) -> None:
        self._take(shelf, name)
        dpg.set_value(self.widgets["library note"], "")

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
