"""The recipe files that were open last, newest first, in a small JSON file of the user."""

from pathlib import Path

import orjson

from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem

LIMIT = 12


class RecentFiles:
    """The list on disk; a missing or damaged list is an empty one, and a list that cannot be written is forgotten."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def paths(self) -> list[Path]:
        """The files that still exist, newest first."""
        try:
            names = orjson.loads(self._file.read_bytes())
            return [Path(name) for name in names if isinstance(name, str) and Path(name).is_file()]
        except (OSError, orjson.JSONDecodeError, TypeError):
            return []

    def add(self, path: Path) -> None:
        """Put a file at the head of the list."""
        names = [str(path), *(str(known) for known in self.paths if known != path)]
        try:
            write_atomically(self._file, orjson.dumps(names[:LIMIT]), durable=False)
        except Problem:
            return
