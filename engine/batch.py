"""A recipe over many images: in this process or in worker processes, resumable, one bad image never the end of it."""

import os
import signal
import time
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from multiprocessing import forkserver, get_all_start_methods, get_context
from typing import Any

from engine import image_job, recipe_file
from engine.evaluate import Evaluation
from engine.image_job import Draw, Place
from engine.problem import Cancelled
from engine.recipe import Recipe
from engine.store import Listener, Store
from engine.tray import Tray

THREAD_LIMITS = (
    "GRAINGRAPH_THREADS", "OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"
)  # fmt: skip


Rows = Generator[dict[str, Any], None, None]


@dataclass
class Progress:
    """How far a batch is: rows finished so far (resumed ones included), images in all, seconds since the start."""

    total: int
    resumed: int = 0
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    interrupted: bool = False

    @property
    def eta(self) -> float | None:
        """Seconds still to go, from the pace so far; None before the first image is finished."""
        done = len(self.rows) - self.resumed
        if done <= 0:
            return None
        return (time.monotonic() - self.started) / done * (self.total - len(self.rows))

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The rows of the images that failed."""
        return [row for row in self.rows.values() if row["Status"] != "ok"]


def run_images(
    recipe: Recipe,
    tray: Tray,
    place: Place,
    *,
    workers: int = 1,
    fail_fast: bool = False,
    draw: Draw | None = None,
    on_row: Callable[[Progress], None] = lambda progress: None,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Progress:
    """Process every image that an earlier run into the same folder has not finished. Ctrl-C keeps what is done.

    ``workers`` > 1 uses that many processes of one core each; ``on_row`` is called after every image.
    """
    progress = Progress(len(tray))
    store = place.store()
    evaluation = Evaluation(recipe, tray, store)
    for image in tray:
        row = image_job.finished_row(evaluation, place, image)
        if row is not None:
            progress.rows[image] = row
    progress.resumed = len(progress.rows)
    todo = [image for image in tray if image not in progress.rows]
    if workers > 1 and len(todo) > 1:
        rows = _in_processes(recipe, tray, todo, place, workers, draw)
    else:
        rows = _here(recipe, tray, todo, place, store, draw, listener, cancelled)
    try:
        for row in rows:
            progress.rows[row["Image"]] = row
            on_row(progress)
            if cancelled() or (fail_fast and row["Status"] != "ok"):
                progress.interrupted = cancelled()
                break
    except (KeyboardInterrupt, Cancelled):
        progress.interrupted = True
    finally:
        rows.close()
    progress.rows = {image: progress.rows[image] for image in tray if image in progress.rows}
    return progress


def _here(
    recipe: Recipe,
    tray: Tray,
    images: list[str],
    place: Place,
    store: Store,
    draw: Draw | None,
    listener: Listener | None,
    cancelled: Callable[[], bool],
) -> Rows:
    for image in images:
        yield image_job.process(recipe, tray, image, place, store, draw, listener, cancelled)


# worker processes ------------------------------------------------------------------------------------------------

_worker: dict[str, Any] = {}


def _start_worker(recipe_json: bytes, tray: Tray, place: Place, draw: Draw | None) -> None:
    from engine.plugins import load_nodes

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))
    load_nodes()
    _worker.update(recipe=recipe_file.parse(recipe_json), tray=tray, place=place, store=place.store(), draw=draw)


def _work(image: str) -> dict[str, Any]:
    return image_job.process(
        _worker["recipe"], _worker["tray"], image, _worker["place"], _worker["store"], _worker["draw"]
    )


def _in_processes(recipe: Recipe, tray: Tray, images: list[str], place: Place, workers: int, draw: Draw | None) -> Rows:
    """Rows in the order they are finished. If a worker dies, the images it may have died of are tried one by one."""
    place = replace(place, memory=place.memory // workers)
    start = (recipe_file.dump(recipe), tray, place, draw)
    waiting, alone = list(images), list[str]()
    while waiting:
        running: dict[Future[dict[str, Any]], str] = {}
        with _pool(min(workers, len(waiting)), start) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < 2 * workers:
                        running[pool.submit(_work, waiting[0])] = waiting[0]
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
        with _pool(1, start) as pool:
            try:
                while alone:
                    row = pool.submit(_work, alone[0]).result()
                    del alone[0]
                    yield row
            except BrokenProcessPool:
                yield _died(tray, alone.pop(0))


def warm_up(modules: tuple[str, ...]) -> None:
    """Import what the workers will need once for all of them, in a process that they are then forked from.

    It works while the caller goes on. Where the system has no fork server, every worker imports for itself.
    """
    if "forkserver" not in get_all_start_methods():
        return
    kept = dict(os.environ)
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))  # read at import; threads would not survive the fork
    try:
        get_context("forkserver").set_forkserver_preload(list(modules))
        forkserver.ensure_running()
        _worker["start method"] = "forkserver"
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _pool(workers: int, start: tuple[Any, ...]) -> ProcessPoolExecutor:
    context = get_context(_worker.get("start method", "spawn"))
    return ProcessPoolExecutor(workers, context, _start_worker, start)


def _died(tray: Tray, image: str) -> dict[str, Any]:
    message = "The process that worked on it died, probably for want of memory; crop the image or use fewer workers."
    return {"Image": image, "Status": "failed", "Node": "", "Message": message, "Notes": "", "Hash": tray[image].hash}
