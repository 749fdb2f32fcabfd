"""Worker processes of a batch, of one core each: made ready while the caller still reads the recipe and the images.

Nothing heavy is imported here at the top, so that a command can begin with making the workers.
"""

import signal
import sys
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import forkserver, get_all_start_methods, get_context, resource_tracker
from types import ModuleType
from typing import TYPE_CHECKING, Any

from graingraph.engine.cpu import one_core_for_new_processes, use_one_core

if TYPE_CHECKING:
    from graingraph.engine.batch.image_job import BatchPaths, Draw
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.engine.recipe.recipe import Recipe

Rows = Generator[dict[str, Any], None, None]


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
        self, recipe: "Recipe", image_set: "ImageSet", images: list[str], place: "BatchPaths", draw: "Draw | None"
    ) -> Rows:
        """The row of every image, in the order they are finished.

        If a worker dies, the images it may have died of are tried one by one.
        """
        from graingraph.engine.recipe import file as recipe_file

        place = replace(place, memory=place.memory // self.count)
        start = (recipe_file.dump(recipe), image_set, place, draw)
        waiting, alone = list(images), list[str]()
        while waiting:
            running: dict[Future[dict[str, Any]], str] = {}
            with self._pool(min(self.count, len(waiting)), start) as pool:
                try:
                    while waiting or running:
                        while waiting and len(running) < 2 * self.count:
                            running[_submit(pool, waiting[0])] = waiting[0]
                            del waiting[0]  # only now: a pool that broke takes nothing any more
                        done, _ = wait(running, return_when=FIRST_COMPLETED)
                        for future in done:
                            row = future.result()
                            del running[future]
                            yield row
                except BrokenProcessPool:
                    alone += running.values()
                finally:
                    pool.shutdown(wait=True, cancel_futures=True)
        while alone:
            with self._pool(1, start) as pool:
                try:
                    while alone:
                        row = _submit(pool, alone[0]).result()
                        del alone[0]
                        yield row
                except BrokenProcessPool:
                    yield _died(image_set, alone.pop(0))

    def _pool(self, count: int, start: tuple[Any, ...]) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(count, self._context, _start_worker, start)


def _submit(pool: ProcessPoolExecutor, image: str) -> "Future[dict[str, Any]]":
    with _holding_ctrl_c(), _main_out_of_sight():  # it may start a process
        return pool.submit(_work, image)


def _start_server(preload: list[str]) -> None:
    """Start the process that workers are forked from: in one thread, as threads would not survive the fork.

    Ctrl-C is for the caller, which stops the workers when their images are done.
    """
    resource_tracker.ensure_running()  # which would let Ctrl-C through again
    with one_core_for_new_processes(), _holding_ctrl_c():
        forkserver.set_forkserver_preload(preload)
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


# in the worker process -------------------------------------------------------------------------------------------

_job: tuple[Any, ...] = ()


def _start_worker(recipe_json: bytes, image_set: "ImageSet", place: "BatchPaths", draw: "Draw | None") -> None:
    global _job  # the one thing that a worker process keeps from one image to the next
    use_one_core()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from graingraph.engine.declare.plugins import load_nodes
    from graingraph.engine.recipe import file as recipe_file

    load_nodes()
    _job = recipe_file.parse(recipe_json), image_set, place, place.store(), draw


def _work(image: str) -> dict[str, Any]:
    from graingraph.engine.batch import image_job

    recipe, image_set, place, store, draw = _job
    return image_job.process(recipe, image_set, image, place, store, draw)


def _died(image_set: "ImageSet", image: str) -> dict[str, Any]:
    message = "The process that worked on it died, probably for want of memory; crop the image or use fewer workers."
    return {
        "Image": image,
        "Status": "failed",
        "Node": "",
        "Message": message,
        "Notes": "",
        "Hash": image_set[image].hash,
    }
