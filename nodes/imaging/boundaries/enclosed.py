"""What lines enclose: the pieces of a picture between them, across short gaps."""

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.boundaries.partition import cells, closing_landscape, drop_small, fill_plane
from graingraph.nodes.imaging.features.watershed import split_summits

MAX_GAP = 10
"""Gaps up to so many px are closed where nothing else is asked for."""

SMALLEST = 20
"""Pieces of fewer px are given to their neighbours where nothing else is asked for."""


def enclosed_pieces(lines: npt.NDArray[np.bool_], max_gap: int = MAX_GAP) -> npt.NDArray[np.int32]:
    """Pieces 1, 2, ... of a picture between lines (bool, H, W) whose gaps up to ``max_gap`` px are closed; 0 on lines.

    A piece that a closed gap cuts off is at least twice as wide as ``max_gap``.
    """
    return split_summits(*closing_landscape(lines, max_gap))[0] if max_gap else cells(lines)


def enclosed_grains(lines: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """The pieces as grains that fill the plane: int32 (H, W), 1 ... n."""
    return fill_plane(drop_small(enclosed_pieces(lines), SMALLEST))
