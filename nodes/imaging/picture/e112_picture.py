"""Drawing E112 test lines and their crossings."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.stereology.intercepts import Crossings

LINE = (40, 150, 255)
MARK = (255, 60, 60)


def draw_pattern(
    network: npt.NDArray[np.bool_], found: Sequence[Crossings], rgb: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.uint8]:
    """An RGB picture (uint8, H, W, 3) of the test lines with a dot at each crossing.

    Below lies the micrograph ``rgb`` (uint8, H, W, 3), or the boundaries where none of their size is given.
    """
    picture: npt.NDArray[np.uint8]
    if rgb is None or rgb.shape[:2] != network.shape:
        picture = cv2.cvtColor(np.where(network, 210, 40).astype(np.uint8), cv2.COLOR_GRAY2RGB)  # type: ignore[assignment]
    else:
        picture = rgb.copy()
    thickness = max(1, round(min(network.shape) / 800))
    for item in found:
        # cv2 draws through pixel centres, which lie half a pixel from the corner that positions are measured from
        path = np.rint((item.line.points[::4, ::-1] - 0.5) * 16).astype(np.int32)
        cv2.polylines(picture, [path], item.line.closed, LINE, thickness, cv2.LINE_AA, 4)
    for item in found:
        for row, column in item.at:
            cv2.circle(picture, (int(column), int(row)), 2 + 2 * thickness, MARK, -1, cv2.LINE_AA)
    return picture
