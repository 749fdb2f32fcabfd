"""What a run is known by: recipe, settings, code, images, models, marks, and what every step gave, all by hash.

A manifest holds it and a report carries it along, so that the run can be repeated elsewhere and compared.
"""

import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import orjson

from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.code import code_of
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import models
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.versions import libraries

FORMAT = "graingraph run"
VERSION = 1
LARGEST_MARKS = 20_000_000
"""Bytes of marks that a report carries along; more have to be found beside the recipe."""

Rows = Mapping[str, Mapping[str, Any]]


def facts(
    recipe: Recipe, image_set: ImageSet, place: BatchPaths, rows: Rows, batch: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """The parts that manifests and reports have in common, by name.

    ``rows`` are those of the images that are finished, ``batch`` the digests of the steps that exist once per batch.
    """
    noted = {image: row.get("Record", {}) for image, row in rows.items()}
    return {
        "recipe": {"id": recipe.id, "name": recipe.name},
        "settings": {node: dict(step.settings) for node, step in recipe.steps.items()},
        "code": {
            "nodes": {
                node: {"type": step.type, "version": step.version, "digest": code_of(step.declared.function)}
                for node, step in recipe.steps.items()
                if step.declared
            },
            "libraries": libraries(),
            "machine": f"{platform.system()} {platform.machine()}",
        },
        "images": {
            name: {"hash": source.hash, "picture": source.drawn_as, "folder": source.folder.name}
            for name, source in image_set.items()
        },
        "models": _models(recipe, place),
        "marks": {image: one["marks"] for image, one in noted.items() if one.get("marks")},
        "results": {
            "images": {image: one["digests"] for image, one in noted.items() if "digests" in one},
            "batch": dict(batch),
            "failed": {i: [row["Node"], row["Message"]] for i, row in rows.items() if row["Status"] != "ok"},
            "corrected": corrected(noted.values()),
        },
    }


def corrected(noted: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How much was corrected by hand, over all images: strokes, images with any, features touched, features."""
    found = [one["corrected"] for one in noted if "corrected" in one]
    total = {name: sum(one[name] for one in found) for name in ("strokes", "touched", "features")}
    return {"images": sum(one["strokes"] > 0 for one in found), **total}


def attachment(found: Mapping[str, Any], place: BatchPaths) -> bytes:
    """The record as a report carries it, with what was drawn unless that is too much (JSON)."""
    drawn: dict[str, str] = {}
    size = 0
    for image, by_node in found["marks"].items():
        for node in (node for node, digest in by_node.items() if digest):
            path = MarkStore(place.marks).path(found["images"][image]["picture"], node)
            with suppress(OSError, ValueError):
                if path is not None and size + path.stat().st_size <= LARGEST_MARKS:
                    drawn[path.name] = path.read_text("utf-8")
                    size += len(drawn[path.name])
    return orjson.dumps({"format": FORMAT, "version": VERSION, **found, "drawn": drawn}, option=orjson.OPT_SORT_KEYS)


def _models(recipe: Recipe, place: BatchPaths) -> dict[str, str]:
    """By the reference of each model that is applied its hash, the weights beside it included; empty if not found."""
    found = {}
    for reference in models.applied(recipe).values():
        found[reference] = ""
        with suppress(Problem):
            found[reference] = place.models.resolve(reference).hash
    return found
