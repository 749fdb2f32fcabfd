"""What belongs to a model file: the ONNX file, and the weights that it may keep in files beside it.

ONNX files are protocol buffers. Only where their tensors say that their numbers lie is read here, without the onnx
package, which applying models does not need.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from graingraph.engine.files import hash_bytes, remembered_hash, stamp
from graingraph.engine.problem import Problem

_PARTS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
"""By message the numbers of the fields that lead to tensors, and what they hold (onnx.proto)."""
_METADATA = 14
_DEEPEST = 40


def model_hash(path: Path) -> str:
    """The content hash of a model, the weights beside it included; read again only where a file has changed.

    ``OSError`` without the file, ``Problem`` where the weights are missing or would lie elsewhere.
    """
    beside = weights_beside(path)
    if not beside:
        return remembered_hash(path)
    parts = [remembered_hash(path)]
    for file in beside:
        try:
            parts.append(remembered_hash(file))
        except OSError:
            raise Problem(f"{path.name} keeps its weights in {file.name}, which is not there; put it back.") from None
    return hash_bytes(*(part.encode() for part in parts))


def weights_beside(path: Path) -> tuple[Path, ...]:
    """The files in which a model keeps weights, in its folder or below; ``Problem`` where they would lie elsewhere."""
    stamped = stamp(path)
    places = _places(path, stamped) if stamped else _places.__wrapped__(path, stamped)
    for place in places:
        elsewhere = PurePosixPath(place).is_absolute() or PureWindowsPath(place).drive or PureWindowsPath(place).root
        if elsewhere or ".." in PureWindowsPath(place).parts:
            raise Problem(f"{path.name} wants to read its weights from {place[:200]}; save it as one file.")
    return tuple(path.parent / place for place in places)


def files_of(path: Path) -> dict[str, Path]:
    """Everything that makes up a model, by its name below the folder of the ONNX file, that one first.

    ``Problem`` where weights would lie elsewhere.
    """
    return {file.relative_to(path.parent).as_posix(): file for file in (path, *weights_beside(path))}


def metadata_keys(path: Path) -> frozenset[str]:
    """The names of what a model file says about itself, without opening it; empty for what is no ONNX file."""
    try:
        entries = [dict(_fields(content)) for number, content in _fields(_bytes(path)) if number == _METADATA]
        return frozenset(bytes(entry.get(1, b"")).decode() for entry in entries)
    except (OSError, ValueError, IndexError):
        return frozenset()


@lru_cache(maxsize=64)
def _places(path: Path, stamped: tuple[int, ...]) -> tuple[str, ...]:
    """Where the tensors of a model keep their numbers if not in the file; empty for what is no ONNX file."""
    try:
        return tuple(sorted(set(_walk(_bytes(path), "model", 0))))
    except (ValueError, IndexError):
        return ()  # whoever opens it says what is wrong with it


def _bytes(path: Path) -> memoryview:
    return memoryview(path.read_bytes())


def _walk(data: memoryview, message: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if message == "entry":
        entry = {number: bytes(content) for number, content in _fields(data)}
        if entry.get(1) == b"location":
            yield entry.get(2, b"").decode()
        return
    inside = _PARTS[message]
    for number, content in _fields(data):
        if number in inside:
            yield from _walk(content, inside[number], depth + 1)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Number and content of the fields of a message that hold bytes; those that hold a number are passed over."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        kind = tag & 7
        if kind == 0:
            _, at = _number(data, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind == 2:
            size, at = _number(data, at)
            if at + size > len(data):
                raise ValueError("a field is longer than its message")
            yield tag >> 3, data[at : at + size]
            at += size
        else:
            raise ValueError("a field of no kind")


def _number(data: memoryview, at: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number that is too long")
