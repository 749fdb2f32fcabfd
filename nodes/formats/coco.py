"""COCO object annotations (polygons, and run lengths both plain and packed), with one class a category.

Format: https://cocodataset.org/#format-data. Coordinates have the corner of the first pixel at 0, as marks do.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graingraph.engine.declare.injected import Mark
from graingraph.engine.files import write_atomically
from graingraph.engine.marks.drawing import checked
from graingraph.nodes.formats.regions import (
    MALFORMED,
    Annotation,
    checked_shape,
    damaged,
    file_name,
    from_runs,
    pixels_of,
    read_json,
    region_mark,
    run_lengths,
)


def read_coco(path: Path) -> list[Annotation]:
    """Every image of a COCO file with its annotations, whether or not it has any."""
    found = read_json(path)
    try:
        names = {c["id"]: str(c["name"]) for c in found["categories"]}
        shapes = {i["id"]: checked_shape(i["height"], i["width"]) for i in found["images"]}
        marks: dict[Any, list[Mark]] = {image: [] for image in shapes}
        crowds = set[str]()
        for number, item in enumerate(found["annotations"]):
            image, layer = item["image_id"], names[item["category_id"]]
            drawn = _marks(item["segmentation"], shapes[image], layer, str(item.get("id", number)))
            marks[image] += drawn
            crowds |= {mark.id for mark in drawn} if item.get("iscrowd") else set()
        return [
            Annotation(file_name(i["file_name"]), shapes[i["id"]], tuple(marks[i["id"]]), frozenset(crowds))
            for i in found["images"]
        ]
    except MALFORMED as error:
        raise damaged(path, error) from None


def write_coco(annotations: Iterable[Annotation], path: Path) -> None:
    """Write annotations of many images; polygons stay polygons, everything else becomes exact run lengths."""
    annotations = list(annotations)
    layers = list(dict.fromkeys(layer for a in annotations for layer in a.layers))
    items: list[dict[str, Any]] = []
    for image, annotation in enumerate(annotations, 1):
        for mark in annotation.marks:
            item = {"id": len(items) + 1, "image_id": image, "category_id": layers.index(mark.layer) + 1}
            items.append(item | _segmentation(mark, annotation.shape))
    images = [
        {"id": i, "file_name": a.name, "height": a.shape[0], "width": a.shape[1]} for i, a in enumerate(annotations, 1)
    ]
    categories = [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(layers, 1)]
    write_atomically(path, orjson.dumps({"images": images, "categories": categories, "annotations": items}))


def _marks(segmentation: Any, shape: tuple[int, int], layer: str, mark_id: str) -> list[Mark]:
    if isinstance(segmentation, dict):
        return [_from_runs(segmentation, shape, layer, mark_id)]
    rings = [np.array(ring, np.float32).reshape(-1, 2) for ring in segmentation]
    return [checked(Mark(f"{mark_id}.{i}", "polygon", ring, 0.0, layer)) for i, ring in enumerate(rings)]


def _from_runs(rle: dict[str, Any], shape: tuple[int, int], layer: str, mark_id: str) -> Mark:
    counts = unpack(rle["counts"]) if isinstance(rle["counts"], str) else np.array(rle["counts"], np.int64)
    if tuple(rle["size"]) != shape or (counts < 0).any() or counts.sum() != shape[0] * shape[1]:
        raise ValueError(f"the run lengths of annotation {mark_id} do not add up to its image")
    return region_mark(from_runs(counts).reshape(shape[::-1]).T, layer, mark_id)


def _segmentation(mark: Mark, shape: tuple[int, int]) -> dict[str, Any]:
    if mark.tool == "polygon":
        (x0, y0), (x1, y1) = mark.points.min(0).tolist(), mark.points.max(0).tolist()
        x, y = mark.points.astype(np.float64).T
        area = abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
        ring = mark.points.ravel().astype(float).tolist()
        return {"segmentation": [ring], "bbox": [x0, y0, x1 - x0, y1 - y0], "area": area, "iscrowd": 0}
    mask = pixels_of(mark, shape)
    rows, columns = np.nonzero(mask)
    (x, y, w, h) = (0, 0, 0, 0)
    if len(rows):
        x, y = int(columns.min()), int(rows.min())
        w, h = int(columns.max()) + 1 - x, int(rows.max()) + 1 - y
    counts = run_lengths(mask.T.reshape(-1)).tolist()
    return {
        "segmentation": {"size": list(shape), "counts": counts},
        "bbox": [x, y, w, h],
        "area": len(rows),
        "iscrowd": 1,
    }


def unpack(text: str) -> np.ndarray:
    """The run lengths behind COCO's packed string: 6-bit groups, low first, each count less the one two before it."""
    counts: list[int] = []
    value = shift = 0
    for letter in text.encode():
        group = letter - 48
        if not 0 <= group < 64 or shift > 60:
            raise ValueError("packed run lengths with a letter that is none")
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    return np.array(counts, np.int64)
