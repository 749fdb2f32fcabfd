"""Which images of a folder have arrived whole."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from graingraph.engine.images.files import images_in, is_image, parts_of, texts_beside
from graingraph.engine.problem import Problem
from graingraph.nodes.reading.read_image import read_pixels

QUIET_S = 2.0
"""How long (s) nobody has written to a file that is read."""
PATIENCE_S = 60.0
"""How long (s) after the last write a file that cannot be read is waited for; then it is an image that failed."""

Stamp = tuple[tuple[int, int, int], ...]


@dataclass
class Arrivals:
    """The images of a folder, each told once it has arrived whole, and again when another has taken its name."""

    folder: Path
    quiet: float = QUIET_S
    patience: float = PATIENCE_S
    clock: Callable[[], float] = time.monotonic
    _seen: dict[Path, tuple[Stamp, float]] = field(default_factory=dict)
    _told: dict[Path, Stamp] = field(default_factory=dict)

    def pass_over(self, paths: Iterable[Path]) -> None:
        """Tell none of these images as long as they stay as they are."""
        self._told |= {path: _stamp(path) for path in paths}

    def look(self) -> list[Path]:
        """The images that have arrived since the last look, by name. ``OSError`` where the folder cannot be read."""
        return [path for path in images_in(self.folder) if self._has_arrived(path)]

    def _has_arrived(self, path: Path) -> bool:
        stamp = _stamp(path)
        if not stamp or self._told.get(path) == stamp:
            return False
        before, since = self._seen.get(path, ((), 0.0))
        if before != stamp:
            self._seen[path] = stamp, self.clock()
            return False
        waited = self.clock() - since
        if waited < self.quiet or (waited < self.patience and not _is_whole(path)):
            return False
        if _stamp(path) != stamp:  # somebody went on writing while it was read
            return False
        del self._seen[path]
        self._told[path] = stamp
        return True


def _stamp(path: Path) -> Stamp:
    """Sizes and times of an image's files and of the texts beside it; empty where it is gone again or none."""
    try:
        if not is_image(path):
            return ()
        states = [file.stat() for file in (*parts_of(path), *texts_beside(path))]
    except OSError:
        return ()
    return tuple((state.st_size, state.st_mtime_ns, state.st_ino) for state in states)


def _is_whole(path: Path) -> bool:
    try:
        read_pixels(path)
    except (Problem, OSError):
        return False
    return True
