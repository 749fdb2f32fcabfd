"""Keeping results: in memory, least recently used out first; on disk, for what takes longer to make than to read.

Entries are the outputs of one node (by pin name) under the node's structural key. Two who need the same key at the
same time share one computation.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from graingraph.engine.files import remove_oldest, write_atomically
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.values import Value
from graingraph.engine.values.packing import Damaged, pack, unpack

Outputs = Mapping[str, Value]


class MemoryCache:
    """Outputs by key, within ``budget`` bytes. Larger than the whole budget is not kept."""

    def __init__(self, budget: int = 2_000_000_000) -> None:
        self.budget = budget
        self.used = 0
        self._entries: OrderedDict[str, tuple[Outputs, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Outputs | None:
        """The outputs under this key, now the most recently used; None on a miss."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def put(self, key: str, outputs: Outputs) -> None:
        """Keep these outputs, dropping the least recently used ones to stay within the budget."""
        size = sum(value.nbytes for value in outputs.values())
        with self._lock:
            if key in self._entries:
                self.used -= self._entries.pop(key)[1]
            if size > self.budget:
                return
            self._entries[key] = (outputs, size)
            self.used += size
            while self.used > self.budget:
                self.used -= self._entries.popitem(last=False)[1][1]

    def drop(self, key: str) -> None:
        """Forget the outputs under this key, if they are there."""
        with self._lock:
            self.used -= self._entries.pop(key, ({}, 0))[1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self.used = 0


class DiskCache:
    """Outputs by key as files in ``folder``, within ``budget`` bytes (oldest out first). A damaged file is a miss.

    What is not there is looked for in ``behind``, where nothing is ever written or removed from here. ``written`` gets
    the path of every file that is added, where somebody wants to know.
    """

    def __init__(self, folder: Path, budget: int = 10_000_000_000, behind: "DiskCache | None" = None) -> None:
        self.folder = folder
        self.budget = budget
        self.behind = behind
        self.written: list[Path] | None = None
        self._until_pruning = 0

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"

    def __contains__(self, key: str) -> bool:
        with suppress(OSError):  # a folder that may not be looked into
            if self._path(key).is_file():
                return True
        return self.behind is not None and key in self.behind

    def has_of_other_code(self, made_of: str) -> bool:
        """Whether there are outputs that were made of the same, by whatever code (keys begin with what they are of)."""
        with suppress(OSError):
            if any((self.folder / made_of[:2]).glob(f"{made_of}-*.npz")):
                return True
        return self.behind is not None and self.behind.has_of_other_code(made_of)

    def get(self, key: str) -> Outputs | None:
        """Read the outputs under this key; None if they are not there or damaged."""
        try:
            return unpack(self._path(key).read_bytes())
        except (OSError, Damaged):
            return self.behind.get(key) if self.behind is not None else None

    def put(self, key: str, outputs: Outputs) -> None:
        """Write the outputs; a full disk only means that they are not kept."""
        try:
            data = pack(dict(outputs))
        except TypeError as error:  # a value type of a plug-in whose fields need a codec
            logging.getLogger(__name__).warning("A result is not kept on disk: %s.", error)
            return
        try:
            write_atomically(self._path(key), data, durable=False)
        except Problem:
            return
        if self.written is not None:
            self.written.append(self._path(key))
        self._until_pruning -= len(data)
        if self._until_pruning < 0:
            self._prune()

    def _prune(self) -> None:
        """Remove the oldest files; look again when an eighth of the budget, or all that is left, has been written.

        Looking at every file after every write would take longer than the work in a batch of ten thousand images.
        """
        left = remove_oldest(self.folder, "*/*", self.budget)
        self._until_pruning = min(self.budget // 8, left)


class InFlight:
    """One computation per key at a time; whoever comes second waits for the first one's result."""

    def __init__(self) -> None:
        self._running: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def share(
        self,
        key: str,
        find: Callable[[], Outputs | None],
        compute: Callable[[], Outputs],
        cancelled: Callable[[], bool],
    ) -> Outputs:
        """Return ``find()`` if it has the outputs, else compute them, unless somebody is already doing so."""
        while True:
            with self._lock:
                event = self._running.get(key)
                if event is None:
                    found = find()
                    if found is not None:
                        return found
                    self._running[key] = threading.Event()
                    break
            while not event.wait(0.05):
                if cancelled():
                    raise Cancelled
        try:
            return compute()
        finally:
            with self._lock:
                self._running.pop(key).set()
