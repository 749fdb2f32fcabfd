"""Symmetric models of a melt pool's cross-section, fitted to the part of its outline that can be seen.

Pool frame: the origin lies on the axis of symmetry at the height of the pool's two ends, ``u`` runs to the right along
the chord between the ends, ``v`` runs down along the axis. The bottom is ``|u/a|^n + (v/d)^m = 1`` with half-width a
and depth d, which holds the half-ellipse (n = m = 2), the parabola (n = 2, m = 1), superellipses (n = m) and, for
m < 1, bell shapes; the top is an arc of height ``crown`` over the chord.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Shape = Literal["mirror", "half-ellipse", "superellipse", "conduction"]
ANGLES = np.linspace(0, np.pi, 181)
"""Directions from straight down (0) to straight up (pi) in which an outline's right half is given."""

# What is expected of a pool before it is seen; each is one standard deviation.
TILT_SPREAD = np.radians(12.0)
CROWN_SPREAD = 0.12  # of the depth
EXPONENT_SPREAD = 0.6  # of the logarithm
WIDTH_SPREAD = 0.25  # of the logarithm
DEPTH_SPREAD = 0.3  # of the logarithm
HALF_WIDTH = 0.65  # of the visible width: between one half (all visible) and nine tenths (45 % hidden)


@dataclass(frozen=True)
class PoolModel:
    """A symmetric cross-section; lengths in px, image coordinates x right, y down.

    ``x``, ``y`` is the middle of the chord between the pool's ends, ``tilt`` the angle (radians) by which the pool
    is turned clockwise as seen in the image, ``a`` the half-width, ``d`` the depth below the chord, ``n`` and ``m``
    the exponents of the bottom, ``crown`` the height of the top above the chord.
    """

    x: float
    y: float
    tilt: float
    a: float
    d: float
    n: float = 2.0
    m: float = 2.0
    crown: float = 0.0

    def to_pool(self, points: np.ndarray) -> np.ndarray:
        """Turn image points (k, 2) into the pool frame (u, v)."""
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        return (points - (self.x, self.y)) @ np.array([[c, -s], [s, c]])

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Turn pool points (k, 2) into image coordinates (x, y)."""
        c, s = np.cos(self.tilt), np.sin(self.tilt)
        return points @ np.array([[c, s], [-s, c]]) + (self.x, self.y)

    def right_half(self) -> np.ndarray:
        """Right half of the outline in the pool frame, float64 (200, 2), from the deepest point to the top's middle."""
        u = self.a * np.sin(np.linspace(0, np.pi / 2, 100))
        bottom = self.d * np.clip(1 - (u / self.a) ** self.n, 0, 1) ** (1 / self.m)
        top = -self.crown * (1 - (u / self.a) ** 2)
        return np.r_[np.c_[u, bottom], np.c_[u, top][::-1]]

    def distances(self, points: np.ndarray) -> np.ndarray:
        """First-order signed distance of pool points (k, 2) from the outline in px, positive outside."""
        u, v = points.T
        across, down = np.maximum(np.abs(u) / self.a, 1e-6), np.maximum(v / self.d, 1e-4)
        f, g = across**self.n, down**self.m
        slope = np.hypot(self.n * f / across / self.a, self.m * g / down / self.d)
        below = (f + g - 1) / np.maximum(slope, 1e-9)
        level = -self.crown * (1 - np.minimum(across, 1) ** 2)
        above = (level - v) / np.hypot(1, 2 * self.crown * u / self.a**2)
        return np.maximum(below, above)

    def polar(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Angle from straight down (0 to pi, both sides alike) and distance of pool points from a quarter depth."""
        v = points[:, 1] - self.d / 4
        return np.arctan2(np.abs(points[:, 0]), v), np.hypot(points[:, 0], v)

    def from_polar(self, radius: np.ndarray) -> np.ndarray:
        """Right half of an outline in the pool frame (181, 2) from its distances at ``ANGLES``."""
        return np.c_[radius * np.sin(ANGLES), self.d / 4 + radius * np.cos(ANGLES)]


def fit_pool(points: np.ndarray, shape: Shape, spacing: float, noise: float = 1.0) -> PoolModel:
    """Fit a model of this shape to the visible outline points (k, 2) of a pool hidden on its left, in image px.

    Robust least squares of the first-order distances from the outline (P. L. Rosin and G. A. W. West, "Curve
    segmentation and representation by superellipses", IEE Proc. Vision 142, 1995). What the visible part leaves open
    is settled by weak expectations: an upright pool with a flat top, exponents near 2, between none and half of it
    hidden. ``noise`` is the expected scatter of the outline and ``spacing`` the distance between points, both px; they
    tell how much the points count against the expectations. "conduction" is the isotherm of Rosenthal's moving
    point source on a thick plate: it is symmetric about the track, so its section is half a circle, whatever the
    material. (D. Rosenthal, Trans. ASME 68, 1946.)
    """
    fits = [_fit(points, start, shape, spacing, noise) for start in _starts(points)]
    return min(fits, key=lambda fit: fit[1])[0]


def _starts(points: np.ndarray) -> list[PoolModel]:
    left, top = points.min(0)
    right, low = points.max(0)
    upright = PoolModel(0.0, top + 0.05 * (low - top), 0.0, 1.0, max(3.0, low - top), 2.0, 1.8)
    return [replace(upright, x=right - c * (right - left), a=c * (right - left)) for c in (0.5, 0.7)]


def _fit(points: np.ndarray, start: PoolModel, shape: Shape, spacing: float, noise: float) -> tuple[PoolModel, float]:
    from scipy.optimize import least_squares

    weight = np.sqrt(min(1.0, spacing / (4 * noise))) / noise
    expected_a, expected_d = HALF_WIDTH * float(np.ptp(points[:, 0])), start.d

    def model(p: np.ndarray) -> PoolModel:
        # p: x, y, tilt, crown, log a | log d | log n | log m
        a = np.exp(p[4])
        d = np.exp(p[5]) if len(p) > 5 else a
        n = np.exp(np.clip(p[6], -0.7, 3)) if len(p) > 6 else 2.0
        m = np.exp(np.clip(p[7], -1.5, 3)) if len(p) > 7 else n
        return PoolModel(start.a * p[0], start.a * p[1], p[2], a, d, n, m, start.a * p[3])

    def residuals(p: np.ndarray) -> np.ndarray:
        now = model(p)
        off = weight * now.distances(now.to_pool(points)) / 3
        # The square root of twice the pseudo-Huber loss, so that outliers beyond three times the noise count less.
        robust = 3 * np.sign(off) * np.sqrt(2 * (np.sqrt(1 + off * off) - 1))
        expected = (
            now.tilt / TILT_SPREAD,
            now.crown / now.d / CROWN_SPREAD,
            np.log(now.n / 2) / EXPONENT_SPREAD,
            np.log(now.m / now.n) / EXPONENT_SPREAD,
            np.log(now.a / expected_a) / WIDTH_SPREAD,
            np.log(now.d / expected_d) / DEPTH_SPREAD,
        )
        return np.r_[robust, expected]

    scaled = [start.x / start.a, start.y / start.a, 0.0, 0.0, *np.log([start.a, start.d, start.n, start.m])]
    free = {"conduction": 5, "half-ellipse": 6, "superellipse": 7}.get(shape, 8)
    found = least_squares(residuals, scaled[:free], method="lm", max_nfev=400, xtol=1e-5, ftol=1e-5)
    return model(found.x), float(found.cost)


def mirror_visible(points: np.ndarray, model: PoolModel) -> np.ndarray:
    """Right half (181, 2), pool frame, of the shape that visible outline points (k, 2; image px) make when mirrored.

    Each direction takes the outline's own distance on the right of the axis; where that is hidden, on the left; and
    where both are hidden (the top beside the axis), the fitted model's.
    """
    pool = model.to_pool(points)
    angle, radius = model.polar(pool)
    model_angle, model_radius = model.polar(model.right_half())
    order = np.argsort(model_angle, kind="stable")
    ratio = radius / np.interp(angle, model_angle[order], model_radius[order])
    bins = 90
    place = np.minimum((angle * (bins / np.pi)).astype(int), bins - 1)
    mean = np.ones(bins)
    for side in (pool[:, 0] < 0, pool[:, 0] >= 0):
        count = np.bincount(place[side], minlength=bins)
        seen = np.flatnonzero(count)
        if len(seen):
            total = np.bincount(place[side], np.clip(ratio[side], 0.5, 2), minlength=bins)
            between = np.interp(np.arange(bins), seen, total[seen] / count[seen])
            # Far from the middle the points of a long pool skip directions; a gap that small is not a hidden part.
            near = np.abs(np.arange(bins)[:, None] - seen).min(1) <= 2
            mean = np.where(near, between, mean)
    middles = (np.arange(bins) + 0.5) * (np.pi / bins)
    return model.from_polar(
        np.interp(ANGLES, model_angle[order], model_radius[order]) * np.interp(ANGLES, middles, mean)
    )
