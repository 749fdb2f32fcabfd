"""Live evaluation in a thread of its own: newest wins, and the window never waits.

What is looked at is computed at once; when the person pauses, so are the other steps for the image shown. What gathers
all images is computed only when it is looked at.

The thread reads only what a ``Request`` hands it and speaks to the window only through ``post``.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from graingraph.app.document.names import title_in
from graingraph.app.document.session import Session
from graingraph.app.document.status import NodeStatus
from graingraph.app.rendering.thumbnails import thumbnail_of
from graingraph.engine.declare.injected import Part, PixelBox, Source
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import why
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Cancelled, NeedsTraining, NotWired, Problem, unexpected
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Raster, Table, Value

PROGRESS_EVERY_S = 0.05

PAUSE_S = 0.4
"""How long nothing must have changed before the steps that nobody looks at are computed."""
SPARE_PICTURES = 100
"""So many pictures of results that are no longer shown are kept, for undo and for going back to an image."""


@dataclass(frozen=True)
class Wanted:
    """An output that somebody looks at: for one image, or (``None``) for the batch or the image shown."""

    node: str
    output: str | None = None
    image: Path | None = None


@dataclass(frozen=True)
class Request:
    """All that one round of evaluation needs to know."""

    recipe: Recipe
    images: tuple[Path, ...]
    image: Path | None
    wanted: tuple[Wanted, ...]
    generation: int
    marks: MarkStore
    models: ModelFolders


class LiveEvaluation:
    """Keeps the results of what is looked at up to date. Panels add what they look at under their own name.

    ``evaluation`` is the newest one that was begun; ``value`` finds results in memory and never computes.
    """

    def __init__(
        self, session: Session, post: Callable[[Callable[[], None]], None], store: Store | None = None
    ) -> None:
        self.store = store or Store()
        self.evaluation: Evaluation | None = None
        self.busy = False
        self._session, self._post = session, post
        self._names: dict[Path, str] = {}
        self._also: dict[str, tuple[Wanted, ...]] = {}
        self._followed: tuple[object, ...] = ()
        self._generation = 0
        self._asked = self._begun = self._ended = 0
        self._newest: Request | None = None
        self._wake = threading.Condition()
        self._last_progress = 0.0
        self._box: PixelBox | None = None
        self._part: tuple[int, str, Part] | None = None
        self._closing = False
        self._writing: threading.Thread | None = None
        self._thread = threading.Thread(target=self._work, name="evaluation", daemon=True)
        self._thread.start()

    # main thread -------------------------------------------------------------------------------------------------

    def want(self, who: str, wanted: Iterable[Wanted]) -> None:
        """Say what a panel looks at besides the viewed output; replaces what it said before."""
        self._also[who] = tuple(wanted)

    def follow(self) -> None:
        """Start a new round if anything that decides the results changed; called every frame."""
        asked_for = self._asked_for()
        if self._is_followed(asked_for):
            return
        self._followed = asked_for
        self.refresh()

    def _asked_for(self) -> tuple[object, ...]:
        """Everything that decides the results, as it is now."""
        session = self._session
        viewed = (Wanted(session.viewed.node, session.viewed.output),) if session.viewed else ()
        wanted = tuple(dict.fromkeys((*viewed, *(one for many in self._also.values() for one in many))))
        return (
            session.recipe,
            session.images,
            session.image,
            wanted,
            session.marks_revision,
            session.marks,
            session.models,
        )

    def _is_followed(self, asked_for: tuple[object, ...]) -> bool:
        return bool(self._followed) and all(a is b or a == b for a, b in zip(asked_for, self._followed, strict=True))

    @property
    def current(self) -> bool:
        """Whether ``value`` knows of every edit: right after one, it still finds what was there before."""
        return self._begun == self._asked and self._is_followed(self._asked_for())

    @property
    def coming(self) -> bool:
        """Whether a round for the newest edits is under way or about to begin."""
        return self._ended < self._asked or not self._is_followed(self._asked_for())

    def refresh(self) -> None:
        """Start a new round."""
        session = self._session
        with self._wake:
            self._generation += 1
            if self._followed:
                self._asked = self._generation
                wanted: tuple[Wanted, ...] = self._followed[3]  # type: ignore[assignment]
                self._newest = Request(
                    session.recipe,
                    session.images,
                    session.image,
                    wanted,
                    self._generation,
                    session.marks,
                    session.models,
                )
            self._wake.notify()

    def cancel(self) -> None:
        """Stop computing; the next change starts again."""
        with self._wake:
            self._generation += 1
            self._newest = None
            self._ended = self._asked
        statuses = self._session.statuses
        for node in [node for node, status in statuses.items() if status.state == "running"]:
            statuses[node] = NodeStatus(why="Stopped; the next change starts it again.")
        self._session.revision += 1

    def close(self, seconds: float) -> None:
        """Stop for good, and wait at most so long for the thread to end."""
        self._closing = True
        self.cancel()
        with self._wake:
            self._wake.notify_all()
        self._thread.join(seconds)

    def value(self, node: str, output: str | None = None, image: Path | None = None) -> Value | None:
        """The result for the newest recipe, if it is in memory."""
        evaluation = self.evaluation
        if evaluation is None or node not in evaluation.recipe.steps:
            return None
        path = image or self._session.image
        outputs = _stored(evaluation, node, self._names.get(path) if path else None)
        if not outputs:
            return None
        return outputs.get(output) if output else next(iter(outputs.values()))

    def look_at(self, box: PixelBox | None) -> None:
        """Say which part of the image shown is in view; it is computed first where a node can."""
        self._box = box

    def part(self, node: str, output: str | None) -> tuple[Raster, PixelBox] | None:
        """What is in view of a result whose rest is still computed, and where it is."""
        if self._part is None or self._part[:2] != (self._generation, node):
            return None
        part = self._part[2]
        found = part.outputs.get(output) if output else next(iter(part.outputs.values()))
        return (found, part.box) if found is not None else None

    def name(self, image: Path) -> str:
        """The name of an image in the tables and the tray of the newest evaluation."""
        return self._names.get(image, image.name)

    def source(self, image: Path | None = None) -> Source | None:
        """The image shown (or another) as the newest evaluation knows it, with its content hash."""
        path = image or self._session.image
        name = self._names.get(path) if path else None
        return self.evaluation.image_set.get(name) if self.evaluation and name else None

    # evaluation thread -------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._wake:
                while self._newest is None:
                    if self._closing:
                        return
                    self._wake.wait()
                request, self._newest = self._newest, None
            self._post(lambda: self._set_busy(True))
            try:
                self._round(request)
            except Cancelled:
                continue
            except Problem as problem:
                self._report(problem)
            except Exception as error:  # the thread must outlive whatever a node or an odd recipe does
                logging.getLogger(__name__).exception("live evaluation")
                self._report(unexpected(error, "The evaluation"))
            finally:
                self._post(partial(self._end, request.generation))

    def _round(self, request: Request) -> None:
        def cancelled() -> bool:
            return request.generation != self._generation

        image_set, names = _tray_for(request)
        if self.store.marks is not request.marks:  # another document: what its nodes were before is not their past
            self.store.marks = request.marks
            self.store.last.clear()
        self.store.models = request.models
        listener = Listener(
            started=lambda node, image: self._running(request, node, 0.0, ""),
            progress=lambda node, image, part, message: self._progress(request, node, part, message),
            finished=lambda node, image, seconds: self._finished(request, node, seconds),
            published=lambda node, name, value: self._published(request, node, value),
            in_view=lambda node, image: self._in_view(request, node, image, names),
        )
        evaluation = Evaluation(request.recipe, image_set, self.store, listener=listener, cancelled=cancelled)
        shown = {request.image} | {wanted.image for wanted in request.wanted}
        _work_out_keys(evaluation, {names[path] for path in shown if path in names})
        self._post(lambda: self._begin(request, evaluation, names))
        self._tell(request, evaluation, names)
        for place, wanted in enumerate(request.wanted):
            if wanted.node not in request.recipe.steps or (wanted.image or request.image) is None:
                continue
            image = names.get(wanted.image or request.image or Path())
            try:
                evaluation.outputs(wanted.node, image)
            except Problem as problem:
                if place == 0 and not isinstance(problem, NotWired | NeedsTraining):
                    self._report(problem)
            self._tell(request, evaluation, names)
        self._others(request, evaluation, names)

    def _in_view(self, request: Request, node: str, image: str | None, names: dict[Path, str]) -> PixelBox | None:
        """What is in view of the picture that is looked at; nothing of others."""
        viewed = bool(request.wanted) and request.wanted[0].node == node and request.wanted[0].image is None
        here = request.image is not None and image == names.get(request.image)
        return self._box if viewed and here else None

    def _published(self, request: Request, node: str, value: object) -> None:
        def show() -> None:
            if isinstance(value, Part) and request.generation == self._generation:
                self._part = (request.generation, node, value)
                self._session.revision += 1

        self._post(show)

    def _others(self, request: Request, evaluation: Evaluation, names: dict[Path, str]) -> None:
        """Compute the steps that nobody looks at, for the image shown, so that every node shows its picture."""
        image = names.get(request.image) if request.image else None
        with self._wake:
            if image is None or self._wake.wait_for(lambda: request.generation != self._generation, PAUSE_S):
                return
        if self.store.later and not (self._writing and self._writing.is_alive()):
            self._writing = threading.Thread(target=self.store.write_later, name="writing to disk", daemon=True)
            self._writing.start()
        recipe = request.recipe
        for node in recipe.order:
            alone = node not in recipe.per_batch and not _gathers(recipe, node)
            if alone and why(evaluation, node, image).name in ("not computed", "stale"):
                with suppress(Problem):  # the node itself shows what failed
                    evaluation.outputs(node, image)
                self._tell(request, evaluation, names)

    def _tell(self, request: Request, evaluation: Evaluation, names: dict[Path, str]) -> None:
        """Post the state of every node, and pictures of what is in memory."""
        image = names.get(request.image) if request.image else None
        statuses: dict[str, NodeStatus] = {}
        pictures: dict[str, np.ndarray] = {}
        for node in request.recipe.steps:
            state = why(evaluation, node, image, called=partial(title_in, request.recipe))
            status = NodeStatus(state.name, state.sentence, state.seconds)
            outputs = _stored(evaluation, node, image)
            if outputs:
                headline = next((v.headline for v in outputs.values() if isinstance(v, Table)), "")
                key = evaluation.keys.key(node, None if node in evaluation.recipe.per_batch else image)
                if key not in self._session.thumbnails:
                    drawn = (thumbnail_of(value) for value in outputs.values())
                    picture = next((one for one in drawn if one is not None), None)
                    if picture is not None:
                        pictures[key] = picture
                has_picture = key in pictures or key in self._session.thumbnails
                status = replace(status, headline=headline, thumbnail=key if has_picture else "")
            statuses[node] = status
        self._post(lambda: self._show(request, statuses, pictures))

    def _progress(self, request: Request, node: str, fraction: float, message: str) -> None:
        now = time.monotonic()
        if now - self._last_progress > PROGRESS_EVERY_S:
            self._last_progress = now
            self._running(request, node, fraction, message)

    def _running(self, request: Request, node: str, fraction: float, message: str) -> None:
        self._mark(request, node, NodeStatus("running", message or "Computing.", progress=fraction))

    def _finished(self, request: Request, node: str, seconds: float) -> None:
        self._mark(request, node, NodeStatus("fresh", "Up to date.", seconds))

    def _mark(self, request: Request, node: str, status: NodeStatus) -> None:
        """Show a node's new state, unless a newer round has begun; its old picture stays until there is a new one."""

        def show() -> None:
            session = self._session
            if request.generation == self._generation:
                before = session.statuses.get(node, NodeStatus())
                session.statuses[node] = replace(status, headline=before.headline, thumbnail=before.thumbnail)
                session.revision += 1

        self._post(show)

    def _report(self, problem: Problem) -> None:
        def show() -> None:
            session = self._session
            same = (problem.message, problem.node, problem.image)
            if not session.messages or session.messages[-1][1:4] != same:
                session.report(problem, while_failed=True)

        self._post(show)

    # back on the main thread -------------------------------------------------------------------------------------

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self._session.revision += 1

    def _begin(self, request: Request, evaluation: Evaluation, names: dict[Path, str]) -> None:
        self.evaluation, self._names, self._begun = evaluation, names, request.generation

    def _end(self, generation: int) -> None:
        self._ended = max(self._ended, generation)
        self._set_busy(False)

    def _show(self, request: Request, statuses: dict[str, NodeStatus], pictures: dict[str, np.ndarray]) -> None:
        session = self._session
        session.thumbnails.update(pictures)
        if request.generation == self._generation:
            session.statuses = statuses
        used = {status.thumbnail for status in session.statuses.values()}
        spare = [key for key in session.thumbnails if key not in used]
        for key in spare[:-SPARE_PICTURES]:
            del session.thumbnails[key]
        session.revision += 1


def _gathers(recipe: Recipe, node: str) -> bool:
    """Whether a result depends on the whole tray. What a training has made is only read."""
    depends = [recipe.steps[one] for one in {node} | recipe.ancestors(node) if _once(recipe, one)]
    return any(not step.on_request for step in depends)


def _once(recipe: Recipe, node: str) -> bool:
    """Whether a step exists once for all images, or for each but made of all."""
    return node in recipe.per_batch or recipe.steps[node].gathers


def _work_out_keys(evaluation: Evaluation, images: Iterable[str]) -> None:
    """Know under what every result of these images is kept before the window asks, which it does in every turn.

    Drawings and models are read for it, and the whole tray is gone through where something gathers it.
    """
    for image in images:
        for node in evaluation.recipe.order:
            if evaluation.cancelled():
                raise Cancelled
            with suppress(Problem, KeyError):  # the node itself shows what is wrong
                evaluation.keys.key(node, image)


def _stored(evaluation: Evaluation, node: str, image: str | None) -> dict[str, Value] | None:
    place = None if node in evaluation.recipe.per_batch else image
    if place is None and node not in evaluation.recipe.per_batch:
        return None
    try:
        found = evaluation.store.to_show(evaluation.keys.key(node, place))
    except (Problem, KeyError):
        return None
    return dict(found) if found is not None else None


def _tray_for(request: Request) -> tuple[ImageSet, dict[Path, str]]:
    """The images that the wanted outputs depend on: only the one shown, unless something gathers the whole tray."""
    recipe = request.recipe
    nodes = [wanted.node for wanted in request.wanted if wanted.node in recipe.steps]
    gathers = any(_gathers(recipe, node) for node in nodes)
    several = {wanted.image for wanted in request.wanted} - {None, request.image}
    paths = request.images if gathers or several else tuple(p for p in (request.image,) if p)
    image_set = ImageSet.of_files(paths)
    return image_set, dict(zip(paths, image_set, strict=True))
