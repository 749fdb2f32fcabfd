"""Loading, once the window is up, what the start does without: the first stroke or training would wait for it."""

import importlib
import threading

LATER = ("graingraph.nodes.imaging.boundaries.boundary_edits", "graingraph.nodes.learning.train.held_out")
"""Modules that load numba and scipy, by far the heaviest part of a start."""


def warm_up() -> None:
    """Load them in a thread."""
    threading.Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    for module in LATER:
        importlib.import_module(module)
