"""The four corners of a Vickers indent, from its sides in the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SEARCH = 0.12
"""How far a side may lie beside the first guess, by its length; at least ``LEAST_SEARCH`` px, so that blur has room."""
LEAST_SEARCH = 8.0
MOST_SEARCH = 0.35
NEAR_CORNER, FAR_FROM_CORNER = 0.06, 0.46
"""Which part of a side tells of a corner, by its length: bulging sides are followed, the rounded tip is not."""
ROUNDED = 5.0
"""Length in px that a picture out of focus by σ = 2 px rounds off a tip; at most ``MOST_ROUNDED`` of a side."""
MOST_ROUNDED = 0.2
FULLEST, EMPTIEST = 1.2, 0.5
"""Area of the region by that between the corners: a pyramid's has 1, with bulging sides up to 1.15, without its tips
less; a disc has 1.57."""
SQUARE_TO = 10.0
"""Degrees by which the diagonals of a square pyramid may be off 90°."""
STEPS = 60
"""Places along a side at which its edge is looked for."""


@dataclass(frozen=True)
class Indent:
    """Corners (4, 2) as (x, y) in px, in order around the indent, and how far its edges scatter about lines in px."""

    corners: npt.NDArray[np.float64]
    roughness: float

    @property
    def diagonals(self) -> tuple[float, float]:
        """Both diagonals in px."""
        a, b, c, d = self.corners
        return float(np.hypot(*(a - c))), float(np.hypot(*(b - d)))

    def is_of_pyramid(self, area: float) -> bool:
        """Whether a region of so many px² may be the print of a square pyramid with these corners."""
        a, b, c, d = self.corners
        (x, y), (u, v) = c - a, d - b
        across = abs(x * v - y * u)
        between = float(np.degrees(np.arctan2(across, abs(x * u + y * v))))
        return EMPTIEST <= 2 * area / max(across, 1e-9) <= FULLEST and between >= 90 - SQUARE_TO


def find_indent(region: npt.NDArray[np.bool_], grey: npt.NDArray[np.float32]) -> Indent | None:
    """The corners of the indent that covers about ``region`` (bool, H, W) in ``grey`` (float32, H, W); None if none.

    What has other than four corners, or diagonals that are not square to each other, is none. The tips of the region
    are the first guess. Across each side the edge is where the grey level is half of what it is inside and outside;
    near each corner a line is laid through the edges of both sides, and the corner is where they meet. Pixel
    centres are at ½. Oracle: rendered pyramids, turned and blurred.
    """
    outlines = cv2.findContours(region.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    if not outlines:
        return None
    guess = _tips(cv2.convexHull(max(outlines, key=cv2.contourArea))[:, 0].astype(float) + 0.5)
    side = float(np.hypot(*(guess - np.roll(guess, 1, axis=0)).T).mean())
    if side < 8:
        return None
    corners, scatter = guess, np.nan
    for _ in range(2):  # the second look starts from the corners of the first
        if np.hypot(*(corners - np.roll(corners, 1, axis=0)).T).min() < 1:
            return None  # two tips in one place: no pyramid
        found = [_side(grey, corners[k], corners[(k + 1) % 4], corners.mean(axis=0)) for k in range(4)]
        lines = [(_line(start), _line(end)) for start, end in found]
        if any(one is None for pair in lines for one in pair):
            return None
        met = [_meet(lines[k - 1][1], lines[k][0]) for k in range(4)]
        if any(one is None for one in met):
            return None
        corners = np.array(met, float)
        scatter = float(np.mean([one[2] for pair in lines for one in pair if one is not None]))
    if np.abs(corners - guess).max() > 0.3 * side:
        return None
    indent = Indent(corners, scatter)
    return indent if indent.is_of_pyramid(float(region.sum())) else None


def _tips(hull: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The two points (4, 2) of a hull (n, 2) that lie furthest apart, and between them the furthest to either side."""
    apart = hull[:, None, :] - hull[None, :, :]
    one, other = np.unravel_index(int((apart**2).sum(axis=2).argmax()), apart.shape[:2])
    along = hull[other] - hull[one]
    beside = (hull - hull[one]) @ np.array([-along[1], along[0]])
    return np.stack([hull[one], hull[beside.argmax()], hull[other], hull[beside.argmin()]])


def _side(
    grey: np.ndarray, start: np.ndarray, end: np.ndarray, middle: np.ndarray
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Points (n, 2) of the edge near the start of a side and near its end."""
    along = end - start
    length = float(np.hypot(*along))
    along = along / length
    outwards = np.array([along[1], -along[0]])
    if np.dot(outwards, (start + end) / 2 - middle) < 0:
        outwards = -outwards
    reach = min(max(LEAST_SEARCH, SEARCH * length), MOST_SEARCH * length)
    nearest = max(NEAR_CORNER, min(ROUNDED / length, MOST_ROUNDED))
    share = np.linspace(nearest, 1 - nearest, STEPS)
    offsets = np.arange(-reach, reach + 0.25, 0.25)
    places = start + share[:, None, None] * length * along + offsets[None, :, None] * outwards
    # remap counts pixel centres from 0.
    profile = cv2.remap(
        grey,
        (places[..., 0] - 0.5).astype(np.float32),
        (places[..., 1] - 0.5).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    quarter = len(offsets) // 4
    inside = np.median(profile[:, :quarter])
    outside = np.median(profile[:, -quarter:])
    raised = (profile - (inside + outside) / 2) * np.sign(outside - inside)
    # The crossing that is nearest to the guess, from inside to outside.
    crosses = (raised[:, :-1] < 0) & (raised[:, 1:] >= 0)
    distance = np.where(crosses, np.abs(offsets[:-1] + 0.125), np.inf)
    at = distance.argmin(axis=1)
    rows = np.flatnonzero(np.isfinite(distance[np.arange(STEPS), at]))
    at = at[rows]
    before, after = raised[rows, at], raised[rows, at + 1]
    offset = offsets[at] + 0.25 * before / (before - after)
    points = start + share[rows, None] * length * along + offset[:, None] * outwards
    return points[share[rows] < FAR_FROM_CORNER], points[share[rows] > 1 - FAR_FROM_CORNER]


def _line(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, float] | None:
    """A point and the direction of the line through most of the points, and how far these scatter; None if too few."""
    if len(points) < 6:
        return None
    # Huber's weights: a pit at the edge does not pull the line.
    vx, vy, x, y = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 1e-4, 1e-4).ravel()
    away = (points - [x, y]) @ np.array([-vy, vx])
    return np.array([x, y], float), np.array([vx, vy], float), float(np.median(np.abs(away)))


def _meet(
    one: tuple[np.ndarray, np.ndarray, float] | None, other: tuple[np.ndarray, np.ndarray, float] | None
) -> npt.NDArray[np.float64] | None:
    """Where two lines meet; None where they are parallel."""
    if one is None or other is None:
        return None
    matrix = np.stack([one[1], -other[1]], axis=1)
    if abs(np.linalg.det(matrix)) < 0.2:
        return None
    along = np.linalg.solve(matrix, other[0] - one[0])[0]
    return np.asarray(one[0] + along * one[1])
