"""How many cores this process may use. Imports nothing heavy, so that limits are set before libraries are loaded."""

import ctypes
import os
import sys
from contextlib import suppress

_LIMITS = ("OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Variables that say to a library, before it is imported, in how many threads it is to compute."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of glibc's ``mallopt``."""


def available() -> int:
    """The cores of the machine that the system lets this process have."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads() -> int:
    """In how many threads this process is to compute: ``OMP_NUM_THREADS``, or one for each core."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) else available()


def free(own: int = 0) -> int:
    """How many cores others leave to this process, at least one: by the load of the last minute.

    ``own`` is in how many threads this process has computed in that time. Threads that share a core wait for each
    other: two on a busy machine take twice the processor time of one and end no sooner. Where the system does not tell
    its load, all that are available.
    """
    if not hasattr(os, "getloadavg"):
        return available()
    others = max(0.0, os.getloadavg()[0] - own)
    return max(1, min(available(), round((os.cpu_count() or 1) - others)))


def use_one_core() -> None:
    """Let the libraries of this process, and of those it starts, compute in one thread; before they are imported.

    Freed memory is kept for the next image, up to 256 MB: to hand it back and fetch it anew takes a tenth of the time
    of an image.
    """
    os.environ.update(dict.fromkeys(_LIMITS, "1"))
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without it
            allocator = ctypes.CDLL(None)
            allocator.mallopt(_M_MMAP_THRESHOLD, 32 << 20)  # the most that it takes
            allocator.mallopt(_M_TRIM_THRESHOLD, 256 << 20)
