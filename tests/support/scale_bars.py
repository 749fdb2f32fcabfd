"""Generated micrographs with a scale bar of known length, and others with lines that are none."""

from collections.abc import Callable

import cv2
import numpy as np
from scipy.spatial import cKDTree

from graingraph.app.samples import rolled

SIZE = (480, 640)


def specimen(rng: np.random.Generator) -> np.ndarray:
    """Grains with boundaries, noise and uneven light, uint8."""
    points = rng.uniform(0, 1, (60, 2)) * SIZE
    distance, grains = cKDTree(points).query(np.stack(np.indices(SIZE), -1).reshape(-1, 2), k=2)
    nearest, second = distance.T
    levels = rng.uniform(100, 180, 60)[grains[:, 0]]
    levels[second - nearest < 3] = rng.choice([40, 215])
    noisy = levels.reshape(SIZE) + cv2.GaussianBlur(rng.normal(0, 25, SIZE), (0, 0), 1)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def with_bar(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """A micrograph with a bar, and the length of the bar."""
    pixels = specimen(rng)
    white, length, thick = bool(rng.integers(2)), int(rng.integers(50, 330)), int(rng.integers(2, 9))
    level, ground = (255, int(rng.integers(0, 30))) if white else (0, int(rng.integers(225, 256)))
    left, top = int(rng.integers(20, SIZE[1] - 20 - length)), SIZE[0] - int(rng.integers(24, 30))
    style = rng.choice(["data bar", "picture", "parted"])
    if style != "picture":
        pixels[SIZE[0] - 56 :] = ground
        if rng.integers(2):  # a frame around it
            cv2.rectangle(pixels, (0, SIZE[0] - 56), (SIZE[1] - 1, SIZE[0] - 1), level)
        cv2.putText(pixels, "15.0 kV x500", (8, SIZE[0] - 38), cv2.FONT_HERSHEY_SIMPLEX, 0.45, level, 1, cv2.LINE_AA)
    pixels[top : top + thick, left : left + length] = level
    if style == "parted" or rng.integers(2):
        reach = int(rng.integers(3, 7))
        pixels[top - reach : top + thick + reach, [left, left + length - 1]] = level
    if style == "parted" and length > 120:
        middle = left + length // 2
        pixels[top - 6 : top + thick + 6, middle - 32 : middle + 32] = ground
        cv2.putText(pixels, "50 um", (middle - 28, top + 7), cv2.FONT_HERSHEY_SIMPLEX, 0.5, level, 1)
    else:
        at = (left + length // 2 - 25, top - 10)
        cv2.putText(pixels, "50 um", at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, level, int(rng.integers(1, 3)))
    return _as_stored(rng, pixels), float(length)


def _line_in_a_grain(rng: np.random.Generator, pixels: np.ndarray) -> None:
    row, column = rng.integers(40, 400), rng.integers(40, 500)
    pixels[row : row + rng.integers(2, 6), column : column + rng.integers(30, 90)] = rng.choice([0, 30, 230, 255])


def _line_in_a_plain_grain(rng: np.random.Generator, pixels: np.ndarray) -> None:
    pixels[:] = 90
    cv2.ellipse(pixels, (300, 240), (180, 140), int(rng.integers(180)), 0, 360, 150, -1)
    row, column = rng.integers(200, 260), rng.integers(220, 260)
    pixels[row : row + 3, column : column + 36] = rng.choice([20, 240])


def _lamellae(rng: np.random.Generator, pixels: np.ndarray) -> None:
    for row in range(100, 380, int(rng.integers(8, 14))):
        start = 150 + int(rng.integers(-15, 15))
        pixels[row : row + 4, start : start + int(rng.integers(150, 300))] = 230


def _empty_data_bar(rng: np.random.Generator, pixels: np.ndarray) -> None:
    pixels[SIZE[0] - 56 :] = 0
    cv2.rectangle(pixels, (0, SIZE[0] - 56), (SIZE[1] - 1, SIZE[0] - 1), 255)
    cv2.line(pixels, (300, SIZE[0] - 56), (300, SIZE[0] - 1), 255)
    cv2.line(pixels, (300, SIZE[0] - 28), (SIZE[1] - 1, SIZE[0] - 28), 255)
    cv2.putText(pixels, "15.0 kV x500", (8, SIZE[0] - 24), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1)


def _box(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """A hollow rectangle with letters beside it, as of a region of interest; flat ones are like a bar with ticks."""
    column, row = int(rng.integers(40, 300)), int(rng.integers(40, 300))
    wide, tall, thick = int(rng.integers(30, 300)), int(rng.integers(10, 100)), int(rng.integers(1, 5))
    level = int(rng.choice([0, 230, 255]))
    cv2.rectangle(pixels, (column, row), (column + wide, row + tall), level, thick)
    cv2.putText(pixels, "50 um", (column, row - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.6, level, 1)


def _scratches(rng: np.random.Generator, pixels: np.ndarray) -> None:
    for _ in range(20):
        y, lean = int(rng.integers(480)), int(rng.integers(-6, 7))
        cv2.line(pixels, (int(rng.integers(300)), y), (int(rng.integers(340, 639)), y + lean), 245, 2, cv2.LINE_AA)


def _drawn_out_grains(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """Many boundaries lie along the rows, and others end at both of their ends."""
    pixels[:] = rolled.make(int(rng.integers(1, 6)), pixels.shape[:2]).pixels


NO_BARS: tuple[Callable[[np.random.Generator, np.ndarray], None], ...] = (
    _line_in_a_grain,
    _line_in_a_plain_grain,
    _lamellae,
    _empty_data_bar,
    _box,
    _scratches,
    _drawn_out_grains,
)


def without_bar(rng: np.random.Generator, draw: Callable[[np.random.Generator, np.ndarray], None]) -> np.ndarray:
    """A micrograph with lines of one of the kinds ``NO_BARS``."""
    pixels = specimen(rng)
    draw(rng, pixels)
    return _as_stored(rng, pixels)


def _as_stored(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """As a microscope stores it: plainly, or as a JPEG."""
    if rng.integers(2):
        return pixels
    encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(80, 98))])[1]
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
