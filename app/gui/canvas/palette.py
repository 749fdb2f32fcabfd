"""The search palette: all nodes by category, or those found by a few letters; choose one, Enter."""

import dearpygui.dearpygui as dpg

from graingraph.app.document import commands
from graingraph.app.document.node_search import search
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.rows import ROW_HEIGHT, row_theme
from graingraph.app.gui.base.theme import popup_theme
from graingraph.app.gui.canvas.editing import Editing, PaletteRequest
from graingraph.engine.declare.node import NodeType

WIDTH, LIST_HEIGHT, HELP_HEIGHT = 400, 330, 110
"""At UI scale 1, in pixels; the last is for the field and the help of the chosen node."""
SWATCH = 10


class PalettePopup:
    """Shown while ``canvas.palette`` holds a request; it follows the canvas, which knows nothing of it."""

    def __init__(self, app: AppContext, canvas: Editing) -> None:
        self._app, self._canvas = app, canvas
        self._request: PaletteRequest | None = None
        self._found: list[NodeType] = []
        self._chosen = 0
        self._rows: list[int | str] = []
        scale = app.ui_scale
        with dpg.window(
            show=False, no_title_bar=True, no_resize=True, no_move=True, autosize=True, no_saved_settings=True
        ) as self.window:
            self._field = dpg.add_input_text(hint="Search nodes", width=round(WIDTH * scale), callback=self._search)
            self._list = dpg.add_child_window(
                width=round(WIDTH * scale), height=round(LIST_HEIGHT * scale), border=False
            )
            self._help = dpg.add_text("", wrap=round(WIDTH * scale), color=app.colors.faint)
        dpg.bind_item_theme(self._list, row_theme())

    @property
    def is_open(self) -> bool:
        """Whether the palette is shown."""
        return self._request is not None

    @property
    def offered(self) -> list[str]:
        """The names of the node types in the list, those that have to be scrolled to as well."""
        return [kind.name for kind in self._found]

    @property
    def in_sight(self) -> dict[str, tuple[float, float, float, float]]:
        """The names in the list whose row's middle can be seen without scrolling, with the row's box in pixels."""
        top, bottom = self._list_span
        boxes = (
            {kind.name: _box(row) for kind, row in zip(self._found, self._rows, strict=True)} if self.is_open else {}
        )
        return {name: box for name, box in boxes.items() if top < (box[1] + box[3]) / 2 < bottom}

    @property
    def _list_span(self) -> tuple[float, float]:
        """Top and bottom of the list, in pixels of the window."""
        top = dpg.get_item_pos(self.window)[1] + dpg.get_item_pos(self._list)[1]
        return top, top + dpg.get_item_height(self._list)

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
        x = max(0, min(corner[0], area[0] - (WIDTH + 20) * scale))
        y = max(0, min(corner[1], area[1] - (LIST_HEIGHT + HELP_HEIGHT) * scale))
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
            self._choose_row((self._chosen + (1 if name == "Down" else -1)) % len(self._found))
        elif name == "Enter" and self._found:
            self._canvas.choose(self._found[self._chosen].name)
        elif name == "Escape":
            self._canvas.palette = None
        return True

    def _search(self) -> None:
        end = self._request.end if self._request else None
        fitting = commands.types_that_fit(self._app.session.recipe, end)
        self._found = search(dpg.get_value(self._field), fitting)
        self._show()

    def _show(self) -> None:
        """List what was found: by category where nothing was typed, else the best first with the category behind."""
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        by_category = not dpg.get_value(self._field).strip()
        category = ""
        for kind in self._found:
            if by_category and kind.category != category:
                category = kind.category
                self._add_heading(category)
            self._rows.append(self._add_row(kind, "" if by_category else kind.category))
        dpg.set_y_scroll(self._list, 0)
        if self._found:
            self._choose_row(0, scroll=False)
        else:
            dpg.set_value(self._help, "Nothing fits; try another word.")

    def _add_heading(self, category: str) -> None:
        colors, size = self._app.colors, round(SWATCH * self._app.ui_scale)
        with dpg.group(horizontal=True, parent=self._list):
            with dpg.drawlist(size, round(1.7 * size)):
                corners = (0, 0.5 * size), (size, 1.5 * size)
                dpg.draw_rectangle(*corners, fill=colors.categories.get(category, colors.faint), color=(0, 0, 0, 0))
            dpg.add_text(category, color=colors.faint)

    def _add_row(self, kind: NodeType, behind: str) -> int | str:
        return dpg.add_selectable(
            label=f"    {kind.name}" + (f"    {behind}" if behind else ""),
            height=round(ROW_HEIGHT * self._app.ui_scale),
            user_data=kind.name,
            callback=lambda sender, value, name: self._canvas.choose(name),
            parent=self._list,
        )

    def _choose_row(self, number: int, *, scroll: bool = True) -> None:
        """Set off a row, say what its node does, and bring it into sight."""
        self._chosen = number
        for place, row in enumerate(self._rows):
            dpg.set_value(row, place == number)
        dpg.set_value(self._help, self._found[number].summary)
        if scroll:
            top, bottom = self._list_span
            _, above, _, below = _box(self._rows[number])
            room = (below - above) if number else above - top + dpg.get_y_scroll(self._list)  # all of it at the first
            past = max(0.0, below + room - bottom) - max(0.0, top + room - above)
            dpg.set_y_scroll(self._list, max(0.0, dpg.get_y_scroll(self._list) + past))


def _box(item: int | str) -> tuple[float, float, float, float]:
    return (*dpg.get_item_rect_min(item), *dpg.get_item_rect_max(item))
