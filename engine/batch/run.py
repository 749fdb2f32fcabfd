"""A recipe over many images: in this process or in worker processes, resumable, one bad image never the end of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graingraph.engine.batch import image_job
from graingraph.engine.batch.image_job import BatchPaths, Draw
from graingraph.engine.batch.workers import Rows, Workers
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.files import remove_leftovers
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled
from graingraph.engine.recipe.recipe import Recipe


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
    image_set: ImageSet,
    place: BatchPaths,
    *,
    workers: Workers | None = None,
    fail_fast: bool = False,
    draw: Draw | None = None,
    on_row: Callable[[Progress], None] = lambda progress: None,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Progress:
    """Process every image that an earlier run into the same folder has not finished. Ctrl-C keeps what is done.

    It works in this process, or in ``workers``; ``on_row`` is called after every image.
    """
    progress = Progress(len(image_set))
    places = (place.out, *(place.out / name for name in ("overlays", "exports")))
    remove_leftovers(*places, *(place.state / name for name in ("rows", "tables")))
    store = place.store()
    evaluation = Evaluation(recipe, image_set, store)
    for image in image_set:
        row = image_job.finished_row(evaluation, place, image)
        if row is not None:
            progress.rows[image] = row
    progress.resumed = len(progress.rows)
    todo = [image for image in image_set if image not in progress.rows]
    if workers is not None and len(todo) > 1:
        rows = workers.rows(recipe, image_set, todo, place, draw)
    else:
        rows = _here(recipe, image_set, todo, place, store, draw, listener, cancelled)
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
    progress.rows = {image: progress.rows[image] for image in image_set if image in progress.rows}
    return progress


def _here(
    recipe: Recipe,
    image_set: ImageSet,
    images: list[str],
    place: BatchPaths,
    store: Store,
    draw: Draw | None,
    listener: Listener | None,
    cancelled: Callable[[], bool],
) -> Rows:
    for image in images:
        yield image_job.process(recipe, image_set, image, place, store, draw, listener, cancelled)
