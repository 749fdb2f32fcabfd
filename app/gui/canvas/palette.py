"""The search palette: type a few letters, choose a node, Enter."""

import dearpygui.dearpygui as dpg

from graingraph.app.document import commands
from graingraph.app.document.node_search import search
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.theme import popup_theme
from graingraph.app.gui.canvas.editing import Editing, PaletteRequest
from graingraph.engine.declare.node import NodeType

SHOWN = 12


class PalettePopup:
    """Shown while ``canvas.palette`` holds a request; it follows the canvas, which knows nothing of it."""

    def __init__(self, app: AppContext, canvas: Editing) -> None:
        self._app, self._canvas = app, canvas
        self._request: PaletteRequest | None = None
        self._found: list[NodeType] = []
        self._chosen = 0
        scale = app.ui_scale
        with dpg.window(
            show=False, no_title_bar=True, no_resize=True, no_move=True, autosize=True, no_saved_settings=True
        ) as self.window:
            self._field = dpg.add_input_text(hint="Search nodes", width=round(380 * scale), callback=self._search)
            self._list = dpg.add_group()
            self._help = dpg.add_text("", wrap=round(380 * scale), color=app.colors.faint)

    @property
    def is_open(self) -> bool:
        """Whether the palette is shown."""
        return self._request is not None

    @property
    def offered(self) -> list[str]:
        """The names of the node types in the list."""
        return [kind.name for kind in self._found[:SHOWN]]

    def refresh(self, corner: tuple[float, float], area: tuple[float, float]) -> None:
        """Open at a pixel of the window, or close, as the canvas asks."""
        request = self._canvas.palette
        if request is self._request:
            return
        self._request = request
        if request is None:
            dpg.configure_item(self.window, show=False)
            return
        scale = self._app.ui_scale
        x = max(0, min(corner[0], area[0] - 400 * scale))
        y = max(0, min(corner[1], area[1] - 420 * scale))
        dpg.set_value(self._field, "")
        dpg.bind_item_theme(self.window, popup_theme(self._app.colors))
        dpg.configure_item(self.window, show=True, pos=(round(x), round(y)))
        dpg.focus_item(self.window)
        dpg.focus_item(self._field)
        self._search()

    def key(self, name: str) -> bool:
        """Take a key while open; True if it was for the palette."""
        if not self.is_open:
            return False
        if name in ("Up", "Down") and self._found:
            count = min(len(self._found), SHOWN)
            self._chosen = (self._chosen + (1 if name == "Down" else -1)) % count
            self._show()
        elif name == "Enter" and self._found:
            self._canvas.choose(self._found[self._chosen].name)
        elif name == "Escape":
            self._canvas.palette = None
        return True

    def _search(self) -> None:
        end = self._request.end if self._request else None
        fitting = commands.types_that_fit(self._app.session.recipe, end)
        self._found = search(dpg.get_value(self._field), fitting)
        self._chosen = 0
        self._show()

    def _show(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        for row, kind in enumerate(self._found[:SHOWN]):
            dpg.add_selectable(
                label=f"{kind.name}    {kind.category}",
                default_value=row == self._chosen,
                width=round(380 * self._app.ui_scale),
                user_data=kind.name,
                callback=lambda sender, value, name: self._canvas.choose(name),
                parent=self._list,
            )
        if self._found:
            more = f"  (+{len(self._found) - SHOWN} more)" if len(self._found) > SHOWN else ""
            dpg.set_value(self._help, self._found[self._chosen].summary + more)
        else:
            dpg.set_value(self._help, "Nothing fits; try another word.")
