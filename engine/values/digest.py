"""The digest of a result: whether another machine, or another day, computed the very same, to the last bit."""

import zlib
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graingraph.engine.values.registry import codec_of
from graingraph.engine.values.value import Value

LARGE = 1 << 16
"""Bytes from which an array counts by its CRC-32, which keeps up with the memory: a picture must cost no time."""


def digest(outputs: Mapping[str, Value]) -> str:
    """The digest (hexadecimal) of the outputs of a node by pin name: of their numbers, texts, units and pixels.

    Two that are equal to the last bit have the same. Of two that are not, one difference in 4·10⁹ stays unnoticed where
    it lies in the pixels of a picture, none elsewhere (blake2b). Not in it are the notes, which are for people, and the
    folder of a file.
    """
    whole = blake2b(digest_size=8)
    for name, value in outputs.items():
        _add(whole, name)
        _add(whole, value)
    return whole.hexdigest()


def _add(whole: blake2b, item: Any) -> None:
    codec = codec_of(type(item))
    if codec is not None:
        whole.update(f"{type(item).__name__}{{".encode())
        for name, part in codec.encode(item).items():
            if name != "notes":
                _add(whole, name)
                _add(whole, part)
        whole.update(b"}")
    elif isinstance(item, np.ndarray):
        _add_array(whole, item)
    elif isinstance(item, bytes):
        _add_array(whole, np.frombuffer(item, np.uint8))
    elif isinstance(item, tuple | list):
        whole.update(b"[")
        for part in item:
            _add(whole, part)
        whole.update(b"]")
    elif hasattr(item, "items"):
        _add(whole, [part for pair in item.items() for part in pair])
    else:
        _add_plain(whole, item)


def _add_array(whole: blake2b, array: np.ndarray) -> None:
    if array.dtype == object:
        items = array.tolist()
        if all(type(item) is str for item in items):  # a column of names, as long as there are features
            text = "\0".join(items).encode("utf-8", "surrogatepass")
            _add_array(whole, np.frombuffer(text, np.uint8))
        else:
            _add(whole, items)
        return
    whole.update(f"{array.dtype.str}{array.shape}".encode())
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    whole.update(content if array.nbytes < LARGE else zlib.crc32(content).to_bytes(4, "little"))


def _add_plain(whole: blake2b, item: Any) -> None:
    if isinstance(item, np.generic):
        item = item.item()
    if isinstance(item, float):
        whole.update(item.hex().encode() + b";")  # every bit, and what JSON has no word for
    elif item is None or isinstance(item, str | int):
        whole.update(repr(item).encode("utf-8", "backslashreplace") + b";")
    else:
        whole.update(orjson.dumps(item.name if isinstance(item, Path) else str(item)))
