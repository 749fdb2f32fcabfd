"""Normals drawn across a layer, from one interface to the other."""

import cv2
import numpy as np
import numpy.typing as npt

NORMAL, SMALLEST, LARGEST = (0, 200, 255), (255, 60, 60), (120, 230, 60)


def draw_normals(
    ends: npt.NDArray[np.float64],
    thickness: npt.NDArray[np.float64],
    layer: npt.NDArray[np.bool_],
    count: int,
    rgb: npt.NDArray[np.uint8] | None,
) -> npt.NDArray[np.uint8]:
    """An RGB picture (uint8, H, W, 3) of so many of the normals, and of the smallest and the largest in red and green.

    ``ends`` (n, 2, 2) are their ends as (x, y) on pixel centres. Below lies the micrograph ``rgb`` (uint8, H, W, 3), or
    the layer (bool, H, W) where there is none.
    """
    picture: npt.NDArray[np.uint8] = np.where(layer, np.uint8(110), np.uint8(30))[..., None].repeat(3, axis=2)
    if rgb is not None:
        picture = rgb.copy()
    if not len(ends):
        return picture
    width = max(1, round(max(layer.shape) / 700))
    chosen = [(k, NORMAL) for k in range(0, len(ends), max(1, len(ends) // count))]
    for k, color in (*chosen, (int(thickness.argmin()), SMALLEST), (int(thickness.argmax()), LARGEST)):
        (x0, y0), (x1, y1) = np.rint(ends[k] * 16).astype(int).tolist()
        cv2.line(picture, (x0, y0), (x1, y1), color, width + (color != NORMAL), cv2.LINE_AA, 4)
    return picture
