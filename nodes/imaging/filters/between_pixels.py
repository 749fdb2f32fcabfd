"""Grey levels between the pixels, of pictures of any size."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

MOST = 32_000
"""Pixels along a side that OpenCV's remap takes, of the picture and of what is read."""


def read_between(
    pixels: npt.NDArray[Any],
    x: npt.NDArray[np.float32],
    y: npt.NDArray[np.float32],
    interpolation: int = cv2.INTER_LINEAR,
    *,
    outside: float | None = None,
) -> npt.NDArray[Any]:
    """The pixels (H, W) at places x, y, each float32 (n, m), that count pixel centres from 0: an array (n, m).

    Beyond the frame lies the value ``outside``, or the nearest pixel where it is None. As cv2.remap does, in parts
    where that does not take the whole of a stitched picture. Oracle: cv2.remap.
    """
    if max(*pixels.shape[:2], *x.shape) < MOST:
        border = (
            {"borderMode": cv2.BORDER_REPLICATE}
            if outside is None
            else {"borderMode": cv2.BORDER_CONSTANT, "borderValue": outside}
        )
        return np.asarray(cv2.remap(pixels, x, y, interpolation, **border))
    window, left, top = _around(pixels, x, y)
    if max(*window.shape, *x.shape) < MOST:
        return read_between(window, x - np.float32(left), y - np.float32(top), interpolation, outside=outside)
    axis = int(x.shape[1] > x.shape[0])
    halves = zip(np.array_split(x, 2, axis), np.array_split(y, 2, axis), strict=True)
    return np.concatenate([read_between(pixels, *half, interpolation, outside=outside) for half in halves], axis)


def _around(
    pixels: npt.NDArray[Any], x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[Any], int, int]:
    """The part of the pixels that places lie in, with its first column and row."""
    sides = []
    for places, most in ((x, pixels.shape[1]), (y, pixels.shape[0])):
        first = int(np.clip(np.floor(places.min()) - 1, 0, most - 1))
        sides.append(slice(first, int(np.clip(np.ceil(places.max()) + 2, first + 1, most))))
    across, down = sides
    return pixels[down, across], across.start, down.start
