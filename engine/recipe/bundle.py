"""Bundles: a recipe with its models, marks and a picture in one file, ``NAME.ggz``, a zip with an index of checksums.

::

    bundle.json                        the index: the recipe's file, and the hash of every file by name
    NAME.graingraph.json               the recipe
    models/grains.onnx                 each model that it applies, with the weights that lie beside it
    NAME.marks/HASH.NODE.marks.jsonl   what was drawn
    graingraph-policy.toml             what the folder that it comes from demands, and
    NAME.audit.jsonl                   who has signed it there
    thumbnail.png

A bundle is read and never written into. It comes from elsewhere, so everything is checked against the list of its
content before a byte is unpacked, and against the checksums while it is; what is wrong is said in one sentence.
"""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from graingraph.engine.files import hash_bytes, hash_file, remembered_hash, why_impossible, write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle_cache

SUFFIX = ".ggz"
INDEX = "bundle.json"
THUMBNAIL = "thumbnail.png"
FORMAT = "graingraph bundle"
VERSION = 1
MAX_FILES = 20_000
MAX_INDEX_BYTES = 8_000_000
MAX_COMPRESSED_BYTES = 1_000_000_000
"""What all compressed files may unpack to; models are stored as they are, and are bounded by the bundle itself."""

_NAME = re.compile(
    r"thumbnail\.png|graingraph-policy\.toml|[^/]+\.audit\.jsonl|[^/]+\.json|models/[^/]+(/[^/]+){0,8}|[^/]+\.marks/[0-9a-f]{8,128}\.\w+\.marks\.jsonl"
)
_OF_THE_AUTHOR = re.compile(r"thumbnail\.png|graingraph-policy\.toml|[^/]+\.audit\.jsonl")
"""What stays behind where somebody unpacks a bundle to make it his own: the picture, and who may run it."""
_BLOCK = 1 << 20
_TIME = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same bundle, byte for byte."""


@dataclass(frozen=True)
class Index:
    """What a bundle says that it holds: its recipe's file, and the hash of every file by its name.

    ``packages`` says by node type which package a plug-in's node comes from, with its version.
    """

    recipe: str
    files: Mapping[str, str]
    packages: Mapping[str, str] = field(default_factory=dict)


def is_bundle(path: Path) -> bool:
    """Whether a path names a bundle."""
    return path.suffix.lower() == SUFFIX


def write(
    path: Path, recipe: str, files: Mapping[str, Path | bytes], packages: Mapping[str, str] | None = None
) -> None:
    """Write a bundle of these files, by the names they have in it; ``recipe`` is one of them. Raises ``Problem``."""
    if path.exists():
        raise Problem(f"{path} is there already; choose another name.")
    index: dict[str, Any] = {"format": FORMAT, "version": VERSION, "recipe": recipe, "packages": dict(packages or {})}
    try:
        index["files"] = {
            name: hash_bytes(content) if isinstance(content, bytes) else hash_file(content)
            for name, content in files.items()
        }
        write_atomically(path, _zipped({INDEX: _json(index), **files}))
    except OSError as error:
        raise Problem(f"{error.filename} cannot be read ({error.strerror}); put it back.") from None


def _json(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Parts:
    """A file for ``zipfile`` to write into that hands on what it gets; nothing grows in memory."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: Any) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""


def _zipped(files: Mapping[str, Path | bytes]) -> Iterator[bytes]:
    parts = _Parts()
    with zipfile.ZipFile(parts, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_STORED if name.startswith("models/") else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as target:
                for block in (content,) if isinstance(content, bytes) else _blocks(content):
                    target.write(block)
                    yield from parts.waiting
                    parts.waiting.clear()
    yield from parts.waiting


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def read_index(path: Path) -> Index:
    """What the bundle holds, checked. Raises ``Problem``."""
    with _opened(path) as (_, index):
        return index


def read_recipe(path: Path, most: int) -> bytes:
    """The bytes of the recipe in a bundle, of at most so many. Raises ``Problem``."""
    with _opened(path) as (archive, index):
        entry = archive.getinfo(index.recipe)
        if entry.file_size > most:
            raise Problem("its recipe is too large to be one")
        return b"".join(_checked_blocks(archive, entry, index.files[index.recipe]))


def unpack(path: Path, folder: Path) -> Path:
    """Unpack a bundle into a folder, and return the recipe's file there.

    ``Problem`` where a file is there already and is another. The thumbnail stays behind, as it is no micrograph, and so
    do policy and log of the author's folder: here those of this folder hold.
    """
    with _opened(path) as (archive, index):
        own = {name: digest for name, digest in index.files.items() if not _OF_THE_AUTHOR.fullmatch(name)}
        wanted = [name for name, digest in own.items() if not _is_whole(folder / name, digest)]
        for name in wanted:
            if (folder / name).exists() or (folder / name).is_symlink():
                raise Problem(f"{folder / name} is there already; choose another folder")
        _write_files(archive, index, wanted, folder)
        return folder / index.recipe


def unpacked(path: Path, caches: Path) -> Path:
    """The recipe's file of a bundle that is unpacked in a folder of caches, by content; done once, and checked again.

    Where something had to be written, others that were not used for long go if the folder has grown too large
    (``bundle_cache``). Raises ``Problem``.
    """
    with _opened(path) as (archive, index):
        folder = caches / remembered_hash(path)
        wanted = [name for name, digest in index.files.items() if not _is_whole(folder / name, digest)]
        _write_files(archive, index, wanted, folder)
        if wanted:
            bundle_cache.used(folder)
        else:
            bundle_cache.touch(folder)
        return folder / index.recipe


def _is_whole(path: Path, digest: str) -> bool:
    try:
        return remembered_hash(path) == digest
    except OSError:
        return False


def _write_files(archive: zipfile.ZipFile, index: Index, names: Iterable[str], folder: Path) -> None:
    """Write these files into a folder; the recipe comes last, and says that all is there."""
    for name in sorted(names, key=lambda name: name == index.recipe):
        blocks = _checked_blocks(archive, archive.getinfo(name), index.files[name])
        write_atomically(folder / name, blocks)


def _checked_blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, digest: str) -> Iterator[bytes]:
    """The content of a file; ``Problem`` at its end where the checksum is another."""
    found = blake2b(digest_size=16)
    with archive.open(entry) as file:
        while block := file.read(_BLOCK):
            found.update(block)
            yield block
    if found.hexdigest() != digest:
        raise Problem(f"{entry.filename} is not what was packed")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Index]]:
    """The archive with its index, both checked; whatever is wrong with them is a ``Problem`` naming the file."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive.infolist(), path.stat().st_size)
            yield archive, _index(archive)
    except Problem as problem:
        raise Problem(f"{path.name}: {problem.message.rstrip('.')}.") from None
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror or error}); check the name and the folder.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, LookupError):
        raise Problem(f"{path.name} is damaged or is no bundle; ask for another copy.") from None


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Raise ``Problem`` where a list of content would write elsewhere, twice, or more than the bundle can hold."""
    if len(entries) > MAX_FILES:
        raise Problem(f"it holds over {MAX_FILES} files; ask for one that Graingraph has packed")
    seen = set()
    for entry in entries:
        name = entry.filename
        shown = f"'{name[:100]!s}'".encode("ascii", "backslashreplace").decode()
        key = unicodedata.normalize("NFC", name).casefold()  # one file on systems that make no difference
        if not _NAME.fullmatch(name) and name != INDEX:
            raise Problem(f"it holds {shown}, which is no part of a bundle; nothing was unpacked")
        impossible = any(part.startswith(".") or why_impossible(part) for part in name.split("/"))
        if impossible or len(name.encode("utf-8", "replace")) > 1000:
            raise Problem(f"it holds {shown}, which would lie outside or cannot be a file; nothing was unpacked")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Problem(f"{shown} in it is a link or no plain file; nothing was unpacked")
        if key in seen:
            raise Problem(f"it holds {shown} twice; nothing was unpacked")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
            raise Problem(f"{shown} in it is encrypted, or compressed in a way that no bundle is; nothing was unpacked")
        seen.add(key)
    unpacked = sum(entry.file_size for entry in entries if entry.compress_type == zipfile.ZIP_DEFLATED)
    if unpacked > MAX_COMPRESSED_BYTES or sum(entry.compress_size for entry in entries) > size:
        raise Problem("it would unpack to far more than a bundle holds; nothing was unpacked")
    if any(e.compress_type == zipfile.ZIP_STORED and e.file_size != e.compress_size for e in entries):
        raise Problem("its list of content contradicts itself; nothing was unpacked")


def _index(archive: zipfile.ZipFile) -> Index:
    if archive.getinfo(INDEX).file_size > MAX_INDEX_BYTES:
        raise Problem("its list of content is too large; ask for one that Graingraph has packed")
    document = orjson.loads(archive.read(INDEX))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Problem("it is no Graingraph bundle; ask for one that Graingraph has packed")
    if not isinstance(document.get("version"), int) or document["version"] > VERSION:
        raise Problem("it was packed by a newer Graingraph; update the program to open it")
    files, recipe, packages = document.get("files"), document.get("recipe"), document.get("packages", {})
    if not (_texts(files) and _texts(packages) and isinstance(recipe, str)):
        raise Problem("its list of content has the wrong form; ask for another copy")
    if {*files, INDEX} != set(archive.namelist()) or "/" in recipe or recipe not in files or recipe == THUMBNAIL:
        raise Problem("it does not hold exactly what its list of content says; ask for another copy")
    return Index(recipe, files, packages)


def _texts(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
