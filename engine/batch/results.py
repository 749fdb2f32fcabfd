"""What a batch leaves behind: pooled tables, one row an image, the files of the per-batch nodes, and a manifest."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from graingraph.engine.batch.image_job import NOT_REPORTABLE, BatchPaths
from graingraph.engine.batch.run import Progress
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.files import hash_file, write_atomically
from graingraph.engine.images.files import content_hash
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import models
from graingraph.engine.values import Document, Table, csv
from graingraph.engine.values.notes import of_kind
from graingraph.engine.values.table import with_units
from graingraph.engine.versions import versions

MANIFEST = "manifest.json"


def write_results(evaluation: Evaluation, place: BatchPaths, progress: Progress) -> list[Problem]:
    """Write every table and file of the batch; returns what could not be made (one per failing per-batch node)."""
    good = [row for row in progress.rows.values() if row["Status"] == "ok"]
    written = {name: digest for row in good for name, digest in row["Files"].items()}
    files = []
    for name in dict.fromkeys(name for row in good for name in row["Tables"]):
        parts = [row["Tables"][name] for row in good if name in row["Tables"]]
        csv.join_csv(place.out / f"{name}.csv", [(part["columns"], place.out / part["file"]) for part in parts])
        files.append(f"{name}.csv")
    left_out = {"Files", "Tables"} | (set() if any(row.get(NOT_REPORTABLE) for row in good) else {NOT_REPORTABLE})
    rows = [{k: v for k, v in row.items() if k not in left_out} for row in progress.rows.values()]
    csv.write_rows(place.out / "fields.csv", rows)
    files.append("fields.csv")
    problems, made, reasons = _per_batch(evaluation, place, [*written, *files]) if good else ([], [], {})
    written |= {name: hash_file(place.out / name) for name in (*files, *made)}
    _remove_stale(place, written)  # first, as only the old manifest knows them
    write_manifest(evaluation, place, progress, written, reasons)
    return problems


def _remove_stale(place: BatchPaths, written: Iterable[str]) -> None:
    """Remove the overlays of earlier runs that are no result any more, unless someone has changed them since.

    Nothing is removed but what the manifest of the earlier run lists.
    """
    try:
        listed = dict(orjson.loads((place.out / MANIFEST).read_bytes())["outputs"])
    except (OSError, ValueError, LookupError, TypeError):
        return
    kept = {name.casefold() for name in written}  # where capitals make no difference, two names are one file
    for name, digest in listed.items():
        path = place.out / name
        if Path(name).parent == Path("overlays") and name.casefold() not in kept:
            with suppress(OSError):
                if hash_file(path) == digest:
                    path.unlink()


def _per_batch(
    evaluation: Evaluation, place: BatchPaths, taken: list[str]
) -> tuple[list[Problem], list[str], dict[str, list[str]]]:
    """Write what exists once per batch: what failed, the files made, and by node why it must not be reported."""
    problems: list[Problem] = []
    made: list[str] = []
    reasons: dict[str, list[str]] = {}
    for node in evaluation.recipe.order:
        declared = evaluation.recipe.steps[node].declared
        if node not in evaluation.recipe.per_batch or declared is None or declared.on_request:
            continue
        try:
            for pin, value in evaluation.outputs(node).items():
                name = f"{node}_{pin}" if len(declared.outputs) > 1 else node
                made += _write(place, name, value, taken=[*taken, *made])
                for note in of_kind(value.notes, "not reportable"):
                    if note.text not in reasons.setdefault(node, []):
                        reasons[node].append(note.text)
        except Problem as problem:
            problems.append(problem)
    return problems, made, reasons


def _write(place: BatchPaths, name: str, value: Any, taken: list[str]) -> list[str]:
    """Write a per-batch value if it is a file or a table that is not among the measurements; returns its file name."""
    if isinstance(value, Document):
        own = Path(value.name).name
        file = own if own not in (*taken, MANIFEST) else f"{name}_{own}"
        write_atomically(place.out / file, value.data)
        return [file]
    if isinstance(value, Table) and value.rows != "features":
        file = f"{name}.csv" if f"{name}.csv" not in taken else f"{name}_table.csv"
        csv.write_csv(place.out / file, with_units(value))
        return [file]
    return []


def write_manifest(
    evaluation: Evaluation,
    place: BatchPaths,
    progress: Progress,
    files: Mapping[str, str],
    not_reportable: Mapping[str, list[str]],
) -> None:
    """Record what went in and what came out (``files``: hash by name), with versions and durations.

    ``not_reportable`` says by node why what it gives of the whole batch must not be reported; an image says so itself.
    """
    per_image = ("Status", "Seconds", NOT_REPORTABLE)
    document = {
        "format": "graingraph manifest",
        "recipe": {"id": evaluation.recipe.id, "name": evaluation.recipe.name},
        "models": models.applied(evaluation.recipe),
        "images": {
            image: {"hash": source.hash, "path": _path_text(source.path) if source.path else None}
            | {k: progress.rows[image].get(k) for k in per_image if image in progress.rows}
            for image, source in evaluation.image_set.items()
        },
        "outputs": dict(files),
        NOT_REPORTABLE.lower(): dict(not_reportable),
        "versions": dict(versions()),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(time.monotonic() - progress.started, 2),
        "interrupted": progress.interrupted,
    }
    write_atomically(place.out / MANIFEST, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


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
    """Check outputs and input images against the manifest; returns a sentence for everything that differs."""
    try:
        document = orjson.loads((place.out / MANIFEST).read_bytes())
        outputs, images = document["outputs"].items(), document["images"].items()
        wrong = [
            f"{name} {'was changed' if (place.out / name).is_file() else 'is missing'}."
            for name, digest in outputs
            if not (place.out / name).is_file() or hash_file(place.out / name) != digest
        ]
        for name, item in images:
            path = _path(item["path"]) if item.get("path") else None
            if path is not None and path.is_file() and content_hash(path) != item["hash"]:
                wrong.append(f"The image {name} is no longer the one that was measured.")
            elif path is not None and not path.is_file() and item.get("Status") == "ok":
                wrong.append(f"The image {name} is no longer at {path}.")
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Problem(f"{place.out / MANIFEST} cannot be read ({error}); run the batch again.") from None
    return wrong
