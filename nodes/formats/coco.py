"""COCO object annotations (polygons, and run lengths both plain and packed), with one class a category.

Format: https://cocodataset.org/#format-data. Coordinates have the corner of the first pixel at 0, as marks do.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import orjson

from graingraph.engine.declare.injected import Mark
from graingraph.engine.files import write_atomically
from graingraph.engine.marks.run_lengths import from_runs, run_lengths
from graingraph.nodes.formats.regions import (
    MALFORMED,
    Annotation,
    LeftOut,
    Malformed,
    checked,
    checked_shape,
    class_name,
    damaged,
    file_name,
    pixels_of,
    read_json,
    region_mark,
    ring_area,
)

OBJECT = "single_object"
"""Attribute by which this program tells regions that were painted from objects; the standard has no word for it."""
LEAST_CORNERS = 3
Item = TypeVar("Item")
Wanted = Callable[[str], tuple[int, int] | None]
"""The true size of the picture of a file name, or None where nobody asks for it; ``Problem`` if that is open."""


def read_coco(path: Path) -> list[Annotation]:
    """Every image of a COCO file with its annotations, whether or not it has any."""
    return coco_annotations(read_json(path), path)


def coco_annotations(found: dict[str, Any], path: Path, wanted: Wanted | None = None) -> list[Annotation]:
    """Every image of what a COCO file holds with its annotations, whether or not it has any.

    With ``wanted`` only the images that are; those of another size than their picture come without marks, so that
    nothing is decoded to the size that a file claims.
    """
    try:
        names = _by_id("class", ((c["id"], class_name(c["name"])) for c in found["categories"]))
        images = ((i["id"], file_name(i["file_name"]), i["height"], i["width"]) for i in found["images"])
        listed = _by_id("image", ((known, (name, checked_shape(*sides))) for known, name, *sides in images))
        marks: dict[Any, list[Mark]] = {image: [] for image, said in listed.items() if _is_read(*said, wanted)}
        left_out = {image: LeftOut() for image in marks}
        crowds = set[str]()
        for number, item in enumerate(found["annotations"]):
            image, category = str(item["image_id"]), str(item["category_id"])  # some write one of the two as text
            if image not in listed:
                raise Malformed(f"annotation {number + 1} is of an image that is not listed")
            if image not in marks:
                continue
            if category not in names:
                raise Malformed(f"annotation {number + 1} is of a class that is not listed")
            drawn = _marks(item, listed[image][1], names[category], str(item.get("id", number)), left_out[image])
            marks[image] += drawn
            crowds |= {mark.id for mark in drawn if item.get("iscrowd") and _is_group(item, mark)}
        return [
            _annotation(name, shape, marks.get(image, ()), crowds, left_out.get(image, LeftOut()))
            for image, (name, shape) in listed.items()
            if wanted is None or wanted(name) is not None
        ]
    except MALFORMED as error:
        raise damaged(path, error) from None


def _by_id(what: str, items: Iterable[tuple[Any, Item]]) -> dict[str, Item]:
    """What is listed, by its id. ``Malformed`` where two different things have the same."""
    found: dict[str, Item] = {}
    for known, item in items:
        if found.setdefault(str(known), item) != item:
            raise Malformed(f"it lists more than one {what} as number {str(known)[:20]}")
    return found


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


def _annotation(
    name: str, shape: tuple[int, int], marks: Iterable[Mark], crowds: Iterable[str], left_out: LeftOut
) -> Annotation:
    return Annotation(name, shape, tuple(marks), frozenset(crowds), left_out.remarks, tuple(left_out.around))


def _is_read(name: str, shape: tuple[int, int], wanted: Wanted | None) -> bool:
    return wanted is None or wanted(name) == shape


def _is_group(item: dict[str, Any], mark: Mark) -> bool:
    """Whether an annotation with ``iscrowd`` is no single object.

    CVAT and others write it for every mask. One in a single piece is an object, unless this program said otherwise.
    """
    told = item.get("attributes")
    if isinstance(told, dict) and told.get(OBJECT) is False:
        return True
    if mark.runs is None:
        return False
    (left, top), (right, bottom) = mark.points.astype(int).tolist()
    mask = from_runs(np.asarray(mark.runs)).reshape(bottom - top, right - left)
    return bool(cv2.connectedComponents(mask.astype(np.uint8))[0] > 2)


def _marks(item: dict[str, Any], shape: tuple[int, int], layer: str, mark_id: str, left_out: LeftOut) -> list[Mark]:
    segmentation = item.get("segmentation")
    if isinstance(segmentation, dict):
        return [_from_runs(segmentation, shape, layer, mark_id)]
    segmentation = [ring for ring in segmentation or () if ring not in ([], None)]
    if not segmentation:
        box = _from_box(item, layer, mark_id)
        if any(item.get("keypoints") or ()):
            left_out.add("of key points, whose box is no outline", box.points)
            return []
        return [box]
    if not isinstance(segmentation[0], list):  # one outline without the list around it, as VIA writes
        segmentation = [segmentation]
    with np.errstate(over="ignore"):  # too large becomes infinite, which is outside every image
        rings = [np.array(ring, np.float32).reshape(-1, 2) for ring in segmentation]
    for ring in rings:
        if len(ring) < LEAST_CORNERS:
            left_out.add("an outline of one or two corners covers no area")
    whole = [ring for ring in rings if len(ring) >= LEAST_CORNERS]
    return [checked(Mark(f"{mark_id}.{i}", "polygon", ring, 0.0, layer)) for i, ring in enumerate(whole)]


def _from_box(item: dict[str, Any], layer: str, mark_id: str) -> Mark:
    """What is only boxed is that rectangle, turned clockwise by the ``rotation`` (degrees) that CVAT keeps."""
    x, y, width, height = (float(number) for number in item.get("bbox") or (0, 0, 0, 0))
    if not (width > 0 and height > 0):
        raise Malformed(f"annotation {mark_id} has neither an outline nor a box")
    told = item.get("attributes")
    turn = np.radians(float(told.get("rotation") or 0)) if isinstance(told, dict) else 0.0
    if turn:
        corners = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
        turned = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
        return checked(Mark(mark_id, "polygon", turned + np.array((x + width / 2, y + height / 2)), 0.0, layer))
    box = np.array([(x, y), (x + width, y + height)], np.float32)
    return checked(Mark(mark_id, "rectangle", box, 0.0, layer))


def _from_runs(rle: dict[str, Any], shape: tuple[int, int], layer: str, mark_id: str) -> Mark:
    height, width = shape
    packed = isinstance(rle["counts"], str)
    counts = unpack(rle["counts"], height * width) if packed else np.array(rle["counts"], np.int64)
    whole = counts.ndim == 1 and len(counts) > 0 and (counts >= 0).all() and (counts <= height * width).all()
    if not whole or tuple(rle["size"]) != shape or counts.sum() != height * width:
        raise Malformed(f"the run lengths of annotation {mark_id} do not add up to its image")
    # Only the columns from the first to the last run are unfolded: many objects of a large image stay cheap.
    ends = np.cumsum(counts)
    inside = np.flatnonzero(counts[1::2]) * 2 + 1
    if not len(inside):
        return region_mark(np.zeros((1, 1), bool), layer, mark_id)
    start, end = int(ends[inside[0] - 1]), int(ends[inside[-1]])
    first, last = start // height, -(-end // height)
    part = counts[inside[0] - 1 : inside[-1] + 1].copy()
    part[0] = start - first * height
    columns = np.zeros((last - first) * height, bool)
    columns[: end - first * height] = from_runs(part)
    return region_mark(columns.reshape(last - first, height).T, layer, mark_id, at=(first, 0))


def _segmentation(mark: Mark, shape: tuple[int, int]) -> dict[str, Any]:
    if mark.tool == "polygon":
        (x0, y0), (x1, y1) = mark.points.min(0).tolist(), mark.points.max(0).tolist()
        area = abs(ring_area(mark.points.astype(np.float64)))
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
        "attributes": {OBJECT: False},
    }


def unpack(text: str, most: int = 1 << 40) -> np.ndarray:
    """The run lengths behind COCO's packed string: 6-bit groups, low first, each count less the one two before it.

    ``Malformed`` once they are more than ``most`` pixels.
    """
    counts: list[int] = []
    value = shift = total = 0
    for letter in text.encode():
        group = letter - 48
        if not 0 <= group < 64 or shift > 60:
            raise Malformed("packed run lengths have a letter that is none")
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        total += counts[-1]
        if counts[-1] < 0 or total > most or len(counts) > most + 2:
            raise Malformed("packed run lengths reach past the end of the image")
        value = shift = 0
    return np.array(counts, np.int64)
