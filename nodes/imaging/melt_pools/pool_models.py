"""Symmetric models of a melt pool's cross-section, and the mirroring of what is seen of it.

Pool frame: the origin lies on the axis of symmetry at the height of the pool's two ends, ``u`` runs to the right along
the chord between the ends, ``v`` is the depth below it; the axis may lean from the perpendicular (skewed symmetry).
The bottom is ``|u/a|^n + (v/d)^m = 1`` with half-width a and depth d, which holds the half-ellipse (n = m = 2), the
parabola (n = 2, m = 1), superellipses (n = m) and, for m < 1, bell shapes; the top is an arc of height ``crown`` over
the chord.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Shape = Literal["mirror", "half-ellipse", "superellipse", "conduction"]
ANGLES = np.linspace(0, np.pi, 181)
"""Directions from straight down (0) to straight up (pi) in which an outline's right half is given."""


@dataclass(frozen=True)
class PoolModel:
    """A symmetric cross-section; lengths in px, image coordinates x right, y down.

    ``x``, ``y`` is the middle of the chord between the pool's ends, ``top`` the angle (radians) by which the chord
    is turned clockwise as seen in the image, ``skew`` the tangent of the angle by which the axis leans further
    clockwise than the chord, ``a`` the half-width, ``d`` the depth below the chord, ``n`` and ``m``
    the exponents of the bottom, ``crown`` the height of the top above the chord.
    """

    x: float
    y: float
    top: float
    a: float
    d: float
    n: float = 2.0
    m: float = 2.0
    crown: float = 0.0
    skew: float = 0.0

    def to_pool(self, points: np.ndarray) -> np.ndarray:
        """Turn image points (k, 2) into the pool frame (u, v)."""
        c, s = np.cos(self.top), np.sin(self.top)
        level = (points - (self.x, self.y)) @ np.array([[c, -s], [s, c]])
        return level + np.outer(level[:, 1], (self.skew, 0))

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Turn pool points (k, 2) into image coordinates (x, y)."""
        c, s = np.cos(self.top), np.sin(self.top)
        level = points - np.outer(points[:, 1], (self.skew, 0))
        return level @ np.array([[c, s], [-s, c]]) + (self.x, self.y)

    @property
    def tilt(self) -> float:
        """Angle of the axis from upright in radians, positive clockwise."""
        return self.top + float(np.arctan(self.skew))

    def right_half(self) -> np.ndarray:
        """Right half of the outline in the pool frame, float64 (200, 2), from the deepest point to the top's middle."""
        u = self.a * np.sin(np.linspace(0, np.pi / 2, 100))
        bottom = self.d * np.clip(1 - (u / self.a) ** self.n, 0, 1) ** (1 / self.m)
        top = -self.crown * (1 - (u / self.a) ** 2)
        return np.r_[np.c_[u, bottom], np.c_[u, top][::-1]]

    def polar(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Angle from straight down (0 to pi, both sides alike) and distance of pool points from a quarter depth."""
        v = points[:, 1] - self.d / 4
        return np.arctan2(np.abs(points[:, 0]), v), np.hypot(points[:, 0], v)

    def from_polar(self, radius: np.ndarray) -> np.ndarray:
        """Right half of an outline in the pool frame (181, 2) from its distances at ``ANGLES``."""
        return np.c_[radius * np.sin(ANGLES), self.d / 4 + radius * np.cos(ANGLES)]


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
    radius = np.interp(ANGLES, model_angle[order], model_radius[order]) * np.interp(ANGLES, middles, mean)
    return _level_top(model.from_polar(radius), pool)


def _level_top(right: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """Continue the visible top level to the axis where a neighbour hides its middle; any dome is flat there."""
    top = pool[(pool[:, 0] > 0) & (pool[:, 1] < 0.25 * pool[:, 1].max())]
    if not len(top) or not 0 < top[:, 0].min() < 0.6 * pool[:, 0].max():
        return right
    start = np.argsort(top[:, 0])[:3]
    beyond = (right[:, 0] < top[start, 0].mean()) & (np.arange(len(right)) > len(right) // 2)
    right[beyond, 1] = top[start, 1].mean()
    return right
