"""Parts of a picture at the same time, on all cores that this process may use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from graingraph.engine import cpu

LEAST = 64
"""Rows from which a part is worth a thread."""


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
