"""The search palette: all nodes by category, or those found by a few letters; choose one, Enter."""

import dearpygui.dearpygui as dpg

from graingraph.app.document import commands, groups
from graingraph.app.document.names import title_in
from graingraph.app.document.node_search import search
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.search_popup import Entry, SearchPopup, best
from graingraph.app.gui.base.theme import Colors
from graingraph.app.gui.canvas.editing import Editing
from graingraph.app.gui.canvas.state import PaletteRequest
from graingraph.app.library.snippets import Snippet, models_of_snippets, snippets
from graingraph.engine.declare.node import NodeType

SEARCH = "Search nodes and snippets"
SEARCH_BEHIND = "Search nodes to put behind {node}"
SNIPPETS = "Snippets"
KEPT_GROUP = "A group that you keep: {nodes}."


class PalettePopup(SearchPopup):
    """Shown while ``canvas.palette`` holds a request; it follows the canvas, which knows nothing of it."""

    def __init__(self, app: AppContext, canvas: Editing) -> None:
        super().__init__(app, SEARCH, self._fitting, self._choose_entry, self._give_up)
        self._canvas = canvas
        self._snippets: dict[Entry, Snippet] = {}
        self._request: PaletteRequest | None = None

    def refresh(self, corner: tuple[float, float], area: tuple[float, float]) -> None:
        """Open at a pixel of the window, or close, as the canvas asks."""
        request = self._canvas.palette
        if request is self._request:
            return
        self._request = request
        if request is None:
            self.hide()
        else:
            behind = title_in(self._app.session.recipe, request.behind) if request.behind else ""
            dpg.configure_item(self._field, hint=SEARCH_BEHIND.format(node=behind) if behind else SEARCH)
            self.open(corner, area)

    def _fitting(self, typed: str) -> list[Entry]:
        """Those that fit the open wire end; behind a node all, but of those found by words first those that fit."""
        recipe, request = self._app.session.recipe, self._request
        end = request.end if request else None
        kinds = search(typed, commands.types_that_fit(recipe, end))
        box = self._canvas.scene.boxes.get(request.behind) if request and typed.strip() else None
        if box:
            fitting = {kind.name for spot in box.outputs for kind in commands.types_that_fit(recipe, spot.end)}
            kinds = sorted(kinds, key=lambda kind: kind.name not in fitting)
        found = [entry_of(kind, self._app.colors) for kind in kinds]
        kept = [one for one in snippets() if end is None or groups.fits(one.recipe, recipe, end)]
        self._snippets = {entry_of_snippet(one): one for one in kept}
        offered = best(typed, self._snippets)
        meant = [one for one in offered if typed.strip() and one.name.lower().startswith(typed.strip().lower())]
        return [*meant, *found, *(one for one in offered if one not in meant)]

    def _choose_entry(self, entry: Entry) -> None:
        snippet = self._snippets.get(entry)
        if snippet is None:
            self._canvas.choose(entry.name)
            return
        session = self._app.session
        session.models = session.models.and_in(models_of_snippets())
        self._canvas.choose_recipe(snippet.recipe)

    def _give_up(self) -> None:
        self._canvas.palette = None


def entry_of(kind: NodeType, colors: Colors) -> Entry:
    """The row of a node type, under its category."""
    return Entry(kind.name, kind.category, help=kind.summary, color=colors.categories.get(kind.category, colors.faint))


def entry_of_snippet(snippet: Snippet) -> Entry:
    """The row of a snippet: its name, and what lies in it."""
    inside = ", ".join(title_in(snippet.recipe, step) for step in snippet.recipe.order)
    return Entry(snippet.name, SNIPPETS, help=KEPT_GROUP.format(nodes=inside))
