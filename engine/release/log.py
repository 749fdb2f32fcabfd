"""The audit log of a recipe, ``NAME.audit.jsonl``: what was done with it, a JSON object a line, only ever added to.

Each line holds the hash of the one before, so a line that is changed, put in or taken out is noticed. That lines were
cut off at the end is noticed by what notes how far the log had got: signatures and manifests.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from graingraph.engine.account import account
from graingraph.engine.files import hash_bytes, locked, sync_folder
from graingraph.engine.problem import Problem

SUFFIX = ".audit.jsonl"
MAX_BYTES = 500_000_000
BUSY_S = 30.0
"""How long (s) others may take that append at the same time."""

_KINDS = {
    **dict.fromkeys(("at", "by", "what", "recipe", "before", "file", "why", "signer", "key", "signature", "out"), str),
    **dict.fromkeys(("images", "failed"), int),
    "changes": list,
    "corrected": dict,
    "document": dict,
}
"""What an entry may say, and as what."""

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """A line of the log: what it says, and its hash."""

    facts: Facts
    hash: str

    def __getitem__(self, name: str) -> Any:
        return self.facts.get(name, "")


def read_log(path: Path) -> list[Entry]:
    """The entries, oldest first; none where there is no log. ``Problem`` where it cannot be read or is not whole.

    What follows the last line feed is an entry that was never finished.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[list[Entry], int]:
    """The entries, and the length (bytes) of the lines that are whole."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Problem(
                f"The audit log {path} is larger than {MAX_BYTES // 10**6} MB; put it away and begin another."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise Problem(f"The audit log {path} cannot be read ({error.strerror}).") from None
    entries: list[Entry] = []
    whole = data.rfind(b"\n") + 1
    for number, line in enumerate(data[:whole].splitlines(keepends=True), 1):
        before = entries[-1].hash if entries else ""
        try:
            facts = orjson.loads(line)
        except orjson.JSONDecodeError:
            facts = None
        if not _is_sound(facts) or facts.get("previous") != before or not line.endswith(b"\n"):
            raise Problem(
                f"The audit log {path} was changed at line {number}, which does not follow from the one before; "
                "restore it from a copy."
            )
        entries.append(Entry(facts, hash_bytes(line)))
    return entries, whole


def _is_sound(facts: Any) -> TypeGuard[dict[str, Any]]:
    """Whether this may be an entry: a program has written it, and what it says can be shown."""
    return (
        isinstance(facts, dict)
        and all(isinstance(facts[name], kind) for name, kind in _KINDS.items() if name in facts)
        and all(isinstance(change, str) for change in facts.get("changes", ()))
        and all(isinstance(number, int) for number in facts.get("corrected", {}).values())
    )


def append(path: Path, build: Callable[[list[Entry], Facts], Facts]) -> Entry:
    """Add an entry, on disk when this returns; of two processes that append at once, one waits.

    ``build`` gets the entries so far and what every entry says (when, who, and the hash of the one before), and returns
    the entry. Raises ``Problem`` where the log is not whole or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f".{path.name}.lock"), BUSY_S):
            entries, whole = _read(path)
            facts = {
                "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                "by": account(),
                "previous": entries[-1].hash if entries else "",
            }
            line = orjson.dumps(build(entries, facts), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
            with path.open("ab") as file:
                if whole < file.tell():
                    file.truncate(whole)  # an entry that was never finished, as of a process that was killed
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            sync_folder(path.parent)
    except OSError as error:
        raise Problem(
            f"The audit log {path} cannot be written ({error.strerror or error}), and without it nothing may be done "
            "here; ask who keeps the folder."
        ) from None
    return Entry(orjson.loads(line), hash_bytes(line))
