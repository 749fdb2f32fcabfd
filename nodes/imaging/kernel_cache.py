"""Where compiled kernels are kept from one start to the next, also where the program's folder cannot be written.

Numba keeps them beside the source, or in the person's cache folder. Where neither can be written (a container without
a home, a program that is read only) it would refuse to be imported, so a folder is found for it.
"""

import os
import stat
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

VARIABLE = "NUMBA_CACHE_DIR"


def find_a_place() -> None:
    """Name a folder for Numba's cache in the environment, if it finds none by itself. Before Numba is imported."""
    if not os.environ.get(VARIABLE) and not _writable(Path(__file__).parent) and not _writable(_own_folder()):
        os.environ[VARIABLE] = str(_temporary())
        if "numba" in sys.modules:  # somebody else has imported it, and it has read its variables
            sys.modules["numba"].config.CACHE_DIR = os.environ[VARIABLE]


def is_empty() -> bool:
    """Whether nothing is kept for this program's kernels yet, so that measuring first compiles them (some 10 s)."""
    named, package = os.environ.get(VARIABLE), Path(__file__).parent
    folders = [Path(named)] if named else [package, _own_folder() / "numba"]
    sources = {path.stem for path in package.rglob("*.py")}
    kept = (path for folder in folders if folder.is_dir() for path in folder.rglob("*.nbi"))
    return not any(path.name.split(".")[0] in sources for path in kept)


def is_compiling() -> bool:
    """Whether this process is compiling a kernel just now; what began before this was first asked is not known of."""
    events = sys.modules.get("numba.core.event")
    is_loaded = hasattr(events, "Listener")  # not so while another thread imports it
    if is_loaded and not _Compilations.watched:
        _watch(events)
    return _Compilations.running > 0


class _Compilations:
    """How many run, since Numba is there and tells of them."""

    watched = False
    running = 0
    lock = threading.Lock()


def _watch(events: Any) -> None:
    class Watch(events.Listener):
        def on_start(self, event: Any) -> None:
            with _Compilations.lock:
                _Compilations.running += 1

        def on_end(self, event: Any) -> None:
            with _Compilations.lock:
                _Compilations.running = max(0, _Compilations.running - 1)

    _Compilations.watched = True
    events.register("numba:compile", Watch())


def _own_folder() -> Path:
    """Where Numba would keep what it compiles for this person."""
    variable, otherwise = ("LOCALAPPDATA", "~") if os.name == "nt" else ("XDG_CACHE_HOME", "~/.cache")
    return Path(os.path.expanduser(os.environ.get(variable) or otherwise))  # noqa: PTH111 (a user without home is fine)


def _writable(folder: Path) -> bool:
    """Whether a folder can be written, or made in the nearest one above it that is there."""
    if not folder.is_absolute():  # nobody knows a home for this user
        return False
    there = next((place for place in (folder, *folder.parents) if place.exists()), None)
    return there is not None and os.access(there, os.W_OK | os.X_OK)


def _temporary() -> Path:
    """A folder that is this user's alone: what is read from it is code."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"graingraph-kernels-{user}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
        own = not hasattr(os, "getuid") or (facts.st_uid == user and not facts.st_mode & 0o077)
        if own and stat.S_ISDIR(facts.st_mode):
            return folder
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="graingraph-kernels-"))
