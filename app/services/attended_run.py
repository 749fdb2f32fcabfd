"""A batch that pauses for a person: which images are still to be looked at, and what is done meanwhile. No display.

At each *stop* (an image at a node where something is drawn) the person works on the picture. Two threads work beside
them: one computes the next images up to their first stop, the other finishes the images that were seen. What was seen
is noted in the output folder, so that a killed run goes on at the first image that was not.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from graingraph.engine.batch.image_job import BatchPaths, finished_row, result_nodes
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.files import hash_bytes, write_atomically
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.registry import declared

AHEAD = 3
"""How many images are computed up to their first stop before they are shown, the one shown included."""


class Stop(NamedTuple):
    """Where the run waits for a person: an image of the tray, its file, and the node to draw on."""

    image: str
    path: Path | None
    node: str


def stops_of(recipe: Recipe) -> tuple[str, ...]:
    """The nodes at which an attended run pauses, in the order of the graph.

    Each node that is drawn on declares when it does: a correction that was asked to, and what gives nothing before
    somebody has drawn.
    """
    needed = _needed(recipe)
    return tuple(node for node in recipe.order if _waits(recipe, node, node in needed))


def _waits(recipe: Recipe, node: str, needed: bool) -> bool:
    step = recipe.steps[node]
    if step.muted or step.declared is None or node in recipe.per_batch:
        return False
    drawn_on = step.declared.drawn_on
    if drawn_on is None or (drawn_on.pauses_for_results and not needed):
        return False
    wired = {wire.input for wire in recipe.wires if wire.target == node}
    return drawn_on.pauses(step.settings, wired)


def _needed(recipe: Recipe) -> set[str]:
    """The nodes that results are computed from; what a training is made from is not among them."""
    waiting = [*result_nodes(recipe), *recipe.per_batch]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node not in found and not recipe.steps[node].on_request:
            found.add(node)
            waiting += recipe.graph.predecessors(node)
    return found


class Attended:
    """The stops of one run. The window's thread asks for ``current`` and answers; the batch's thread calls ``attend``.

    ``store`` is the window's: an image computed ahead is then there when it is shown.
    """

    def __init__(
        self, recipe: Recipe, store: Store, marks: MarkStore, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.recipe, self.nodes = recipe, stops_of(recipe)
        self.skipped: frozenset[str] = frozenset()
        self.total = 0
        self._store, self._marks, self._changed = store, marks, changed
        self._turn = threading.Condition()
        self._waiting: deque[Stop] = deque()
        self._seen: deque[str] = deque()
        self._ready: set[str] = set()
        self._notes: _Notes | None = None
        self._answered = 0
        self._began = time.monotonic()
        self._over = False

    # the window's thread -----------------------------------------------------------------------------------------

    @property
    def current(self) -> Stop | None:
        """Where the person is asked to look now; None when nobody is asked."""
        with self._turn:
            return self._waiting[0] if self._waiting and not self._over else None

    @property
    def ready(self) -> bool:
        """Whether what is to be corrected has been computed for the current stop."""
        stop = self.current
        return stop is not None and stop.image in self._ready

    @property
    def left(self) -> int:
        """How many images are still to be looked at."""
        with self._turn:
            return len({stop.image for stop in self._waiting}) if not self._over else 0

    @property
    def eta(self) -> float | None:
        """Seconds that the person still needs, from the pace so far; None before the first answer."""
        with self._turn:
            pace = (time.monotonic() - self._began) / self._answered if self._answered else None
            return pace * len(self._waiting) if pace is not None else None

    def go_on(self) -> None:
        """The person is done at the current stop."""
        with self._turn:
            if self._over or not self._waiting or self._notes is None:
                return
            stop = self._waiting.popleft()
            self._notes.write(stop.image, stop.node, "seen")
            self._answered += 1
            if all(other.image != stop.image for other in self._waiting):
                self._seen.append(stop.image)
            self._turn.notify_all()
        self._changed()

    def skip(self) -> None:
        """Leave the current image out of this run."""
        with self._turn:
            if self._over or not self._waiting or self._notes is None:
                return
            image = self._waiting[0].image
            self._notes.write(image, self._waiting[0].node, "skipped")
            self._answered += 1
            self.skipped |= {image}
            self._leave_out(image)
        self._changed()

    def go_unattended(self) -> None:
        """Ask nobody any more: the batch computes the images that are left as they are."""
        with self._turn:
            self._over = True
            self._turn.notify_all()
        self._changed()

    # the batch's thread ------------------------------------------------------------------------------------------

    def attend(
        self,
        image_set: ImageSet,
        place: BatchPaths,
        finish: Callable[[str, Store], None],
        cancelled: Callable[[], bool],
    ) -> ImageSet:
        """Let the person look at every image that was not seen; meanwhile call ``finish`` with each one that was.

        Returns the tray without the images that were skipped. Raises ``Cancelled``.
        """
        batch = place.store()
        store = Store(
            self._store.memory, batch.disk, self._marks, place.models, keep_tables=True, in_flight=self._store.in_flight
        )
        self._line_up(Evaluation(self.recipe, image_set, store), place)
        ahead = threading.Thread(
            target=self._look_ahead, args=(image_set, store, cancelled), name="look ahead", daemon=True
        )
        ahead.start()
        try:
            while True:
                image = self._next_seen(cancelled)
                if image is None:
                    break
                _keep_results(Evaluation(self.recipe, image_set, store, cancelled=cancelled), image)
                finish(image, store)
        finally:
            self.go_unattended()
            ahead.join()
        return ImageSet({name: source for name, source in image_set.items() if name not in self.skipped})

    def forget(self) -> None:
        """Forget what was seen: the run is complete, and another one asks for every image again."""
        if self._notes:
            self._notes.clear()

    def _line_up(self, evaluation: Evaluation, place: BatchPaths) -> None:
        notes = _Notes(evaluation, place)
        with self._turn:
            self._notes, self.total = notes, len(evaluation.image_set)
            for image, source in evaluation.image_set.items():
                said = {node: notes.read(image, node) for node in self.nodes}
                if "skipped" in said.values():
                    self.skipped |= {image}
                    continue
                open_stops = [Stop(image, source.path, node) for node in self.nodes if not said[node]]
                self._waiting += open_stops
                if not open_stops and finished_row(evaluation, place, image) is None:
                    self._seen.append(image)
            self._began = time.monotonic()
        self._changed()

    def _next_seen(self, cancelled: Callable[[], bool]) -> str | None:
        """The next image to finish, waited for; None when no more will come."""
        with self._turn:
            while True:
                if cancelled():
                    raise Cancelled
                if self._seen:
                    return self._seen.popleft()
                if self._over or not self._waiting:
                    return None
                self._turn.wait(0.2)

    def _look_ahead(self, image_set: ImageSet, store: Store, cancelled: Callable[[], bool]) -> None:
        """Compute the images that are shown next up to their first stop. One that fails is not asked about."""
        while True:
            with self._turn:
                while not (stop := self._to_prepare()):
                    if self._over or cancelled():
                        return
                    self._turn.wait(0.2)
            evaluation = Evaluation(self.recipe, image_set, store, cancelled=lambda: self._over or cancelled())
            try:
                evaluation.outputs(stop.node, stop.image)
            except Problem:
                with self._turn:
                    self._leave_out(stop.image)
                    self._seen.append(stop.image)
            except Cancelled:
                return
            with self._turn:
                self._ready.add(stop.image)
            self._changed()

    def _to_prepare(self) -> Stop | None:
        images = list(dict.fromkeys(stop.image for stop in self._waiting))[:AHEAD]
        wanted = next((image for image in images if image not in self._ready), None)
        return next((stop for stop in self._waiting if stop.image == wanted), None)

    def _leave_out(self, image: str) -> None:
        self._waiting = deque(stop for stop in self._waiting if stop.image != image)
        self._turn.notify_all()


class _Notes:
    """What was seen or skipped: a small file for each stop, named by the image and by what the node was shown with."""

    def __init__(self, evaluation: Evaluation, place: BatchPaths) -> None:
        self._evaluation, self._folder = evaluation, place.state / "seen"

    def read(self, image: str, node: str) -> str:
        """What was noted; empty for nothing. As the marks were when this was made."""
        try:
            return self._path(self._evaluation, image, node).read_text()
        except OSError:
            return ""

    def write(self, image: str, node: str, said: str) -> None:
        """Note it, for the marks as they are now."""
        was = self._evaluation
        write_atomically(self._path(Evaluation(was.recipe, was.image_set, was.store), image, node), said.encode())

    def clear(self) -> None:
        """Forget everything."""
        for path in self._folder.glob("*.txt"):
            with suppress(OSError):
                path.unlink()

    def _path(self, evaluation: Evaluation, image: str, node: str) -> Path:
        try:
            shown = repr(sorted(evaluation.keys.ingredients(node, image).inputs.items()))
        except Problem:  # marks that cannot be read
            shown = ""
        return self._folder / f"{hash_bytes(image.encode(), node.encode(), shown.encode())}.txt"


def _keep_results(evaluation: Evaluation, image: str) -> None:
    """Put on disk the tables that the window has computed already; a batch keeps them there for its end."""
    disk = evaluation.store.disk
    with suppress(Problem):  # said by the row of the image
        for node in result_nodes(evaluation.recipe):
            outputs, key = evaluation.outputs(node, image), evaluation.keys.key(node, image)
            small = all(declared(type(value)).small for value in outputs.values())
            if disk is not None and small and key not in disk:
                disk.put(key, outputs)
