"""The rows of a run in the batch panel: failures first, a click goes to the image and the node."""

import time
from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.document.names import title_in
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.rows import ROW_HEIGHT, row_theme
from graingraph.app.gui.base.text import cut, shortened
from graingraph.app.services.batch_job import BatchJob
from graingraph.engine.batch.image_job import NO_COLUMNS, NOT_REPORTABLE
from graingraph.engine.values.csv import tab_separated_rows
from graingraph.engine.values.wording import cell

MOST_ROWS = 500
ROW = "batch row "
LATEST = 30
"""While it runs, only failures and the latest rows are shown, and not more often than this many seconds apart."""
APART_S = 0.5
_NO_NUMBERS = {"Image", "Status", "Node", "Message", "Notes", NOT_REPORTABLE, "Seconds", "Hash", *NO_COLUMNS}
_NAME = 220
"""Width at UI scale 1 to which the name of an image is cut, in pixels; status and seconds take as much."""


class BatchRows:
    """A table of what was measured and what failed."""

    def __init__(
        self,
        app: AppContext,
        parent: int | str,
        chosen: Callable[[dict[str, Any]], None],
        widgets: dict[str, int | str],
    ) -> None:
        self._app, self._chosen = app, chosen
        self._list = dpg.add_child_window(parent=parent, border=False)
        self._row_height = round(ROW_HEIGHT * app.ui_scale)
        self._shown: tuple[object, ...] = ()
        self._when = 0.0
        dpg.bind_item_theme(self._list, row_theme())
        self._widgets = widgets

    def refresh(self, job: BatchJob | None) -> None:
        """Show the rows of a run."""
        wide = dpg.get_item_rect_size(self._list)[0]
        shown = (job, len(job.rows), job.running, wide, self._app.letters) if job else ()
        now = time.monotonic()
        if shown == self._shown or (job and job.running and now < self._when + APART_S):
            return
        self._shown, self._when = shown, now
        dpg.delete_item(self._list, children_only=True)
        for name in [name for name in self._widgets if name.startswith(ROW)]:
            del self._widgets[name]
        if job and job.rows:
            self._build(rows_to_show(list(job.rows.values()), running=job.running))

    def _build(self, rows: list[dict[str, Any]]) -> None:
        with dpg.table(
            parent=self._list,
            row_background=True,
            policy=dpg.mvTable_SizingFixedFit,
            scrollY=True,
            freeze_rows=1,
            resizable=True,
        ):
            for heading in ("Image", "Status", "Seconds", "What was measured, or what failed", "Remarks"):
                dpg.add_table_column(label=heading)
            for row in rows[:MOST_ROWS]:
                self._add(row)
        if len(rows) > MOST_ROWS:
            words = f"and {len(rows) - MOST_ROWS} more; all of them are in fields.csv in the folder"
            dpg.add_text(words, parent=self._list, color=self._app.colors.faint)

    def _add(self, row: dict[str, Any]) -> None:
        good, colors = row["Status"] == "ok", self._app.colors
        name = round(_NAME * self._app.ui_scale)
        room = max(name, (dpg.get_item_rect_size(self._list)[0] - 1.6 * name) / 2)
        where = f"{title_in(self._app.session.recipe, row['Node'])}: " if row["Node"] else ""
        what, said = _numbers(row) if good else f"{where}{row['Message']}", remarks(row)
        with dpg.table_row():
            self._widgets[ROW + row["Image"]] = first = dpg.add_selectable(
                label=shortened(row["Image"], name),
                span_columns=True,
                height=self._row_height,
                user_data=row,
                callback=self._click,
            )
            dpg.add_text(row["Status"], color=colors.states["fresh" if good else "failed"])
            dpg.add_text(cell(float(row.get("Seconds", 0))))
            dpg.add_text(cut(what, room))
            dpg.add_text(cut(said, room), color=colors.states["running"] if row.get(NOT_REPORTABLE) else colors.faint)
        with dpg.tooltip(first):
            dpg.add_text("\n".join(filter(None, (row["Image"], what, said))), wrap=round(560 * self._app.ui_scale))

    def _click(self, sender: int, value: bool, row: dict[str, Any]) -> None:
        dpg.set_value(sender, False)
        self._chosen(row)


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
    return "  ".join(filter(None, (f"Not reportable: {why}" if why else "", notes)))


def _numbers(row: dict[str, Any]) -> str:
    """The first few numbers of an image's row."""
    found = [(name, value) for name, value in row.items() if name not in _NO_NUMBERS and isinstance(value, int | float)]
    return ", ".join(f"{name} {cell(value)}" for name, value in found[:4])
