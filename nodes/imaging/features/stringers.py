"""Inclusions that lie in one line along the rolling direction, as one stringer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Boxes:
    """Boxes of particles, each array (n,), px: ``begin`` to ``end`` along rolling, ``low`` to ``high`` across it."""

    begin: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]

    @property
    def length(self) -> npt.NDArray[np.float64]:
        """Extent along the rolling direction."""
        return self.end - self.begin

    @property
    def width(self) -> npt.NDArray[np.float64]:
        """Extent across it."""
        return self.high - self.low


def in_line(boxes: Boxes, kind: npt.NDArray[np.integer], gap: float, offset: float) -> npt.NDArray[np.int64]:
    """The number of the stringer that each particle belongs to, int64 (n,), counted from 0.

    Particles of one ``kind`` are in line where no more than ``gap`` px lie between their ends and no more than
    ``offset`` px between their middles across. Source: ISO 4967 (40 µm along, 10 µm across). Oracle: drawn stringers.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    order = np.argsort(boxes.begin, kind="stable")
    middle = (boxes.low + boxes.high) / 2
    pairs: list[tuple[int, int]] = []
    active: list[int] = []
    for k in order:
        active = [j for j in active if boxes.begin[k] - boxes.end[j] <= gap]
        pairs += [(j, int(k)) for j in active if kind[j] == kind[k] and abs(middle[j] - middle[k]) <= offset]
        active.append(int(k))
    one, other = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    number = len(order)
    joined = coo_array((np.ones(len(pairs), bool), (one, other)), shape=(number, number))
    return np.asarray(connected_components(joined, directed=False)[1], np.int64) if number else np.empty(0, np.int64)


def gathered(boxes: Boxes, stringer: npt.NDArray[np.int64]) -> Boxes:
    """The box around each stringer."""
    count = int(stringer.max(initial=-1)) + 1
    low_ends, high_ends = (np.full((2, count), fill) for fill in (np.inf, -np.inf))
    for row, (least, most) in enumerate(((boxes.begin, boxes.end), (boxes.low, boxes.high))):
        np.minimum.at(low_ends[row], stringer, least)
        np.maximum.at(high_ends[row], stringer, most)
    return Boxes(low_ends[0], high_ends[0], low_ends[1], high_ends[1])
