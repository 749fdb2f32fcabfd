"""How sure the network is of what it says."""

from typing import Any

import numpy as np

UNSURE = 0.75
"""A pixel whose best class has less than this probability is one the network is unsure of."""


def unsure_fraction(planes: np.ndarray) -> float:
    """Fraction of pixels of probabilities (C, h, w) whose best class has a probability below 0.75."""
    return float(np.count_nonzero(planes.max(axis=0) < UNSURE) / planes[0].size)


def unsure_note(planes: np.ndarray, known: dict[str, Any]) -> list[str]:
    """A sentence when the network is unsure of clearly more pixels than on its held-out images (or of over 15 %)."""
    fraction = unsure_fraction(planes)
    usual = known.get("unsure")
    limit = 0.15 if usual is None else max(0.05, 2.5 * usual)
    return [f"The network is unsure of {fraction:.0%} of the pixels; trace this image too."] if fraction > limit else []


def entropy(planes: np.ndarray) -> np.ndarray:
    """How unsure the network is at each pixel of probabilities (C, h, w): entropy over its maximum, float32 0 to 1."""
    safe = np.clip(planes, 1e-6, 1.0)
    return np.asarray(-(safe * np.log(safe)).sum(axis=0) / np.log(max(2, len(planes))), dtype=np.float32)
