"""What a batch leaves behind: pooled tables, one row an image, the files of the per-batch nodes, and a manifest."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from graingraph.engine.batch.image_job import NOT_REPORTABLE, BatchPaths, exported
from graingraph.engine.batch.output import MANIFEST, MANIFEST_FORMAT
from graingraph.engine.batch.run import Progress
from graingraph.engine.code import code_of
from graingraph.engine.declare.injected import NOT_MOVED, MovedSettings
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import NodeType
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.files import hash_bytes, hash_file
from graingraph.engine.images.files import content_hash
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.images.pages import split_page
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe import models
from graingraph.engine.recipe.model_file import model_hash
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Table, Value, csv
from graingraph.engine.values.notes import of_kind
from graingraph.engine.values.table import with_units
from graingraph.engine.versions import versions

SEAL = "hash of this manifest"
"""What a manifest calls its own hash. It tells that nobody has changed a line; who wrote it, only a signature could."""


def write_results(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    cancelled: Callable[[], bool] = lambda: False,
    header: Mapping[str, str] = MappingProxyType({}),
    moved: MovedSettings = NOT_MOVED,
) -> list[Problem]:
    """Write every table and file of the batch; returns what could not be made (one per failing per-batch node).

    All of it is made from the rows of the images that are finished, so that tables and reports agree: what failed, or
    was not reached, is never computed here. A run that was interrupted gets its tables only. ``header`` is what a
    laboratory fills in for this run, ``moved`` what moving its settings has shown.
    """
    good = [row for row in progress.rows.values() if row["Status"] == "ok"]
    written = {name: digest for row in good for name, digest in row["Files"].items()}
    for name in dict.fromkeys(name for row in good for name in row["Tables"]):
        parts = [row["Tables"][name] for row in good if name in row["Tables"]]
        joined = csv.joined_csv([(part["columns"], place.out / part["file"]) for part in parts], comma=place.comma)
        written[f"{name}.csv"] = place.output.write(f"{name}.csv", joined)
    left_out = {"Files", "Tables"} | (set() if any(row.get(NOT_REPORTABLE) for row in good) else {NOT_REPORTABLE})
    rows = [{k: v for k, v in row.items() if k not in left_out} for row in progress.rows.values()]
    written["fields.csv"] = place.output.write("fields.csv", csv.rows_csv(rows, comma=place.comma))
    problems: list[Problem] = []
    reasons: dict[str, list[str]] = {}
    try:
        if good and not progress.interrupted:
            evaluation = _over_finished(recipe, image_set, place, progress, cancelled, header, moved)
            for name, data in _per_batch(evaluation, problems, reasons, [*written], place.comma):
                try:
                    written[name] = place.output.write(name, data)
                except Problem as problem:
                    problems.append(problem)
    except (KeyboardInterrupt, Cancelled):
        progress.interrupted = True
    progress.outputs = tuple(written)
    write_manifest(recipe, image_set, place, progress, written, reasons, header)
    place.output.remove_stale([*written, MANIFEST])
    return problems


def _over_finished(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    cancelled: Callable[[], bool],
    header: Mapping[str, str],
    moved: MovedSettings,
) -> Evaluation:
    """The recipe over the images that have a row; those that failed are known to have, and are not tried again."""
    finished = ImageSet({name: source for name, source in image_set.items() if name in progress.rows})

    def overlay(image: str) -> bytes | None:
        names = progress.rows[image].get("Files", {}) if image in progress.rows else {}
        first = next((name for name in names if name.startswith("overlays/")), None)
        try:
            return (place.out / first).read_bytes() if first is not None else None
        except OSError:
            return None

    failed = {row["Image"]: Problem(row["Message"], node=row["Node"] or None) for row in progress.failed}
    return Evaluation(
        recipe, finished, place.store(), cancelled=cancelled, failed=failed, header=header, moved=moved, overlay=overlay
    )


def _per_batch(
    evaluation: Evaluation, problems: list[Problem], reasons: dict[str, list[str]], taken: list[str], comma: bool
) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of the nodes that exist once per batch.

    What cannot be made is added to ``problems``, and by node why what it gives must not be reported to ``reasons``.
    """
    recipe = evaluation.recipe
    for node in recipe.order:
        declared = recipe.steps[node].declared
        if node not in recipe.per_batch or declared is None or declared.on_request:
            continue
        try:
            outputs = evaluation.outputs(node)
        except Problem as problem:
            problems.append(problem)
            continue
        for pin, value in outputs.items():
            for name, data in _file(f"{node}_{pin}" if len(outputs) > 1 else node, value, taken, comma):
                taken.append(name)
                yield name, data
            for note in of_kind(value.notes, "not reportable"):
                if note.text not in reasons.setdefault(node, []):
                    reasons[node].append(note.text)


def _file(name: str, value: Value, taken: list[str], comma: bool) -> Iterator[tuple[str, bytes]]:
    """A per-batch value as a file, if its type is written as one or it is a table not among the measurements."""
    found = exported(value, name)
    if found is not None:
        own, data = found
        yield own if own not in (*taken, MANIFEST) else f"{name}_{own}", data
    elif isinstance(value, Table) and value.rows != "features":
        file = f"{name}.csv" if f"{name}.csv" not in taken else f"{name}_table.csv"
        yield file, csv.csv_bytes(with_units(value), comma=comma)


def write_manifest(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    files: Mapping[str, str],
    not_reportable: Mapping[str, list[str]],
    header: Mapping[str, str],
) -> None:
    """Record what went in and what came out (``files``: hash by name), with versions and durations.

    ``not_reportable`` says by node why what it gives of the whole batch must not be reported; an image says so itself.
    """
    per_image = ("Status", "Seconds", NOT_REPORTABLE)
    document = {
        "format": MANIFEST_FORMAT,
        "recipe": {"id": recipe.id, "name": recipe.name},
        "code": _code(recipe),
        "models": models.applied(recipe),
        "model files": _model_files(recipe, place.models),
        "images": {
            image: {"hash": source.hash, "path": _path_text(source.path) if source.path else None}
            | {k: progress.rows[image].get(k) for k in per_image if image in progress.rows}
            for image, source in image_set.items()
        },
        "outputs": dict(files),
        "header": recipe.stated | dict(header),
        NOT_REPORTABLE.lower(): dict(not_reportable),
        "versions": dict(versions()),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(time.monotonic() - progress.started, 2),
        "interrupted": progress.interrupted,
    }
    document[SEAL] = _seal(document)
    place.output.write(MANIFEST, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def _seal(document: Mapping[str, Any]) -> str:
    """The hash over everything that a manifest says but itself, however its text is laid out."""
    content = {name: value for name, value in document.items() if name != SEAL}
    return hash_bytes(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def _code(recipe: Recipe) -> dict[str, dict[str, str]]:
    """By node its type, and the digest of the code that computed it."""
    return {
        node: {"type": step.type, "digest": code_of(step.declared.function)}
        for node, step in recipe.steps.items()
        if step.declared
    }


def _model_files(recipe: Recipe, folders: ModelFolders) -> dict[str, str]:
    """Where the models lie that the recipe applies, by reference."""
    found = {}
    for reference in models.applied(recipe).values():
        with suppress(Problem):
            found[reference] = _path_text(folders.resolve(reference).path)
    return found


def _path_text(path: Path) -> str:
    """A path as JSON can have it: as it is, or as a URI where its bytes are no text (a name from another system)."""
    text = path.absolute().as_posix()
    try:
        text.encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return text


def _path(text: str) -> Path:
    return Path(os.fsdecode(unquote_to_bytes(text.removeprefix("file://"))) if text.startswith("file://") else text)


def verify(place: BatchPaths) -> list[str]:
    """Check the manifest itself, and outputs, input images and models against it; a sentence for all that differs."""
    try:
        document = orjson.loads((place.out / MANIFEST).read_bytes())
        outputs, images = document["outputs"].items(), document["images"].items()
        wrong = _wrong_with_itself(document) + [
            f"{name} {'was changed' if (place.out / name).is_file() else 'is missing'}."
            for name, digest in outputs
            if not (place.out / name).is_file() or hash_file(place.out / name) != digest
        ]
        for name, item in images:
            path = _path(item["path"]) if item.get("path") else None
            there = path is not None and split_page(path)[0].is_file()
            if path is not None and there and content_hash(path) != item["hash"]:
                wrong.append(f"The image {name} is no longer the one that was measured.")
            elif path is not None and not there and item.get("Status") == "ok":
                wrong.append(f"The image {name} is no longer at {path}.")
        for reference, text in document.get("model files", {}).items():
            name, _, digest = reference.rpartition("@")
            path = _path(text)
            if not path.is_file():
                wrong.append(f"The model {name} is no longer at {path}.")
            elif model_hash(path) != digest:
                wrong.append(f"The model {name} is no longer the one that was applied.")
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(place, error) from None
    return wrong


def _wrong_with_itself(document: Mapping[str, Any]) -> list[str]:
    if SEAL not in document:
        return [f"{MANIFEST} does not tell its own hash, so changes of it go unnoticed; run the batch again."]
    return [] if document[SEAL] == _seal(document) else [f"{MANIFEST} itself was changed after the run."]


def with_other_code(place: BatchPaths, node_types: Mapping[str, NodeType]) -> list[str]:
    """The nodes whose code is another now than when they computed what lies in the folder. Raises ``Problem``.

    The results are no less what they were; a new run may give others.
    """
    try:
        code = orjson.loads((place.out / MANIFEST).read_bytes()).get("code", {}).items()
        return [
            node
            for node, made in code
            if made["type"] not in node_types or code_of(node_types[made["type"]].function) != made["digest"]
        ]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(place, error) from None


def _unreadable(place: BatchPaths, error: Exception) -> Problem:
    return Problem(f"{place.out / MANIFEST} cannot be read ({error}); run the batch again.")
