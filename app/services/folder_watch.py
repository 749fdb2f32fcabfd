"""Watching a folder: images that a microscope writes into it join the tray as soon as they are whole."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from graingraph.app.services.arrivals import Arrivals

EVERY_S = 1.0
"""How often the folder is looked at, and how long nobody has written to a file that is read."""


class FolderWatch:
    """Looks at a folder in a thread; ``joined`` is called there with image files that are new, or others, and whole."""

    def __init__(
        self,
        folder: Path,
        known: Iterable[Path],
        joined: Callable[[list[Path]], None],
        *,
        every: float = EVERY_S,
        quiet: float = EVERY_S,
    ) -> None:
        self.folder = folder
        self._joined, self._every = joined, every
        self._arrivals = Arrivals(folder, quiet)
        self._arrivals.pass_over(path for path in known if path.parent == folder)
        self._ended = threading.Event()
        threading.Thread(target=self._work, name="folder watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def look(self) -> list[Path]:
        """The images that have arrived whole since the last time; a gone folder has none."""
        try:
            return self._arrivals.look()
        except OSError:
            return []

    def _work(self) -> None:
        while not self._ended.wait(self._every):
            new = self.look()
            if new and not self._ended.is_set():
                self._joined(new)
