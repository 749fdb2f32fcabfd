"""A recipe over many images: in this process or in worker processes, resumable, one bad image never the end of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graingraph.engine.batch import image_job
from graingraph.engine.batch.image_job import BatchPaths, Draw
from graingraph.engine.batch.output import FOLDERS, PROOF
from graingraph.engine.batch.workers import Rows, Team, Workers
from graingraph.engine.declare.node import NodeType
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.files import remove_leftovers
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Result, Table


@dataclass
class Progress:
    """How far a batch is: rows finished so far (resumed ones included), images in all, seconds since the start.

    ``outputs`` are the results that it has left in the end, by file name in the output folder, ``digests`` those of
    what the steps gave that exist once for all images, ``results`` their answers.
    """

    total: int
    resumed: int = 0
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    interrupted: bool = False
    outputs: tuple[str, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)
    results: tuple[Result, ...] = ()
    _columns: dict[tuple[str, ...], list[str]] = field(default_factory=dict, repr=False)

    def add(self, row: dict[str, Any]) -> None:
        """Take in the row of an image; the headings that its tables share with others are kept once for all of them.

        They are the largest part of a row, of which there may be 100 000.
        """
        for part in row.get("Tables", {}).values():
            part["columns"] = self._columns.setdefault(tuple(part["columns"]), part["columns"])
        self.rows[row["Image"]] = row

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
    workers: Team | None = None,
    fail_fast: bool = False,
    draw: Draw | None = None,
    on_row: Callable[[Progress], None] = lambda progress: None,
    listener: Listener | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    known: Mapping[str, dict[str, Any]] = MappingProxyType({}),
) -> Progress:
    """Process every image that an earlier run into the same folder has not finished. Ctrl-C keeps what is done.

    It works in this process, or in ``workers``; an image that an earlier run was killed at, or died of, is tried in a
    process of its own, and comes last. ``known`` are rows of images that are not to be tried again. ``on_row`` is
    called after every image. What earlier runs have left in the output folder, and is no result of an image that is
    finished, goes first; ``Problem`` where a file would have to be overwritten that no run has written. Only one run
    may be at work in a folder (``output.one_run``).
    """
    progress = Progress(len(image_set))
    _remove_unfinished(place)
    store = place.store()
    evaluation = Evaluation(recipe, image_set, store)
    for image in image_set:
        row = image_job.finished_row(evaluation, place, image)
        if row is not None:
            progress.add(row)
        elif image in known:
            progress.add(known[image])
        evaluation.forget(image)
    progress.resumed = len(progress.rows)
    todo = [image for image in image_set if image not in progress.rows]
    place.output.require_ours(*PROOF, *names_of_tables(recipe), *names_of_files(recipe))
    place.output.require_ours_of(image_set.stems.values())
    place.output.remove_stale(name for row in progress.rows.values() for name in row.get("Files", ()))
    place.output.tidy()
    if workers is not None and todo:
        rows = workers.rows(recipe, image_set, todo, place, draw, cancelled)
    else:
        suspects = [image for image in todo if image_job.trace_path(place, image).exists()]
        safe = [image for image in todo if image not in suspects]
        rows = _here(recipe, image_set, safe, suspects, place, store, draw, listener, cancelled)
    try:
        for row in rows:
            place.output.require_there()
            if place.remote is not None:
                place.remote.fetch(_needed_here(row))
            progress.add(row)
            on_row(progress)
            if cancelled() or (fail_fast and row["Status"] != "ok"):
                progress.interrupted = cancelled()
                break
    except (KeyboardInterrupt, Cancelled):
        progress.interrupted = True
    finally:
        rows.close()
        _remove_unfinished(place)
    progress.rows = {image: progress.rows[image] for image in image_set if image in progress.rows}
    return progress


def _needed_here(row: Mapping[str, Any]) -> list[str]:
    """What a worker elsewhere has made of an image that the tables and the report of all images are made of."""
    tables = [part["file"] for part in row.get("Tables", {}).values()]
    overlays = [name for name in row.get("Files", ()) if name.startswith(f"{FOLDERS[0]}/")]
    return [*tables, *overlays, *row.get("Record", {}).get("kept", ())]


def batch_nodes(recipe: Recipe) -> dict[str, NodeType]:
    """The steps that a batch computes once for all its images, in the order of the graph: none that wait to be asked.

    The counterpart of ``image_job.result_nodes``.
    """
    found = {node: recipe.steps[node].declared for node in recipe.order if node in recipe.per_batch}
    return {node: declared for node, declared in found.items() if declared and not declared.on_request}


def names_of_tables(recipe: Recipe) -> list[str]:
    """What the tables may be called that a batch writes for all images together.

    Their rows, their features, and what each node gives that exists once.
    """
    groups = [f"measurements_{nodes[0]}.csv" for nodes in image_job.feature_groups(recipe)]
    return ["fields.csv", "measurements.csv", *groups, *_tables_of_nodes(recipe)]


def _tables_of_nodes(recipe: Recipe) -> Iterator[str]:
    nodes = batch_nodes(recipe)
    for node in sorted(nodes):
        for pin in nodes[node].outputs:
            if any(issubclass(kind, Table) for kind in pin.kinds):
                yield f"{image_job.output_name(node, pin.name, len(nodes[node].outputs))}.csv"


def names_of_files(recipe: Recipe) -> list[str]:
    """What the files are called that nodes declare to leave once for all images together."""
    declared = (recipe.steps[node].declared for node in recipe.per_batch)
    return [name for kind in declared if kind for name in kind.files]


def _remove_unfinished(place: BatchPaths) -> None:
    """Remove what was being written when a process was killed; none is at work now."""
    folders = {place.out, *(place.out / name for name in FOLDERS), *place.output.folders}
    folders |= set((place.state / "results").glob("*"))
    remove_leftovers(*folders, *(place.state / name for name in ("rows", "tables", "seen", "written")), older_than=-1)


def _here(
    recipe: Recipe,
    image_set: ImageSet,
    images: list[str],
    suspects: list[str],
    place: BatchPaths,
    store: Store,
    draw: Draw | None,
    listener: Listener | None,
    cancelled: Callable[[], bool],
) -> Rows:
    jobs = image_job.ImageJobs(recipe, image_set, place, store, draw, listener, cancelled)
    for image in images:
        yield jobs.process(image)
    if suspects:
        yield from Workers(1).rows(recipe, image_set, suspects, place, draw, cancelled)
