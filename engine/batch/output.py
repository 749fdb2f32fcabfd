"""The output folder of a run: one run at a time has it, and nothing in it that is not ours is overwritten or removed.

Whose a file is stands in a ledger: before a file gets its name, its name and hash are noted. So it is known after a
kill too, and a file that somebody has changed since is not ours any more.
"""

import os
import re
import secrets
import socket
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import orjson

from graingraph.engine.files import Busy, hash_file, locked, write_atomically
from graingraph.engine.problem import Problem

MANIFEST = "manifest.json"
MANIFEST_FORMAT = "graingraph manifest"
CRATE = "ro-crate-metadata.json"
RECIPE = "recipe.graingraph.json"
PROOF = (MANIFEST, CRATE, RECIPE)
"""What every run leaves to show how its numbers came about."""
FOLDERS = ("overlays", "exports")
"""The folders in the output folder that hold a file or several for each image."""

FILE_NAME = re.compile(rf"(?:(?:{'|'.join(FOLDERS)})/)?[^/\\.][^/\\]*(?:/[^/\\.][^/\\]*){{0,3}}")
"""What a ledger may name: a file in the output folder itself or in one of its two folders, or a few folders below."""


class NotOurs(Problem):
    """A file is in the way that no run has written; nothing was overwritten."""


class OutputFolder:
    """The files of a run in ``folder``, by name relative to it; ``state`` holds the ledger.

    Several processes may write at once, each in a ledger file of its own. ``overwrite`` lets files be replaced that are
    not ours; removed they never are. ``foreign`` are names (in small letters) that others have taken where the folder
    is a copy of one elsewhere.
    """

    def __init__(
        self, folder: Path, state: Path, overwrite: bool = False, foreign: Collection[str] = frozenset()
    ) -> None:
        self.folder, self.overwrite, self._foreign = folder, overwrite, foreign
        self._ledgers = state / "written"
        self._ledger: IO[bytes] | None = None
        self._place: tuple[int, int] | None = None
        self._known: dict[str, set[str]] = {}
        self._removable: dict[str, str] = {}
        for name, digest in _listed(folder / MANIFEST):
            self._learn(name, digest, removable=name.startswith(f"{FOLDERS[0]}/") and name.count("/") == 1)
        self._read_ledgers()

    def _read_ledgers(self) -> None:
        for path in self._ledgers.glob("*.jsonl"):
            for name, digest in _noted(path):
                self._learn(name, digest, removable=True)

    def write(self, name: str, data: bytes | Iterable[bytes], *, durable: bool = True) -> str:
        """Write a file atomically and return its hash. ``Problem`` where a file of this name is not ours."""
        self.require_ours(name)
        digest = blake2b(digest_size=16)

        def parts() -> Iterator[bytes]:
            for part in (data,) if isinstance(data, bytes) else data:
                digest.update(part)
                yield part
            self._note(name, digest.hexdigest())

        write_atomically(self.folder / name, parts(), durable=durable)
        return digest.hexdigest()

    def require_ours(self, *names: str) -> None:
        """Raise a ``Problem`` where one of these files is there and is not as a run has left it."""
        for name in names:
            if self.overwrite:
                continue
            there = (self.folder / name).exists() and not self._is_ours(name)
            if there:
                self._read_ledgers()  # another process of this run may have written it, and died before its row
                there = not self._is_ours(name)
            if there or name.casefold() in self._foreign:
                raise _foreign(self.folder / name)

    def require_ours_of(self, stems: Iterable[str]) -> None:
        """Raise a ``Problem`` where a folder holds a file that belongs to one of these images, and is not ours."""
        wanted = {stem.casefold() for stem in stems}
        self.require_ours(*(name for name in self._foreign if _is_of(name.partition("/")[2], wanted)))
        for folder in () if self.overwrite else FOLDERS:
            for path in (self.folder / folder).glob("*"):
                for file in _files_of(path) if _is_of(path.name.casefold(), wanted) else ():
                    if not self._is_ours(file.relative_to(self.folder).as_posix()):
                        raise _foreign(file)

    def remove_stale(self, keep: Iterable[str]) -> None:
        """Remove what earlier runs have left but for these files; what somebody has changed since stays."""
        kept = {name.casefold() for name in keep}  # where capitals make no difference, two names are one file
        for key, name in self._removable.items():
            if key not in kept and self._is_ours(name):
                with suppress(OSError):
                    (self.folder / name).unlink()
                    for folder in list((self.folder / name).relative_to(self.folder).parents)[:-1]:
                        (self.folder / folder).rmdir()  # while something is in it, that fails
        for known in FOLDERS:
            with suppress(OSError):
                (self.folder / known).rmdir()

    @property
    def known(self) -> set[str]:
        """The names, in small letters, of what runs have written here."""
        return set(self._known)

    @property
    def folders(self) -> set[Path]:
        """The folders that a run has written files into."""
        return {(self.folder / name).parent for name in self._removable.values()}

    def tidy(self) -> None:
        """Put the ledgers together into one of the files that are still there; only while no other process writes."""
        if self._ledger is not None:  # what is written after this is noted in a file of its own
            self._ledger.close()
            self._ledger = None
        old = list(self._ledgers.glob("*.jsonl"))
        there = {key: name for key, name in self._removable.items() if (self.folder / name).is_file()}
        lines = [ledger_line(name, digest) for key, name in there.items() for digest in sorted(self._known[key])]
        write_atomically(self._ledgers / f"{secrets.token_hex(8)}.jsonl", b"".join(lines))
        for path in old:
            with suppress(OSError):
                path.unlink()
        self._place = _identity(self._ledgers)

    def require_there(self) -> None:
        """Raise a ``Problem`` where the folder has gone, or another has come in its place, since ``tidy``."""
        if self._place is not None and _identity(self._ledgers) != self._place:
            raise Problem(
                f"The folder {self.folder} has gone: it was moved, removed or unmounted while the run was writing into "
                "it. Bring it back and run again to go on."
            )

    def _learn(self, name: str, digest: str, *, removable: bool) -> None:
        if FILE_NAME.fullmatch(name):
            self._known.setdefault(name.casefold(), set()).add(digest)
            if removable:
                self._removable[name.casefold()] = name

    def _is_ours(self, name: str) -> bool:
        path, key = self.folder / name, name.casefold()
        if name == MANIFEST:
            return bool(_manifest(path))
        try:
            return key in self._known and path.is_file() and hash_file(path) in self._known[key]
        except OSError:
            return False

    def _note(self, name: str, digest: str) -> None:
        if self._ledger is None:
            self._ledgers.mkdir(parents=True, exist_ok=True)
            self._ledger = (self._ledgers / f"{os.getpid()}-{secrets.token_hex(4)}.jsonl").open("ab", buffering=0)
        self._ledger.write(ledger_line(name, digest))
        self._learn(name, digest, removable=True)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What the system knows a folder by; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_of(name: str, stems: Collection[str]) -> bool:
    """Whether a file of this name in one of the two folders belongs to one of these images."""
    return not name.startswith(".") and any(name[:end] in stems for end, sign in enumerate(name) if sign in "._")


def _files_of(path: Path) -> Iterable[Path]:
    """A file itself, the files in a folder and below; an empty folder is in nobody's way."""
    return [path] if not path.is_dir() else [file for file in path.rglob("*") if not file.is_dir()]


def ledger_line(name: str, digest: str) -> bytes:
    """A file and its hash as a ledger has it."""
    return orjson.dumps([name, digest], option=orjson.OPT_APPEND_NEWLINE)


def _noted(path: Path) -> Iterator[tuple[str, str]]:
    """Names and hashes in a ledger file; a line that was never finished, or is none of ours, says nothing."""
    with suppress(OSError):
        for line in path.read_bytes().splitlines():
            with suppress(ValueError, TypeError):
                name, digest = orjson.loads(line)
                if isinstance(name, str) and isinstance(digest, str):
                    yield name, digest


def _manifest(path: Path) -> dict[str, Any]:
    """A manifest; empty where there is none, or the file is something else of that name."""
    with suppress(OSError, ValueError):
        document = orjson.loads(path.read_bytes())
        if isinstance(document, dict) and document.get("format") == MANIFEST_FORMAT:
            return document
    return {}


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    outputs = _manifest(path).get("outputs")
    for name, digest in outputs.items() if isinstance(outputs, dict) else ():
        if isinstance(digest, str):
            yield name, digest


def _foreign(path: Path) -> NotOurs:
    return NotOurs(
        f"{path} is there and was not written by a run, or was changed since, so it is not overwritten; move it away, "
        "choose another folder, or allow to replace it (in a terminal: --overwrite)."
    )


# one run at a time -----------------------------------------------------------------------------------------------


@contextmanager
def one_run(state: Path) -> Iterator[None]:
    """Keep every other run out of an output folder. ``Problem`` where one is at work in it.

    The system takes the lock back when the process ends, however it ends.
    """
    holder = state / "at_work.json"
    try:
        with locked(state / "lock", wait_s=0.0):
            write_atomically(holder, orjson.dumps(this_run()), durable=False)
            yield
            with suppress(OSError):
                holder.unlink()
    except Busy:
        raise another_run(_who(holder), str(state.parent)) from None
    except OSError as error:
        raise Problem(f"The folder {state.parent} cannot be written ({error.strerror}); choose another.") from None


def this_run() -> dict[str, Any]:
    """What a run says of itself in the folder that it is at work in."""
    return {"process": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M")}


def another_run(who: str, where: str) -> Problem:
    """That a run is at work in a folder, with what is known of it (perhaps nothing)."""
    said = f" ({who})" if who else ""
    return Problem(f"Another run{said} is writing into {where}; wait until it ends, or choose another folder.")


def _who(holder: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = orjson.loads(holder.read_bytes())
        return f"process {facts['process']} on {facts['host']}, since {facts['since']}"
    return ""
