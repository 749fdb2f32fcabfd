"""Parallel arms that a drawn line crosses: where the middle of each lies along it."""

import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.marks.edges import STEP, levels_along

TANGENT = 4.0
"""Pixels of a stroke over which its direction is taken: freehand lines tremble."""
PROMINENT = 0.25
"""Share of the range of grey levels along the line by which an arm stands out from what is between it and the next."""


def along(points: npt.NDArray[np.float64], beyond: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Places (n, 2), ``STEP`` px apart, along a stroke (m, 2) from ``beyond`` px before it to as far behind it, and how
    far along each is in px: 0 at the start of the stroke. Empty for a stroke without length."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    points = points[np.r_[True, steps > 0]]
    if len(points) < 2:
        return np.empty((0, 2)), np.empty(0)
    at = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    ends = np.stack([points[0] - points[1], points[-1] - points[-2]])
    ends = ends / np.hypot(*ends.T)[:, None] * beyond
    stroke = np.vstack([points[0] + ends[0], points, points[-1] + ends[1]])
    along_stroke = np.r_[-beyond, at, at[-1] + beyond]
    places = np.arange(-beyond, at[-1] + beyond + STEP / 2, STEP)
    return np.stack([np.interp(places, along_stroke, stroke[:, k]) for k in (0, 1)], axis=1), places


def arms_along(
    grey: npt.NDArray[np.float32],
    points: npt.NDArray[np.float64],
    *,
    bright: bool,
    smoothing: float,
    band: int,
    beyond: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The middles (n, 2) of the arms that a stroke (m, 2) crosses in float32 (H, W), and how far along each is in px.

    They are the maxima (or minima) of the mean over ``band`` px across the stroke, smoothed by a Gaussian of
    ``smoothing`` px, that stand out by ``PROMINENT`` of the range along it; each lies in the middle of its width at
    half its height. The first and last may lie up to ``beyond`` px beyond the ends, where those are nearest to them.
    Oracle: drawn arms at known places.
    """
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks, peak_widths

    places, at = along(points, beyond)
    if len(places) < 3:
        return np.empty((0, 2)), np.empty(0)
    levels = gaussian_filter1d(levels_along(grey, places, band, TANGENT), smoothing / STEP)
    levels = levels if bright else -levels
    low, high = np.quantile(levels, (0.05, 0.95))
    if not high > low:
        return np.empty((0, 2)), np.empty(0)
    # An arm at an end of the line stands out on one side alone.
    padded = np.r_[levels.min(), levels, levels.min()]
    peaks = find_peaks(padded, prominence=PROMINENT * (high - low))[0]
    _, _, left, right = peak_widths(padded, peaks, rel_height=0.5)
    found = np.clip((left + right) / 2 - 1, 0, len(at) - 1)
    middles = np.interp(found, np.arange(len(at)), at)
    if len(middles) > 1:
        half = np.median(np.diff(middles)) / 2
        found = found[(middles > -half) & (middles < at[-1] - beyond + half)]
    whole = np.arange(len(at))
    return (
        np.stack([np.interp(found, whole, places[:, k]) for k in (0, 1)], axis=1),
        np.interp(found, whole, at),
    )
