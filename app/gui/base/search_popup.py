"""A popup with a field and the list of what was found by what is typed in it; chosen by a click, or the keys."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.rows import ROW_HEIGHT, row_theme
from graingraph.app.gui.base.text import text_width
from graingraph.app.gui.base.theme import popup_theme

NOTHING_FITS = "Nothing fits; try another word."

WIDTH, LIST_HEIGHT, HELP_HEIGHT, BEHIND = 440, 330, 110, 260
"""At UI scale 1, in pixels; the last but one is for the field and the help of the chosen row, and the last where in a
row begins what stands behind the name."""
INDENT, GAP = "    ", "    "
SWATCH = 10


@dataclass(frozen=True)
class Entry:
    """A row: its ``name`` with what stands ``behind`` it, and the ``help`` shown below while it is chosen.

    Rows in a row of one ``heading`` stand under it where nothing is typed, behind a patch of its ``color``.
    """

    name: str
    heading: str = ""
    behind: str = ""
    help: str = ""
    color: tuple[int, ...] | None = None


def best(typed: str, entries: Iterable[Entry]) -> list[Entry]:
    """Those in which every typed word begins a word of the name or heading: those whose name begins so first."""
    words = typed.lower().split()

    def score(entry: Entry) -> int:
        name, parts = entry.name.lower(), f"{entry.name} {entry.heading} {entry.behind}".lower().split()
        if not all(any(part.startswith(word) for part in parts) or word in name for word in words):
            return 0
        return 3 if name.startswith(typed.lower().strip()) else 2 if words and words[0] in name else 1

    scored = [(score(entry), entry) for entry in entries]
    return [entry for found, entry in sorted(scored, key=lambda one: -one[0]) if found]


class SearchPopup:
    """``find`` gives the rows for what is typed, ``choose`` takes the chosen one, ``close`` is told to close it."""

    def __init__(
        self,
        app: AppContext,
        hint: str,
        find: Callable[[str], Sequence[Entry]],
        choose: Callable[[Entry], object],
        close: Callable[[], object],
    ) -> None:
        self._app, self._find, self._choose, self._close = app, find, choose, close
        self._found: Sequence[Entry] = ()
        self._chosen = 0
        self._rows: list[int | str] = []
        self.is_open = False
        scale = app.ui_scale
        with dpg.window(
            show=False, no_title_bar=True, no_resize=True, no_move=True, autosize=True, no_saved_settings=True
        ) as self.window:
            self._field = dpg.add_input_text(hint=hint, width=round(WIDTH * scale), callback=self._search)
            self._list = dpg.add_child_window(
                width=round(WIDTH * scale), height=round(LIST_HEIGHT * scale), border=False
            )
            self._help = dpg.add_text("", wrap=round(WIDTH * scale), color=app.colors.faint)
        dpg.bind_item_theme(self._list, row_theme())

    @property
    def offered(self) -> list[str]:
        """The names in the list, those that have to be scrolled to as well."""
        return [entry.name for entry in self._found]

    @property
    def in_sight(self) -> dict[str, tuple[float, float, float, float]]:
        """The names in the list whose row's middle can be seen without scrolling, with the row's box in pixels."""
        top, bottom = self._list_span
        boxes = (
            {entry.name: _box(row) for entry, row in zip(self._found, self._rows, strict=True)} if self.is_open else {}
        )
        return {name: box for name, box in boxes.items() if top < (box[1] + box[3]) / 2 < bottom}

    @property
    def _list_span(self) -> tuple[float, float]:
        """Top and bottom of the list, in pixels of the window."""
        top = dpg.get_item_pos(self.window)[1] + dpg.get_item_pos(self._list)[1]
        return top, top + dpg.get_item_height(self._list)

    def holds(self, x: float, y: float) -> bool:
        """Whether a pixel of the window lies on it."""
        left, top = dpg.get_item_pos(self.window)
        width, height = dpg.get_item_rect_size(self.window)
        return left <= x <= left + width and top <= y <= top + height

    def open(self, corner: tuple[float, float], area: tuple[float, float]) -> None:
        """Open at a pixel of the window, all of it inside the ``area``."""
        scale = self._app.ui_scale
        x = max(0, min(corner[0], area[0] - (WIDTH + 20) * scale))
        y = max(0, min(corner[1], area[1] - (LIST_HEIGHT + HELP_HEIGHT) * scale))
        self.is_open = True
        dpg.set_value(self._field, "")
        dpg.bind_item_theme(self.window, popup_theme(self._app.colors))
        dpg.configure_item(self.window, show=True, pos=(round(x), round(y)))
        dpg.focus_item(self.window)
        dpg.focus_item(self._field)
        self._search()

    def hide(self) -> None:
        """Close without a choice."""
        self.is_open = False
        dpg.configure_item(self.window, show=False)

    def key(self, name: str) -> bool:
        """Take a key while open; True if it was for the popup."""
        if not self.is_open:
            return False
        if name in ("Up", "Down") and self._found:
            self._choose_row((self._chosen + (1 if name == "Down" else -1)) % len(self._found))
        elif name == "Enter" and self._found:
            self._choose(self._found[self._chosen])
        elif name == "Escape":
            self._close()
        return True

    def _search(self) -> None:
        self._found = self._find(dpg.get_value(self._field))
        self._show()

    def _show(self) -> None:
        """List what was found: under headings where nothing was typed, else the best first, the heading behind."""
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        typed = bool(dpg.get_value(self._field).strip())
        heading = ""
        for entry in self._found:
            if not typed and entry.heading != heading:
                heading = entry.heading
                self._add_heading(entry)
            self._rows.append(self._add_row(entry, entry.behind or (entry.heading if typed else "")))
        dpg.set_y_scroll(self._list, 0)
        if self._found:
            self._choose_row(0, scroll=False)
        else:
            dpg.set_value(self._help, NOTHING_FITS)

    def _add_heading(self, entry: Entry) -> None:
        size = round(SWATCH * self._app.ui_scale)
        with dpg.group(horizontal=True, parent=self._list):
            if entry.color is not None:
                high = round(ROW_HEIGHT * self._app.ui_scale)
                with dpg.drawlist(size, high):
                    top = (high - size) / 2
                    dpg.draw_rectangle((0, top), (size, top + size), fill=entry.color, color=(0, 0, 0, 0))
            dpg.add_text(entry.heading, color=self._app.colors.faint)

    def _add_row(self, entry: Entry, behind: str) -> int | str:
        return dpg.add_selectable(
            label=f"{INDENT}{entry.name}" + (f"{self._blanks(entry.name)}{behind}" if behind else ""),
            height=round(ROW_HEIGHT * self._app.ui_scale),
            user_data=entry,
            callback=lambda sender, value, chosen: self._choose(chosen),
            parent=self._list,
        )

    def _blanks(self, name: str) -> str:
        """So many blanks behind a name that what follows stands below that of other rows."""
        left = BEHIND * self._app.ui_scale - text_width(INDENT + name)
        return max(GAP, " " * round(left / (text_width(" ") or left)))

    def _choose_row(self, number: int, *, scroll: bool = True) -> None:
        """Set off a row, show its help, and bring it into sight."""
        self._chosen = number
        for place, row in enumerate(self._rows):
            dpg.set_value(row, place == number)
        dpg.set_value(self._help, self._found[number].help)
        if scroll:
            top, bottom = self._list_span
            _, above, _, below = _box(self._rows[number])
            room = (below - above) if number else above - top + dpg.get_y_scroll(self._list)  # all of it at the first
            past = max(0.0, below + room - bottom) - max(0.0, top + room - above)
            dpg.set_y_scroll(self._list, max(0.0, dpg.get_y_scroll(self._list) + past))


def _box(item: int | str) -> tuple[float, float, float, float]:
    return (*dpg.get_item_rect_min(item), *dpg.get_item_rect_max(item))
