"""A folder that is watched: which images have arrived whole, and the run that goes on as they come."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from graingraph.app.rendering.overlays import draw_overlays
from graingraph.app.services.batch_workers import workers_for
from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.results import write_results
from graingraph.engine.batch.run import Progress, run_images
from graingraph.engine.declare.injected import Source
from graingraph.engine.files import write_atomically
from graingraph.engine.images.files import images_in, is_image, parts_of, texts_beside
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
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


@dataclass
class WatchedRun:
    """A run into ``place`` that takes in images as they come; all that came stay part of it, also across restarts.

    What became of an image is kept when its file is moved away. An image that failed is tried again after a restart.
    ``header`` and ``said`` are what reports and the manifest say besides.
    """

    recipe: Recipe
    place: BatchPaths
    workers: int = 0
    header: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    _failed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources = _noted(self._ledger)

    @property
    def _ledger(self) -> Path:
        return self.place.state / "watched.json"

    def take(self, paths: list[Path], cancelled: Callable[[], bool] = lambda: False) -> tuple[Progress, list[Problem]]:
        """Measure these images, and write tables and reports over all that ever came, anew.

        The run is interrupted by Ctrl-C and ``cancelled``; what it has not finished is taken up by the next.
        """
        came = ImageSet.of_files(paths)
        self.sources |= came
        _note(self._ledger, self.sources)
        failed = {name: row for name, row in self._failed.items() if row["Hash"] == self.sources[name].hash}
        every = ImageSet(self.sources)
        progress = run_images(
            self.recipe,
            every,
            self.place,
            workers=workers_for(len(came), self.workers),
            draw=draw_overlays,
            known=failed,
        )
        self._failed = {row["Image"]: row for row in progress.failed}
        return progress, write_results(self.recipe, every, self.place, progress, cancelled, self.header, said=self.said)


def _noted(ledger: Path) -> dict[str, Source]:
    """The images that an earlier run has taken in; none where there was no such run, or its list is damaged."""
    found: dict[str, Source] = {}
    with suppress(OSError, ValueError, TypeError, AttributeError):
        for name, item in orjson.loads(ledger.read_bytes()).items():
            found[name] = Source(name, str(item["hash"]), Path(item["path"]), picture=str(item["picture"]))
    return found


def _note(ledger: Path, sources: Mapping[str, Source]) -> None:
    noted = {
        name: {"hash": source.hash, "path": str(source.path), "picture": source.picture}
        for name, source in sources.items()
    }
    write_atomically(ledger, orjson.dumps(noted))
