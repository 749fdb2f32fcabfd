"""Rows of a table on the clipboard, for a spreadsheet."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext, own_thread
from graingraph.app.gui.base.nouns import ROW
from graingraph.engine.values.wording import counted

COPYING = "Copying the rows"
COPIED = "{rows} copied, for a spreadsheet."


def copy_rows(app: AppContext, count: int, text: Callable[[], str]) -> None:
    """Put so many rows on the clipboard. Their text is made in a thread: that of thousands takes a while."""

    def write() -> Callable[[], None]:
        made = text()

        def put() -> None:
            dpg.set_clipboard_text(made)
            app.session.say(COPIED.format(rows=counted(count, ROW)))

        return put

    app.in_thread(own_thread, COPYING, write)
