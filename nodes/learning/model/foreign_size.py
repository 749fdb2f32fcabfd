"""Maps that a model gives smaller than the picture: by how much, and enlarging them to it.

Many networks give a value for 4 × 4 or 8 × 8 px and leave it to whoever applies them to enlarge their scores
bilinearly, before the largest is looked for (SegFormer, DeepLab).
"""

import cv2
import numpy as np

MOST = 32
"""So many px along a side has one value of a map at most; what is smaller tells of the picture as a whole."""


def times_smaller(size: tuple[int, ...], sides: tuple[int, ...]) -> int:
    """How many px of a picture of this size (height, width) one value of a map of these sides stands for, along each.

    1 where the map is as large as the picture, 0 where it is no map of it.
    """
    if sides == size:
        return 1
    times = {_times(side, made) for side, made in zip(size, sides, strict=True)}
    found = times.pop()
    return found if not times and 2 <= found <= MOST else 0


def enlarged(planes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Planes float32 (n, C, h, w) enlarged bilinearly to a picture of this size; themselves where they have it.

    Oracle: the operator Resize of ONNX, with half pixels and with aligned corners.
    """
    if planes.shape[2:] == size:
        return planes
    (down, top), (across, left) = (_places(side, made) for side, made in zip(size, planes.shape[2:], strict=True))
    places = np.array([[across, 0, left], [0, down, top]])
    larger = np.empty((*planes.shape[:2], *size), np.float32)
    for picture in np.ndindex(planes.shape[:2]):
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpAffine(planes[picture], places, size[::-1], larger[picture], how, cv2.BORDER_REPLICATE)
    return larger


def _at_corners(side: int, made: int) -> bool:
    """Whether the first and the last value lie at the first and the last px, as of 513 px in 65 values (DeepLab)."""
    return side % made > 0 and made > 1 and (side - 1) % (made - 1) == 0


def _times(side: int, made: int) -> int:
    """How many px of a side one of the values along it stands for; 0 where there is no such number."""
    if not 0 < made < side:
        return 0
    times = (side - 1) // (made - 1) if _at_corners(side, made) else -(-side // made)
    return times if -(-side // times) == made else 0


def _places(side: int, made: int) -> tuple[float, float]:
    """How far one px goes on among the values along a side, and where among them the first px lies."""
    if _at_corners(side, made):
        return (made - 1) / (side - 1), 0.0
    return made / side, made / side / 2 - 0.5
