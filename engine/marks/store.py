"""Where marks live: one append-only file per image content and node, beside the recipe's workspace.

Images are known by the hash of their content, so renaming or moving one keeps its marks. A stroke is on disk before
``add`` returns.
"""

import hashlib
import os
import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.files import locked, not_allowed, sync_folder, write_atomically
from graingraph.engine.marks.drawing import Drawing, Layer, checked
from graingraph.engine.marks.file import (
    MAX_FILE_BYTES,
    add_line,
    header,
    layer_row,
    line,
    read_file,
    signature,
    whole_file,
)
from graingraph.engine.problem import Problem

SUFFIX = ".marks.jsonl"
LOCK = ".lock"
"""The file in the folder that one program holds while it writes."""
_HASH = re.compile(r"[0-9a-f]{8,128}")
_NODE = re.compile(r"[a-z0-9_]{1,100}")
_WASTE = 1_000_000
"""Bytes of removed strokes that a file may carry before it is written anew."""


def content_hash(pixels: np.ndarray) -> str:
    """blake2b of an array's bytes, shape and type: what ``Marks.drawn_on`` remembers of the value underneath."""
    whole = hashlib.blake2b(f"{pixels.dtype.str} {pixels.shape} ".encode(), digest_size=16)
    whole.update(np.ascontiguousarray(pixels).reshape(-1).view(np.uint8).data)
    return whole.hexdigest()


def new_mark_id() -> str:
    """An id that nobody else will draw; ids sort by the time at which they were made."""
    return f"{time.time_ns():016x}{secrets.token_hex(6)}"


def make_marks(marks: tuple[Mark, ...] | list[Mark], drawn_on: str = "") -> Marks:
    """The ``Marks`` of these strokes with their hash, checked as a file would be; for library use and tests.

    Raises ``Problem`` where a mark is malformed.
    """
    drawing = Drawing()
    try:
        for mark in marks:
            drawing.add(checked(mark), drawn_on=drawn_on)
    except ValueError as error:
        raise Problem(f"These marks cannot be used: {error}.") from None
    return _marks(drawing)


def _marks(drawing: Drawing) -> Marks:
    return Marks(tuple(drawing.marks.values()), drawing.drawn_on, drawing.hash())


class MarkStore:
    """The marks of every image and node below one folder; with ``folder=None`` in memory only.

    Safe to call from several threads. Every method raises ``Problem`` where a file is damaged, an image hash or node
    id is not one, or a mark is malformed; then nothing has changed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._locked = False
        self._drawings: dict[tuple[str, str], Drawing] = {}
        self._seen: dict[tuple[str, str], tuple[int, int, int]] = {}
        self._marks: dict[tuple[str, str], Marks] = {}
        self._refused: dict[tuple[str, str], tuple[tuple[int, int, int], Problem]] = {}
        """What is wrong with a file, as long as it stays as it is: a window asks in every turn."""

    def path(self, image_hash: str, node_id: str) -> Path | None:
        """The file of this image and node (whether or not it exists); ``None`` in memory."""
        if not _HASH.fullmatch(image_hash) or not _NODE.fullmatch(node_id):
            raise Problem(f"'{node_id}' of image '{image_hash}' cannot name a marks file; a node id is a-z, 0-9 and _.")
        return self.folder / f"{image_hash}.{node_id}{SUFFIX}" if self.folder is not None else None

    def load(self, image_hash: str, node_id: str) -> Marks:
        """Everything drawn on this image for this node, oldest first; empty where nothing was."""
        with self._lock:
            drawing = self.drawing(image_hash, node_id)
            key = (image_hash, node_id)
            if key not in self._marks:
                self._marks[key] = _marks(drawing)
            return self._marks[key]

    def add(self, image_hash: str, node_id: str, mark: Mark, *, drawn_on: str = "", before: str = "") -> Marks:
        """Add one stroke, on disk when this returns.

        ``drawn_on`` is the ``content_hash`` of what lies underneath; the first stroke's counts until ``accept``.
        ``before`` is the id of the mark to put it in front of (to undo the removal of an old mark).
        """
        with self._alone():
            drawing = self.drawing(image_hash, node_id)
            try:
                mark = checked(mark)
                drawing.check_room(mark)
                drawing.check_place(mark.id, before)
            except ValueError as error:
                raise Problem(f"This stroke cannot be kept: {error}.") from None
            self._append(image_hash, node_id, add_line(mark, before, drawn_on if not drawing.marks else ""))
            drawing.add(mark, before, drawn_on)
            return self.load(image_hash, node_id)

    def add_all(self, image_hash: str, node_id: str, marks: Iterable[Mark], *, drawn_on: str = "") -> Marks:
        """Add many strokes at once, all or none: imported annotations. Each gets an id of its own."""
        with self._alone():
            old = self.drawing(image_hash, node_id)
            drawing = Drawing(removed=dict(old.removed), layers=dict(old.layers))
            try:
                for mark in (*old.marks.values(), *(replace(mark, id=new_mark_id()) for mark in marks)):
                    mark = checked(mark)
                    drawing.check_room(mark)
                    drawing.add(mark, drawn_on=old.drawn_on if old.marks else drawn_on)
            except ValueError as error:
                raise Problem(f"These strokes cannot be kept: {error}.") from None
            return self.replace(image_hash, node_id, drawing)

    def move_to(self, folder: Path | None) -> None:
        """Keep the marks in another folder (or in memory) from now on; what it holds of them is replaced.

        The folder where they were stays as it is, and files in it that are named like no marks file.
        """
        with self._lock:
            if self.folder is not None:
                for path in self.folder.glob(f"*{SUFFIX}"):
                    image, _, node = path.name.removesuffix(SUFFIX).partition(".")
                    if _HASH.fullmatch(image) and _NODE.fullmatch(node):
                        self.drawing(image, node)
            self.folder = folder
            for (image, node), drawing in list(self._drawings.items()):
                if drawing.marks or drawing.layers:
                    self.replace(image, node, drawing)

    def remove(self, image_hash: str, node_id: str, mark_id: str) -> Marks:
        """Take one stroke away (undo)."""
        with self._alone():
            drawing = self.drawing(image_hash, node_id)
            if mark_id not in drawing.marks:
                raise Problem(f"There is no stroke '{mark_id}' to remove.")
            self._append(image_hash, node_id, line({"op": "remove", "id": mark_id}))
            drawing.remove(mark_id)
            return self.load(image_hash, node_id)

    def accept(self, image_hash: str, node_id: str, drawn_on: str) -> Marks:
        """Declare the marks reviewed: they hold for what now lies underneath."""
        with self._alone():
            drawing = self.drawing(image_hash, node_id)
            if drawing.marks and drawing.drawn_on != drawn_on:
                self._append(image_hash, node_id, line({"op": "drawn_on", "hash": drawn_on}))
                drawing.drawn_on = drawn_on
            return self.load(image_hash, node_id)

    def set_layer(self, image_hash: str, node_id: str, layer: Layer) -> None:
        """Keep how a class is shown while drawing."""
        with self._alone():
            drawing = self.drawing(image_hash, node_id)
            self._append(image_hash, node_id, line(layer_row(layer)))
            drawing.layers[layer.name] = layer

    def layers(self, image_hash: str, node_id: str) -> dict[str, Layer]:
        """How the classes are shown, by name; a class that is not here is shown by default."""
        with self._lock:
            return dict(self.drawing(image_hash, node_id).layers)

    def images(self, node_id: str) -> list[str]:
        """The hashes of the images that have marks for this node."""
        with self._lock:
            self.path("0" * 8, node_id)
            known = {image for image, node in self._drawings if node == node_id}
            if self.folder is not None and self.folder.is_dir():
                ending = f".{node_id}{SUFFIX}"
                names = (path.name for path in self.folder.iterdir() if path.name.endswith(ending))
                known |= {name.removesuffix(ending) for name in names if _HASH.fullmatch(name.removesuffix(ending))}
            return sorted(image for image in known if self.load(image, node_id))

    def drawing(self, image_hash: str, node_id: str) -> Drawing:
        """The state behind ``load``, read again when another program has changed the file. Not to be changed."""
        key, path = (image_hash, node_id), self.path(image_hash, node_id)
        with self._lock:
            seen = _signature(path)
            if key not in self._drawings or seen != self._seen.get(key, (0, 0, 0)):
                if key in self._refused and self._refused[key][0] == seen:
                    raise self._refused[key][1].at()
                try:
                    drawing = _read(path, key) if path is not None and seen[2] else Drawing()
                except Problem as problem:
                    self._refused[key] = seen, problem
                    raise
                self._drawings[key], self._seen[key] = drawing, seen
                self._marks.pop(key, None)
            return self._drawings[key]

    def compact(self, image_hash: str, node_id: str) -> None:
        """Write the file anew without what was removed; the old one stays until the new one is complete."""
        with self._alone():
            self.replace(image_hash, node_id, self.drawing(image_hash, node_id))

    def replace(self, image_hash: str, node_id: str, drawing: Drawing) -> Marks:
        """Put another drawing in the place of this one, all or nothing."""
        with self._alone():
            path, key = self.path(image_hash, node_id), (image_hash, node_id)
            if path is not None:
                _write(path, whole_file(drawing, image_hash, node_id))
            self._drawings[key], self._seen[key] = drawing, _signature(path)
            self._marks.pop(key, None)
            return self.load(image_hash, node_id)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other thread and program out from reading a file to having written it. ``Problem`` if it fails."""
        with self._lock:
            if self._locked or self.folder is None:
                yield
                return
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with locked(self.folder / LOCK):
                    self._locked = True
                    yield
            except OSError as error:
                remedy = "save" if not_allowed(error) else "free some space, or save"
                raise Problem(
                    f"What is drawn cannot be kept in {self.folder} ({error.strerror or error}); "
                    f"{remedy} the recipe in another folder."
                ) from None
            finally:
                self._locked = False

    def _append(self, image_hash: str, node_id: str, text: bytes) -> None:
        path, key = self.path(image_hash, node_id), (image_hash, node_id)
        self._marks.pop(key, None)
        if path is None:
            return
        size = self._seen.get(key, (0, 0, 0))[2]
        if size + len(text) > MAX_FILE_BYTES or size > _WASTE + 2 * self._live_bytes(key):
            _write(path, whole_file(self._drawings[key], image_hash, node_id))
        with path.open("ab") as file:
            whole = _whole_lines(path)
            if whole < file.tell():
                file.truncate(whole)  # the rest of a stroke that was never finished
            file.write(text if whole else header(image_hash, node_id) + text)
            file.flush()
            os.fsync(file.fileno())
        if not whole:
            sync_folder(path.parent)
        self._seen[key] = _signature(path)

    def _live_bytes(self, key: tuple[str, str]) -> int:
        # About what the live strokes take as text, so that files are not rewritten stroke by stroke.
        runs = sum(m.runs.size for m in self._drawings[key].marks.values() if m.runs is not None)
        return 4 * runs + sum(200 + 20 * m.points.size for m in self._drawings[key].marks.values())


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, data)
    sync_folder(path.parent)


def _read(path: Path, key: tuple[str, str]) -> Drawing:
    drawing, image, node, _ = read_file(path)
    if (image, node) != ("", "") and (image, node) != key:
        raise Problem(f"The marks file {path} belongs to another image or node; import it instead.")
    return drawing


def _signature(path: Path | None) -> tuple[int, int, int]:
    return signature(path) if path is not None else (0, 0, 0)


def _whole_lines(path: Path) -> int:
    """Length of the file up to its last line feed, looking from the end."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0
