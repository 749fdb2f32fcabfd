"""How strongly every pixel lies on a line: darker than both its sides over a stretch along the line."""

import cv2
import numpy as np
import numpy.typing as npt

WORKING_WIDTH = 3.0
"""Width, in pixels, to which images with wider lines are reduced."""

DIRECTIONS = 12
STRETCH = 3.0
"""Length that is averaged along a line, in line widths."""

NOISE_MARGIN = 2.5
"""How many times the typical response between the lines a line must give; noise seldom reaches that."""

STRIP = 128
"""Rows that are worked on at once; their arrays stay in the processor's cache."""


def dark_lines(grey: npt.NDArray[np.float32], width: float) -> npt.NDArray[np.float32]:
    """How much darker than both its sides each pixel of ``grey`` (float32, H, W) is: float32 (H, W), 0 and above.

    The image is averaged over a stretch of three line ``width`` (px) in each of twelve directions. The answer in one
    direction is the darker of the two averages a line width to either side, less the average on the pixel; the
    response is the largest answer less the smallest. A line gives most of its depth. The edge between a dark and a
    bright area gives nothing, for one of its sides is no brighter; a round pit at most half of its depth, for it
    answers alike in all directions. Where the image is rough, 2.5 times the median response of the neighbourhood is
    taken off.

    Oracle: a line, an edge and a disc of known depth drawn in any direction.
    """
    factor = max(1.0, width / WORKING_WIDTH)
    size = (grey.shape[1], grey.shape[0])
    if factor > 1:
        small = (max(1, round(size[0] / factor)), max(1, round(size[1] / factor)))
        coarse: np.ndarray = cv2.resize(grey, small, interpolation=cv2.INTER_AREA)
        grey = coarse
    response = _response(grey, width / factor)
    response = np.maximum(response - _roughness(response) * np.float32(NOISE_MARGIN), 0)
    return np.asarray(response if factor == 1 else cv2.resize(response, size, interpolation=cv2.INTER_LINEAR))


def _response(grey: np.ndarray, width: float) -> np.ndarray:
    stretches = [_stretch(np.pi * k / DIRECTIONS, STRETCH * width) for k in range(DIRECTIONS)]
    across = [np.pi * k / DIRECTIONS + np.pi / 2 for k in range(DIRECTIONS)]
    steps = [(round(width * np.sin(angle)), round(width * np.cos(angle))) for angle in across]
    reach = max(len(stretches[0]) // 2, round(width)) + 1
    frame = 2 * reach
    framed = cv2.copyMakeBorder(grey, frame, frame, frame, frame, cv2.BORDER_REPLICATE)
    framed = cv2.GaussianBlur(framed, (0, 0), max(width / 5, 0.3))
    response = np.empty(grey.shape, np.float32)
    for top in range(0, len(grey), STRIP):
        strip = response[top : top + STRIP]
        rows = slice(top, top + len(strip) + 2 * frame)
        strip[:] = _strip_response(framed[rows], stretches, steps, frame)
    return response


def _strip_response(
    framed: np.ndarray, stretches: list[np.ndarray], steps: list[tuple[int, int]], frame: int
) -> np.ndarray:
    """The response inside a frame of so many pixels."""
    height, width = framed.shape[0] - 2 * frame, framed.shape[1] - 2 * frame
    most, least = np.zeros((height, width), np.float32), np.full((height, width), np.inf, np.float32)
    depth, along = np.empty_like(most), np.empty_like(framed)
    for stretch, (dy, dx) in zip(stretches, steps, strict=True):
        cv2.filter2D(framed, cv2.CV_32F, stretch, dst=along)
        here, one, other = (
            along[frame + s * dy : frame + s * dy + height, frame + s * dx : frame + s * dx + width] for s in (0, 1, -1)
        )
        cv2.min(one, other, dst=depth)
        cv2.subtract(depth, here, dst=depth)
        cv2.max(most, depth, dst=most)
        cv2.min(least, depth, dst=least)
    return np.asarray(most - np.maximum(least, 0))


def _stretch(angle: float, length: float) -> np.ndarray:
    """A kernel that averages along a direction; nearly all its entries are 0, which makes the filter quick."""
    half = max(1, round(length / 2))
    kernel = np.zeros((2 * half + 2, 2 * half + 2), np.float32)
    for t in range(-half, half + 1):
        y, x = half + t * np.sin(angle), half + t * np.cos(angle)
        row, column = int(y + 1e-9), int(x + 1e-9)
        near = np.outer([1 - y + row, y - row], [1 - x + column, x - column])
        kernel[row : row + 2, column : column + 2] += near.clip(0)
    kernel[kernel < 1e-6] = 0
    return kernel[:-1, :-1] / kernel.sum()


def _roughness(response: np.ndarray) -> np.ndarray:
    """Median of the response within 30 px: what noise and scratches give, for lines cover less than half of it."""
    levels = cv2.convertScaleAbs(response[::4, ::4], alpha=2000)
    median = cv2.medianBlur(levels, 15).astype(np.float32) / 2000
    return np.asarray(cv2.resize(median, response.shape[::-1], interpolation=cv2.INTER_LINEAR))
