"""Worker processes of a batch, of one core each: made ready while the caller still reads the recipe and the images.

Each has a pipe of its own, so that it is known what one that died was working on, and none can block another. Nothing
heavy is imported here at the top, so that a command can begin with making the workers.
"""

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import connection as pipes
from multiprocessing import forkserver, get_all_start_methods, get_context, parent_process, resource_tracker
from pickle import UnpicklingError
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from graingraph.engine.cpu import use_one_core
from graingraph.engine.problem import Cancelled, Problem

if TYPE_CHECKING:
    from graingraph.engine.batch.image_job import BatchPaths, Draw
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.engine.recipe.recipe import Recipe

Rows = Generator[dict[str, Any], None, None]

AT_ONCE = 2
"""Images that a worker has: one at work, and the next, so that it need not wait for the caller."""
LOOK = 0.1
"""How often (s) it is asked whether to stop."""
HALFWAY = 0.3
"""How long (s) a process that is being started has to get over it where it is not wanted any more."""
ATTEMPTS = 5
"""How often a process is started anew where the fork server has died."""


class Team(Protocol):
    """Whatever works on many images at once: processes of this machine, or a cluster."""

    def rows(
        self,
        recipe: "Recipe",
        image_set: "ImageSet",
        images: list[str],
        place: "BatchPaths",
        draw: "Draw | None",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Rows:
        """The row of every image, in the order they are finished; ``Cancelled`` once ``cancelled`` says so."""


@dataclass
class _Worker:
    """A process, the pipe to it, and the images that it was given: it works on the first."""

    process: Any
    pipe: pipes.Connection
    images: deque[str] = field(default_factory=deque)

    def give(self, image: str) -> None:
        self.images.append(image)
        with suppress(OSError):  # it has died, which is seen when it is listened to
            self.pipe.send(image)

    def end(self) -> None:
        self.process.kill()
        self.process.join(5)
        self.pipe.close()


class Workers:
    """So many processes (``count``) that work on images.

    ``preload`` names modules that all of them need. They are imported at once, in a process that the workers are later
    forked from, while the caller goes on. Where the system has no fork server, every worker imports for itself.
    """

    def __init__(self, count: int, preload: Iterable[str] = ()) -> None:
        self.count = count
        preload = list(preload)
        forked = bool(preload) and "forkserver" in get_all_start_methods()
        self._context: Any = get_context("forkserver" if forked else "spawn")
        if forked:
            _start_server(preload)

    def rows(
        self,
        recipe: "Recipe",
        image_set: "ImageSet",
        images: list[str],
        place: "BatchPaths",
        draw: "Draw | None",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Rows:
        """The row of every image, in the order they are finished.

        If a worker dies, its image is tried once more when nothing else is at work: it may have died of another one's
        hunger. Closing this, Ctrl-C and ``cancelled`` (which raises ``Cancelled``) end the workers at once; an image
        that is not finished leaves nothing.
        """
        from graingraph.engine.recipe import file as recipe_file

        start = (recipe_file.dump(recipe), image_set, replace(place, memory=place.memory // self.count), draw)
        suspects: list[str] = []
        for image, row in self._results(deque(images), self.count, start, cancelled):
            if row is None:
                suspects.append(image)
            else:
                yield row
        for suspect in suspects:
            for image, row in self._results(deque([suspect]), 1, start, cancelled):
                yield row if row is not None else died(image_set, image)

    def _results(
        self, waiting: deque[str], count: int, start: tuple[Any, ...], cancelled: Callable[[], bool]
    ) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Each image with its row, or with None where its worker died of it."""
        team: list[_Worker] = []
        try:
            while waiting or any(worker.images for worker in team):
                while waiting and len(team) < count:
                    team.append(self._hire(start, cancelled))
                    team[-1].give(waiting.popleft())
                for worker in team:
                    if waiting and len(worker.images) < (AT_ONCE if len(waiting) > count else 1):
                        worker.give(waiting.popleft())
                ready = pipes.wait([worker.pipe for worker in team if worker.images], LOOK)
                if cancelled():
                    raise Cancelled
                for worker in [worker for worker in team if worker.pipe in ready]:
                    row: dict[str, Any] | None = None
                    try:
                        row = worker.pipe.recv()
                    except (EOFError, OSError, UnpicklingError):
                        team.remove(worker)
                        worker.end()
                    image = worker.images.popleft()
                    if row is None:
                        waiting.extendleft(reversed(worker.images))
                    yield image, row
        finally:
            for worker in team:
                worker.process.kill()  # all of them before any is waited for
            for worker in team:
                worker.end()

    def _hire(self, start: tuple[Any, ...], cancelled: Callable[[], bool]) -> _Worker:
        """A worker that has been started. Ctrl-C and ``cancelled`` need not wait for it.

        The fork server answers only when it has imported all that it was to preload, which takes seconds on a busy
        machine. So a thread waits for that; a worker that comes when nobody wants it any more is ended there.
        """
        hired: Future[_Worker] = Future()
        unwanted = threading.Event()

        def hire() -> None:
            try:
                hired.set_result(self._started(start))
            except BaseException as error:  # the caller raises it
                hired.set_exception(error)
            else:
                if unwanted.is_set():
                    hired.result().end()

        threading.Thread(target=hire, name="hiring", daemon=True).start()
        try:
            while True:
                with suppress(TimeoutError):
                    return hired.result(LOOK)
                if cancelled():
                    raise Cancelled
        except (KeyboardInterrupt, Cancelled):
            unwanted.set()
            with suppress(TimeoutError, Problem):  # one that was just forked would complain if it were given up halfway
                hired.result(HALFWAY).end()
            raise

    def _started(self, start: tuple[Any, ...]) -> _Worker:
        for attempt in range(ATTEMPTS):
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_serve, args=(theirs, *start), daemon=True)
            try:
                with _holding_ctrl_c(), _main_out_of_sight():
                    process.start()
                return _Worker(process, ours)
            except (EOFError, OSError):  # the fork server has died, and is started again at the next attempt
                ours.close()
                time.sleep(0.1 * attempt)
            finally:
                theirs.close()
        raise Problem("No worker process can be started; close other programs, or measure in one process.")


def _start_server(preload: list[str]) -> None:
    """Start the process that workers are forked from: in one thread, as threads would not survive the fork.

    Ctrl-C is for the caller, which stops the workers.
    """
    resource_tracker.ensure_running()  # which would let Ctrl-C through again
    with _holding_ctrl_c():
        forkserver.set_forkserver_preload(["graingraph.engine.batch.one_core", *preload])
        forkserver.ensure_running()


@contextmanager
def _holding_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C wait until a process has been started: one that is given up halfway would complain by itself.

    What is started meanwhile never sees it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_out_of_sight() -> Iterator[None]:
    """Let a process that is started not run the program's main module again, as it would: no worker needs it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def died(image_set: "ImageSet", image: str) -> dict[str, Any]:
    """The row of an image whose worker died of it."""
    message = "The process that worked on it died, probably for want of memory; crop the image or use fewer workers."
    return {
        "Image": image,
        "Status": "failed",
        "Node": "",
        "Message": message,
        "Notes": "",
        "Hash": image_set[image].hash,
    }


# in the worker process -------------------------------------------------------------------------------------------


def _serve(
    pipe: pipes.Connection, recipe_json: bytes, image_set: "ImageSet", place: "BatchPaths", draw: "Draw | None"
) -> None:
    """Work on the images that come through the pipe, until it is closed or the caller has died."""
    use_one_core()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_caller, name="caller", daemon=True).start()
    from graingraph.engine.batch import image_job
    from graingraph.engine.declare.plugins import load_plugins
    from graingraph.engine.recipe import file as recipe_file

    load_plugins(say=lambda problem: None)  # the process that started this one has said it
    jobs = image_job.ImageJobs(recipe_file.parse(recipe_json), image_set, place, place.store(), draw)
    with suppress(EOFError, OSError):  # the caller has gone
        while True:
            pipe.send(jobs.process(pipe.recv()))


def _end_with_caller() -> None:
    caller = parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)  # whatever it is computing: nobody would take the row
