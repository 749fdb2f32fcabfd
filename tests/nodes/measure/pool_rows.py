"""Rows of melt pools drawn from formulas in ways that several people might choose; what is hidden is known exactly."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from graingraph.nodes.imaging.marks import strokes


@dataclass(frozen=True)
class Row:
    """Labels from 1, left to right, each covering the next; and (overlap in %, width, depth in px) of each."""

    labels: np.ndarray
    truth: list[tuple[float, float, float]]


def row(seed: int, profile: Callable[[np.ndarray], np.ndarray], lean: str, noise: str) -> Row:
    """Three to five pools 60 to 400 px wide, 10 to 45 % hidden, leaning up to 10 degrees.

    ``lean`` is "whole" (turned, the top too) or "level top" (sheared); ``noise`` "smooth", "jitter" or "simplified".
    """
    rng = np.random.default_rng((seed, 99))
    typical, aspect, count = np.exp(rng.uniform(np.log(60), np.log(400))), rng.uniform(0.3, 0.7), rng.integers(3, 6)
    shape = (int(typical * (1.2 * aspect + 0.7)) + 30, int(count * typical * 1.2) + 60)
    labels, truth = np.zeros(shape, np.int32), []
    x, y = 0.75 * typical + 10, 0.3 * typical + 10
    for number in range(1, count + 1):
        width = typical * rng.uniform(0.8, 1.2)
        depth = width * aspect * rng.uniform(0.93, 1.07)
        outline = _rough(rng, _leaning(_upright(profile, width, depth), lean, rng.uniform(-10, 10)), noise, width)
        if number > 1:
            x = _place(labels, outline, x, y, width, rng.uniform(0.10, 0.45))
        whole = paint(outline + np.array([x, y]), shape)
        truth.append((100 * float(np.mean(labels[whole] > 0)), width, depth))
        labels[whole & (labels == 0)] = number
    return Row(labels, truth)


def _upright(profile: Callable[[np.ndarray], np.ndarray], width: float, depth: float) -> np.ndarray:
    """Closed outline (400, 2), evenly spaced, about the middle of its flat top."""
    t = np.cos(np.linspace(0, np.pi, 400))
    closed = np.r_[np.c_[t * width / 2, depth * profile(np.abs(t).clip(0, 1))], [[width / 2, 0]]]
    return _resample(closed, 400)


def _resample(closed: np.ndarray, count: int) -> np.ndarray:
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(closed, axis=0).T))]
    at = np.linspace(0, along[-1], count, endpoint=False)
    return np.c_[np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])]


def _leaning(outline: np.ndarray, lean: str, angle: float) -> np.ndarray:
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    matrix = [[1, 0], [-s / c, 1]] if lean == "level top" else [[c, s], [-s, c]]
    return outline @ np.array(matrix)


def _rough(rng: np.random.Generator, outline: np.ndarray, noise: str, width: float) -> np.ndarray:
    if noise == "simplified":
        return cv2.approxPolyDP(outline.astype(np.float32)[:, None], rng.uniform(1, 2), True)[:, 0].astype(float)
    if noise == "jitter":
        few = _resample(np.r_[outline, outline[:1]], max(24, round(width / 4)))
        return few + rng.normal(0, rng.uniform(0.5, 1.2), few.shape)
    wobble = cv2.GaussianBlur(np.tile(rng.normal(size=outline.shape), (3, 1)), (1, 61), 0, sigmaY=9)
    wobble = wobble[len(outline) : 2 * len(outline)]
    return outline + max(0.5, 0.004 * width) * wobble / wobble.std()


def _place(labels: np.ndarray, outline: np.ndarray, x: float, y: float, width: float, hidden: float) -> float:
    """The x at which this share of the pool lies under those already drawn."""
    low, high = x - 0.5 * width, x + 1.2 * width
    for _ in range(12):
        middle = (low + high) / 2
        covered = np.mean(labels[paint(outline + np.array([middle, y]), labels.shape)] > 0)
        low, high = (middle, high) if covered > hidden else (low, middle)
    return (low + high) / 2


def paint(outline: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose centre lies inside the outline (k, 2), bool (H, W)."""
    patch = strokes.polygon(outline, shape)
    mask = np.zeros(shape, bool)
    height, width = patch.inside.shape
    mask[patch.y : patch.y + height, patch.x : patch.x + width] = patch.inside
    return mask
