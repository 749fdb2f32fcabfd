"""The rows of a run in the batch panel: failures first, a click goes to the image and the node."""

import time
from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.document.names import title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.rows import ROW_HEIGHT, row_theme
from graingraph.app.gui.base.text import cut, shortened_apart
from graingraph.app.gui.base.theme import Color
from graingraph.app.gui.panels.table_page import flush_right
from graingraph.app.gui.panels.table_rows import TableRows
from graingraph.app.services.batch_job import BatchJob
from graingraph.engine.batch.image_job import NO_COLUMNS, NOT_REPORTABLE
from graingraph.engine.values.csv import tab_separated_rows
from graingraph.engine.values.wording import cell

HEADINGS = ("Image", "Status", "Seconds", "What was measured, or what failed", "Remarks")
MORE_ROWS = "and {count} more; all of them are in fields.csv in the folder"
FAILED_AT = "{node}: {message}"
NOT_TO_BE_REPORTED = "Not reportable: {why}"


STATUS, REMARKS = 1, 4
"""The columns that have colours of their own."""
MOST_ROWS = 500
ROW = "batch row "
LATEST = 30
"""While it runs, only failures and the latest rows are shown, and not more often than this many seconds apart."""
APART_S = 0.5
_NO_NUMBERS = {"Image", "Status", "Node", "Message", "Notes", NOT_REPORTABLE, "Seconds", "Hash", *NO_COLUMNS}
_NAME = 220
"""Width at UI scale 1 to which the name of an image is cut, in pixels; status and seconds take as much."""


class BatchRows:
    """A table of what was measured and what failed. ``chosen`` hears of clicks on a row."""

    def __init__(
        self,
        app: AppContext,
        parent: int | str,
        chosen: Callable[[dict[str, Any]], None],
        widgets: dict[str, int | str],
    ) -> None:
        self._app, self._chosen, self._widgets = app, chosen, widgets
        self._list = dpg.add_child_window(parent=parent, border=False)
        dpg.bind_item_theme(self._list, row_theme())
        self._table = dpg.add_table(
            parent=self._list,
            row_background=True,
            policy=dpg.mvTable_SizingFixedFit,
            scrollY=True,
            freeze_rows=1,
            resizable=True,
            show=False,
        )
        for heading in HEADINGS:
            dpg.add_table_column(label=heading, parent=self._table)
        self._more = dpg.add_text("", parent=self._list, show=False)
        scale = app.ui_scale
        self._lines = TableRows(
            self._table, round(ROW_HEIGHT * scale), self._cut, self._click, ui_scale=scale, colors=self._colors
        )
        self._rows: list[dict[str, Any]] = []
        self._names: dict[str, str] = {}
        """The names of the images as there is room for them."""
        self._shown: tuple[object, ...] = ()
        self._when = 0.0

    def refresh(self, job: BatchJob | None) -> None:
        """Show the rows of a run."""
        looks = (dpg.get_item_rect_size(self._list)[0], self._app.letters, self._app.colors)
        shown = (job, len(job.rows), job.running, *looks) if job else ()
        now = time.monotonic()
        if shown != self._shown and not (job and job.running and now < self._when + APART_S):
            self._shown, self._when = shown, now
            self._show(rows_to_show(list(job.rows.values()), running=job.running) if job else [])
        self._lines.go_on()
        self._widgets |= {ROW + self._rows[number]["Image"]: item for number, item in self._lines.items.items()}

    def _show(self, rows: list[dict[str, Any]]) -> None:
        for row in self._rows:
            self._widgets.pop(ROW + row["Image"], None)
        self._rows = rows[:MOST_ROWS]
        names = [str(row["Image"]) for row in self._rows]
        took = flush_right([f"{float(row.get('Seconds', 0)):.1f}" for row in self._rows])
        self._names = dict(zip(names, shortened_apart(names, round(_NAME * self._app.ui_scale)), strict=True))
        self._lines.show((number, self._texts(row, took[number])) for number, row in enumerate(self._rows))
        dpg.configure_item(self._table, show=bool(rows))
        dpg.configure_item(self._more, show=len(rows) > MOST_ROWS, color=self._app.colors.faint)
        dpg.set_value(self._more, MORE_ROWS.format(count=len(rows) - MOST_ROWS))

    def _texts(self, row: dict[str, Any], took: str) -> list[str]:
        what = _numbers(row) if row["Status"] == "ok" else self._failure(row)
        return [row["Image"], row["Status"], took, what, remarks(row)]

    def _failure(self, row: dict[str, Any]) -> str:
        """What failed in an image, and at which node."""
        if not row["Node"]:
            return str(row["Message"])
        return FAILED_AT.format(node=title_in(self._app.session.recipe, row["Node"]), message=row["Message"])

    def _cut(self, column: int, text: str) -> str:
        name = round(_NAME * self._app.ui_scale)
        if column == 0:
            return self._names[text]
        return cut(text, max(name, (dpg.get_item_rect_size(self._list)[0] - 1.6 * name) / 2))

    def _colors(self, number: int) -> dict[int, Color]:
        row, colors = self._rows[number], self._app.colors
        state = colors.states["fresh" if row["Status"] == "ok" else "failed"]
        return {STATUS: state, REMARKS: colors.states["running"] if row.get(NOT_REPORTABLE) else colors.faint}

    def _click(self, sender: int, value: bool, number: int) -> None:
        dpg.set_value(sender, False)
        if number < len(self._rows):  # else it is a line of a run before that is about to go
            self._chosen(self._rows[number])


def rows_to_show(rows: list[dict[str, Any]], *, running: bool) -> list[dict[str, Any]]:
    """Failures first; while the run goes on, of the others only the latest, newest first."""
    failed = [row for row in rows if row["Status"] != "ok"]
    good = [row for row in rows if row["Status"] == "ok"]
    return failed + (good[: -LATEST - 1 : -1] if running else good)


def rows_as_text(rows: list[dict[str, Any]]) -> str:
    """The rows for the clipboard, which spreadsheets part into cells: image, status, numbers, message, remarks."""
    first = ("Image", "Status", "Seconds")
    numbers = dict.fromkeys(
        name
        for row in rows
        for name, value in row.items()
        if name not in _NO_NUMBERS and isinstance(value, int | float | str)
    )
    said = [name for name in (NOT_REPORTABLE, "Notes") if any(row.get(name) for row in rows)]
    names = [*first, *numbers, "Message", *said]
    return tab_separated_rows([names, *([row.get(name) for name in names] for row in rows)]).removesuffix("\n")


def remarks(row: dict[str, Any]) -> str:
    """What is to be known of an image's numbers: why they must not be reported, then what else was noted."""
    why, notes = row.get(NOT_REPORTABLE) or "", row.get("Notes") or ""
    return "  ".join(filter(None, (NOT_TO_BE_REPORTED.format(why=why) if why else "", notes)))


def _numbers(row: dict[str, Any]) -> str:
    """The first few numbers of an image's row."""
    found = [(name, value) for name, value in row.items() if name not in _NO_NUMBERS and isinstance(value, int | float)]
    return ", ".join(f"{name} {cell(value)}" for name, value in found[:4])
