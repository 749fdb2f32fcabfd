"""Pixels whose hue, saturation and brightness lie between limits, without a picture of these."""

import cv2
import numpy as np
import numpy.typing as npt
from numba import boolean, float32, njit, types, uint8, uint16

from graingraph.nodes.imaging.filters.parallel import in_parallel, strips

Limits = tuple[float, float]


def in_color_range(
    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32],
    levels: Limits,
    hue: Limits,
    saturation: Limits,
    brightness: Limits,
) -> npt.NDArray[np.bool_]:
    """Which of the pixels (H, W, 3), RGB with these ``levels`` of black and white, lie between all limits: bool (H, W).

    Hue in °, from a larger to a smaller one through 0°; saturation and brightness from 0 to 1; limits are included.
    Source: A. R. Smith, SIGGRAPH 1978, 12-19 (hexcone). Oracle: colorsys of Python.
    """
    black, white = levels
    sixths, bright = [number / 60 for number in hue], [black + number * (white - black) for number in brightness]
    limits = np.array([*sixths, *saturation, *bright], np.float32)
    height, width = pixels.shape[:2]
    found = np.empty((height, width), bool)

    def select(begin: int, end: int) -> None:
        for rows in strips(begin, end, width):
            red, green, blue = (plane.reshape(-1) for plane in cv2.split(pixels[rows]))
            _select(red, green, blue, black, hue[0] > hue[1], limits, found[rows].reshape(-1))

    in_parallel(height, select)
    return found


@njit(
    [
        types.void(kind[::1], kind[::1], kind[::1], float32, boolean, float32[::1], boolean[::1])
        for kind in (uint8, uint16, float32)
    ],
    cache=True,
    nogil=True,
    error_model="numpy",
)
def _select(
    reds: np.ndarray,
    greens: np.ndarray,
    blues: np.ndarray,
    black: float,
    through_red: bool,
    limits: np.ndarray,
    found: np.ndarray,
) -> None:
    """Without a branch, so that the compiler takes several pixels at a time."""
    hue_from, hue_to, saturation_from, saturation_to, darkest, brightest = limits
    none, one = np.float32(0), np.float32(1)
    for k in range(reds.size):
        red, green, blue = np.float32(reds[k]), np.float32(greens[k]), np.float32(blues[k])
        most = max(red, green, blue)
        spread = most - min(red, green, blue)
        turn = (red - green) + np.float32(4) * spread
        turn = (blue - red) + np.float32(2) * spread if most == green else turn
        turn = green - blue if most == red else turn
        turn = turn + np.float32(6) * spread if turn < none else turn
        bright = abs(most - black)
        hue = turn / (spread if spread > none else one)
        saturation = spread / (bright if bright > none else one)
        after, before = hue >= hue_from, hue <= hue_to
        by_hue = (after & before) | (through_red & (after | before))
        by_saturation = (saturation >= saturation_from) & (saturation <= saturation_to)
        found[k] = by_hue & by_saturation & (most >= darkest) & (most <= brightest)
