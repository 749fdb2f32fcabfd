"""A place for files: a folder or network share, or a URL (S3, SFTP, WebDAV, HTTP) through fsspec.

A library lies in one, and images and results may. A file is there with all its bytes, or not at all.
"""

import os
import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib.util import find_spec
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit, urlunsplit

from graingraph.engine.files import TEMPORARY, write_atomically
from graingraph.engine.problem import Problem

_WHOLE = ("s3", "gs", "abfs")
"""Where a file is there with all its bytes or not at all; elsewhere it is renamed when all of it has arrived."""
_NEEDS = {
    **{"s3": "s3fs", "gs": "gcsfs", "abfs": "adlfs", "sftp": "paramiko"},
    **dict.fromkeys(("webdav", "webdavs"), "webdav4"),
    **dict.fromkeys(("http", "https"), "aiohttp"),
}
"""The package that each kind of place takes besides fsspec."""
PROTOCOLS = tuple(_NEEDS)
"""What a URL may begin with."""
_BESIDES = ("gs", "abfs", "sftp")
"""Those of which the package is not installed with the others."""
_WEBDAV = ("webdav", "webdavs")
_LOGIN = (*_WEBDAV, "sftp", "http", "https")
"""To which one logs in by a name and a password; to others as their own programs are told."""
_READ_ONLY = ("http", "https")
_STATED = ("ETag", "etag", "LastModified", "Last-Modified", "last_modified", "modified", "updated", "mtime")
"""Where the kinds of places note that a file was changed; the first that one knows counts."""
_ONE_AT_A_TIME = ("sftp",)
"""Whose connection loses an answer where two threads ask together, so that one of them waits for ever."""
_REMEMBER = ("s3", "gs", "http", "https")
"""Where fsspec remembers what lay in a folder unless it is told not to; others take no such option."""
_BLOCK = 1 << 20
_AT_ONCE = 100
"""How many small files are asked for together."""


class Missing(Problem):
    """A file, or the whole place, is not there."""


class Stated(NamedTuple):
    """What a place says of a file: its size in bytes, and a text that changes with it; empty where it says nothing."""

    size: int
    mark: str = ""


class Place(Protocol):
    """A place for files, by names with ``/``. Every method raises ``Problem`` where the place cannot be reached."""

    url: str
    """As a person names the place, without a password."""

    def there(self) -> bool:
        """Whether there is such a place."""

    def is_empty(self) -> bool:
        """Whether nothing lies in it, but what is hidden."""

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder of the place, without the folder; none where there is no such folder."""

    def has(self, name: str) -> bool:
        """Whether a file is there."""

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of a file, block by block. ``Missing`` where it is not there."""

    def heads(self, names: Iterable[str], most: int) -> Iterator[tuple[str, bytes]]:
        """Small files with their content, of which at most so many bytes are read; those that are gone are left out."""

    def add(self, name: str, content: Path | bytes) -> None:
        """Add a file: it is there with all its bytes, or not at all."""


def place_at(where: str) -> Place:
    """The place that a person names, as a folder or a URL. ``Problem`` where the URL's kind is not known."""
    protocol, separator, _ = where.partition("://")
    if not separator or protocol == "file":
        return _Folder(Path(where.removeprefix("file://")).expanduser())
    return Remote(where)


def is_remote(where: str) -> bool:
    """Whether a person names a URL of a place elsewhere, and no file or folder of this machine."""
    return where.partition("://")[0] in PROTOCOLS and "://" in where


def without_login(url: str) -> str:
    """A URL as it may be shown and written down."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")


def _known_login(host: str) -> tuple[str, str] | None:
    """The user's name and password at a host, from the file that tells other programs (``~/.netrc``); None for none."""
    with suppress(OSError, NetrcParseError):
        found = netrc(os.environ.get("NETRC")).authenticators(host)
        return (found[0], found[2]) if found else None
    return None


class _Folder:
    """A folder, or a network share that the system has mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.url = folder, str(folder)

    def there(self) -> bool:
        with _reaching(self.url):
            return self._folder.exists()

    def is_empty(self) -> bool:
        with _reaching(self.url):
            return all(path.name.startswith(".") for path in self._folder.iterdir())

    def names(self, folder: str) -> list[str]:
        with _reaching(self.url):
            try:
                return sorted(path.name for path in (self._folder / folder).iterdir() if not path.name.startswith("."))
            except FileNotFoundError:
                return []

    def has(self, name: str) -> bool:
        with _reaching(self.url):
            return (self._folder / name).is_file()

    def blocks(self, name: str) -> Iterator[bytes]:
        with _reaching(self.url, name):
            yield from blocks_of(self._folder / name)

    def heads(self, names: Iterable[str], most: int) -> Iterator[tuple[str, bytes]]:
        with _reaching(self.url):
            for name in names:
                with suppress(FileNotFoundError), (self._folder / name).open("rb") as file:
                    yield name, file.read(most)

    def add(self, name: str, content: Path | bytes) -> None:
        write_atomically(self._folder / name, content if isinstance(content, bytes) else blocks_of(content))


class Remote:
    """A place under a URL, through fsspec and what it needs for the URL's kind. ``Problem`` for an unknown kind."""

    def __init__(self, url: str) -> None:
        protocol = url.partition("://")[0]
        if protocol not in PROTOCOLS:
            known = ", ".join(f"{one}://" for one in PROTOCOLS)
            raise Problem(f"{url[:200]} is no place that is known; name a folder, or a URL that begins with {known}.")
        parts = urlsplit(url)
        self.url = without_login(url)
        self._protocol = protocol
        self._turn = threading.RLock() if protocol in _ONE_AT_A_TIME else nullcontext()
        try:
            from fsspec.core import url_to_fs

            options: dict[str, Any] = {"use_listings_cache": False} if protocol in _REMEMBER else {}
            login = _known_login(parts.hostname or "") if protocol in _LOGIN and not parts.username else None
            if protocol in _WEBDAV:  # its file system wants the address that it talks to
                base = f"http{'s' if protocol == 'webdavs' else ''}://{parts.netloc.rpartition('@')[2]}"
                options = {
                    "base_url": base,
                    "auth": (parts.username, parts.password or "") if parts.username else login,
                }
                url = f"webdav://{parts.path.lstrip('/')}"
            elif login and protocol == "sftp":
                options = {"username": login[0], "password": login[1]}
            elif login:
                from aiohttp import BasicAuth

                options["client_kwargs"] = {"auth": BasicAuth(*login)}
            self._system, self._root = url_to_fs(url, skip_instance_cache=True, **options)
        except ImportError:
            lacking = _NEEDS[protocol] if find_spec("fsspec") else "fsspec"
            besides = f" {_NEEDS[protocol]}" if protocol in _BESIDES else ""
            raise Problem(
                f"{self.url} needs the package {lacking}; install it with: pip install 'graingraph[library]'{besides}"
            ) from None
        except Exception as error:
            raise _unreachable(self.url, error) from None

    @contextmanager
    def _asking(self, name: str = "") -> Iterator[None]:
        with self._turn, _reaching(self.url, name):
            yield

    def there(self) -> bool:
        """Whether there is such a place; an object store has only those in which something lies."""
        with self._asking():
            return bool(self._system.exists(self._root))

    def is_empty(self) -> bool:
        """Whether nothing lies in it, but what is hidden."""
        with self._asking():
            found = (
                str(one["name"]).rstrip("/").rpartition("/")[2] for one in self._system.ls(self._root, detail=True)
            )
            return all(name.startswith(".") for name in found)

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder of the place, but those that are hidden."""
        return sorted(name for name in self.listed(folder) if not name.startswith("."))

    def listed(self, folder: str = "") -> dict[str, Stated | None]:
        """What is said of each file in a folder, by name; None where a list does not tell (HTTP)."""
        with self._asking():
            try:
                found = self._system.ls(self._path(folder).rstrip("/"), detail=True)
            except FileNotFoundError:
                return {}
            named = ((str(one["name"]).rstrip("/").rpartition("/")[2], one) for one in found if one["type"] == "file")
            return {name: _stated(one) for name, one in named if name}

    def tree(self) -> dict[str, Stated | None]:
        """The same of all files below, by name with the folders."""
        with self._asking():
            try:
                found = self._system.find(self._root, detail=True)
            except FileNotFoundError:
                return {}
            root = self._system._strip_protocol(self._root).rstrip("/") + "/"
            named = {self._system._strip_protocol(str(path)): one for path, one in found.items()}
            return {path.removeprefix(root): _stated(one) for path, one in named.items() if path.startswith(root)}

    def stated(self, name: str) -> Stated:
        """What is said of a file. ``Missing`` where it is not there."""
        with self._asking(name):
            found = self._system.info(self._path(name))
            return _stated(found) or Stated(-1)

    def create(self, name: str, content: bytes) -> bool:
        """Add a file unless one of its name is there, and say whether it was added.

        An object store decides between two who do so at once; elsewhere look a little later who has written last.
        """
        if self.has(name):
            return False
        if self._protocol != "s3":
            self.add(name, content)
            return True
        with self._asking():
            try:
                self._system.pipe_file(self._path(name), content, mode="create")
            except FileExistsError:
                return False
            return True

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self._asking(), suppress(FileNotFoundError):
            self._system.rm_file(self._path(name))

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        with self._asking():
            return bool(self._system.exists(self._path(name)))

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of a file, block by block. ``Missing`` where it is not there."""
        with self._asking(name):
            file = self._system.open(self._path(name), "rb", block_size=_BLOCK)
        try:
            while True:
                with self._asking(name):
                    block = file.read(_BLOCK)
                if not block:
                    break
                yield block
        finally:
            with self._asking(name):
                file.close()

    def heads(self, names: Iterable[str], most: int) -> Iterator[tuple[str, bytes]]:
        """Small files with their content; those that are gone are left out."""
        waiting = list(names)
        with self._asking():
            for batch in (waiting[at : at + _AT_ONCE] for at in range(0, len(waiting), _AT_ONCE)):
                paths = [self._path(name) for name in batch]
                found = self._system.cat_ranges(paths, [0] * len(paths), [most] * len(paths), on_error="return")
                for name, content in zip(batch, found, strict=True):
                    if isinstance(content, bytes):
                        yield name, content[:most]
                    elif not isinstance(content, FileNotFoundError):
                        raise content

    def add(self, name: str, content: Path | bytes) -> None:
        """Add a file: it is there with all its bytes, or not at all."""
        if self._protocol in _READ_ONLY:
            raise Problem(f"{self.url} can only be read; write into the folder or store that it shows.")
        path = self._path(name)
        with self._asking():
            if self._protocol in _WHOLE:
                self._put(path, content)
                return
            folder, _, last = path.rpartition("/")
            self._system.makedirs(folder, exist_ok=True)
            temporary = f"{folder}/.{last}.{secrets.token_hex(4)}{TEMPORARY}"
            self._put(temporary, content)
            self._rename(temporary, path)

    def _rename(self, path: str, target: str) -> None:
        """Give a file another name at once, also where a file of that name is replaced."""
        if self._protocol in _WEBDAV:  # what its file system calls mv is a copy, and refuses to replace
            self._system.client.move(self._system._strip_protocol(path), self._system._strip_protocol(target), True)
        else:
            self._system.mv(path, target)

    def _put(self, path: str, content: Path | bytes) -> None:
        if isinstance(content, bytes):
            self._system.pipe_file(path, content)
        else:
            self._system.put_file(str(content), path)

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"


def blocks_of(path: Path) -> Iterator[bytes]:
    """The content of a file of this machine, block by block."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _stated(found: dict[str, Any]) -> Stated | None:
    """What a place says of a file as its system gives it; None where it does not know the size."""
    size = found.get("size")
    if not isinstance(size, int):
        return None
    return Stated(size, next((str(found[key]) for key in _STATED if found.get(key) is not None), ""))


@contextmanager
def _reaching(url: str, name: str = "") -> Iterator[None]:
    """Turn what goes wrong on the way to a place, or to a file in it, into a ``Problem``."""
    try:
        yield
    except Problem:
        raise
    except FileNotFoundError:
        raise Missing(f"There is no {name or 'such file'} in {url}; check the name.") from None
    except Exception as error:  # each kind of place has errors of its own
        raise _unreachable(url, error) from None


def _unreachable(url: str, error: Exception) -> Problem:
    """That a place cannot be reached; a login is told by where it may stand, as no password is written down."""
    login = url.partition("://")[0] in _LOGIN
    remedy = "the network and your login, in the URL or in ~/.netrc" if login else "the network and your rights"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    reason = re.sub(r"\s+", " ", str(reason))[:200]
    return Problem(f"{url} cannot be reached ({reason}); check the address, {remedy}.")
