"""Images worked on by the workers of a Dask cluster: the same rows and files as those of this machine's own processes.

The workers read the images and write into the output folder themselves, so both have to lie under a URL, or under the
same path on every machine, as on a network share; what a recipe needs besides, its models, is sent to each worker once.
A worker that would compute with other code is refused. A cluster is as trusted as the machine itself: Dask ships
functions.
"""

import asyncio
import logging
import math
import queue
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graingraph.engine.batch.image_job import BatchPaths, Draw
from graingraph.engine.batch.workers import Rows, died
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem

if TYPE_CHECKING:
    from distributed import Client, Future

    from graingraph.engine.recipe.recipe import Recipe

AT_ONCE = 3
"""Tasks that a worker has: one at work and the next two, so that it need not wait for the network."""
TASK_S = 0.2
"""How long (s) a task is to take at least: small images go together, as each task costs some milliseconds."""
MOST_TOGETHER = 32
"""Images that go together at most, so that a worker that dies takes few with it."""
ATTEMPTS = 3
"""How often an image is begun anew whose row went with a worker that died."""
LOOK = 0.1
"""How often (s) it is asked whether to stop."""
CONNECTING = 20.0
"""How long (s) a scheduler may take to answer, and then a first worker to be there."""
ENDING = 20.0
"""How long (s) is waited for images that are at work when a run is stopped."""


@dataclass(frozen=True)
class Job:
    """What a worker needs once for a whole batch.

    ``token`` tells jobs apart; ``code`` is what the caller computes with, by what it belongs to; ``models`` are the
    files of each model by name, ``preload`` modules that all recipes need.
    """

    token: str
    recipe_json: bytes
    image_set: ImageSet
    place: BatchPaths
    draw: Draw | None
    code: Mapping[str, str]
    models: Mapping[str, bytes] = field(default_factory=dict)
    preload: tuple[str, ...] = ()


class Cluster:
    """The workers that a Dask scheduler has, or will have, at an address such as ``tcp://10.0.0.5:8786``.

    ``preload`` names modules that all of them need. ``patience`` is how long (s) the first worker may take to come, as
    those of a queue do.
    """

    def __init__(self, address: str, preload: Iterable[str] = (), patience: float = CONNECTING) -> None:
        self.address, self._preload, self._patience = address, tuple(preload), patience

    def rows(
        self,
        recipe: "Recipe",
        image_set: ImageSet,
        images: list[str],
        place: BatchPaths,
        draw: Draw | None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Rows:
        """The row of every image, in the order they are finished; no more are sent than the workers can soon begin.

        An image whose worker dies is given to another; one that several have died of, also when nothing else is at
        work, is a failed row. ``Problem`` where no worker can be reached or one has other code. Closing this and
        ``cancelled`` (which raises ``Cancelled``) stop after the images that are at work.
        """
        with _connected(self.address) as client:
            from distributed.protocol import pickle

            job = _job(recipe, image_set, place, draw, _most_on_a_host(client, self._patience), self._preload)
            asked = replace(job, models={}, image_set=ImageSet(dict(list(image_set.items())[:1])))
            for where, objection in _asked(client, asked, self.address).items():
                if objection:
                    raise Problem(f"The worker {where} {objection}")
            # A task and not scattered data: the scheduler makes it anew when every worker that had it is dead. It stays
            # packed, as workers hand it on to those that come later: once at work it could not be packed any more.
            sent = client.submit(bytes, pickle.dumps(job), pure=False)
            try:
                suspects: list[str] = []
                for image, row in self._results(client, job.token, sent, images, cancelled):
                    if row is None:
                        suspects.append(image)
                    else:
                        yield row
                for suspect in suspects:  # what waited at a worker that died is blamed too: alone it is told apart
                    for image, row in self._results(client, job.token, sent, [suspect], cancelled):
                        yield row if row is not None else died(image_set, image)
            finally:
                _end(client, job)

    def _results(
        self,
        client: "Client",
        token: str,
        sent: "Future",
        images: Iterable[str],
        cancelled: Callable[[], bool],
    ) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Each image with its row, or with None where several workers died while they had it."""
        waiting, running, lost = deque(images), dict["Future", tuple[str, ...]](), Counter[str]()
        done, seconds = queue.SimpleQueue["Future"](), deque[float](maxlen=100)
        slots, looked = 0, -math.inf
        try:
            while waiting or running:
                if time.monotonic() - looked > 1.0:  # workers come and go
                    slots, looked = _slots(client), time.monotonic()
                while waiting and len(running) < max(1, AT_ONCE * slots):
                    task = tuple(waiting.popleft() for _ in range(_together(seconds, len(waiting), slots)))
                    future = client.submit(work, token, sent, task, pure=False)
                    running[future] = task
                    future.add_done_callback(done.put)
                with suppress(queue.Empty):
                    future = done.get(timeout=LOOK)
                    task = running.pop(future)
                    try:
                        rows = self._rows(future)
                    except TimeoutError:  # they went with the worker that had them, and are made anew
                        running[future] = task
                        done.put(future)
                        rows, task = [], ()
                    except CancelledError:  # the rows went with the worker that had them
                        if client.status != "running":
                            raise _lost(self.address) from None
                        lost.update(task)
                        waiting.extend(image for image in task if lost[image] < ATTEMPTS)
                        yield from ((image, None) for image in task if lost[image] >= ATTEMPTS)
                        continue
                    seconds.extend(row["Seconds"] for row in rows or ())
                    given: Sequence[dict[str, Any] | None] = rows if rows is not None else [None] * len(task)
                    yield from zip(task, given, strict=True)
                if cancelled():
                    raise Cancelled
        finally:
            if running and client.status == "running":
                with suppress(Exception):
                    client.cancel(list(running), force=True)

    def _rows(self, future: "Future") -> list[dict[str, Any]] | None:
        """The rows that a worker gave; None where several died of them.

        ``CancelledError`` where they were lost, ``TimeoutError`` where they are being made anew.
        """
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        if future.status in ("cancelled", "lost"):
            raise CancelledError
        try:
            return future.result(timeout=LOOK)
        except KilledWorker:
            return None
        except CommClosedError:
            raise _lost(self.address) from None
        except (CancelledError, TimeoutError, Problem):
            raise
        except Exception as error:
            what = f"{type(error).__name__}: {error!s:.200}"
            raise Problem(f"A worker of {self.address} failed ({what}); look at what it says there.") from None


def _together(seconds: Collection[float], waiting: int, slots: int) -> int:
    """How many images make a task, from how long the last have taken; few in the end, so that no worker waits long."""
    wanted = int(TASK_S * len(seconds) / max(sum(seconds), 1e-9)) if seconds else 1
    return max(1, min(wanted, MOST_TOGETHER, waiting // (AT_ONCE * max(1, slots))))


@contextmanager
def _connected(address: str) -> "Iterator[Client]":
    try:
        import distributed
    except ImportError as error:
        raise Problem(
            f"A cluster needs the package {error.name}; install it with: pip install 'graingraph[cluster]'"
        ) from None
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said here, once
    try:
        client = distributed.Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        raise Problem(f"No scheduler answers at {address}; start one with: graingraph cluster") from None
    try:
        yield client
    except OSError:
        raise _lost(address) from None
    finally:
        with suppress(Exception):  # a scheduler that is gone need not be told
            client.close(timeout=2)


def _asked(client: "Client", job: Job, address: str) -> dict[str, str]:
    """By worker what speaks against computing there."""
    try:
        return dict(client.run(objection_to, job))
    except (OSError, Problem):
        raise
    except Exception as error:  # as where the program is not installed there
        why = f"{type(error).__name__}: {error!s:.150}"
        raise Problem(f"A worker of {address} cannot run Graingraph ({why}); install the same version there.") from None


def _lost(address: str) -> Problem:
    return Problem(f"The scheduler at {address} is gone; start it, and run the same command again to go on.")


def _end(client: "Client", job: Job) -> None:
    """Have no worker begin anything more of a job, and wait for what is at work: it writes into the output folder."""
    if client.status == "running":
        with suppress(Exception):  # a worker or the scheduler that is gone does nothing more
            client.run(end_job, job.token)


def _slots(client: "Client") -> int:
    return sum(worker["nthreads"] for worker in _workers(client).values())


def _workers(client: "Client") -> dict[str, Any]:
    return client.scheduler_info(n_workers=-1)["workers"]


def _most_on_a_host(client: "Client", patience: float) -> int:
    """How many workers share the memory of a machine; waits for the first."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=patience)
    hosts = Counter(worker["host"] for worker in _workers(client).values())
    if not hosts:
        raise Problem("The scheduler has no workers; start some with: dask worker ADDRESS --nthreads 1")
    return max(hosts.values())


def _job(
    recipe: "Recipe",
    image_set: ImageSet,
    place: BatchPaths,
    draw: Draw | None,
    on_a_host: int,
    preload: tuple[str, ...],
) -> Job:
    from graingraph.engine.declare.model_file import files_of
    from graingraph.engine.files import write_atomically
    from graingraph.engine.recipe import file as recipe_file
    from graingraph.engine.recipe import models

    token = secrets.token_hex(8)
    write_atomically(_sign(place), token.encode(), durable=False)
    files: dict[str, bytes] = {}
    for reference in dict.fromkeys(models.applied(recipe).values()):
        with suppress(Problem):  # that a model is missing is said of the images
            parts = files_of(place.models.resolve(reference).path)
            files |= {name: file.read_bytes() for name, file in parts.items()}
    here = replace(place, out=place.out.absolute(), memory=place.memory // on_a_host)
    return Job(token, recipe_file.dump(recipe), image_set, here, draw, _code(recipe, draw), files, preload)


def _sign(place: BatchPaths) -> Path:
    """A file by which a worker sees that the output folder is the caller's."""
    return place.state / "cluster"


def _code(recipe: "Recipe", draw: Draw | None) -> dict[str, str]:
    """What results depend on besides recipe and images: the code of steps and pictures, and the libraries."""
    from graingraph.engine.code import code_of
    from graingraph.engine.versions import libraries

    steps = {step.type: code_of(step.declared.function) for step in recipe.steps.values() if step.declared}
    return {"the libraries": libraries(), "the pictures": code_of(draw) if draw else "", **steps}


# on a worker -----------------------------------------------------------------------------------------------------

_one_at_a_time = threading.Lock()
"""A worker with several threads works on one image at a time: its memory and its core are meant for one."""
_ended: set[str] = set()
"""The tokens of jobs that are over."""
_jobs: dict[str, Callable[[str], dict[str, Any]]] = {}
"""What works on an image, by the token of the job; of the last job only."""


def objection_to(job: Job) -> str:
    """What speaks against computing here, as the end of a sentence; empty for nothing."""
    from graingraph.engine.declare.plugins import load_plugins
    from graingraph.engine.recipe import file as recipe_file

    load_plugins(say=lambda problem: None)
    mine = _code(recipe_file.parse(job.recipe_json), job.draw)
    other = [what for what, digest in job.code.items() if mine.get(what) != digest]
    if other:
        return f"computes with other code ({', '.join(other[:5])}); install the same versions there."
    try:
        if job.place.remote is not None:
            job.place.remote.require_owned()
        elsewhere = next((one for one in job.image_set.values() if one.origin is not None), None)
        if elsewhere is not None:
            elsewhere.here()
    except Problem as problem:
        return f"cannot work there: {problem}"
    if job.place.remote is None and not _is_here(job):
        return f"does not see the folder {job.place.out}; choose one that all machines share."
    first = next((one.path for one in job.image_set.values() if one.path is not None and one.origin is None), None)
    if first is not None and not first.parent.is_dir():
        return f"does not see the images in {first.parent}; put them where all machines see them."
    if job.place.marks is not None and not job.place.marks.is_dir():
        return f"does not see what was drawn, in {job.place.marks}; put the recipe where all machines see it."
    return ""


def _is_here(job: Job) -> bool:
    """Whether this machine sees the folder that the caller works in."""
    try:
        return _sign(job.place).read_text() == job.token
    except OSError:
        return False


def _unpacked(data: bytes) -> Job:
    from distributed.protocol import pickle

    return pickle.loads(data)


async def end_job(token: str) -> None:
    """Let nothing more of a job begin, and wait for the image that is at work."""
    _ended.add(token)
    end = time.monotonic() + ENDING
    while _one_at_a_time.locked() and time.monotonic() < end:
        await asyncio.sleep(0.02)


def work(token: str, packed: bytes, images: Sequence[str]) -> list[dict[str, Any]]:
    """Compute and write everything of some images of a job, and return their rows.

    ``Problem`` where this worker has other code, or the run has ended.
    """
    rows = []
    with _one_at_a_time:
        for image in images:
            if token in _ended:
                raise Problem("The run has ended.")
            if token not in _jobs:
                _jobs.clear()
                _jobs[token] = _begun(_unpacked(packed))
            rows.append(_jobs[token](image))
    return rows


def _begun(job: Job) -> Callable[[str], dict[str, Any]]:
    from importlib import import_module

    from graingraph.engine.cpu import use_one_core

    use_one_core()
    for module in job.preload:
        import_module(module)
    objection = objection_to(job)
    if objection:
        raise Problem(f"A worker {objection}")
    from graingraph.engine.batch import image_job
    from graingraph.engine.recipe import file as recipe_file

    place = replace(job.place, models=job.place.models.and_in(_kept(job.models))) if job.models else job.place
    if place.remote is not None and not _is_here(job):
        place = replace(place, out=place.remote.folder, remote=replace(place.remote, passing=True))
    recipe = recipe_file.parse(job.recipe_json)
    return image_job.ImageJobs(recipe, job.image_set, place, place.store(), job.draw).process


def _kept(models: Mapping[str, bytes]) -> Path:
    """The folder in which these files lie on this machine, written there the first time."""
    import platformdirs

    from graingraph.engine.files import hash_bytes, write_atomically

    digest = hash_bytes(*(part for name, data in sorted(models.items()) for part in (name.encode(), data)))
    folder = platformdirs.user_cache_path("graingraph", False) / "models" / digest
    for name, data in models.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != data:
            write_atomically(folder / name, data)
    return folder
