"""Scratches among etched grain boundaries: lines that run straight through many grains."""

from typing import NamedTuple

import cv2
import numpy as np

LONGEST_SIDE = 1000
"""The search is made on an image of at most this size: scratches are long."""
CHORDS, LEAST_SHARE = 4.0, 0.15
"""A scratch is longer than so many mean distances between boundaries, and than this share of the smaller side."""
COVERED, WINDOW = 0.8, 31
"""Share of a line that is dark in every window of so many pixels: boundaries bend away after a grain."""
MOST, ROUNDS, CANDIDATES = 200, 5, 150


class Scratch(NamedTuple):
    """A straight line from one end to the other, in px."""

    x0: float
    y0: float
    x1: float
    y1: float


def find_scratches(response: np.ndarray, level: float) -> list[Scratch]:
    """Straight lines through many grains in the response of a line filter, float32 (H, W), where it is over a level.

    Lines are voted for (Hough), then followed: dark over at least four mean distances between boundaries.
    """
    height, width = response.shape
    factor = min(1.0, LONGEST_SIDE / max(height, width))
    small = cv2.resize(response, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    lines = (small > level).view(np.uint8)
    if not 0 < lines.mean() < 0.5:
        return []
    least = max(LEAST_SHARE * min(lines.shape), CHORDS * _mean_chord(lines))
    dark = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    votes = 0.7 * least + 0.8 * float(lines.mean()) * max(lines.shape)  # by chance as many lie on any line
    found: list[Scratch] = []
    for _ in range(ROUNDS):
        before = len(found)
        candidates = cv2.HoughLines(lines, 1, np.pi / 360, max(10, int(votes)))
        for rho, theta in [] if candidates is None else candidates[:CANDIDATES, 0].tolist():
            scratch = _followed(dark, rho, theta, least)
            if scratch:
                found.append(Scratch(*(end / factor for end in scratch)))
                for picture in (lines, dark):  # so that it is found once
                    cv2.line(picture, *_ends(scratch), 0, 5)
        if len(found) == before or len(found) > MOST:
            break
    return found


def without_scratches(response: np.ndarray, scratches: list[Scratch], width: float) -> np.ndarray:
    """The response with nothing along the scratches, to three times the ``width`` of the lines."""
    cleared = response.copy()
    for scratch in scratches:
        cv2.line(cleared, *_ends(scratch), 0.0, max(3, round(3 * width)))
    return cleared


def _followed(dark: np.ndarray, rho: float, theta: float, least: float) -> Scratch | None:
    """The longest part of a line (in normal form) that is dark all along, if it is long enough."""
    height, width = dark.shape
    along = np.arange(-(height + width), height + width, dtype=np.float32)
    x, y = rho * np.cos(theta) - along * np.sin(theta), rho * np.sin(theta) + along * np.cos(theta)
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    x, y = x[inside], y[inside]
    if len(x) < least:
        return None
    covered = dark[np.rint(y).astype(int), np.rint(x).astype(int)].astype(np.float32)
    share = np.convolve(np.pad(covered, WINDOW // 2, constant_values=1.0), np.full(WINDOW, 1 / WINDOW), "valid")
    edges = np.diff(np.concatenate([[0], share >= COVERED, [0]]).astype(np.int8))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if not len(starts):
        return None
    longest = int(np.argmax(stops - starts))
    first, last = int(starts[longest]), int(stops[longest]) - 1
    if last - first < least:
        return None
    first, last = max(0, first - WINDOW // 2), min(len(x) - 1, last + WINDOW // 2)
    return Scratch(float(x[first]), float(y[first]), float(x[last]), float(y[last]))


def _ends(scratch: Scratch) -> tuple[tuple[int, int], tuple[int, int]]:
    return (round(scratch.x0), round(scratch.y0)), (round(scratch.x1), round(scratch.y1))


def _mean_chord(lines: np.ndarray) -> float:
    """Mean distance in px between boundaries, along rows and columns."""
    crossings = sum(int(np.count_nonzero(np.diff(lines, axis=axis) == 1)) for axis in (0, 1))
    return 2 * lines.size / max(1, crossings)
