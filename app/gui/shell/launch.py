"""Starting the window on a recipe and images, as the person left it."""

import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graingraph.app.document.session import state_folder
from graingraph.app.document.start import start_session
from graingraph.app.gui.base import preferences

if TYPE_CHECKING:
    from graingraph.app.gui.shell.window import Window


def launch(
    recipe: Path | None = None,
    images: Sequence[Path] = (),
    *,
    ui_scale: float | None = None,
    light: bool | None = None,
    size: tuple[int, int] | None = None,
    after_turn: "Callable[[Window], object] | None" = None,
) -> None:
    """Open the window and return when it is closed: as it was left, unless something else is asked for.

    ``Problem`` where no window can be shown.

    ``after_turn`` is called at the end of every turn of the main loop; tests look at the window with it.
    """
    from graingraph.app.gui.shell.display import require_display, screen_scale
    from graingraph.app.gui.shell.window import show
    from graingraph.engine.declare.plugins import PANELS, load_plugins

    require_display()
    plugins = load_plugins(PANELS)
    kept = state_folder() / "preferences.json"
    asked: dict[str, Any] = {"ui_scale": ui_scale, "light": light, "size": size}
    usual = preferences.at_first(screen_scale())
    start = replace(
        preferences.load(kept, usual), **{name: value for name, value in asked.items() if value is not None}
    )
    session = start_session(state_folder(), recipe, images)
    for problem in plugins.problems:
        session.report(problem)
    try:
        preferences.save(kept, show(session, start, after_turn=after_turn))
    finally:
        session.close()
    if any(thread.daemon for thread in threading.enumerate() if thread is not threading.current_thread()):
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)  # a thread still inside a library would abort the process as Python ends; all is on the disk
