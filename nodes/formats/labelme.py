"""LabelMe JSON, one file an image: polygon, rectangle, circle, line, linestrip, point and mask shapes.

Format: https://github.com/wkentaro/labelme (version 5). Coordinates have the corner of the first pixel at 0.
"""

import base64
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import orjson

from graingraph.engine.declare.injected import Mark
from graingraph.engine.files import write_atomically
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
)

PNG = b"\x89PNG"
IGNORED = "__ignore__"
"""The label of what LabelMe's own converters give no class."""
_TOOLS = {"polygon": "polygon", "rectangle": "rectangle", "line": "pen", "linestrip": "pen", "point": "pick"}
_TOOLS |= {"points": "pick"}  # what a model was asked with
_TOOLS |= dict.fromkeys(("rotation", "quadrilateral"), "polygon")  # as programs that grew out of LabelMe write them


def read_labelme(path: Path) -> Annotation:
    """The shapes of a LabelMe file, the label of each as its layer."""
    found = read_json(path)
    return labelme_shapes(found, path, *labelme_header(found, path))


def labelme_header(found: dict[str, Any], path: Path) -> tuple[str, tuple[int, int]]:
    """The name and the size (H, W) of the picture that a LabelMe file says it is of."""
    try:
        return file_name(found["imagePath"]), checked_shape(found["imageHeight"], found["imageWidth"])
    except MALFORMED as error:
        raise damaged(path, error) from None


def labelme_shapes(found: dict[str, Any], path: Path, name: str, shape: tuple[int, int]) -> Annotation:
    """The shapes of a LabelMe file on a picture of this name and size."""
    try:
        left_out = LeftOut()
        drawn = [_mark(item, _id(item, number), shape, left_out) for number, item in enumerate(found["shapes"])]
        marks = tuple(mark for mark in drawn if mark is not None and mark.layer != IGNORED)
        for mark in drawn:
            if mark is not None and mark.layer == IGNORED:
                left_out.add(f"labelled {IGNORED}, so that nothing is known of what is there", marks=[mark])
        return Annotation(name, shape, marks, remarks=left_out.remarks, unread=tuple(left_out.around))
    except (*MALFORMED, cv2.error) as error:
        raise damaged(path, error) from None


def write_labelme(annotation: Annotation, path: Path) -> None:
    """Write one image's marks; polygons, rectangles and points as they are, the rest as exact masks."""
    found: dict[str, Any] = {
        "version": "5.0.0",
        "flags": {},
        "shapes": [_shape(mark, annotation.shape) for mark in annotation.marks],
        "imagePath": annotation.name,
        "imageData": None,
        "imageHeight": annotation.shape[0],
        "imageWidth": annotation.shape[1],
    }
    write_atomically(path, orjson.dumps(found, option=orjson.OPT_INDENT_2))


def _id(item: dict[str, Any], number: int) -> str:
    """Outlines of one group are the parts of one object."""
    group = item.get("group_id")
    return f"{number}" if group is None else f"group {str(group)[:20]}.{number}"


def _mark(item: dict[str, Any], mark_id: str, shape: tuple[int, int], left_out: LeftOut) -> Mark | None:
    """The mark of a shape; None for one of a kind that is not known."""
    kind, layer = item.get("shape_type") or "polygon", class_name(item["label"])
    points = np.array(item["points"], np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise Malformed(f"the points of shape {mark_id} are not numbers x, y")
    if kind == "mask":
        return region_mark(_decode(item["mask"], shape), layer, mark_id, at=(int(points[0, 0]), int(points[0, 1])))
    if kind == "circle":
        radius = np.hypot(*(points[1] - points[0]))
        return checked(Mark(mark_id, "ellipse", np.array([points[0] - radius, points[0] + radius]), 0.0, layer))
    if kind not in _TOOLS:
        left_out.add(f"of the kind '{str(kind)[:40]}', which is not known", points)
        return None
    tool = "polygon" if kind == "rectangle" and len(points) == 4 else _TOOLS[kind]  # all corners, as some write
    return checked(Mark(mark_id, tool, points, 1.0 if tool == "pen" else 0.0, layer))


def _shape(mark: Mark, shape: tuple[int, int]) -> dict[str, Any]:
    kind = {"polygon": "polygon", "rectangle": "rectangle", "pick": "point"}.get(mark.tool)
    kind = "linestrip" if mark.tool in ("pen", "livewire") and mark.width == 1 and len(mark.points) > 1 else kind
    row: dict[str, Any] = {"label": mark.layer, "group_id": None, "flags": {}, "shape_type": kind or "mask"}
    if kind:
        return row | {"points": mark.points.astype(float).tolist()}
    mask = pixels_of(mark, shape)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        rows = columns = np.array([0])
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    corners = [[float(columns[0]), float(rows[0])], [float(columns[-1]), float(rows[-1])]]
    return row | {
        "points": corners,
        "mask": base64.b64encode(cv2.imencode(".png", part.view(np.uint8))[1].tobytes()).decode(),
    }


def _decode(text: str, shape: tuple[int, int]) -> np.ndarray:
    """A mask, bool (h, w): a grey PNG that is no larger than the picture."""
    data = base64.b64decode(text, validate=True)
    width, height = struct.unpack_from(">II", data, 16) if data.startswith(PNG) and len(data) > 24 else (0, 0)
    if not (0 < height <= shape[0] and 0 < width <= shape[1]):
        raise Malformed("a mask is no PNG, or larger than its image")
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None or found.ndim != 2:
        raise Malformed("a mask is not a grey PNG")
    return found > 0
