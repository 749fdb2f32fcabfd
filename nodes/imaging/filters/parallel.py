"""Parts of a picture: at the same time on all cores that this process may use, or one after the other in the cache."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from graingraph.engine import cpu

LEAST = 64
"""Rows from which a part is worth a thread."""
IN_CACHE = 1 << 16
"""Pixels of a strip, so that what is made of it on the way stays in the processor's cache."""


def in_parallel(count: int, work: Callable[[int, int], object], least: int = LEAST) -> None:
    """Share ``count`` rows among the cores: ``work`` gets the first of its own, at least so many, and that behind.

    Only what lets go of Python's lock gains by that.
    """
    parts = max(1, min(cpu.threads(), count // least))
    ends = [count * k // parts for k in range(parts + 1)]
    if parts == 1:
        work(0, count)
        return
    with ThreadPoolExecutor(parts) as pool:
        for done in [pool.submit(work, *part) for part in pairwise(ends)]:
            done.result()


def strips(begin: int, end: int, width: int) -> list[slice]:
    """The rows from ``begin`` to ``end`` of a picture so wide, as many at a time as stay in the processor's cache."""
    step = max(1, IN_CACHE // width)
    return [slice(top, min(top + step, end)) for top in range(begin, end, step)]
