"""The search palette: all nodes by category, or those found by a few letters; choose one, Enter."""

from graingraph.app.document import commands
from graingraph.app.document.node_search import search
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.search_popup import Entry, SearchPopup
from graingraph.app.gui.base.theme import Colors
from graingraph.app.gui.canvas.editing import Editing, PaletteRequest
from graingraph.engine.declare.node import NodeType


class PalettePopup(SearchPopup):
    """Shown while ``canvas.palette`` holds a request; it follows the canvas, which knows nothing of it."""

    def __init__(self, app: AppContext, canvas: Editing) -> None:
        super().__init__(app, "Search nodes", self._fitting, lambda entry: canvas.choose(entry.name), self._give_up)
        self._canvas = canvas
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
            self.open(corner, area)

    def _fitting(self, typed: str) -> list[Entry]:
        end = self._request.end if self._request else None
        fitting = commands.types_that_fit(self._app.session.recipe, end)
        return [entry_of(kind, self._app.colors) for kind in search(typed, fitting)]

    def _give_up(self) -> None:
        self._canvas.palette = None


def entry_of(kind: NodeType, colors: Colors) -> Entry:
    """The row of a node type, under its category."""
    return Entry(kind.name, kind.category, help=kind.summary, color=colors.categories.get(kind.category, colors.faint))
