"""An output folder under a URL: worked on in a copy on this machine, which is brought up to date there as it grows.

At the beginning, what earlier runs have left there is fetched into the copy; whatever else lies there is none of ours
and stays as it is. Every finished image is sent at once, its row first: the row names the files that follow, so whose
they are is known after a kill too, and a run on another machine goes on from there. The rest follows in the end, the
manifest last. One run at a time has the place: an object there says whose it is, and is renewed while the run is alive.
"""

import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import platformdirs

from graingraph.engine.account import account
from graingraph.engine.batch.output import FILE_NAME, MANIFEST, OutputFolder, another_run, ledger_line, this_run
from graingraph.engine.files import RUN_STATE, TEMPORARY, hash_bytes, write_atomically
from graingraph.engine.place import Missing, Stated, without_login
from graingraph.engine.problem import Problem
from graingraph.engine.remote_files import RemoteFile, remote_place

SHARED = tuple(f"{RUN_STATE}/{name}/" for name in ("rows", "tables", "results", "written"))
"""What of a run's state another machine needs to go on."""
_SENT = "sent.jsonl"
LOCK = f"{RUN_STATE}/at_work.json"
MAX_LOCK_BYTES = 10_000
BEAT_S = 5.0
"""How often (s) a run says that it is alive."""
SILENT_S = 20.0
"""How long (s) a run has to be silent to count as dead."""
KEPT_S = 30 * 24 * 3600.0
"""How long (s) a copy is kept, so that the next run need not fetch it."""
AT_ONCE = 8
"""How many files are under way together."""
_Note = tuple[tuple[int, int], Stated]
"""Size and time of a file of the copy, and what was said of it where it was sent."""
_Sent = Mapping[str, list[_Note]]


@dataclass(frozen=True)
class RemoteOutput:
    """The output folder under the URL ``where``.

    ``foreign`` are the names (in small letters) of what lies there and is none of ours. ``passing``: nothing that was
    sent is kept on this machine.
    """

    where: str
    foreign: frozenset[str] = field(default=frozenset(), repr=False)
    passing: bool = False

    @property
    def url(self) -> str:
        """Its address, as it may be shown."""
        return without_login(self.where)

    @property
    def folder(self) -> Path:
        """The copy of it on this machine."""
        return _copies() / hash_bytes(self.url.encode())

    def pull(self) -> "RemoteOutput":
        """Bring the copy up to date with what runs have left there, and say what else is. Raises ``Problem``."""
        there = remote_place(self.where).tree()
        sent = _sent(self.folder)
        for name in [name for name in sent if name not in there]:
            (self.folder / name).unlink(missing_ok=True)  # somebody has removed it
        self._fetch_changed({n: s for n, s in there.items() if n == MANIFEST or n.startswith(SHARED)}, sent)
        self._learn_from_rows()
        known = OutputFolder(self.folder, self.folder / RUN_STATE).known
        files = {name: stated for name, stated in there.items() if not name.startswith(f"{RUN_STATE}/")}
        self._fetch_changed({name: stated for name, stated in files.items() if name.casefold() in known}, sent)
        foreign = (name.casefold() for name in files if name != MANIFEST and name.casefold() not in known)
        return replace(self, foreign=frozenset(foreign))

    def push(self, names: Iterable[str]) -> None:
        """Send these files of the copy, in this order. Raises ``Problem``."""
        place = remote_place(self.where)
        for name in names:
            path = self.folder / name
            try:
                status = path.stat()
                place.add(name, path)
            except (FileNotFoundError, Missing):  # a result of several images, which another worker here has sent
                continue
            if self.passing:
                path.unlink(missing_ok=True)
            else:
                self._note(name, status, place.stated(name))

    def fetch(self, names: Iterable[str]) -> None:
        """Fetch files that a worker has sent and that are not in the copy. Raises ``Problem``."""
        missing = dict.fromkeys(name for name in names if not (self.folder / name).is_file())
        self._fetch_changed(missing, {})

    def finish(self) -> None:
        """Send all that is new in the copy, the manifest last, and remove there what was removed in the copy."""
        sent, place = _sent(self.folder), remote_place(self.where)
        here = _shared(self.folder)
        new = [name for name, path in here.items() if not _is_sent(path, sent.get(name, ()))]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda name: self.push([name]), [name for name in new if name != MANIFEST]))
        self.push(name for name in new if name == MANIFEST)
        for name in [name for name in sent if name not in here]:
            with suppress(Missing):
                if place.stated(name) in [stated for _, stated in sent[name]]:  # nobody has changed it since
                    place.remove(name)
        self._tidy(list(here), _sent(self.folder))

    # the copy --------------------------------------------------------------------------------------------------------

    def _fetch_changed(self, wanted: Mapping[str, Stated | None], sent: _Sent) -> None:
        def fetch(name: str) -> None:
            path, stated = self.folder / name, wanted[name]
            if _is_sent(path, [one for one in sent.get(name, ()) if one[1] == stated]):
                return
            with suppress(Missing):
                file = RemoteFile.looked_at(self.where, name, stated)
                file.download(path)
                self._note(name, path.stat(), file.stated)

        names = [name for name in wanted if FILE_NAME.fullmatch(name.removeprefix(f"{RUN_STATE}/"))]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(fetch, names))

    def _learn_from_rows(self) -> None:
        """Note as written by a run what rows name: their files may have followed or not."""
        lines = []
        for path in (self.folder / RUN_STATE / "rows").glob("*.json"):
            with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
                files = orjson.loads(path.read_bytes())["row"]["Files"]
                lines += [ledger_line(str(name), str(digest)) for name, digest in files.items()]
        write_atomically(self.folder / RUN_STATE / "written" / "rows.jsonl", b"".join(lines), durable=False)

    # what was sent -----------------------------------------------------------------------------------------------

    def _note(self, name: str, status: os.stat_result, stated: Stated) -> None:
        """Note that a file of the copy is there as it is; several processes may add lines at once."""
        notes = self.folder / RUN_STATE / _SENT
        line = _note_line(name, ((status.st_size, status.st_mtime_ns), stated))
        try:
            notes.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            with os.fdopen(descriptor, "ab", buffering=0) as file:
                file.write(line)
        except OSError as error:
            raise Problem(f"{notes} cannot be written ({error.strerror}); free some space.") from None

    def _tidy(self, names: Iterable[str], sent: _Sent) -> None:
        lines = [_note_line(name, sent[name][-1]) for name in names if name in sent]
        write_atomically(self.folder / RUN_STATE / _SENT, b"".join(lines), durable=False)

    # whose it is -------------------------------------------------------------------------------------------------

    @contextmanager
    def owned(self) -> Iterator[Callable[[], bool]]:
        """Keep every other run out of the place; gives what tells that another has taken it nevertheless.

        ``Problem`` where another run is at work in it. One that has been silent is dead, and its place is taken.
        """
        place, token = remote_place(self.where), secrets.token_hex(8)
        said = {**this_run(), "by": account(), "token": token}
        before = self._owner()
        taken = place.create(LOCK, _beat(said, 0)) if not before else self._is_dead(before)
        if taken and before:
            place.add(LOCK, _beat(said, 0))
        if self._owner().get("token") != token:
            raise self._taken(self._owner())
        ended, lost = threading.Event(), threading.Event()

        def live() -> None:
            beat = 0
            while not ended.wait(BEAT_S):
                beat += 1
                with suppress(Problem):  # a network that is gone for a while
                    if self._owner().get("token") != token:
                        lost.set()
                        return
                    place.add(LOCK, _beat(said, beat))

        living = threading.Thread(target=live, name="owner", daemon=True)
        living.start()
        try:
            yield lost.is_set
        finally:
            ended.set()
            living.join(BEAT_S)
            with suppress(Problem):
                if not lost.is_set():
                    place.remove(LOCK)

    def require_owned(self) -> None:
        """Raise a ``Problem`` where the place cannot be reached from here, or no run has it."""
        if not self._owner():
            raise Problem(f"No run is at work in {self.url}.")

    def _owner(self) -> dict[str, Any]:
        """What the object says of the run that has the place; empty where there is none."""
        for _, data in remote_place(self.where).heads([LOCK], MAX_LOCK_BYTES):  # at once: it is renewed all the time
            with suppress(ValueError):
                document = orjson.loads(data)
                return document if isinstance(document, dict) else {"token": ""}
        return {}

    def _is_dead(self, owner: Mapping[str, Any]) -> bool:
        """Whether a run is alive no more: its process is gone, or it renews nothing (clocks are not compared)."""
        if owner.get("host") == socket.gethostname() and not _is_process(owner.get("process")):
            return True
        end = time.monotonic() + SILENT_S
        while time.monotonic() < end:
            time.sleep(BEAT_S / 5)
            now = self._owner()
            if now != owner:
                return not now
        return True

    def _taken(self, owner: Mapping[str, Any]) -> Problem:
        who = ", ".join(f"{what} {owner[what]}" for what in ("by", "process", "host", "since") if what in owner)
        return another_run(who, self.url)


def remove_old_copies() -> None:
    """Remove the copies that nobody has worked in for long and of which everything was sent."""
    for notes in _copies().glob(f"*/{RUN_STATE}/{_SENT}"):
        with suppress(OSError):
            folder = notes.parents[1]
            if time.time() - notes.stat().st_mtime > KEPT_S:
                sent = _sent(folder)
                files = {n: path for n, path in _shared(folder).items() if not n.startswith(f"{RUN_STATE}/written/")}
                if all(_is_sent(path, sent.get(name, ())) for name, path in files.items()):
                    shutil.rmtree(folder)


def _copies() -> Path:
    return platformdirs.user_data_path("graingraph", False) / "outputs"


def _shared(folder: Path) -> dict[str, Path]:
    """The files in a copy that belong to where it is sent, by name."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        mine = name.startswith(f"{RUN_STATE}/") and not name.startswith(SHARED)
        if not mine and not name.endswith(TEMPORARY) and path.is_file():
            found[name] = path
    return found


def _sent(folder: Path) -> _Sent:
    """What was noted of a copy, by name."""
    found: dict[str, list[_Note]] = {}
    with suppress(OSError):
        for line in (folder / RUN_STATE / _SENT).read_bytes().splitlines():
            with suppress(ValueError, TypeError):
                name, (size, modified), stated = orjson.loads(line)
                found.setdefault(name, []).append(((size, modified), Stated(*stated)))
    return found


def _note_line(name: str, note: _Note) -> bytes:
    (size, modified), stated = note
    return orjson.dumps([name, [size, modified], [*stated]], option=orjson.OPT_APPEND_NEWLINE)


def _is_sent(path: Path, noted: Iterable[_Note]) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    return any(local == (status.st_size, status.st_mtime_ns) for local, _ in noted)


def _beat(said: Mapping[str, Any], beat: int) -> bytes:
    return orjson.dumps({**said, "beat": beat})


def _is_process(number: Any) -> bool:
    """Whether a process of this number runs on this machine; where that cannot be told, it does."""
    if os.name != "posix" or not isinstance(number, int):
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
