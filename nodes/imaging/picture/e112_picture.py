"""Drawing E112 test lines and their crossings."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.engine.values import Image, Scale
from graingraph.nodes.imaging.stereology.intercepts import Crossings

LINE = (40, 150, 255)
MARK = (255, 60, 60)


def draw_pattern(
    network: npt.NDArray[np.bool_], found: Sequence[Crossings], image: Image | None, scale: Scale | None
) -> Image:
    """An RGB picture (uint8, H, W, 3) of the test lines with a dot at each crossing.

    Below lies the micrograph, or the boundary network where no micrograph of the same size is given.
    """
    if image is None or image.shape != network.shape:
        picture: np.ndarray = cv2.cvtColor(np.where(network, 210, 40).astype(np.uint8), cv2.COLOR_GRAY2RGB)
    else:
        picture = _as_rgb(image)
    thickness = max(1, round(min(network.shape) / 800))
    for item in found:
        # cv2 draws through pixel centres, which lie half a pixel from the corner that positions are measured from
        path = np.rint((item.line.points[::4, ::-1] - 0.5) * 16).astype(np.int32)
        cv2.polylines(picture, [path], item.line.closed, LINE, thickness, cv2.LINE_AA, 4)
    for item in found:
        for row, column in item.at:
            cv2.circle(picture, (int(column), int(row)), 2 + 2 * thickness, MARK, -1, cv2.LINE_AA)
    return Image(picture, scale, name=image.name if image else "")


def _as_rgb(image: Image) -> np.ndarray:
    low, high = image.range
    grey = np.clip((image.pixels.astype(np.float32) - low) * (255 / max(high - low, 1e-12)), 0, 255)
    pixels = np.nan_to_num(grey).astype(np.uint8)
    return pixels.copy() if image.is_color else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
