"""How sure the network is of what it says."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from graingraph.engine.values import PixelClass
from graingraph.engine.values.classes import boundary_index

UNSURE = 0.75
"""A pixel whose best class has less than this probability is one the network is unsure of."""

FAINT, LEAST_FAINT, UNKNOWN_FAINT = 1.4, 0.2, 0.25
"""Boundaries are missed where the faint share of them is this many times the usual and at least so much, or, where no
usual one is known, more than the last.

Of two models on generated brass, blurred, noisy, flat in contrast or made smaller, and on etched iron and steel: where
at most three quarters of the boundary are found, the faint share is 1.45 to 5 times the usual; where 95 % are found, at
most 1.3 times.
"""


def unsure_fraction(planes: np.ndarray) -> float:
    """Fraction of pixels of probabilities (C, h, w) whose best class has a probability below 0.75."""
    return float(np.count_nonzero(planes.max(axis=0) < UNSURE) / planes[0].size)


def faint_share(planes: np.ndarray, classes: Sequence[PixelClass]) -> float | None:
    """The share of the boundary that the network half sees: what it expects of it, by its probabilities (C, h, w), at
    pixels where it is the less probable. None without a boundary class, or where no boundary is expected at all."""
    index = boundary_index(classes)
    if index is None or not (expected := float(planes[index].sum(dtype=np.float64))):
        return None
    missed = planes[index].sum(where=planes[index] < 0.5, dtype=np.float64)
    return float(missed / expected)


def unsure_note(planes: np.ndarray, known: dict[str, Any], classes: Sequence[PixelClass] = ()) -> list[str]:
    """Sentences where the network is unsure of clearly more pixels than on its held-out images (or of over 15 %), or
    half sees a clearly larger share of the boundaries."""
    notes = []
    fraction, usual = unsure_fraction(planes), known.get("unsure")
    if fraction > (0.15 if usual is None else max(0.05, 2.5 * usual)):
        notes.append(f"The network is unsure of {fraction:.0%} of the pixels; trace this image too.")
    faint, usual = faint_share(planes, classes), known.get("faint")
    if faint is not None and faint > (UNKNOWN_FAINT if usual is None else max(LEAST_FAINT, FAINT * usual)):
        notes.append(
            f"The network half sees {faint:.0%} of the boundaries, so that many may be missed; look at them, and trace "
            "this image too."
        )
    return notes


def entropy(planes: np.ndarray) -> np.ndarray:
    """How unsure the network is at each pixel of probabilities (C, h, w): entropy over its maximum, float32 0 to 1."""
    safe = np.clip(planes, 1e-6, 1.0)
    return np.asarray(-(safe * np.log(safe)).sum(axis=0) / np.log(max(2, len(planes))), dtype=np.float32)
