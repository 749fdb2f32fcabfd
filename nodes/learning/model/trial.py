"""Trying a model file in a process of its own, so that one that never ends, or crashes, harms nobody else."""

import json
import mmap
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from graingraph.engine.problem import Problem

SECONDS = 30.0
"""How long a model may take for being opened and run on a small picture."""

_TRY = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {0} import attempt; attempt(sys.argv[2])"


def require_it_ends(path: Path, seconds: float = SECONDS) -> None:
    """Raise a ``Problem`` where a model does not end, or ends the process that opens it.

    What else may be wrong with it is found by who opens it next. It is tried once in a process: a batch need not wait
    for it at every image.
    """
    facts = path.stat()
    reason = _reason_against(path.absolute(), seconds, facts.st_mtime_ns, facts.st_size)
    if reason:
        raise Problem(f"{path.name} cannot be used: {reason}.")


def may_never_end(path: Path) -> bool:
    """Whether a model has a loop, of all operators the only one that can go on for ever."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(b"Loop") >= 0


@lru_cache(maxsize=64)
def _reason_against(path: Path, seconds: float, modified: int, size: int) -> str:
    """Why a model cannot be used, as far as its process tells; empty where it ended well."""
    command = [sys.executable, "-c", _TRY.format(__name__), json.dumps(sys.path), str(path)]
    silent = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=silent, stdout=silent, stderr=silent, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return f"on a small picture it did not end within {seconds:.0f} s; choose another"
    return "it crashed on a small picture; choose another model" if done.returncode else ""


def attempt(path: str) -> None:
    """Open a model and run it on all small pictures that its card is made from, in the process that is there for it."""
    from graingraph.nodes.learning.model.backends import open_session
    from graingraph.nodes.learning.model.foreign import foreign_card

    with suppress(Problem):  # a model that is refused with a reason is refused again, and then the reason is told
        foreign_card(open_session(Path(path)), path)
