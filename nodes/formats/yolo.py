"""YOLO text files, one an image: a line an object, its class number and a box or an outline in shares of the picture.

Format: https://docs.ultralytics.com/datasets. Boxes are ``class x y width height`` of their middle, outlines
``class x1 y1 x2 y2 ...``. The class names are in ``classes.txt``, ``obj.names`` or ``data.yaml`` beside the files or in
one of the two folders above.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graingraph.engine.declare.injected import Mark
from graingraph.engine.problem import Problem
from graingraph.nodes.formats.regions import MALFORMED, Annotation, Malformed, checked, damaged, read_bytes
from graingraph.nodes.reading.untrusted_xml import decode_text

SUFFIX = ".txt"
LISTS = ("classes.txt", "obj.names", "_darknet.labels")
TABLES = ("data.yaml", "data.yml", "dataset.yaml")
BOX = 4
LEAST_OUTLINE = 6
NEAR_FRAME = 0.01
"""Objects that reach over the frame by rounding."""


Rows = list[list[float]]
"""The numbers of each line."""
ClassNames = Callable[[], Mapping[int, str]]
"""Looks up the names of the classes; ``Malformed`` where they are told in a way that nobody understands."""


def yolo_rows(path: Path) -> Rows | None:
    """The numbers of each line of a text file, which may have none; None for a text of another kind."""
    try:
        lines = decode_text(read_bytes(path)).splitlines()
        rows = [[float(word) for word in line.split()] for line in lines if line.strip()]
    except (*MALFORMED, OSError, Problem):
        return None
    return rows if all(_is_object(row) for row in rows) else None


def yolo_shapes(rows: Rows, path: Path, shape: tuple[int, int], names: ClassNames) -> Annotation:
    """The boxes and outlines in a file, on a picture of this ``shape``; ``names`` tells those of its classes.

    ``Problem`` where its classes have none.
    """
    try:
        marks = [_mark(row, names(), str(number), shape) for number, row in enumerate(rows)]
        return Annotation(path.stem, shape, tuple(marks))
    except MALFORMED as error:
        raise damaged(path, error) from None


def yolo_class_names(folder: Path) -> dict[int, str]:
    """The names of the classes of the files in a folder, none where nothing tells them; ``Malformed``."""
    for place in (folder.absolute(), *folder.absolute().parents[:2]):
        for name in LISTS:
            if (place / name).is_file():
                lines = decode_text(read_bytes(place / name)).splitlines()
                return {number: line.strip() for number, line in enumerate(lines) if line.strip()}
        for name in TABLES:
            if (place / name).is_file():
                return _of_table(place / name)
    return {}


def _is_object(row: list[float]) -> bool:
    number, *shares = row
    sized = len(shares) == BOX or (len(shares) >= LEAST_OUTLINE and len(shares) % 2 == 0)
    inside = all(-NEAR_FRAME <= share <= 1 + NEAR_FRAME for share in shares)
    return sized and inside and number >= 0 and number == int(number)


def _mark(row: list[float], names: Mapping[int, str], mark_id: str, shape: tuple[int, int]) -> Mark:
    number = int(row[0])
    if number not in names:
        raise Malformed(
            f"nothing says what its class {number} is; write the names of the classes, one a line, into a file"
            f" {LISTS[0]} beside it"
        )
    size = np.array([shape[1], shape[0]], np.float64)
    points = np.array(row[1:]).reshape(-1, 2) * size
    if len(row) == BOX + 1:
        return checked(
            Mark(
                mark_id,
                "rectangle",
                np.array([points[0] - points[1] / 2, points[0] + points[1] / 2]),
                0.0,
                names[number],
            )
        )
    return checked(Mark(mark_id, "polygon", points, 0.0, names[number]))


def _of_table(path: Path) -> dict[int, str]:
    import yaml

    try:
        found: Any = yaml.safe_load(decode_text(read_bytes(path)))
    except yaml.YAMLError:
        raise Malformed(f"{path.name}, which tells its classes, is no YAML") from None
    if found.get("kpt_shape"):
        raise Malformed("it is of key points, which cover no area")
    names = found["names"]
    if not isinstance(names, dict | list):
        raise Malformed(f"{path.name} does not list the names of its classes")
    listed = names.items() if isinstance(names, dict) else enumerate(names)
    return {int(number): str(name) for number, name in listed}
