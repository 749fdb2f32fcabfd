"""What a batch leaves behind: pooled tables, one row an image, the files of the per-batch nodes, and a manifest."""

import time
from pathlib import Path
from typing import Any

import orjson

from engine import tables
from engine.batch import Progress
from engine.evaluate import Evaluation
from engine.files import hash_file, write_atomically
from engine.image_job import Place, result_nodes
from engine.problem import Problem
from engine.recipe import Recipe
from engine.tray import content_hash
from engine.values import Document, Table
from engine.versions import versions

MANIFEST = "manifest.json"


def write_results(evaluation: Evaluation, place: Place, progress: Progress) -> list[Problem]:
    """Write every table and file of the batch; returns what could not be made (one per failing per-batch node)."""
    import pandas as pd

    good = [image for image, row in progress.rows.items() if row["Status"] == "ok"]
    files = [name for row in progress.rows.values() for name in row.get("Files", ())]
    for name, frame in _feature_tables(evaluation, good).items():
        tables.write_csv(place.out / f"{name}.csv", frame)
        files.append(f"{name}.csv")
    rows = [{k: v for k, v in row.items() if k != "Files"} for row in progress.rows.values()]
    tables.write_csv(place.out / "fields.csv", pd.DataFrame(rows))
    problems, made = _per_batch(evaluation, place, [*files, "fields.csv"]) if good else ([], [])
    write_manifest(evaluation, place, progress, [*files, "fields.csv", *made])
    return problems


def _feature_tables(evaluation: Evaluation, images: list[str]) -> dict[str, Any]:
    """Feature tables pooled over the images. Nodes that measure the same features share ``measurements``."""
    groups: dict[Any, list[str]] = {}
    for node in result_nodes(evaluation.recipe):
        declared = evaluation.recipe.steps[node].declared
        if declared and any(issubclass(kind, Table) for pin in declared.outputs for kind in pin.kinds):
            first = evaluation.recipe.wire_into(node, declared.inputs[0].name) if declared.inputs else None
            groups.setdefault((first.source, first.output) if first else node, []).append(node)
    pooled: dict[str, Any] = {}
    for nodes in groups.values():
        frames = {}
        for image in images:
            found = [t for node in nodes for t in evaluation.outputs(node, image).values() if isinstance(t, Table)]
            features = [table for table in found if table.rows == "features"]
            if features:
                frames[image] = tables.merge_features(features)
        if frames:
            pooled[f"measurements_{nodes[0]}" if "measurements" in pooled else "measurements"] = tables.pool(frames)
    return pooled


def _per_batch(evaluation: Evaluation, place: Place, taken: list[str]) -> tuple[list[Problem], list[str]]:
    problems: list[Problem] = []
    made: list[str] = []
    for node in evaluation.recipe.order:
        declared = evaluation.recipe.steps[node].declared
        if node not in evaluation.recipe.per_batch or declared is None or declared.on_request:
            continue
        try:
            for pin, value in evaluation.outputs(node).items():
                name = f"{node}_{pin}" if len(declared.outputs) > 1 else node
                made += _write(place, name, value, taken=[*taken, *made])
        except Problem as problem:
            problems.append(problem)
    return problems, made


def _write(place: Place, name: str, value: Any, taken: list[str]) -> list[str]:
    """Write a per-batch value if it is a file or a table that is not among the measurements; returns its file name."""
    if isinstance(value, Document):
        own = Path(value.name).name
        file = own if own not in (*taken, MANIFEST) else f"{name}_{own}"
        write_atomically(place.out / file, value.data)
        return [file]
    if isinstance(value, Table) and value.rows != "features":
        file = f"{name}.csv" if f"{name}.csv" not in taken else f"{name}_table.csv"
        tables.write_csv(place.out / file, tables.with_units(value))
        return [file]
    return []


def write_manifest(evaluation: Evaluation, place: Place, progress: Progress, files: list[str]) -> None:
    """Record what went in and what came out, each by content hash, with versions and durations."""
    document = {
        "format": "graingraph manifest",
        "recipe": {"id": evaluation.recipe.id, "name": evaluation.recipe.name},
        "models": _models(evaluation.recipe),
        "images": {
            image: {"hash": source.hash, "path": source.path.absolute().as_posix() if source.path else None}
            | {k: progress.rows[image].get(k) for k in ("Status", "Seconds") if image in progress.rows}
            for image, source in evaluation.tray.items()
        },
        "outputs": {name: hash_file(place.out / name) for name in sorted(set(files)) if (place.out / name).is_file()},
        "versions": dict(versions()),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(time.monotonic() - progress.started, 2),
        "interrupted": progress.interrupted,
    }
    write_atomically(place.out / MANIFEST, orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def _models(recipe: Recipe) -> dict[str, str]:
    return {node: step.settings["model"] for node, step in recipe.steps.items() if step.settings.get("model")}


def verify(place: Place) -> list[str]:
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
            path = Path(item["path"]) if item.get("path") else None
            if path is not None and path.is_file() and content_hash(path) != item["hash"]:
                wrong.append(f"The image {name} is no longer the one that was measured.")
            elif path is not None and not path.is_file() and item.get("Status") == "ok":
                wrong.append(f"The image {name} is no longer at {path}.")
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Problem(f"{place.out / MANIFEST} cannot be read ({error}); run the batch again.") from None
    return wrong
