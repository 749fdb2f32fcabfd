"""Comparing with another person's marks in a thread of its own: a large tray takes minutes to read. No display."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from graingraph.app.document.merging import TwoDrawings, compare
from graingraph.engine.declare.injected import Context
from graingraph.engine.images.files import content_hash
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe.recipe import Recipe


@dataclass(eq=False)
class MergeJob:
    """One comparison. The thread replaces whole values only; ``changed`` is called from it.

    ``compared`` is what was found, None where it was cancelled or there is a ``problem``.
    """

    recipe: Recipe
    store: MarkStore
    images: Sequence[Path]
    other: Path
    changed: Callable[[], None] = lambda: None
    compared: list[TwoDrawings] | None = None
    problem: Problem | None = None
    words: str = "Reading the images"
    part: float = 0.0
    running: bool = True
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._work, name="merge", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop soon; nothing is found then."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    def _work(self) -> None:
        context = Context(self._progress, self._stop.is_set)
        try:
            _hash_all(self.images, context)
            image_set = ImageSet.of_files(self.images)
            self.compared = compare(self.recipe, self.store, image_set, self.other, context)
        except Problem as problem:
            self.problem = problem
        except Cancelled:
            pass
        finally:
            self.running = False
            self.changed()

    def _progress(self, fraction: float, message: str) -> None:
        self.part, self.words = fraction, message
        self.changed()


def _hash_all(images: Sequence[Path], context: Context) -> None:
    """Hash every image; the hashes are remembered, so that a tray of them is there at once."""
    with ThreadPoolExecutor() as threads:
        try:
            for done, _ in enumerate(threads.map(content_hash, images)):
                context.check(done / len(images), f"Reading the images: {done} of {len(images)}")
        except Cancelled:
            threads.shutdown(cancel_futures=True)
            raise
