"""The square window that holds the largest share of a phase."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt


class Window(NamedTuple):
    """A square ``side`` px wide with its first row and column, and the ``share`` of it that the phase covers."""

    row: int
    column: int
    side: int
    share: float


def worst_window(phase: npt.NDArray[np.bool_], allowed: npt.NDArray[np.bool_] | None, side: int) -> Window | None:
    """The window of ``side`` × ``side`` px with the most of the phase (bool, H, W), at any place in the image.

    Only windows count all of whose pixels are ``allowed`` (bool, H, W); of equal ones the first, row by row. None where
    there is no such window. Read from a summed-area table (Crow 1984). Oracle: every window counted by itself.
    """
    height, width = phase.shape
    if side > min(height, width) or side < 1:
        return None
    inside = _sums(phase, side)
    if allowed is not None:
        inside = np.where(_sums(allowed, side) == side * side, inside, -1)
    row, column = divmod(int(inside.argmax()), inside.shape[1])
    most = int(inside[row, column])
    return Window(row, column, side, most / side**2) if most >= 0 else None


def _sums(mask: npt.NDArray[np.bool_], side: int) -> npt.NDArray[np.int64]:
    """The number of pixels of the mask in each window, (H − side + 1, W − side + 1)."""
    table = cv2.integral(mask.view(np.uint8)).astype(np.int64)
    return np.asarray(table[side:, side:] - table[:-side, side:] - table[side:, :-side] + table[:-side, :-side])
