"""Watching a folder: images that a microscope writes into it join the tray as soon as they are whole."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from graingraph.engine.images.files import images_in, parts_of

EVERY_S = 1.0
"""How often the folder is looked at. A file that did not change in between is whole."""


class FolderWatch:
    """Looks at a folder in a thread; ``joined`` is called there with image files that are new and whole."""

    def __init__(
        self, folder: Path, known: Iterable[Path], joined: Callable[[list[Path]], None], *, every: float = EVERY_S
    ) -> None:
        self.folder = folder
        self._joined, self._every = joined, every
        self._known = {path.name for path in known if path.parent == folder}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._ended = threading.Event()
        threading.Thread(target=self._work, name="folder watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def look(self) -> list[Path]:
        """The images that are new since the last time and did not change since then; a gone folder has none."""
        try:
            found = {path.name: path for path in images_in(self.folder)}
            sizes = {name: _state(path) for name, path in found.items()}
        except OSError:
            return []
        new = sorted(name for name in sizes if name not in self._known and self._sizes.get(name) == sizes[name])
        self._sizes = sizes
        self._known.update(new)
        return [found[name] for name in new]

    def _work(self) -> None:
        while not self._ended.wait(self._every):
            new = self.look()
            if new and not self._ended.is_set():
                self._joined(new)


def _state(path: Path) -> tuple[int, int]:
    facts = [part.stat() for part in parts_of(path)]
    return sum(one.st_size for one in facts), max((one.st_mtime_ns for one in facts), default=0)
