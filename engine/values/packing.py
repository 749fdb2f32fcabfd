"""Values as bytes and back: one uncompressed ``.npz`` with the arrays and a JSON description. No pickle."""

import io
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graingraph.engine.values.notes import Note
from graingraph.engine.values.registry import codec_named, codec_of
from graingraph.engine.values.value import Value


class Damaged(ValueError):
    """These bytes are not a packed value; a cache treats them as a miss."""


def pack(outputs: dict[str, Value]) -> bytes:
    """Pack the outputs of a node by pin name."""
    arrays: list[np.ndarray] = []
    meta = {name: _encode(value, arrays) for name, value in outputs.items()}
    stream = io.BytesIO()
    description = np.frombuffer(orjson.dumps(meta), np.uint8)
    np.savez(stream, allow_pickle=False, meta=description, **{f"a{i}": array for i, array in enumerate(arrays)})
    return stream.getvalue()


def unpack(data: bytes) -> dict[str, Value]:
    """The outputs that were packed. Raises ``Damaged``."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            meta = orjson.loads(archive["meta"].tobytes())
            return {name: _decode(item, archive) for name, item in meta.items()}
    except Exception as error:  # damaged bytes make the zip and array readers fail in many ways
        raise Damaged(str(error)) from None


def _encode(item: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(item, np.ndarray) and item.dtype == object and item.ndim == 1:
        return {"objects": [_encode(_plain(part), arrays) for part in item]}
    if isinstance(item, np.ndarray):
        arrays.append(item)
        return {"array": len(arrays) - 1}
    if isinstance(item, bytes):
        return {"bytes": _encode(np.frombuffer(item, np.uint8), arrays)}
    codec = codec_of(type(item))
    if codec is not None:
        content = {name: _encode(part, arrays) for name, part in codec.encode(item).items()}
        described = {"kind": type(item).__name__, "content": content}
        if isinstance(item, Value) and "notes" not in content:  # a codec of its own need not think of them
            described["notes"] = _encode(item.notes, arrays)
        return described
    if isinstance(item, tuple | list):
        return [_encode(part, arrays) for part in item]
    if hasattr(item, "items"):
        return {"mapping": {key: _encode(part, arrays) for key, part in item.items()}}
    if isinstance(item, np.generic):
        return _encode(item.item(), arrays)
    if isinstance(item, float) and not math.isfinite(item):
        return {"float": str(item)}
    if item is None or isinstance(item, str | int | float | bool):
        return item
    if isinstance(item, Path):
        return {"path": str(item)}
    raise TypeError(f"a {type(item).__name__} cannot be stored")


def _plain(item: Any) -> Any:
    """An entry of a column: numbers among texts stay numbers; what JSON does not know becomes its text."""
    return item if item is None or isinstance(item, str | int | float | np.generic) else str(item)


def _decode(item: Any, archive: Any) -> Any:
    if isinstance(item, list):
        return tuple(_decode(part, archive) for part in item)
    if not isinstance(item, dict):
        return item
    if "array" in item:
        return archive[f"a{item['array']}"]
    if "float" in item:
        return float(item["float"])
    if "path" in item:
        return Path(item["path"])
    if "bytes" in item:
        return _decode(item["bytes"], archive).tobytes()
    if "mapping" in item:
        return {key: _decode(part, archive) for key, part in item["mapping"].items()}
    if "objects" in item:
        return np.array(_decode(item["objects"], archive), object)
    content = {name: _decode(part, archive) for name, part in item["content"].items()}
    made = codec_named(item["kind"]).decode(content)
    if "notes" in item:
        made = replace(made, notes=_decode(item["notes"], archive))
    if isinstance(made, Value) and not all(isinstance(note, Note) for note in made.notes):
        raise ValueError("its notes have no kind: an earlier version packed it")
    return made
