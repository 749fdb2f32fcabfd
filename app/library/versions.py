"""Versions of recipes and models in a library: published once, never changed, found again by name and by id.

A version is a small record in ``versions``, named by the hash of its own bytes, that names files in ``objects`` by the
hash of theirs. There is no list of them: it is what lies in the folder. So nothing that two people write at once is
lost, whether the place is a folder or a store that knows no locks, and a byte that was changed is noticed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Literal

import orjson

from graingraph.engine.files import hash_bytes, hash_file, write_atomically
from graingraph.engine.place import Missing, Place, blocks_of
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.release import policy
from graingraph.engine.values.wording import counted, near_to

FORMAT = "graingraph library version"
VERSION = 1
RECORDS, OBJECTS = "versions", "objects"
MAX_RECORD_BYTES = 64_000
MAX_OBJECT_BYTES = 20_000_000_000
MAX_PICTURE_BYTES = 5_000_000
MAX_TEXT = 4000
"""Characters of a name, note or description."""
SHOWN = 8
"""Characters of an id that are shown; fewer than all are enough wherever an id is asked for."""

_ID = re.compile(r"[0-9a-f]{32}")
_OBJECT = re.compile(r"[0-9a-f]{32}(\.[a-z0-9]{1,10})?")
_PART = r"[^/\\<>:\"|?*\x00-\x1f.][^/\\<>:\"|?*\x00-\x1f]{0,199}"
_FILE = re.compile(rf"{_PART}(/{_PART}){{0,8}}")
_NAME = re.compile(_PART.replace("199", "79"))
"""A name is that of a file too, and of one line."""

Kind = Literal["recipe", "model"]


class Newer(Problem):
    """Somebody has published since the version that this one was made from; ``since`` are those versions."""

    def __init__(
        self, message: str, since: tuple["Version", ...] = (), *, node: str | None = None, image: str | None = None
    ) -> None:
        super().__init__(message, node=node, image=image)
        self.since = since


@dataclass(frozen=True)
class Version:
    """What a library says of a version.

    ``files`` are the objects that it is made of, by the names that they get when it is fetched, the first of them the
    one to open; ``more`` are objects beside it: "recipe" (its JSON alone), "thumbnail" (PNG) and "report". ``after`` is
    the id of the version that it was made from; ``date`` is UTC, as ISO 8601 writes it.
    """

    id: str
    name: str
    kind: Kind
    author: str
    date: str
    files: Mapping[str, str]
    note: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    after: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """As much of its id as is shown."""
        return self.id[:SHOWN]

    @property
    def day(self) -> str:
        """When it was published, to the minute."""
        return self.date[:16].replace("T", " ")

    def holds(self, words: Iterable[str]) -> bool:
        """Whether each of these words is somewhere in what it says of itself."""
        said = " ".join((self.name, self.kind, self.author, self.note, self.description, *self.tags)).casefold()
        return all(word.casefold() in said for word in words)


@dataclass(frozen=True)
class Draft:
    """What is to be published: the files of a version by name, and what lies beside them, as paths or bytes."""

    name: str
    kind: Kind
    files: Mapping[str, Path | bytes]
    more: Mapping[str, tuple[str, Path | bytes]] = field(default_factory=dict)
    """By what it is: the name of its file, and its content."""
    description: str = ""


class Library:
    """The versions in a place; ``cache`` is a folder of the user where records and objects are kept by their hash."""

    def __init__(self, place: Place, cache: Path) -> None:
        self.place, self._cache = place, cache

    # whether it is one -------------------------------------------------------------------------------------------

    def missing(self) -> str:
        """What speaks against there being a library, as a sentence; empty where there is one, or an empty place.

        Raises ``Problem`` where the place cannot be reached.
        """
        if self.place.names(RECORDS):
            return ""
        if not self.place.there():
            return f"There is nothing at {self.place.url} yet."
        return "" if self.place.is_empty() else f"{self.place.url} holds other things and no library."

    def require_there(self) -> None:
        """Raise ``Problem`` where there is no library to look into."""
        if sentence := self.missing():
            raise Problem(f"{sentence} Check the name.")

    # looking -----------------------------------------------------------------------------------------------------

    def versions(self) -> list[Version]:
        """Every version, each after the one that it was made from, else by date. Raises ``Problem``.

        A record that is damaged, or of a newer program, is passed over: others must not suffer from it.
        """
        ids = [name.removesuffix(".json") for name in self.place.names(RECORDS) if name.endswith(".json")]
        ids = [one for one in ids if _ID.fullmatch(one)]
        found = {one: data for one in ids if (data := self._cached(f"{one}.json")) is not None}
        wanted = {f"{RECORDS}/{one}.json": one for one in ids if one not in found}
        for name, data in self.place.heads(wanted, MAX_RECORD_BYTES + 1):
            if hash_bytes(data) == wanted[name]:
                found[wanted[name]] = data
                self._keep(f"{wanted[name]}.json", data)
        return _in_order(version for one, data in found.items() if (version := _parse(one, data)) is not None)

    def newest(self, words: Iterable[str] = ()) -> list[Version]:
        """The newest version of each recipe and model of which it holds these words, by name."""
        words = list(words)
        last = {version.name: version for version in self.versions()}
        return sorted((one for one in last.values() if one.holds(words)), key=lambda one: one.name.casefold())

    def history(self, name: str) -> list[Version]:
        """The versions of a recipe or model, oldest first. ``Problem`` where there is none of this name."""
        every = self.versions()
        found = [version for version in every if version.name == name]
        if not found:
            names = sorted({version.name for version in every})
            meant = near_to(name, names) or f" It has {(', '.join(names) or 'nothing')[:300]}."
            raise Problem(f"There is no {name} in {self.place.url}.{meant}")
        return found

    def find(self, wanted: str) -> Version:
        """The version that a person means by ``NAME`` (the newest) or ``NAME@ID`` (the first letters are enough)."""
        name, at, start = wanted.rpartition("@")
        if not at or not re.fullmatch(r"[0-9a-f]+", start):
            return self.history(wanted)[-1]
        found = [version for version in self.history(name) if version.id.startswith(start)]
        if not found:
            raise Problem(f"No version of {name} begins with {start}.")
        if len(found) > 1:
            raise Problem(f"More than one version of {name} begins with {start}.")
        return found[0]

    # fetching ----------------------------------------------------------------------------------------------------

    def recipe(self, version: Version) -> Recipe:
        """The recipe of a version, without its models. ``Problem`` where it is of a model."""
        if "recipe" not in version.more:
            raise Problem(f"{version.name} is a model and no recipe.")
        data = self.object(version.more["recipe"], recipe_file.MAX_BYTES).read_bytes()
        return recipe_file.parse(data, version.name)

    def thumbnail(self, version: Version) -> Path | None:
        """The picture of a version (PNG) as a file in the cache; None for none. Raises ``Problem``."""
        stored = version.more.get("thumbnail")
        return self.object(stored, MAX_PICTURE_BYTES) if stored else None

    def object(self, name: str, most: int = MAX_OBJECT_BYTES) -> Path:
        """An object of at most so many bytes as a file in the cache, checked against its hash. Raises ``Problem``."""
        target = self._cache / name
        digest = name.partition(".")[0]
        if target.is_file() and hash_file(target) == digest:
            return target
        write_atomically(target, self._checked(name, digest, most))
        return target

    def _checked(self, name: str, digest: str, most: int) -> Iterable[bytes]:
        found, size = blake2b(digest_size=16), 0
        try:
            for block in self.place.blocks(f"{OBJECTS}/{name}"):
                found.update(block)
                size += len(block)
                if size > most:
                    raise Problem(
                        f"The file {name} in {self.place.url} is larger than any such file; it was not fetched."
                    )
                yield block
        except Missing:
            raise Problem(f"The library {self.place.url} lacks a file of this version; publish it again.") from None
        if found.hexdigest() != digest:
            raise Problem(f"The file {name} in {self.place.url} is damaged; publish the version again.")

    def policy(self) -> bytes | None:
        """The policy at the root of the library, which holds for all of it; None for none. Raises ``Problem``."""
        if not self.place.has(policy.FILE):
            return None
        data = b"".join(islice(self.place.blocks(policy.FILE), 2))
        if len(data) > policy.MAX_BYTES:
            raise Problem(f"The policy of {self.place.url} is too large to be one; mend it before anything runs.")
        return data

    def fetch(self, version: Version, folder: Path) -> Path:
        """Put the files of a version into a folder, and return the one to open.

        ``Problem`` where a file of such a name is there and is another.
        """
        targets = {folder / PurePosixPath(name): name for name in version.files}
        for path, name in targets.items():
            if path.exists() and not (path.is_file() and hash_file(path) == version.files[name].partition(".")[0]):
                raise Problem(f"{path} is there already and is another; choose another folder.")
        for path, name in targets.items():
            if not path.exists():
                write_atomically(path, blocks_of(self.object(version.files[name])))
        return next(iter(targets))

    # publishing --------------------------------------------------------------------------------------------------

    def publish(
        self,
        draft: Draft,
        *,
        author: str,
        note: str = "",
        tags: Iterable[str] | None = None,
        after: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Version:
        """Add a version and return it; the record comes last, so that what it names is there.

        ``after`` is the id of the version that it was made from: ``Newer`` where that is not the newest any more. None
        takes the newest. ``tags`` are those of the newest unless given. ``Problem`` where the newest is the same,
        something is too long, or the place cannot be written.
        """
        earlier = [version for version in self.versions() if version.name == draft.name]
        if earlier and earlier[-1].kind != draft.kind:
            raise Problem(f"{draft.name} is a {earlier[-1].kind} in {self.place.url}; choose another name with --name.")
        if after is not None and earlier and earlier[-1].id != after:
            at = next((place for place, one in enumerate(earlier) if one.id == after), -1)
            since = tuple(earlier[at + 1 :])
            who = ", ".join(dict.fromkeys(one.author for one in since))
            newer = counted(len(since), "newer version")
            raise Newer(f"{draft.name} has {newer} by {who}; look at what changed first.", since)
        objects = {name: _object_name(name, content) for name, content in draft.files.items()}
        if earlier and earlier[-1].files == objects:
            raise Problem(f"This is the version {earlier[-1].short} of {draft.name}, which is there already.")
        more = {what: _object_name(name, content) for what, (name, content) in draft.more.items()}
        said = {
            "name": draft.name,
            "kind": draft.kind,
            "author": author,
            "date": now().astimezone(UTC).isoformat(timespec="microseconds"),
            "files": objects,
            "note": note,
            "description": draft.description[:MAX_TEXT],
            "tags": sorted(set(tags) if tags is not None else set(earlier[-1].tags if earlier else ())),
            "after": earlier[-1].id if earlier else "",
            "more": more,
        }
        document = {"format": FORMAT, "version": VERSION, **said}
        record = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        version = _parse(hash_bytes(record), record)
        if version is None:
            raise Problem("The name, the note or the tags cannot be kept as they are; make them shorter and plain.")
        contents = {objects[name]: content for name, content in draft.files.items()}
        contents |= {more[what]: content for what, (_, content) in draft.more.items()}
        for name, content in contents.items():
            if not self.place.has(f"{OBJECTS}/{name}"):
                self.place.add(f"{OBJECTS}/{name}", content)
        self.place.add(f"{RECORDS}/{version.id}.json", record)
        return version

    # the cache ---------------------------------------------------------------------------------------------------

    def _cached(self, name: str) -> bytes | None:
        try:
            data = (self._cache / name).read_bytes()
        except OSError:
            return None
        return data if hash_bytes(data) == name.removesuffix(".json") else None

    def _keep(self, name: str, data: bytes) -> None:
        with suppress(Problem):  # on a full disk it is read again the next time
            write_atomically(self._cache / name, data, durable=False)


def _object_name(name: str, content: Path | bytes) -> str:
    """What a file is called among the objects: the hash of its content, and its ending."""
    digest = hash_bytes(content) if isinstance(content, bytes) else hash_file(content)
    ending = PurePosixPath(name).suffix.lower()
    return digest + ending if _OBJECT.fullmatch(digest + ending) else digest


def _parse(one: str, data: bytes) -> Version | None:
    """The version in a record; None where it is damaged, would lead elsewhere, or is of a newer program."""
    try:
        document = orjson.loads(data)
        if len(data) > MAX_RECORD_BYTES or document["format"] != FORMAT or document["version"] > VERSION:
            return None
        texts = {key: document[key] for key in ("name", "kind", "author", "date", "note", "description", "after")}
        files, more, tags = document["files"], document["more"], document["tags"]
        datetime.fromisoformat(texts["date"])
        sound = (
            all(isinstance(text, str) and len(text) <= MAX_TEXT for text in (*texts.values(), *tags))
            and bool(_NAME.fullmatch(texts["name"]))
            and texts["kind"] in ("recipe", "model")
            and isinstance(tags, list)
            and bool(files)
            and all(_FILE.fullmatch(name) for name in files)
            and all(_OBJECT.fullmatch(name) for name in (*files.values(), *more.values()))
            and (not texts["after"] or bool(_ID.fullmatch(texts["after"])))
        )
        return Version(one, files=files, more=more, tags=tuple(tags), **texts) if sound else None
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _in_order(versions: Iterable[Version]) -> list[Version]:
    """By date, but each after the one that it was made from: clocks of several machines disagree."""
    by_id = {version.id: version for version in versions}
    ranks: dict[str, tuple[str, int]] = {}
    for version in by_id.values():
        line = [version]
        while line[-1].id not in ranks and line[-1].after in by_id and len(line) <= len(by_id):
            line.append(by_id[line[-1].after])
        for one in reversed(line):
            before = ranks.get(one.after, ("", 0))
            ranks.setdefault(one.id, max((one.date, 0), (before[0], before[1] + 1)))
    return sorted(by_id.values(), key=lambda version: (*ranks[version.id], version.id))
