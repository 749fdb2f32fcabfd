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

import hashlib
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from engine.context import Mark
from engine.problem import Problem

FORMAT = "graingraph marks"
VERSION = 1
MAX_FILE_BYTES = 200_000_000
MAX_POINTS = 5_000_000
MAX_MARKS = 500_000
MAX_COORDINATE = 1_000_000.0
MAX_WIDTH = 10_000.0
LINE_TOOLS = frozenset({"pen", "brush", "eraser", "livewire", "cut", "merge"})
AREA_TOOLS = frozenset({"polygon", "rectangle", "ellipse", "region"})
POINT_TOOLS = frozenset({"fill", "pick", "delete"})
TOOLS = LINE_TOOLS | AREA_TOOLS | POINT_TOOLS
_LEAST_POINTS = {"polygon": 3, "rectangle": 2, "ellipse": 2, "region": 2}
_MOST_POINTS = {"rectangle": 2, "ellipse": 2, "region": 2}


@dataclass(frozen=True)
class Layer:
    """How a class is shown while drawing; it changes no number, so it is no part of the marks' hash."""

    name: str
    visible: bool = True
    locked: bool = False
    opacity: float = 0.5


@dataclass
class Drawing:
    """What the lines of a marks file add up to. ``removed`` remembers ids, so that a merge does not revive them."""

    marks: dict[str, Mark] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    drawn_on: str = ""
    digests: dict[str, bytes] = field(default_factory=dict, repr=False)
    points: int = 0

    def check_place(self, mark_id: str, before: str = "") -> None:
        """Raise ``ValueError`` where a mark of this id cannot be added there."""
        if mark_id in self.marks:
            raise ValueError(f"two marks have the id {mark_id!r}")
        if before and before not in self.marks:
            raise ValueError(f"there is no mark {before!r} to put another in front of")

    def check_room(self, mark: Mark) -> None:
        """Raise ``ValueError`` where this mark is more than a marks file may hold."""
        if self.points + _size(mark) > MAX_POINTS or len(self.marks) >= MAX_MARKS:
            raise ValueError(f"an image may have {MAX_MARKS} strokes and {MAX_POINTS} points")

    def add(self, mark: Mark, before: str = "", drawn_on: str = "") -> None:
        """Put a mark last, or in front of ``before``; the first mark settles what the drawing was drawn on."""
        self.check_place(mark.id, before)
        if not self.marks:
            self.drawn_on = drawn_on
        if before:
            order = list(self.marks.items())
            place = [key for key, _ in order].index(before)
            self.marks = dict([*order[:place], (mark.id, mark), *order[place:]])
        else:
            self.marks[mark.id] = mark
        self.points += _size(mark)
        self.removed.pop(mark.id, None)

    def remove(self, mark_id: str) -> None:
        """Take a mark away; when it was the last, it is as if nothing had been drawn."""
        if mark_id not in self.marks:
            raise ValueError(f"there is no mark {mark_id!r} to remove")
        self.points -= _size(self.marks.pop(mark_id))
        self.digests.pop(mark_id, None)
        self.removed[mark_id] = None
        if not self.marks:
            self.drawn_on = ""

    def copy(self) -> "Drawing":
        """The same drawing, to be changed by itself."""
        return replace(
            self,
            marks=dict(self.marks),
            removed=dict(self.removed),
            layers=dict(self.layers),
            digests=dict(self.digests),
        )

    def hash(self) -> str:
        """Hash of what the marks say, in order; independent of ids, authors and of what was drawn and undone."""
        if not self.marks:
            return ""
        whole = hashlib.blake2b(self.drawn_on.encode() + b"\0", digest_size=16)
        for mark in self.marks.values():
            if mark.id not in self.digests:
                self.digests[mark.id] = digest(mark)
            whole.update(self.digests[mark.id])
        return whole.hexdigest()


def _size(mark: Mark) -> int:
    return len(mark.points) + (0 if mark.runs is None else len(mark.runs))


def digest(mark: Mark) -> bytes:
    """Hash of what one mark says: its tool, geometry, width and layer."""
    runs = b"" if mark.runs is None else np.ascontiguousarray(mark.runs, "<i4").tobytes()
    facts = f"{mark.tool}\0{mark.layer}\0{float(mark.width)!r}\0{len(mark.points)}\0".encode()
    return hashlib.blake2b(facts + np.ascontiguousarray(mark.points, "<f4").tobytes() + runs, digest_size=16).digest()


def checked(mark: Mark) -> Mark:
    """Return the mark with canonical read-only arrays, or raise ``ValueError`` saying what is wrong with it."""
    points = np.asarray(mark.points, np.float32)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"mark {mark.id} has no points (x, y)")
    if not _in_image(points):
        raise ValueError(f"mark {mark.id} has a coordinate that is not a number in an image")
    mark = replace(mark, points=_canonical(points), width=float(mark.width))
    _check_facts(mark)
    return replace(mark, runs=_checked_runs(mark, mark.points)) if mark.runs is not None else mark


def _in_image(points: np.ndarray) -> bool:
    return bool((np.abs(points) <= MAX_COORDINATE).all())  # NaN fails a comparison written this way round


def _canonical(points: np.ndarray) -> np.ndarray:
    points = points + np.float32(0)  # a copy of our own, and -0 becomes 0
    points.flags.writeable = False
    return points


def _check_facts(mark: Mark) -> None:
    """Raise ``ValueError`` where anything but the coordinates and the run lengths is wrong with a mark."""
    tool, count = mark.tool, len(mark.points)
    if tool not in TOOLS:
        raise ValueError(f"{tool!r} is not a drawing tool")
    if not isinstance(mark.id, str) or not 0 < len(mark.id) <= 100:
        raise ValueError("a mark has no id, or one of more than 100 letters")
    if not isinstance(mark.layer, str) or not isinstance(mark.author, str) or len(mark.layer) + len(mark.author) > 500:
        raise ValueError(f"mark {mark.id} has a layer or author that is not a short text")
    if not _LEAST_POINTS.get(tool, 1) <= count <= _MOST_POINTS.get(tool, MAX_POINTS):
        raise ValueError(f"a {tool} cannot have {count} points (mark {mark.id})")
    if not 0 <= mark.width <= MAX_WIDTH:
        raise ValueError(f"mark {mark.id} has the width {mark.width}")
    if (mark.runs is None) != (tool != "region"):
        raise ValueError(f"only a region has run lengths, and it must have them (mark {mark.id})")


def _checked_runs(mark: Mark, points: np.ndarray) -> np.ndarray:
    wide = np.asarray(mark.runs, np.int64)
    width, height = np.diff(points, axis=0)[0]
    whole = (points == np.floor(points)).all() and width >= 0 and height >= 0
    if not whole or wide.ndim != 1 or (wide < 0).any() or wide.sum() != int(width) * int(height):
        raise ValueError(f"the run lengths of region {mark.id} do not add up to its box")
    runs = wide.astype(np.int32)
    runs.flags.writeable = False
    return runs


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

    Raises ``Problem`` naming the file where it is not a marks file, is too large, or any line is malformed.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise Problem(f"The marks file {path} is larger than {MAX_FILE_BYTES // 10**6} MB; it is not read.")
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1  # what follows the last line feed is a stroke that was never finished
    if not whole:
        return Drawing(), "", "", 0
    try:
        rows = _rows(data[:whole])
        head = rows[0]
        if head.get("format") != FORMAT or head.get("version") != VERSION:
            raise ValueError("line 1 is not the header of a marks file of this version")
        return _replay(rows[1:]), str(head.get("image", "")), str(head.get("node", "")), whole
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Problem(
            f"The marks file {path} is damaged ({error}); nothing of it was used. "
            "Mend or remove that line, restore an older copy, or move the file away to start anew."
        ) from None


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


def _replay(rows: list[dict[str, Any]]) -> Drawing:
    drawing, points = Drawing(), 0
    for number, (row, ready) in enumerate(zip(rows, _points_at_once(rows), strict=True), 2):
        try:
            _apply(drawing, row, ready)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise ValueError(f"line {number}: {error}") from None
        points += len(row.get("points", ())) // 2 + len(row.get("runs", ()))
        if points > MAX_POINTS or number > MAX_MARKS:
            raise ValueError(f"line {number}: more than {MAX_POINTS} points or {MAX_MARKS} strokes")
    return drawing


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
    if any(size % 2 for size in sizes) or not _in_image(flat):
        return [None] * len(rows)
    flat, ends = _canonical(flat), accumulate(sizes)
    return [flat[(end - size) // 2 : end // 2] if size else None for end, size in zip(ends, sizes, strict=True)]


def _pairs(numbers: Any) -> np.ndarray:
    """A flat list x, y, x, y ... of JSON numbers as float32 (n, 2), or ``ValueError``."""
    if not isinstance(numbers, list) or len(numbers) % 2 or not {*map(type, numbers)} <= {int, float}:
        raise ValueError("points are not a flat list x, y, x, y of numbers")
    with np.errstate(over="ignore"):  # too large becomes infinite, which is outside every image
        return np.array(numbers, np.float32).reshape(-1, 2)


def _apply(drawing: Drawing, row: dict[str, Any], points: np.ndarray | None) -> None:
    operation = row.get("op")
    if operation == "add":
        drawing.add(_mark(row, points), str(row.get("before", "")), str(row.get("drawn_on", "")))
    elif operation == "remove":
        drawing.remove(row["id"])
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
        _check_facts(mark)
        return mark
    runs = np.array(row["runs"], np.int64) if "runs" in row else None
    return checked(Mark(row["id"], tool, _pairs(row["points"]), width, layer, runs, author))
