"""What outlives an evaluation: stored results, marks, and what was last computed where; and who listens to progress."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from graingraph.engine.declare.injected import PixelBox
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.cache import DiskCache, InFlight, MemoryCache, Outputs
from graingraph.engine.evaluation.keys import Ingredients
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem

Site = tuple[str, str | None]
"""A step and an image; the image is None for a step that exists once per batch."""

MOST_INCOMPLETE = 200_000_000
"""Bytes of incomplete results that are kept to be shown."""


@dataclass
class Store:
    """What outlives an evaluation: results, marks, where models lie, and what was last computed where.

    ``later`` holds what is to be written to disk in a quiet moment, by ``write_later``; None where there is none. What
    is ``incomplete``, as of a tray with an image that failed, is only shown: it is computed anew whenever it is needed.
    """

    memory: MemoryCache = field(default_factory=MemoryCache)
    disk: DiskCache | None = None
    marks: MarkStore = field(default_factory=MarkStore)
    models: ModelFolders = field(default_factory=ModelFolders)
    later: dict[str, Outputs] | None = None
    validate: bool = False
    keep_tables: bool = False
    in_flight: InFlight = field(default_factory=InFlight)
    last: dict[Site, Ingredients] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[str, Problem] = field(default_factory=dict)
    incomplete: MemoryCache = field(default_factory=lambda: MemoryCache(MOST_INCOMPLETE))

    def find(self, key: str) -> Outputs | None:
        """The outputs under this key, from memory or disk."""
        found = self.memory.get(key)
        if found is None and self.disk is not None:
            found = self.disk.get(key)
            if found is not None:
                self.memory.put(key, found)
        return found

    def to_show(self, key: str) -> Outputs | None:
        """The outputs under this key that are in memory, also where they are incomplete."""
        found = self.memory.get(key)
        return found if found is not None else self.incomplete.get(key)

    def keep(self, key: str, outputs: Outputs, *, on_disk: bool) -> None:
        """Keep outputs in memory, and on disk where that pays."""
        self.memory.put(key, outputs)
        if on_disk and self.disk is not None:
            self.disk.put(key, outputs)

    def keep_for_later(self, key: str, outputs: Outputs) -> None:
        """Keep outputs in memory now and on disk when ``write_later`` is called, so that nobody waits for the disk."""
        self.memory.put(key, outputs)
        if self.disk is not None and self.later is not None:
            self.later[key] = outputs

    def write_later(self) -> None:
        """Write what was kept for later; from any thread."""
        while self.disk is not None and self.later:
            with suppress(KeyError):  # another thread may be writing, too
                self.disk.put(*self.later.popitem())

    def forget(self, image: str) -> None:
        """Drop what was computed for an image that is done with, and what is known of that; what is on disk stays.

        The next image then works in memory that is already in use: fresh memory costs more time than most nodes.
        """
        for place in [place for place in self.last if place[1] == image]:
            key = self.last.pop(place).key
            self.memory.drop(key)
            self.seconds.pop(key, None)
            self.failures.pop(key, None)


@dataclass(frozen=True)
class Listener:
    """Who wants to hear of progress, from the thread that computes. Each hook may be left out.

    ``obtained`` hears of all outputs, whether they were computed or found: perhaps of the same more than once.
    ``in_view`` is asked which part of an image somebody looks at, at a node; None for none.
    """

    started: Callable[[str, str | None], None] = lambda node, image: None
    finished: Callable[[str, str | None, float], None] = lambda node, image, seconds: None
    progress: Callable[[str, str | None, float, str], None] = lambda node, image, fraction, message: None
    published: Callable[[str, str, Any], None] = lambda node, name, value: None
    obtained: Callable[[str, str | None, Outputs], None] = lambda node, image, outputs: None
    in_view: Callable[[str, str | None], PixelBox | None] = lambda node, image: None
