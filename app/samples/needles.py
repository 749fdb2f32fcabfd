"""Needles of a dark phase that lie mostly one way in a bright matrix, none upon another."""

import cv2
import numpy as np

from graingraph.app.samples.optics import Micrograph, Size, photographed, smooth_noise

APART = 3
"""Pixels of matrix at least between two needles."""


def make(
    seed: int,
    size: Size = (320, 420),
    *,
    direction: float = 30.0,
    spread: float = 18.0,
    length: float = 34.0,
    count: int = 70,
    um_per_px: float = 0.1,
    noise: float = 0.008,
) -> Micrograph:
    """Draw about so many needles whose directions spread by so many degrees, counterclockwise from the rows.

    Truth: ``needles`` int32 labels from 1, and ``angles`` (n,) in degrees.
    """
    rng = np.random.default_rng((seed, 16))
    labels, cover = np.zeros(size, np.int32), np.zeros(size, np.float32)
    angles: list[float] = []
    for _ in range(30 * count):
        if len(angles) == count:
            break
        angle, long = rng.normal(direction, spread), length * rng.lognormal(0, 0.3)
        one, middle = np.zeros(size, np.uint8), rng.uniform((0, 0), size[::-1])
        at, axes = [round(16 * place) for place in middle], (round(8 * long), round(8 * max(5.0, long / 6)))
        cv2.ellipse(one, at, axes, -angle, 0, 360, 255, -1, cv2.LINE_AA, 4)
        inside = one >= 128
        if inside.any() and not labels[cv2.dilate(one, np.ones((2 * APART + 1,) * 2, np.uint8)) > 0].any():
            angles.append(angle)
            labels[inside] = len(angles)
            cover = np.maximum(cover, one.astype(np.float32) / 255)
    matrix = 0.8 + 0.012 * smooth_noise(rng, size, 15)
    pixels = photographed(rng, matrix - 0.5 * cover, 0.7, 0.03, noise)
    return Micrograph(pixels, um_per_px, {"needles": labels, "angles": np.array(angles)})
