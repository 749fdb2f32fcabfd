"""The mirror images in which a picture may be shown to a network, and the mean of what it finds in them."""

from collections.abc import Callable

import numpy as np

from graingraph.nodes.learning.model.card import Card

View = tuple[slice, slice]
"""How rows and columns of a picture are gone through: forwards or backwards. The same view turns its result back."""

FORWARDS, BACKWARDS = slice(None), slice(None, None, -1)
AS_IT_IS: View = FORWARDS, FORWARDS


def mirror_images(card: Card) -> list[View]:
    """The views that a model has learnt to take for pictures of the same kind, the picture as it is first.

    Where its tiles were mirrored, left and right are exchanged; where they were turned, half a turn is shown. A model
    from elsewhere, which does not say, is shown all four.
    """
    shown = card.settings.get("augmentations", {})
    views = [AS_IT_IS]
    if shown.get("rotation", True):
        views.append((BACKWARDS, BACKWARDS))
    if shown.get("flips", True):
        views += [(rows, BACKWARDS if columns == FORWARDS else FORWARDS) for rows, columns in views]
    return views


def mean_over(views: list[View], found: Callable[[np.ndarray, int], np.ndarray], pixels: np.ndarray) -> np.ndarray:
    """The mean of the planes (C, h, w) that ``found(picture, number)`` gives for each view of pixels (h, w, c)."""
    total = found(pixels, 0)
    for number, (rows, columns) in enumerate(views[1:], 1):
        total += found(np.ascontiguousarray(pixels[rows, columns]), number)[:, rows, columns]
    if len(views) > 1:
        total /= len(views)
    return total
