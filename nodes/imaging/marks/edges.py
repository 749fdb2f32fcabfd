"""Edges near the ends of a line, found between the pixels."""

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.filters.between_pixels import read_between

STEP = 0.25
"""Pixels from one sample of a profile to the next."""
BLUR = 1.0
"""Standard deviation in px of the Gaussian whose derivative finds the edges."""
OWN = 0.45
"""An end looks for its edge no further than this share of the line, which is the other end's beyond."""
CLEAR = 4.0
"""An edge is as many times steeper than the median slope of the profile."""


def profile(
    grey: npt.NDArray[np.float32],
    start: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
    band: int,
    beyond: float,
) -> npt.NDArray[np.float64]:
    """Grey levels (n,) along a line, ``STEP`` px apart, from ``beyond`` px before its start to as far behind its end.

    ``grey`` is float32 (H, W); ``start`` and ``end`` are (x, y) with pixel centres at integers + ½. Each level is the
    mean over ``band`` px across the line.
    """
    along = end - start
    length = float(np.hypot(*along))
    at = np.arange(-beyond, length + beyond + STEP / 2, STEP)
    return levels_along(grey, start + at[:, None] * along / length, band)


def levels_along(
    grey: npt.NDArray[np.float32], places: npt.NDArray[np.float64], band: int, tangent: float = STEP
) -> npt.NDArray[np.float64]:
    """Grey levels (n,) at places (n, 2), ``STEP`` px apart along a curve: each the mean over ``band`` px across it.

    The direction of the curve is taken over ``tangent`` px.
    """
    reach = max(1, round(tangent / STEP / 2))
    first, last = (
        np.maximum(np.arange(len(places)) - reach, 0),
        np.minimum(np.arange(len(places)) + reach, len(places) - 1),
    )
    along = places[last] - places[first]
    along = along / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    off = np.arange(band) - (band - 1) / 2
    x = places[None, :, 0] - 0.5 - off[:, None] * along[None, :, 1]
    y = places[None, :, 1] - 0.5 + off[:, None] * along[None, :, 0]
    read = read_between(grey, x.astype(np.float32), y.astype(np.float32))
    return np.asarray(read, float).mean(axis=0)


def snapped(
    grey: npt.NDArray[np.float32],
    start: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
    *,
    reach: float,
    band: int = 5,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    """The start and end of a line moved along it to the steepest change of grey within ``reach`` px of each.

    They are (x, y) with pixel centres at integers + ½. The place is that of the steepest slope of a Gaussian, between
    the pixels by a parabola. None where an end has no clear edge, or both have the same one. Oracle: blurred bars of
    known width.
    """
    length = float(np.hypot(*(end - start)))
    if not length > 0:
        return None
    reach = min(reach, OWN * length)
    beyond = reach + 4 * BLUR
    levels = profile(grey, start, end, band, beyond)
    half = int(4 * BLUR / STEP)
    at = np.arange(-half, half + 1) * STEP
    slope = np.abs(np.convolve(levels, -at * np.exp(-(at**2) / (2 * BLUR**2)), mode="same"))
    places = np.arange(levels.size) * STEP - beyond
    slope[:half], slope[levels.size - half :] = 0.0, 0.0
    found = []
    for target in (0.0, length):
        near = np.abs(places - target) <= reach
        k = int(np.where(near, slope, -1.0).argmax())
        if not 0 < k < slope.size - 1 or slope[k] <= CLEAR * np.median(slope) or slope[k] <= 0:
            return None
        before, here, after = slope[k - 1 : k + 2]
        curve = before - 2 * here + after
        found.append(places[k] + (STEP * 0.5 * (before - after) / curve if curve < 0 else 0.0))
    if found[1] - found[0] < 1.0:
        return None
    along = (end - start) / length
    return start + found[0] * along, start + found[1] * along


def circle_through(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], float]:
    """Centre (x, y) and radius of the circle that fits points (n, 2) best (Kåsa 1976); infinite for points in line."""
    middle = points.mean(axis=0)
    x, y = (points - middle).T
    design = np.stack([2 * x, 2 * y, np.ones(x.size)], axis=1)
    if np.linalg.matrix_rank(design, tol=1e-6 * max(float(np.abs(design).max()), 1.0)) < 3:
        return middle, np.inf
    a, b, c = np.linalg.lstsq(design, x * x + y * y, rcond=None)[0]
    return middle + np.array([a, b]), float(np.sqrt(c + a * a + b * b))


def angle_between(points: npt.NDArray[np.float64]) -> float:
    """The angle in ° at the second of three points (3, 2), 0 to 180."""
    one, other = points[0] - points[1], points[2] - points[1]
    return float(np.degrees(np.arctan2(abs(one[0] * other[1] - one[1] * other[0]), float(one @ other))))
