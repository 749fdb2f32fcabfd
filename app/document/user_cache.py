"""Results that the window keeps from one day to the next: those that cost more to compute than to read."""

from pathlib import Path

import platformdirs

from graingraph.engine.evaluation.cache import DiskCache

BUDGET = 4_000_000_000
"""Bytes; the oldest results make room."""


def user_cache_folder() -> Path:
    """Where they lie; deleting the folder costs nothing but time."""
    return platformdirs.user_cache_path("graingraph", False) / "results"


def user_cache() -> DiskCache:
    """This user's results. Where the folder cannot be written or is full, nothing is kept, and nobody is told."""
    return DiskCache(user_cache_folder(), BUDGET)
