"""Files under a URL as files of this machine: fetched when they are needed, into a folder of the user that is bounded.

A file is known by its URL and by what its place says of it (size, and what changes with the content). So one that was
replaced is another file, and what was fetched once is not fetched again. Where a place says nothing that would change,
a file is fetched anew for every run.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

from graingraph.engine.files import hash_bytes, remove_oldest, without_signs, write_atomically
from graingraph.engine.place import Remote, Stated, without_login
from graingraph.engine.problem import Problem

MOST_BYTES = 20_000_000_000
"""How much of what was fetched is kept, unless the disk has less room than twice as much."""
MAX_FILE_BYTES = 8_000_000_000
YOUNG_S = 120.0
"""What was asked for less than so many seconds ago is not removed: somebody may be about to read it."""


def fetched_folder() -> Path:
    """Where fetched files are kept; nothing is lost if it is removed."""
    return platformdirs.user_cache_path("graingraph", False) / "remote"


@lru_cache(maxsize=64)
def remote_place(where: str) -> Remote:
    """The place under a URL, connected once for a process."""
    return Remote(where)


@dataclass(frozen=True)
class RemoteFile:
    """A file in the folder ``where`` (a URL, perhaps with a login), and what was said of it when it was looked at.

    ``beside`` are files that belong to it and are fetched with it.
    """

    where: str
    name: str
    stated: Stated
    beside: "tuple[RemoteFile, ...]" = ()

    @classmethod
    def looked_at(cls, where: str, name: str, stated: Stated | None = None) -> "RemoteFile":
        """The file as it is now, where ``stated`` does not say it. ``Missing`` where it is not there."""
        said = stated if stated is not None and stated.mark else remote_place(where).stated(name)
        return cls(where, name, said if said.mark else Stated(said.size, f"unknown {secrets.token_hex(8)}"))

    @property
    def url(self) -> str:
        """Its address, as it may be shown and written down."""
        return f"{without_login(self.where)}/{self.name}"

    @property
    def id(self) -> str:
        """What changes with the file, and with what belongs to it."""
        said = (self.url, str(self.stated.size), self.stated.mark, *(file.id for file in self.beside))
        return hash_bytes(*(hash_bytes(part.encode()).encode() for part in said))

    @property
    def path(self) -> Path:
        """Where it lies on this machine once it was fetched: in folders of the same names as there."""
        parts = urlsplit(self.where)
        names = [parts.hostname or "", *(unquote(part) for part in parts.path.split("/"))]
        folders = [without_signs(name) for name in names if name not in ("", ".", "..")][-2:]
        return fetched_folder().joinpath(self.id[:2], self.id, *folders, self.name)

    def fetch(self) -> Path:
        """The file on this machine.

        ``Problem`` where it is not there any more, is another by now, has arrived in part, or is too large.
        """
        target = self.path
        if target.is_file():
            with suppress(OSError):
                os.utime(target)
            return target
        for file in self.beside:
            file.download(target.with_name(file.name))
        self.download(target)  # the last: where it is, all is
        _keep_within(self.stated.size)
        return target

    def download(self, target: Path) -> None:
        """Write the file there, whole. Raises ``Problem`` as ``fetch`` does."""
        if self.stated.size > MAX_FILE_BYTES:
            raise Problem(f"{self.url} is larger than {MAX_FILE_BYTES // 10**9} GB; it was not fetched.")
        write_atomically(target, self._blocks(), durable=False)

    def _blocks(self) -> Iterator[bytes]:
        place, size = remote_place(self.where), 0
        for block in place.blocks(self.name):
            size += len(block)
            if size > MAX_FILE_BYTES:
                break
            yield block
        now = place.stated(self.name)
        if not size == now.size == self.stated.size or (now.mark and now.mark != self.stated.mark):
            raise Problem(f"{self.url} was changed or replaced after the run had begun; run it again.")


_until_looking = 0


def _keep_within(fetched: int) -> None:
    """Remove what was asked for longest ago, after so many bytes: looking at every file takes longer than fetching."""
    global _until_looking
    _until_looking -= fetched
    if _until_looking < 0:
        most = min(MOST_BYTES, shutil.disk_usage(fetched_folder()).free)
        left = remove_oldest(fetched_folder(), "??/*/**/*", most, young_s=YOUNG_S)
        _until_looking = max(0, min(most // 16, left))
