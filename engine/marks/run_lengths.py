"""Pixels as the lengths of their runs: exact, and short where what they show is large."""

import numpy as np


def run_lengths(flat: np.ndarray) -> np.ndarray:
    """Lengths of the runs of a flat bool array, beginning with an outside run (which may be empty)."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], flat])))
    return np.diff(np.concatenate([[0], changes, [len(flat)]])).astype(np.int64)


def from_runs(counts: np.ndarray, start: int = 0, stop: int | None = None) -> np.ndarray:
    """The flat bool array of run lengths that begin with an outside run, or its part from ``start`` to ``stop``."""
    ends = np.clip(np.cumsum(counts, dtype=np.int64), start, stop)
    return np.repeat(np.arange(len(counts)) % 2 == 1, np.diff(ends, prepend=start))
