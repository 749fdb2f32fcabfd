"""The rows of one page of a table as widgets: filled anew from page to page, and never many in one turn."""

import time
from collections.abc import Callable, Iterator
from itertools import zip_longest

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.theme import Color

MOST_S = 0.008
"""How long a turn of the main loop may spend on rows; those in sight come first."""
FITS = 16
"""A text of fewer letters is never wider than a cell may be."""
WHOLE_PX = 600
"""Width at UI scale 1 of the texts of a row shown whole."""
Cells = tuple[int, list[str]]


class TableRows:
    """Lines of widgets in a table, the first cell a selectable that spans them. ``picked`` hears of clicks on it.

    ``cut`` gives as much of the text of a column as it has room for; pointing at the row shows what was cut whole.
    ``colors`` are those of the cells of a row, where they have any of their own.
    """

    def __init__(
        self,
        table: int | str,
        height: int,
        cut: Callable[[int, str], str],
        picked: Callable[[int, bool, int], None],
        *,
        ui_scale: float,
        colors: Callable[[int], dict[int, Color]] = lambda row: {},
    ) -> None:
        self._table, self._height, self._cut, self._picked, self._colors = table, height, cut, picked, colors
        self._ui_scale = ui_scale
        self._lines: list[list[int | str]] = []
        self._whole: dict[int | str, tuple[int | str, int | str]] = {}
        """The tooltip of a row, by its first cell, and the text in it; only rows with a text that is cut have one."""
        self._shown: list[tuple[list[str], dict[int, Color]]] = []
        self._coming: Iterator[Cells] = iter(())
        self._done = 0
        self._chosen: int | None = None
        self.items: dict[int, int | str] = {}

    def show(self, rows: Iterator[Cells], chosen: int | None = None) -> None:
        """Show other rows, each its number and the text of its cells, from the next ``go_on`` on."""
        self._coming, self._done, self._chosen = rows, 0, chosen
        self.items.clear()

    def go_on(self) -> bool:
        """Show more of the rows that are not shown yet; True when all are."""
        end = time.perf_counter() + MOST_S
        for row, cells in self._coming:
            self._show_line(row, cells)
            self._done += 1
            if time.perf_counter() > end:
                return False
        for line in self._lines[self._done :]:
            self._whole.pop(line[0], None)
            dpg.delete_item(dpg.get_item_parent(line[0]) or 0)
        del self._lines[self._done :], self._shown[self._done :]
        return True

    def choose(self, chosen: int | None) -> None:
        """Set off this row and no other."""
        self._chosen = chosen
        for row, item in self.items.items():
            if dpg.get_value(item) != (row == chosen):
                dpg.set_value(item, row == chosen)

    def _show_line(self, row: int, cells: list[str]) -> None:
        if self._done == len(self._lines):
            self._add_line(len(cells))
        line, (before, colors_before) = self._lines[self._done], self._shown[self._done]
        short = [text if len(text) < FITS else self._cut(column, text) for column, text in enumerate(cells)]
        self._show_whole(line[0], [text for text, seen in zip(cells, short, strict=True) if text != seen])
        dpg.configure_item(line[0], label=f"{short[0]}##{row}", user_data=row)
        dpg.set_value(line[0], row == self._chosen)
        for item, text, old in zip_longest(line[1:], short[1:], before[1:]):
            if text != old:
                dpg.set_value(item, text)
        colors = self._colors(row)
        for column, color in colors.items():
            if color != colors_before.get(column):
                dpg.configure_item(line[column], color=color)
        self._shown[self._done] = (short, colors)
        self.items[row] = line[0]

    def _show_whole(self, first: int | str, texts: list[str]) -> None:
        if texts and first not in self._whole:
            with dpg.tooltip(first) as tip:
                self._whole[first] = (tip, dpg.add_text("", wrap=round(WHOLE_PX * self._ui_scale)))
        if first in self._whole:
            tip, text = self._whole[first]
            dpg.configure_item(tip, show=bool(texts))
            dpg.set_value(text, "\n".join(texts))

    def _add_line(self, count: int) -> None:
        with dpg.table_row(parent=self._table):
            first = dpg.add_selectable(span_columns=True, height=self._height, callback=self._picked)
            self._lines.append([first, *(dpg.add_text("") for _ in range(count - 1))])
        self._shown.append(([], {}))
