"""A map of probabilities smoothed along with the picture: noise within a place goes, an edge that shows stays.

The guided filter (He, Sun and Tang, IEEE Trans. Pattern Anal. Mach. Intell. 35, 2013) in its fast form (He and Sun,
arXiv 1505.00996): near every pixel a probability is taken for a straight line in the grey level, fitted by least
squares on a coarse grid. It is written in the operations that arrays and an ONNX graph both have.
"""

from collections.abc import Sequence
from typing import Any

from graingraph.nodes.learning.paint.features import GRID, Operations, gaussian

WINDOW = 5.0
"""Sigma in px of the window in which a line is fitted."""

LEAST_CONTRAST = 0.05
"""Variance of the guide, in local spreads squared, far below which it guides nothing and means are taken."""


def smoothed(shares: Sequence[Any], guide: Any, operations: Operations) -> list[Any]:
    """Planes of probability, one for each of two classes or more, smoothed where ``guide`` is even;
    from 0 up, and 1 together.

    ``guide`` are grey levels as seen against their surroundings. The sides of all planes are multiples of ``GRID``.
    """

    def around(plane: Any) -> Any:
        return gaussian(operations.pooled(plane, GRID), WINDOW / GRID, operations)

    middle = around(guide)
    variance = around(guide * guide) - middle * middle + LEAST_CONTRAST
    found, rest = [], None
    for share in shares[:-1]:
        mean = around(share)
        slope = (around(guide * share) - middle * mean) / variance
        level = mean - slope * middle
        wide = [operations.grown(gaussian(plane, WINDOW / GRID, operations), GRID) for plane in (slope, level)]
        found.append(guide * wide[0] + wide[1])
        rest = found[-1] * -1.0 + 1.0 if rest is None else rest - found[-1]
    # what is left for the last class is what the same steps would give it
    found = [operations.positive(plane) for plane in (*found, rest)]
    total = found[0]
    for plane in found[1:]:
        total = total + plane
    return [plane / total for plane in found]
