"""What one stroke that measures says: a length, the distance of two edges, an angle, a radius."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.marks.edges import BLUR, angle_between, circle_through, snapped

REACH, BAND = 6.0, 5
"""How far from the ends of a line an edge is looked for, and the width of the band that is averaged, in px."""


class Measured(NamedTuple):
    """The points (n, 2) that were measured, in px; NaN is what the stroke does not say. ``missed`` are edges that were
    looked for and not found. Lengths are in px, angles in °."""

    points: npt.NDArray[np.float64]
    length: float = np.nan
    angle: float = np.nan
    radius: float = np.nan
    missed: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether it gives no number."""
        return not np.isfinite([self.length, self.angle, self.radius]).any()


def measured(
    tool: str,
    points: npt.NDArray[np.float64],
    grey: npt.NDArray[np.float32] | None = None,
    *,
    reach: float = REACH,
    band: int = BAND,
) -> Measured:
    """Measure a stroke (n, 2) of one of the tools ``engine.declare.roles.MEASURING``; ``grey`` is needed for edges."""
    missed = False
    if tool == "edges" and grey is not None:
        ends = snapped(grey, points[0], points[-1], reach=reach, band=band)
        missed = ends is None
        points = points[[0, -1]] if ends is None else np.stack(ends)
    apart = np.hypot(*np.diff(points, axis=0).T) > 0
    if tool in ("length", "edges"):
        length = float(np.hypot(*np.diff(points, axis=0).T).sum())
        return Measured(points, length=length if apart.any() else np.nan, missed=missed)
    if tool == "angle":
        return Measured(points, angle=angle_between(points) if len(points) == 3 and apart.all() else np.nan)
    if tool == "radius":
        radius = circle_through(points)[1]
        return Measured(points, radius=radius if np.isfinite(radius) else np.nan)
    return Measured(points)


def window_around(
    points: npt.NDArray[np.float64], shape: tuple[int, ...], reach: float = REACH, band: int = BAND
) -> tuple[slice, slice]:
    """Rows and columns of an image of this shape that are enough to find the edges of a line."""
    beyond = reach + band + 8 * BLUR
    low = np.maximum(np.floor(points.min(axis=0) - beyond), 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + beyond), shape[1::-1]).astype(int)
    return slice(low[1], max(high[1], low[1] + 1)), slice(low[0], max(high[0], low[0] + 1))
