"""Writing files so that a crash, a kill or a full disk leaves either the old file or the new one, never half of one."""

import errno
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from graingraph.engine.problem import Problem

TEMPORARY = ".graingraph.tmp"
"""How the name of a file ends while it is being written."""
RUN_STATE = ".graingraph"
"""The folder in which a run keeps what it needs to go on, in the folder of its results."""
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENOENT)
"""What no free space would help against."""
COARSEST_CLOCK_NS = 2_500_000_000
"""How far apart two writes are at least whose times differ on any file system (FAT notes every other second)."""

_NO_SIGN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)", re.IGNORECASE)

_hashes: dict[tuple[str, tuple[int, ...]], str] = {}
_umask = os.umask(0o077)
os.umask(_umask)  # it can only be read by setting it, which is safe while there is one thread


def why_impossible(name: str) -> str:
    """Why a file of this name cannot be on one system or another, in a few words; empty for one that can."""
    sign = _NO_SIGN.search(name)
    if sign:
        return f"no name on Windows can hold {sign.group()!r}"
    device = _DEVICE.match(name)
    if device:
        return f"Windows keeps {device.group(1)} for a device"
    return "Windows drops a dot or a blank at the end of a name" if name.endswith((".", " ")) else ""


def without_signs(name: str) -> str:
    """The name with _ for each sign that no name of a file can hold on one system or another."""
    return _NO_SIGN.sub("_", name)


def require_possible(path: Path) -> None:
    """Raise ``Problem`` where a new file or folder cannot have this name on some system: files are handed on."""
    why = why_impossible(path.name)
    if why:
        raise Problem(f"{path.name} is no name for a file: {why}; choose another name.")


def write_atomically(path: Path, data: bytes | Iterable[bytes], *, durable: bool = True) -> None:
    """Write to a temporary file in the same folder, flush it to the disk (``durable``), and rename it into place.

    Raises ``Problem`` naming the file when it cannot be written (no permission, disk full).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=TEMPORARY, dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for part in (data,) if isinstance(data, bytes) else data:
                    file.write(part)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            Path(temporary).chmod(_mode(path))
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        remedy = "choose another folder" if not_allowed(error) else "free some space or choose another folder"
        raise Problem(f"{path} cannot be written ({error.strerror or error}); {remedy}.") from None


def not_allowed(error: OSError) -> bool:
    """Whether a place cannot be written at all; elsewhere more space would help."""
    return error.errno in _NOT_ALLOWED


def _mode(path: Path) -> int:
    """The permissions of a file that is replaced, or those that the person's umask gives a new one."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0o666 & ~_umask


def remove_leftovers(*folders: Path, older_than: float = 3600.0) -> None:
    """Remove the temporary files that writing left in these folders when it was killed; ``older_than`` is in seconds.

    Younger ones may still be at work in another process.
    """
    for folder in folders:
        for path in folder.glob(f"*{TEMPORARY}"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > older_than:
                    path.unlink()


def remove_oldest(folder: Path, pattern: str, most: int, *, young_s: float = 0.0) -> int:
    """Remove the oldest files of this pattern while they take more than ``most`` bytes; how many bytes are left to it.

    Those that were written, or touched, less than ``young_s`` seconds ago stay. Another process may do so too.
    """
    files = []
    for path in folder.glob(pattern):  # with what was being written when a process was killed
        with suppress(OSError):
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                files.append((status.st_mtime, status.st_size, path))
    total, young = sum(size for _, size, _ in files), time.time() - young_s
    for modified, size, path in sorted(files):
        if total <= most or (young_s and modified > young):
            break
        with suppress(OSError):
            path.unlink()
        total -= size
    return most - total


def stamp(path: Path) -> tuple[int, ...]:
    """What the system notes of a file: equal as long as nobody writes to it or puts another in its place.

    Empty for a file that was written just now, as a clock may be too coarse to tell what follows from what was before.
    ``OSError`` without the file.
    """
    status = path.stat()
    if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < COARSEST_CLOCK_NS:
        return ()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def remembered_hash(path: Path) -> str:
    """The hash of a file's content, read again only when its stamp has changed. ``OSError`` without the file."""
    stamped = stamp(path)
    if not stamped:
        return hash_file(path)
    known = (str(path.absolute()), stamped)
    if known not in _hashes:
        _hashes[known] = hash_file(path)
    return _hashes[known]


class Busy(Problem):
    """Another process holds a lock."""


@contextmanager
def locked(path: Path, wait_s: float = 5.0) -> Iterator[None]:
    """Hold the lock that this (empty) file stands for, against every other process and thread on the machine.

    Raises ``Busy``, a ``Problem``, where another holds it for longer than ``wait_s``, ``OSError`` where the file cannot
    be made. Where the file system knows no locks there is none. The lock goes with the process that holds it.
    """
    with path.open("ab") as file:
        end = time.monotonic() + wait_s
        while not _take_lock(file.fileno()):
            if time.monotonic() > end:
                raise Busy(f"Another program is writing in {path.parent} and does not end; close it and try again.")
            time.sleep(0.01)
        try:
            yield
        finally:
            _give_lock(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _take_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
        return True

    def _give_lock(descriptor: int) -> None:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def sync_folder(folder: Path) -> None:
    """Make the names of files that were made in a folder survive a power cut too."""
    with suppress(OSError):  # Windows cannot open folders; it needs no such flush either
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def hash_bytes(*parts: bytes | memoryview) -> str:
    """The blake2b hash (128 bit, hexadecimal) of the parts in a row: the project's content hash."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """The content hash of a file."""
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()
