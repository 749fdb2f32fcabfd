"""One image of a batch: what is computed for it, what is written, and the row that says how it went.

Runs in this process or in a worker process; either way a finished image leaves a row file, so that a killed run
resumes where it was.
"""

import logging
import math
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from graingraph.engine.batch.output import OutputFolder
from graingraph.engine.batch.remote_output import RemoteOutput
from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.cache import DiskCache, MemoryCache
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.files import RUN_STATE, hash_bytes, hash_file, write_atomically
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.corrections import touched
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem, pass_on_ctrl_c
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Export, Labels, Table, Value, pooling, registry
from graingraph.engine.values.csv import csv_bytes
from graingraph.engine.values.digest import digest
from graingraph.engine.values.notes import Note, of_kind, texts


class Pictures(NamedTuple):
    """The pictures of an image, bytes by file name relative to the output folder, and remarks on those left out."""

    files: Mapping[str, bytes] = {}
    notes: tuple[str, ...] = ()


NOT_REPORTABLE = "Not reportable"
"""The entry of an image's row that says why its numbers must not be reported."""
NO_COLUMNS = ("Files", "Tables", "Record")
"""The entries of an image's row that are no columns of a table. ``Record`` is what a rerun is compared with."""

Draw = Callable[[Evaluation, str], Pictures]
"""Draws the pictures of an image."""


@dataclass(frozen=True)
class BatchPaths:
    """Where a batch works: the output folder, the marks, where models lie, and how much memory it may keep.

    ``known`` is a folder of results that the window has kept: they are read here, and nothing is added to them.
    ``overwrite`` allows to replace files in the output folder that no run has written. ``comma`` writes the tables for
    spreadsheets with a decimal comma. ``remote`` is where the output folder lies under a URL, and ``out`` its copy.
    """

    out: Path
    marks: Path | None = None
    models: ModelFolders = field(default_factory=ModelFolders)
    memory: int = 1_000_000_000
    known: Path | None = None
    overwrite: bool = False
    comma: bool = False
    remote: RemoteOutput | None = None

    @property
    def where(self) -> str:
        """The output folder as a text that people and JSON can have, whatever its bytes are."""
        return self.remote.url if self.remote else str(self.out.absolute()).encode("utf-8", "replace").decode()

    @property
    def state(self) -> Path:
        """The folder of rows and stored results; deleting it makes the next run start over."""
        return self.out / RUN_STATE

    @cached_property
    def output(self) -> OutputFolder:
        """The output folder, with what is known of its files when this is first asked for."""
        return OutputFolder(self.out, self.state, self.overwrite, self.remote.foreign if self.remote else ())

    def store(self) -> Store:
        """A store whose small results survive in the output folder."""
        disk = DiskCache(self.state / "results", behind=DiskCache(self.known) if self.known else None)
        disk.written = [] if self.remote else None
        return Store(MemoryCache(self.memory), disk, MarkStore(self.marks), self.models, keep_tables=True)


def result_nodes(recipe: Recipe) -> tuple[str, ...]:
    """The per-image steps whose outputs a batch wants: those that give tables or files, and ends of the graph."""
    wanted = []
    for node in recipe.order:
        declared = recipe.steps[node].declared
        if node in recipe.per_batch or declared is None:
            continue
        gives = declared.gives(Table) or any(_export(kind) for pin in declared.outputs for kind in pin.kinds)
        if gives or not recipe.graph.out_degree(node):
            wanted.append(node)
    return tuple(wanted)


def feature_groups(recipe: Recipe) -> list[list[str]]:
    """The result nodes that give tables, those that measure the same features together: they share one table."""
    groups: dict[Any, list[str]] = {}
    for node in result_nodes(recipe):
        declared = recipe.steps[node].declared
        if declared and declared.gives(Table):
            first = recipe.wire_into(node, declared.inputs[0].name) if declared.inputs else None
            groups.setdefault((first.source, first.output) if first else node, []).append(node)
    return list(groups.values())


def row_path(evaluation: Evaluation, place: BatchPaths, image: str) -> Path:
    """The row file of an image: named by everything its results depend on, so that a change makes it run again."""
    keys = [evaluation.keys.key(node, image) for node in result_nodes(evaluation.recipe)]
    return place.state / "rows" / f"{hash_bytes(image.encode(), *(key.encode() for key in keys))}.json"


def trace_path(place: BatchPaths, image: str) -> Path:
    """A file that is there while somebody works on an image: it stays where the image took its process with it."""
    return place.state / "begun" / hash_bytes(image.encode())


def finished_row(evaluation: Evaluation, place: BatchPaths, image: str) -> dict[str, Any] | None:
    """The row of an image that an earlier run finished without failure and whose files are still there."""
    try:
        row = _opened(row_path(evaluation, place, image).read_bytes())
        there = row["Status"] == "ok" and all((place.out / name).is_file() for name in row["Files"])
        there = there and all(hash_file(place.out / part["file"]) == part["hash"] for part in row["Tables"].values())
    except (OSError, Problem, ValueError, LookupError, TypeError, AttributeError):
        return None
    return row if there else None


def _sealed(row: Mapping[str, Any]) -> bytes:
    """A row as the bytes of its file, with a hash that shows when a bit of it has changed on the disk."""
    plain = orjson.loads(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY, default=str))
    return orjson.dumps({"hash": hash_bytes(orjson.dumps(plain)), "row": plain})


def _opened(data: bytes) -> dict[str, Any]:
    """The row in a file's bytes; ``ValueError`` or ``LookupError`` where they are damaged."""
    sealed = orjson.loads(data)
    if hash_bytes(orjson.dumps(sealed["row"])) != sealed["hash"]:
        raise ValueError("the row was changed on the disk")
    return sealed["row"]


class ImageJobs:
    """What works on images of a batch, one after another, in one process.

    What the keys of every image are made of is worked out once for all of them.
    """

    def __init__(
        self,
        recipe: Recipe,
        image_set: ImageSet,
        place: BatchPaths,
        store: Store,
        draw: Draw | None = None,
        listener: Listener | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._place, self._draw = place, draw
        self._image, self._digests = "", dict[str, str]()
        heard = replace(listener or Listener(), obtained=self._note)
        self._evaluation = Evaluation(recipe, image_set, store, listener=heard, cancelled=cancelled)

    def process(self, image: str) -> dict[str, Any]:
        """Compute and write everything of one image; its row is returned and kept. Raises only ``Cancelled``."""
        with _traced(trace_path(self._place, image)):
            try:
                return self._process(image)
            finally:
                self._evaluation.forget(image)

    def _note(self, node: str, image: str | None, outputs: Mapping[str, Value]) -> None:
        if image in (None, self._image) and node not in self._digests:
            self._digests[node] = digest(outputs)

    def _process(self, image: str) -> dict[str, Any]:
        start = time.perf_counter()
        self._image, self._digests = image, {}
        evaluation, place = self._evaluation, self._place
        row: dict[str, Any] = {"Image": image, "Status": "ok", "Node": "", "Message": "", "Notes": ""}
        row[NOT_REPORTABLE] = ""
        try:
            found = {node: evaluation.outputs(node, image) for node in result_nodes(evaluation.recipe)}
            files = _exports(found, evaluation.image_set.stems[image])
            pictures = self._draw(evaluation, image) if self._draw else Pictures()
            files.update(pictures.files)
            row["Files"] = {name: place.output.write(name, files[name], durable=False) for name in sorted(files)}
            row |= {"Notes": _notes(found, pictures.notes), NOT_REPORTABLE: _not_reportable(found), **_numbers(found)}
            row["Tables"] = _write_tables(found, evaluation, place, image)
            row["Record"] = {"corrected": _corrected(evaluation, found, image)}
        except Problem as problem:
            row |= {"Status": "failed", "Node": problem.node or "", "Message": problem.message}
        except Exception as error:  # whatever one image does to us, the others go on
            pass_on_ctrl_c(error)
            logging.getLogger(__name__).debug("image %s", image, exc_info=True)
            message = f"Its results could not be made ({type(error).__name__}: {error}); please report it."
            row |= {"Status": "failed", "Message": message}
        row["Record"] = {**row.get("Record", {}), "digests": self._digests, "marks": _drawn(evaluation, image)}
        row["Seconds"] = round(time.perf_counter() - start, 3)
        row["Hash"] = evaluation.image_set[image].hash
        path = row_path(evaluation, place, image)
        try:
            write_atomically(path, _sealed(row))
            if place.remote is not None:
                row["Record"]["kept"] = _send(place, place.remote, evaluation.store, row, path)
        except Problem as problem:
            row |= {"Status": "failed", "Message": row["Message"] or problem.message}
        return row


@contextmanager
def _traced(trace: Path) -> Iterator[None]:
    with suppress(OSError):  # a disk that is full or read-only is told of by the row
        trace.parent.mkdir(parents=True, exist_ok=True)
        trace.touch()
    try:
        yield
    finally:
        with suppress(OSError):
            trace.unlink()


def _send(place: BatchPaths, remote: RemoteOutput, store: Store, row: Mapping[str, Any], path: Path) -> list[str]:
    """Send everything of a finished image to where the output folder lies; the names of its stored results.

    ``Problem`` where that fails: the image is then not finished.
    """
    written = (store.disk and store.disk.written) or []
    names = [one.relative_to(place.out).as_posix() for one in (path, *written) if one.is_file()]
    written.clear()
    try:
        remote.push([*names, *(part["file"] for part in row.get("Tables", {}).values()), *row.get("Files", ())])
    except Problem:
        path.unlink(missing_ok=True)
        raise
    return names[1:]


Found = Mapping[str, Mapping[str, Value]]
"""The outputs of the result nodes."""


def _notes(found: Found, more: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys([*texts(_all_notes(found)), *more]))


def _not_reportable(found: Found) -> str:
    """Why the numbers of the image must not be reported, if so; empty where they may be."""
    return " ".join(dict.fromkeys(note.text for note in of_kind(_all_notes(found), "not reportable")))


def _all_notes(found: Found) -> Iterator[Note]:
    return (note for outputs in found.values() for value in outputs.values() for note in value.notes)


def _drawn(evaluation: Evaluation, image: str) -> dict[str, str]:
    """By node that can be drawn on, and that a result comes from, the hash of what is drawn; empty where nothing is."""
    recipe, found = evaluation.recipe, {}
    results = result_nodes(recipe)
    for node in recipe.order:
        declared = recipe.steps[node].declared
        if declared and declared.takes(Marks) and any(node in {*recipe.ancestors(one), one} for one in results):
            with suppress(Problem):
                found[node] = evaluation.keys.drawn(node, image).hash
    return found


def _corrected(evaluation: Evaluation, found: Found, image: str) -> dict[str, int]:
    """How many strokes corrected the image, how many of its features they touched, and how many those are."""
    recipe, marks = evaluation.recipe, evaluation.corrections(image)
    nodes = next(iter(feature_groups(recipe)), [])
    tables = [table for node in nodes for table in found[node].values() if isinstance(table, Table)]
    count = max((table.count for table in tables if table.rows == "features"), default=0)
    declared = recipe.steps[nodes[0]].declared if marks and nodes else None
    wire = recipe.wire_into(nodes[0], declared.inputs[0].name) if declared and declared.inputs else None
    features = evaluation.value(wire.source, wire.output, image) if wire else None
    return {
        "strokes": len(marks),
        "touched": touched(features, marks) if isinstance(features, Labels) else 0,
        "features": count,
    }


def _same(one: Any, other: Any) -> bool:
    """Whether two nodes say the same, as of the size of the field that both measured in."""
    numbers = isinstance(one, float) and isinstance(other, float)
    return one == other or (numbers and (math.isclose(one, other) or (math.isnan(one) and math.isnan(other))))


def _numbers(found: Found) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for node, outputs in found.items():
        for table in (value for value in outputs.values() if isinstance(value, Table)):
            for name, number in pooling.summary(table).items():
                if not _same(numbers.get(name, number), number):
                    name = f"{node}: {name}"
                numbers.setdefault(name, number)
    return numbers


def output_name(node: str, pin: str, outputs: int) -> str:
    """What the file of an output is called, without its ending; ``outputs`` is how many the node has."""
    return f"{node}_{pin}" if outputs > 1 else node


def exported(value: Value, output: str, taken: Container[str] = ()) -> dict[str, bytes]:
    """The files that a batch writes of a value, by name; none if its type is not written as any.

    ``output`` is what the value is called; it comes in front where a name is ``taken``.
    """
    export = _export(type(value))
    if export is None:
        return {}
    files = export.parts(value) if export.parts else {export.file_name(value, output): export.data(value)}
    begin = f"{output}_" if any(name in taken for name in files) else ""
    return {f"{begin}{name}": data for name, data in files.items()}


def _export(kind: type[Value]) -> Export | None:
    export = registry.declared(kind).export
    return export if export is not None and export.in_batch else None


def _exports(found: Found, stem: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for node, outputs in found.items():
        for pin, value in outputs.items():
            output = output_name(node, pin, len(outputs))
            begin = f"exports/{stem}_"
            taken = {name.removeprefix(begin) for name in files}
            files |= {f"{begin}{name}": data for name, data in exported(value, output, taken).items()}
    return files


def _tables(found: Found) -> Iterator[Table]:
    return (value for outputs in found.values() for value in outputs.values() if isinstance(value, Table))


def _write_tables(found: Found, evaluation: Evaluation, place: BatchPaths, image: str) -> dict[str, Any]:
    """Write this image's rows of every pooled table, for the batch to put together; by name, their columns and file."""
    written: dict[str, Any] = {}
    for nodes in feature_groups(evaluation.recipe):
        features = [
            table
            for node in nodes
            for table in found[node].values()
            if isinstance(table, Table) and table.rows == "features"
        ]
        if not features:
            continue
        name = f"measurements_{nodes[0]}" if written else "measurements"
        table = pooling.pooled({image: pooling.told_of_image(pooling.merge_features(features), _tables(found))})
        part = place.state / "tables" / f"{row_path(evaluation, place, image).stem}_{name}.csv"
        rows = csv_bytes(table, heading=False)
        write_atomically(part, rows, durable=False)
        file = part.relative_to(place.out).as_posix()
        written[name] = {"columns": list(table.columns), "file": file, "hash": hash_bytes(rows)}
    return written
