"""The run over a folder that is watched, which goes on as images come."""

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
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe


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
