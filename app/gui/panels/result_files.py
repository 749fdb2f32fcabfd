"""Files of results: of what is viewed, in the form that its type says, and of a diagram as a picture."""

import re
from collections.abc import Callable
from pathlib import Path

from graingraph.app.gui.base.context import AppContext, own_thread
from graingraph.engine.files import require_possible, write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.values import Export, Plot, Value, registry

WHERE_TO_SAVE = "Save as"
WHERE_TO_SAVE_DIAGRAM = "Save the diagram"
SAVING_DIAGRAM = "Saving the diagram"
DIAGRAM_SAVED = "The diagram is saved as {file}."
THERE_ALREADY = "{file} is there already; choose another name."


class ResultFiles:
    """Asks where, and writes; nothing is overwritten."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    @property
    def value(self) -> tuple[Value, Export] | None:
        """The viewed value and how it is exported; None where there is none, or its type has no form for files."""
        viewed = self._app.session.viewed
        value = self._app.live.value(*viewed) if viewed else None
        export = registry.declared(type(value)).export if value is not None else None
        return (value, export) if value is not None and export else None

    def ask(self) -> None:
        """Ask where what is viewed is to be saved."""
        session, found = self._app.session, self.value
        if found and session.viewed:
            value, export = found
            image = session.image.stem if session.image else ""
            folder = session.path.parent if session.path else Path.cwd()
            start = folder / export.file_name(value, f"{image}_{session.viewed.node}".strip("_"))
            self._app.ask_path(WHERE_TO_SAVE, start, "new file", lambda path: _save(path, export.data(value)))

    def ask_picture(self, plot: Plot) -> None:
        """Ask where the diagram is to be saved as a picture."""
        session = self._app.session
        name = f"{session.image.stem}_" if session.image else ""
        start = session.suggested_file.parent / f"{name}{_slug(plot.title)}.png"

        def save(path: Path) -> None:
            target = path if path.suffix else path.with_suffix(".png")
            _require_new(target)
            self._app.in_thread(own_thread, SAVING_DIAGRAM, lambda: draw(target))

        def draw(target: Path) -> Callable[[], None]:
            from graingraph.nodes.reporting.plot_picture import plot_png

            write_atomically(target, plot_png(plot))
            return lambda: session.say(DIAGRAM_SAVED.format(file=target.name))

        self._app.ask_path(WHERE_TO_SAVE_DIAGRAM, start, "new file", save, endings=(".png",))


def _save(path: Path, data: bytes) -> None:
    """Write a new file. ``Problem`` where there is one of this name, or none can have it."""
    _require_new(path)
    write_atomically(path, data)


def _require_new(path: Path) -> None:
    if path.exists():
        raise Problem(THERE_ALREADY.format(file=path.name))
    require_possible(path)


def _slug(title: str) -> str:
    """A title as a part of a file name."""
    return re.sub(r"[\W_]+", "_", title.split(",")[0]).strip("_").lower() or "diagram"
