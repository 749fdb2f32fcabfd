"""Lineal intercepts: where test lines and test circles cross a boundary network (ASTM E112, Heyn and Abrams)."""

from dataclasses import dataclass, field

import cv2
import numpy as np

STEP = 0.25
"""Distance between samples along a test line, in pixels; the shortest way across a 4-connected line is 0.7."""

NEAREST = 2.0
"""Crossings closer than this, in pixels, are one: the staircase of a boundary that runs along the test line."""

CIRCLE_DIAMETERS = (0.7958, 0.5305, 0.2653)
"""Diameters of the three concentric circles of E112 as fractions of the square they are drawn in; the
circumferences add up to five times the side of the square."""


@dataclass(frozen=True)
class TestLine:
    """A test line or circle: ``points`` float (n, 2) as (row, column), ``STEP`` px apart, and its ``length`` in px."""

    __test__ = False

    name: str
    points: np.ndarray
    length: float
    closed: bool = False


@dataclass(frozen=True)
class Crossings:
    """Where a test line meets boundaries: ``at`` (row, column), its ``scores`` and complete ``intercepts`` in px.

    A crossing scores 1 (so does a tangent), 1.5 where it coincides with a triple point, and 0.5 where the end of the
    line lies on a boundary (E112, lineal intercept procedure).
    """

    line: TestLine
    at: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    scores: np.ndarray = field(default_factory=lambda: np.empty(0))
    intercepts: np.ndarray = field(default_factory=lambda: np.empty(0))


def circles(shape: tuple[int, int]) -> list[TestLine]:
    """The three concentric circles of E112 in the largest centred square of an image of this shape."""
    height, width = shape
    drawn = []
    for number, diameter in enumerate(CIRCLE_DIAMETERS, start=1):
        radius = diameter * min(shape) / 2
        length = 2 * np.pi * radius
        angle = np.arange(max(8, round(length / STEP))) * (2 * np.pi / max(8, round(length / STEP)))
        points = np.stack([height / 2 + radius * np.sin(angle), width / 2 + radius * np.cos(angle)], axis=1)
        drawn.append(TestLine(f"circle {number}", points, length, closed=True))
    return drawn


def four_lines(shape: tuple[int, int]) -> list[TestLine]:
    """The four straight lines of the E112 pattern: along the bottom and the left, and both diagonals of the square."""
    side = min(shape)
    top, left = (shape[0] - side) / 2, (shape[1] - side) / 2
    bottom, right, margin = top + side, left + side, 0.05 * side
    return [
        straight("horizontal", (bottom - margin, left), (bottom - margin, right)),
        straight("vertical", (top, left + margin), (bottom, left + margin)),
        straight("diagonal down", (top, left), (bottom, right)),
        straight("diagonal up", (bottom, left), (top, right)),
    ]


def line_grid(shape: tuple[int, int], spacing: float) -> list[TestLine]:
    """Parallel lines over the whole image in four directions (0°, 45°, 90°, 135°), ``spacing`` pixels apart."""
    height, width = shape
    centre = np.array([height / 2, width / 2])
    reach = np.hypot(height, width) / 2
    drawn = []
    for degrees in (0, 45, 90, 135):
        along = np.array([-np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])
        across = np.array([along[1], -along[0]])
        count = int(reach // spacing)
        for k in range(-count, count + 1):
            ends = _clip(centre + k * spacing * across, along, shape)
            if ends is not None and np.hypot(*(ends[1] - ends[0])) >= spacing:
                drawn.append(straight(f"{degrees}°", *ends))
    return drawn


def straight(name: str, start: tuple[float, float] | np.ndarray, end: tuple[float, float] | np.ndarray) -> TestLine:
    """A straight test line between two (row, column) positions, in pixels from the top left corner of the image."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    length = float(np.hypot(*(b - a)))
    count = max(2, round(length / STEP))
    return TestLine(name, a + (b - a) * ((np.arange(count) + 0.5) / count)[:, None], length)


def _clip(through: np.ndarray, along: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray] | None:
    """The part inside the image of the line ``through + t * along``."""
    low, high = -np.inf, np.inf
    for axis in (0, 1):
        if abs(along[axis]) < 1e-9:
            if not 0 < through[axis] < shape[axis]:
                return None
            continue
        t = sorted(((0 - through[axis]) / along[axis], (shape[axis] - through[axis]) / along[axis]))
        low, high = max(low, t[0]), min(high, t[1])
    return (through + low * along, through + high * along) if high > low else None


def junction_zones(triple_points: np.ndarray, thickness: float) -> np.ndarray:
    """Pixels (bool, H, W) where a crossing coincides with a triple point, for boundary lines this thick in pixels.

    ``triple_points`` marks the pixel to the upper left of each point. The zone is a disc within which a test line over
    two boundaries that leave the point at 120° meets them as one run of boundary pixels. For a line at φ (to ±30°) that
    is as near as (thickness · cos φ + 2 · NEAREST · (¼ − sin² φ)) / √3, taken at its mean, and half a pixel for the
    sampling. On average the ½ given in the zone then makes up for the crossings that are lost in it.
    """
    radius = 0.55 * thickness + 0.19 * NEAREST + 0.5
    reach = int(np.ceil(radius + 0.5))
    offset = np.arange(-reach, reach) + 0.5
    disc = (np.hypot(offset[:, None], offset[None]) <= radius).astype(np.uint8)
    return np.asarray(cv2.dilate(triple_points.view(np.uint8), disc, anchor=(reach, reach))).view(bool)


def crossings(line: TestLine, network: np.ndarray, junctions: np.ndarray) -> Crossings:
    """Find and score the crossings of one test line with a 4-connected boundary network (bool, H, W).

    However thick the boundary is drawn, one run of boundary pixels is one crossing, at its middle. A length between
    two successive crossings is one intercept; the pieces at the ends of an open line are not complete and give none.
    """
    rows = np.clip(line.points[:, 0].astype(np.intp), 0, network.shape[0] - 1)
    columns = np.clip(line.points[:, 1].astype(np.intp), 0, network.shape[1] - 1)
    on, at_junction = network[rows, columns], junctions[rows, columns]
    if not on.any() or on.all():
        return Crossings(line)
    turn = _longest_gap_end(on) if line.closed else 0
    on, at_junction = np.roll(on, -turn), np.roll(at_junction, -turn)
    step = line.length / on.size
    change = np.diff(np.concatenate([[0], on.view(np.int8), [0]]))
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    apart = (starts[1:] - ends[:-1]) * step > NEAREST
    starts, ends = starts[np.concatenate([[True], apart])], ends[np.concatenate([apart, [True]])]
    seen = np.concatenate([[0], np.cumsum(at_junction)])
    scores = np.where(seen[ends] > seen[starts], 1.5, 1.0)
    middle = (starts + ends) / 2
    lengths = np.diff(middle, append=middle[0] + on.size) if line.closed else np.diff(middle)
    if not line.closed:
        scores[(starts == 0) | (ends == on.size)] = 0.5
    at = line.points[(middle.astype(np.intp) + turn) % on.size]
    return Crossings(line, at, scores, lengths * step)


def _longest_gap_end(on: np.ndarray) -> int:
    """Index on a closed line where a boundary run starts after the longest stretch without any."""
    starts = np.flatnonzero(on & ~np.roll(on, 1))
    ends = np.flatnonzero(~on & np.roll(on, 1))
    before = ends[np.searchsorted(ends, starts) - 1]
    return int(starts[np.argmax((starts - before) % on.size)])
