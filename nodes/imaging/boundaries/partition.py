"""Grains between the lines of a boundary network: cells, partitions of the plane, landscapes for the watershed.

A *network* is a bool (H, W) array of boundary pixels; a *partition* is an int32 (H, W) array in which every pixel
belongs to a grain 1..n, so grains meet along pixel edges and a boundary has no width of its own.
"""

import cv2
import numpy as np
import numpy.typing as npt

SURELY_INSIDE = 0.02
"""Boundary probabilities up to this are all the same: the inside of a grain."""


def connect_diagonals(network: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the network (bool, H, W) 4-connected: where two pixels touch by a corner only, a third joins them.

    Without it a thin test line, or a neighbouring grain, slips through a one-pixel diagonal line.
    """
    joined = network.copy()
    a, b, c, d = network[:-1, :-1], network[:-1, 1:], network[1:, :-1], network[1:, 1:]
    joined[:-1, 1:] |= a & d & ~b & ~c
    joined[:-1, :-1] |= b & c & ~a & ~d
    return joined


def cells(network: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Number the regions enclosed by the network (bool, H, W): int32 (H, W), 0 on the network itself."""
    open_area = (~connect_diagonals(network)).view(np.uint8)
    return np.asarray(cv2.connectedComponents(open_area, connectivity=4, ltype=cv2.CV_32S)[1])


def fill_plane(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Give every background pixel of ``labels`` (int32, H, W) to the nearest feature; a partition of the plane."""
    background = (labels == 0).view(np.uint8)
    if not background.any() or background.all():
        return labels.copy()
    _, nearest = cv2.distanceTransformWithLabels(background, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    background = background.view(bool)
    owner = labels[~background]  # OpenCV numbers the pixels of features from 1 on, row by row
    filled = labels.copy()
    filled[background] = owner[nearest[background] - 1]
    return filled


def drop_small(
    labels: npt.NDArray[np.int32], smallest: int, smallest_at_frame: int | None = None
) -> npt.NDArray[np.int32]:
    """Return ``labels`` (int32, H, W) without features of fewer than ``smallest`` pixels, numbered without gaps.

    For features at the frame the limit is ``smallest_at_frame``, where it is given.
    """
    sizes = np.bincount(labels.ravel())
    keep = sizes >= max(smallest, 1)
    if smallest_at_frame is not None:
        cut = at_frame(labels)
        keep[cut] = sizes[cut] >= max(smallest_at_frame, 1)
    keep[0] = False
    number = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    return np.asarray(number[labels])


def at_frame(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The numbers of the features that reach the outermost row or column of ``labels`` (int32, H, W), ascending."""
    found = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return found[found > 0]


def highest(values: npt.NDArray[np.floating], pieces: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.float32]:
    """The largest of the values (H, W), none below 0, in each of the pieces (int32, H, W), float32 (count + 1,)."""
    found = np.zeros(count + 1, np.float32)
    np.maximum.at(found, pieces.ravel(), values.ravel())
    return found


def borders(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Pixels (bool, H, W) whose right, lower or lower right neighbour belongs to another feature; 4-connected lines."""
    lines = np.zeros(labels.shape, bool)
    lines[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    lines[:-1] |= labels[:-1] != labels[1:]
    lines[:-1, :-1] |= labels[:-1, :-1] != labels[1:, 1:]
    return lines


def border_lines(labels: npt.NDArray[np.int32], width: int) -> npt.NDArray[np.bool_]:
    """The borders drawn ``width`` px wide: bool (H, W)."""
    lines = borders(labels)
    if width == 1:
        return lines
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return cv2.dilate(lines.view(np.uint8), brush).view(bool)


def border_length(partition: npt.NDArray[np.int32]) -> float:
    """Total length, in pixels, of the borders between grains (Crofton: pixel edges overstate it by 4/π)."""
    edges = np.count_nonzero(partition[:, 1:] != partition[:, :-1])
    edges += np.count_nonzero(partition[1:] != partition[:-1])
    return float(edges * np.pi / 4)


def closing_landscape(network: npt.NDArray[np.bool_], max_gap: int) -> tuple[npt.NDArray[np.float32], float]:
    """A landscape float32 (H, W), and how deep a pass parts its summits, that closes gaps up to ``max_gap`` px wide.

    It rises with the distance from the network, up to a little more than ``max_gap``. The pass through a gap that wide
    is half as high; so only pieces at least twice as wide as the gap become grains of their own.
    """
    distance = _distance(~connect_diagonals(network))
    plateau = max_gap + 1.5  # the middle of a gap of n pixels lies (n + 1) / 2 from the pixels at both its sides
    return np.minimum(distance, plateau) + _slope(distance, plateau), plateau / 2


def probability_landscape(boundary: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """A landscape float32 (H, W) with grains as plateaus and boundaries, by their probability (H, W), as valleys."""
    inside = boundary <= SURELY_INSIDE
    return 1 - np.maximum(boundary, SURELY_INSIDE, dtype=np.float32) + _slope(_distance(inside), 1.0)


def _distance(inside: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.distanceTransform(inside.view(np.uint8), cv2.DIST_L2, 5))


def _slope(distance: np.ndarray, height: float) -> np.ndarray:
    """A faint rise towards the middle of a plateau; on a level one the watershed would start from every pixel."""
    return distance * np.float32(0.005 * height / max(1.0, float(distance.max())))
