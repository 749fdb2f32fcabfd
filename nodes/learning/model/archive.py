"""Zip files that carry a model from one program to another: read within bounds, their names never made into paths."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem

MAX_MODEL_BYTES = 4_000_000_000
MAX_FACTS_BYTES = 1_000_000
"""What a description may have; more is none."""
MAX_RATIO = 200
"""A part that unpacks to more than so many times its size is no model: weights hardly compress."""
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same model gives the same archive, byte for byte."""


class Imported(NamedTuple):
    """What an archive holds: an ONNX file, the names of its classes (none where they are not told), and what to do so
    that it is applied as it is meant."""

    network: bytes
    classes: tuple[str, ...]
    advice: list[str]


def class_names(found: Any) -> tuple[str, ...]:
    """Names of classes as a description gives them; none where they are no names, or two are the same."""
    names = [" ".join(one.split())[:100] for one in found if isinstance(one, str)] if isinstance(found, list) else []
    return tuple(names) if names and all(names) and len(set(names)) == len(found) else ()


def write_archive(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write parts by name. ``Problem`` if the file is there already or cannot be written."""
    if path.exists():
        raise Problem(f"{path} is there already; choose another name.")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), content, zipfile.ZIP_DEFLATED)
    write_atomically(path, held.getvalue())


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; whatever is wrong with it is a ``Problem`` naming the file."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror or error}); check its name and folder.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError):
        raise Problem(f"{path.name} is damaged or is no zip file; ask for another copy.") from None


def part(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A part of at most so many bytes. ``Problem`` where it is missing, larger, or would unpack without end."""
    try:
        entry = archive.getinfo(name)
    except KeyError:
        raise Problem(
            f"{_name(archive)} does not hold {name[:200]!r}, which it should; ask for another copy."
        ) from None
    if entry.file_size > most or entry.file_size > max(MAX_FACTS_BYTES, MAX_RATIO * entry.compress_size):
        raise Problem(f"{name[:200]!r} in {_name(archive)} is larger than any such part; it was not read.")
    return archive.read(entry)


def _name(archive: zipfile.ZipFile) -> str:
    return Path(archive.filename or "the archive").name
