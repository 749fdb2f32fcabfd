"""The marks file: one JSON object a line, first a header, then what a person did in the order it was done.

::

    {"format": "graingraph marks", "version": 1, "image": "<content hash>", "node": "<node id>"}
    {"op": "add", "id": "...", "tool": "pen", "points": [x, y, x, y], "width": 3.0, "layer": "crack", "drawn_on": "..."}
    {"op": "remove", "id": "..."}
    {"op": "layer", "name": "crack", "visible": true, "locked": false, "opacity": 1.0}
    {"op": "drawn_on", "hash": "..."}

A line counts once its line feed is on disk, so a crash can only lose a stroke that was never finished. Everything is
checked before anything is used: a file is taken whole or refused with the reason.
"""

from collections.abc import Iterator
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import (
    MAX_MARKS,
    MAX_POINTS,
    Drawing,
    Layer,
    canonical,
    check_facts,
    checked,
    in_image,
)
from graingraph.engine.problem import Problem

FORMAT = "graingraph marks"
VERSION = 1
MAX_FILE_BYTES = 200_000_000
_BEGINNING = f'{{"format":"{FORMAT}"'.encode()
"""How every file begins: one that was never finished ends within it or behind it, and any other is not ours."""


def add_line(mark: Mark, before: str = "", drawn_on: str = "") -> bytes:
    """The line that adds a (checked) mark."""
    row: dict[str, Any] = {"op": "add", "id": mark.id, "tool": mark.tool, "points": mark.points.ravel()}
    row |= {"width": mark.width, "layer": mark.layer, "author": mark.author}
    row |= {"runs": mark.runs} if mark.runs is not None else {}
    row |= {"before": before} if before else {}
    row |= {"drawn_on": drawn_on} if drawn_on else {}
    return line(row)


def line(row: dict[str, Any]) -> bytes:
    """One operation as a line of the file."""
    return orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)


def header(image_hash: str, node_id: str) -> bytes:
    """The first line of a marks file."""
    return line({"format": FORMAT, "version": VERSION, "image": image_hash, "node": node_id})


def layer_row(layer: Layer) -> dict[str, Any]:
    """The operation that sets how a layer is shown."""
    return {"op": "layer", **vars(layer)}


def whole_file(drawing: Drawing, image_hash: str, node_id: str) -> bytes:
    """The shortest file that adds up to this drawing."""
    lines = [header(image_hash, node_id)]
    lines += [add_line(mark, drawn_on="" if i else drawing.drawn_on) for i, mark in enumerate(drawing.marks.values())]
    lines += [line({"op": "removed", "id": mark_id}) for mark_id in drawing.removed]
    lines += [line(layer_row(layer)) for layer in drawing.layers.values()]
    return b"".join(lines)


def read_file(path: Path) -> tuple[Drawing, str, str, int]:
    """The drawing in a marks file, its image hash, its node id, and how many bytes of the file are whole lines.

    Raises ``Problem`` naming the file where it cannot be read, is not a marks file, is too large, or any line is
    malformed.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise Problem(f"The marks file {path} is larger than {MAX_FILE_BYTES // 10**6} MB; it is not read.")
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    whole = data.rfind(b"\n") + 1  # what follows the last line feed is a stroke that was never finished
    try:
        if not whole:
            if not _BEGINNING.startswith(data[: len(_BEGINNING)]):
                raise ValueError("line 1 is not the header of a marks file")
            return Drawing(), "", "", 0
        rows = _rows(data[:whole])
        head = rows[0]
        if head.get("format") != FORMAT or head.get("version") != VERSION:
            raise ValueError("line 1 is not the header of a marks file of this version")
        return _replay(rows[1:], head), str(head.get("image", "")), str(head.get("node", "")), whole
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Problem(
            f"The marks file {path} is damaged ({error}); nothing of it was used. "
            "Mend or remove that line, restore an older copy, or move the file away to start anew."
        ) from None


def signature(path: Path) -> tuple[int, int, int]:
    """What changes whenever a file does; zeros where there is none. ``Problem`` where it cannot be looked at."""
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return 0, 0, 0
    except OSError as error:
        raise _unreadable(path, error) from None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(
        f"The marks file {path} cannot be read ({error.strerror or error}); "
        "mend its permissions, or move it away to start anew."
    )


def _rows(data: bytes) -> list[dict[str, Any]]:
    lines = data.splitlines()
    try:
        rows = orjson.loads(b"[" + b",".join(lines) + b"]")  # one call: a third of the time of a call a line
    except orjson.JSONDecodeError:
        rows = []
    if len(rows) != len(lines) or not all(isinstance(row, dict) for row in rows):
        rows = [_row(number, text) for number, text in enumerate(lines, 1)]
    return rows


def _row(number: int, text: bytes) -> dict[str, Any]:
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {number}: {error}") from None
    if not isinstance(row, dict):
        raise ValueError(f"line {number} is not an object")
    return row


def _replay(rows: list[dict[str, Any]], head: dict[str, Any]) -> Drawing:
    drawing, order = Drawing(), _Order()
    for number, (row, ready) in enumerate(zip(rows, _points_at_once(rows), strict=True), 2):
        if row == head:  # two programs each began the file
            continue
        try:
            _apply(drawing, order, row, ready)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise ValueError(f"line {number}: {error}") from None
        if drawing.points > MAX_POINTS or len(drawing.marks) > MAX_MARKS:  # what was taken away does not count
            raise ValueError(f"line {number}: more than {MAX_POINTS} points or {MAX_MARKS} strokes")
    drawing.marks = {mark_id: drawing.marks[mark_id] for mark_id in order}
    return drawing


class _Order:
    """The order of marks, some of which were put in front of others; a change takes no longer where there are many."""

    def __init__(self) -> None:
        self._after: dict[str, str] = {"": ""}  # a ring that begins and ends at ""
        self._before: dict[str, str] = {"": ""}

    def put(self, mark_id: str, in_front_of: str) -> None:
        before = self._before[in_front_of]
        self._after[before] = self._before[in_front_of] = mark_id
        self._before[mark_id], self._after[mark_id] = before, in_front_of

    def drop(self, mark_id: str) -> None:
        before, after = self._before.pop(mark_id), self._after.pop(mark_id)
        self._after[before], self._before[after] = after, before

    def __iter__(self) -> Iterator[str]:
        mark_id = self._after[""]
        while mark_id:
            yield mark_id
            mark_id = self._after[mark_id]


def _points_at_once(rows: list[dict[str, Any]]) -> list[np.ndarray | None]:
    """The checked points (n, 2) of each row, made in one go: an array a stroke takes most of the time of loading.

    None for a row without points, and for every row where any of them is wrong: ``_mark`` then says which one.
    """
    found = [row["points"] if isinstance(row.get("points"), list) else [] for row in rows]
    sizes = [len(points) for points in found]
    try:
        flat = _pairs([*chain.from_iterable(found)])
    except ValueError:
        return [None] * len(rows)
    if any(size % 2 for size in sizes) or not in_image(flat):
        return [None] * len(rows)
    flat, ends = canonical(flat), accumulate(sizes)
    return [flat[(end - size) // 2 : end // 2] if size else None for end, size in zip(ends, sizes, strict=True)]


def _pairs(numbers: Any) -> np.ndarray:
    """A flat list x, y, x, y ... of JSON numbers as float32 (n, 2), or ``ValueError``."""
    if not isinstance(numbers, list) or len(numbers) % 2 or not {*map(type, numbers)} <= {int, float}:
        raise ValueError("points are not a flat list x, y, x, y of numbers")
    with np.errstate(over="ignore"):  # too large becomes infinite, which is outside every image
        return np.array(numbers, np.float32).reshape(-1, 2)


def _apply(drawing: Drawing, order: _Order, row: dict[str, Any], points: np.ndarray | None) -> None:
    operation = row.get("op")
    if operation == "add":
        mark, before = _mark(row, points), str(row.get("before", ""))
        drawing.check_place(mark.id, before)
        drawing.add(mark, drawn_on=str(row.get("drawn_on", "")))
        order.put(mark.id, before)
    elif operation == "remove":
        drawing.remove(row["id"])
        order.drop(row["id"])
    elif operation == "removed":
        drawing.removed[str(row["id"])] = None
    elif operation == "drawn_on":
        drawing.drawn_on = str(row["hash"]) if drawing.marks else ""
    elif operation == "layer":
        layer = Layer(str(row["name"]), bool(row["visible"]), bool(row["locked"]), float(row["opacity"]))
        drawing.layers[layer.name] = layer
    else:
        raise ValueError(f"the operation {operation!r} is not known")


def _mark(row: dict[str, Any], ready: np.ndarray | None) -> Mark:
    """The mark that a row adds; ``ready`` are its points where they have been checked."""
    width, tool = row.get("width", 0.0), row.get("tool")
    if isinstance(width, bool) or not isinstance(width, int | float) or not isinstance(tool, str):
        raise ValueError("the width is not a number, or the tool not a text")
    layer, author = row.get("layer", ""), row.get("author", "")
    if ready is not None and "runs" not in row:
        mark = Mark(row["id"], tool, ready, float(width), layer, None, author)
        check_facts(mark)
        return mark
    runs = np.array(row["runs"], np.int64) if "runs" in row else None
    return checked(Mark(row["id"], tool, _pairs(row["points"]), width, layer, runs, author))
