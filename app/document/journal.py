"""The journal of a session: its document and undo history on disk after every edit, so that a kill loses nothing.

One small SQLite file a session, held with an exclusive lock while the program lives: a journal that can be locked by
someone else belongs to a session that died. Commits need no disk flush to survive the death of the process.
"""

import sqlite3
import time
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe

SUFFIX = ".journal"


@dataclass(frozen=True)
class Draft:
    """What a journal holds: recipes from the oldest that can be gone back to, which of them was shown, and facts.

    ``labels[i]`` names the edit that led to ``recipes[i]`` (the first is unnamed). ``facts`` is what else the session
    keeps: the recipe's path, the images, the viewed node, whether there was unsaved work.
    """

    labels: Sequence[str]
    recipes: Sequence[Recipe]
    position: int
    facts: Mapping[str, Any] = field(default_factory=dict)


class Journal:
    """The journal of the running session. ``write`` costs one small transaction."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}{SUFFIX}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._database = _open(self.path)
            self._database.execute("CREATE TABLE recipes (place INTEGER PRIMARY KEY, label TEXT, recipe BLOB)")
            self._database.execute("CREATE TABLE facts (id INTEGER PRIMARY KEY CHECK (id = 0), data BLOB)")
            self._database.commit()
        except (OSError, sqlite3.Error) as error:
            raise _unkept(folder, error) from None
        self._written: list[tuple[str, Recipe]] = []

    def write(self, draft: Draft) -> None:
        """Make the file say what the draft says, writing only the recipes that it does not hold yet.

        ``Problem`` where it cannot be written; the next edit tries again.
        """
        entries = list(zip(draft.labels, draft.recipes, strict=True))
        same = 0
        for old, new in zip(self._written, entries, strict=False):
            if old[1] is not new[1] or old[0] != new[0]:
                break
            same += 1
        try:
            with self._database as database:
                database.execute("DELETE FROM recipes WHERE place >= ?", (same,))
                rows = ((same + i, label, _pack(recipe)) for i, (label, recipe) in enumerate(entries[same:]))
                database.executemany("INSERT INTO recipes VALUES (?, ?, ?)", rows)
                facts = orjson.dumps({**draft.facts, "position": draft.position})
                database.execute("INSERT OR REPLACE INTO facts VALUES (0, ?)", (facts,))
        except (OSError, sqlite3.Error) as error:
            raise _unkept(self.path.parent, error) from None
        self._written = entries

    @contextmanager
    def while_reading(self, image: Path) -> Iterator[None]:
        """Note that an image is read for the first time: where that ends the program, the next start knows of which.

        Any thread may, one image at a time.
        """
        note = _note_of(self.path)
        with suppress(OSError):
            note.write_text(str(image), "utf-8", "surrogateescape")
        try:
            yield
        finally:
            with suppress(OSError):
                note.unlink()

    def close(self, *, keep: bool = False) -> None:
        """End the session in order: nothing is left to recover."""
        self._database.close()
        if not keep:
            discard(self.path)


def _unkept(folder: Path, error: Exception) -> Problem:
    return Problem(
        f"Nothing can be kept in {folder} ({error}): unsaved work is lost when the program ends, so save often; "
        "free some space there, or mend its permissions."
    )


def abandoned(folder: Path) -> list[Path]:
    """The journals of sessions that died, newest first."""
    return [path for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True) if not _in_use(path)]


def read(path: Path) -> Draft:
    """Read an abandoned journal; ``Problem`` if it is damaged."""
    try:
        database = _open(path)
        try:
            rows = database.execute("SELECT label, recipe FROM recipes ORDER BY place").fetchall()
            (data,) = database.execute("SELECT data FROM facts").fetchone()
        finally:
            database.close()
        facts = orjson.loads(data)
        recipes = [recipe_file.parse(zlib.decompress(blob), "The recovered recipe") for _, blob in rows]
        return Draft([label for label, _ in rows], recipes, int(facts.pop("position")), facts)
    except (sqlite3.Error, zlib.error, orjson.JSONDecodeError, TypeError, KeyError) as error:
        raise Problem(f"The journal {path.name} is damaged ({error}); the work in it cannot be recovered.") from None


def died_reading(path: Path) -> Path | None:
    """The image that was read when the session of a journal died, if one was."""
    with suppress(OSError):
        return Path(_note_of(path).read_text("utf-8", "surrogateescape"))
    return None


def discard(path: Path) -> None:
    """Delete a journal."""
    for name in (_note_of(path), path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)


def _note_of(path: Path) -> Path:
    return path.with_suffix(".reading")


def _pack(recipe: Recipe) -> bytes:
    return zlib.compress(recipe_file.dump(recipe), 1)


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=0)
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database


def _in_use(path: Path) -> bool:
    try:
        database = _open(path)
        try:
            database.execute("BEGIN EXCLUSIVE")
        finally:
            database.close()
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False
    return False
