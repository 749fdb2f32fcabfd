"""Many boxes at once, as an array of their sides."""

from collections.abc import Iterable

import numpy as np

from graingraph.app.rendering.geometry import Box


def bounds_of(boxes: Iterable[Box]) -> np.ndarray:
    """Boxes as left, top, right, bottom: float (n, 4)."""
    return np.array(list(boxes), float).reshape(-1, 4)


def meeting(bounds: np.ndarray, box: Box) -> np.ndarray:
    """Which of the boxes (n, 4) meet another one: bool (n,)."""
    left, top, right, bottom = bounds.T
    return (left <= box.right) & (right >= box.left) & (top <= box.bottom) & (bottom >= box.top)
