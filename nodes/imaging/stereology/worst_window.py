"""The square window that holds the largest share of a phase, or the most of what lies at points."""

from typing import Any, NamedTuple

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
    inside = _sums(phase.view(np.uint8), side, side)
    if allowed is not None:
        inside = np.where(_sums(allowed.view(np.uint8), side, side) == side * side, inside, -1)
    row, column = divmod(int(inside.argmax()), inside.shape[1])
    most = int(inside[row, column])
    return Window(row, column, side, most / side**2) if most >= 0 else None


def most_in_window(
    x: npt.NDArray[np.floating],
    y: npt.NDArray[np.floating],
    amount: npt.NDArray[np.floating],
    shape: tuple[float, float],
    side: float,
    steps: int = 16,
) -> float:
    """The largest sum of ``amount`` (n,) at places x, y (n,) in a square of ``side`` inside a field of this (H, W).

    The square moves by a ``steps``-th of its side, so that it may miss the worst place by half of that. A field that
    is smaller than the square is one window. Oracle: brute force over all places.
    """
    cell = side / steps
    rows, columns = (max(1, round(extent / cell)) for extent in shape)
    at = (np.clip((y / cell).astype(int), 0, rows - 1), np.clip((x / cell).astype(int), 0, columns - 1))
    cells = np.zeros((rows, columns))
    np.add.at(cells, at, amount)
    return float(_sums(cells, min(steps, rows), min(steps, columns)).max())


def _sums(values: npt.NDArray[Any], tall: int, wide: int) -> npt.NDArray[Any]:
    """The sum of the values, uint8 or float64 (H, W), in each window: int32 or float64 (H − tall + 1, W − wide + 1)."""
    table = cv2.integral(values)
    return np.asarray(table[tall:, wide:] - table[:-tall, wide:] - table[tall:, :-wide] + table[:-tall, :-wide])
