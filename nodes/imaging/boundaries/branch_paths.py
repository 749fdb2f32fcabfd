"""The branches of a boundary network as lines, to be pointed at."""

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.boundaries.skeleton_branches import Branches

AT_JUNCTION = 4.0
"""How far, in px, the end of a branch lies from the middle of the junction that it runs into, at most."""

SAME = 3
"""Boundaries at most so far apart, in px, are the same."""

LEAST = 8
"""Faint boundaries of fewer pixels are left out: where two drawings of one boundary differ, such pieces remain."""


class BranchPaths:
    """The branches of a network bool (H, W) between its junctions, each as a line of points (x, y)."""

    def __init__(self, network: npt.NDArray[np.bool_]) -> None:
        from scipy.spatial import cKDTree

        found = Branches(network, np.zeros(4, bool))
        rows, columns = np.nonzero(found.branch)
        numbers = found.branch[rows, columns]
        order = np.argsort(numbers, kind="stable")
        self._points = np.stack([columns, rows], axis=1)[order] + 0.5
        self._numbers = numbers[order]
        self._ends = np.searchsorted(self._numbers, np.arange(1, int(numbers.max(initial=0)) + 2))
        self._tree = cKDTree(self._points) if len(self._points) else None
        at = np.argwhere(found.thin & found.joints)[:, ::-1] + 0.5
        self._joints, self._joint_tree = at, cKDTree(at) if len(at) else None
        self._paths: dict[int, npt.NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self._ends) - 1

    def nearest(self, at: tuple[float, float], reach: float) -> npt.NDArray[np.float32] | None:
        """The branch nearest to a point (x, y), as float32 (n, 2); None where none comes within ``reach`` px of it."""
        away, number = self.nearest_number(at)
        return self.path(number) if away <= reach else None

    def nearest_number(self, at: tuple[float, float]) -> tuple[float, int]:
        """How far from a point (x, y) the nearest branch comes, in px, and its number; infinitely far for none."""
        if self._tree is None:
            return np.inf, 0
        away, place = self._tree.query(at)
        return float(away), int(self._numbers[place])

    def path(self, number: int) -> npt.NDArray[np.float32]:
        """Branch 1, 2, ... from end to end, float32 (n, 2), led into the junctions at its ends."""
        if number not in self._paths:
            points = self._points[self._ends[number - 1] : self._ends[number]]
            self._paths[number] = self._led_into_junctions(_in_order(points)).astype(np.float32)
        return self._paths[number]

    def _led_into_junctions(self, points: np.ndarray) -> np.ndarray:
        if self._joint_tree is None:
            return points
        away, place = self._joint_tree.query(points[[0, -1]])
        first = self._joints[place[:1]] if away[0] <= AT_JUNCTION else points[:0]
        last = self._joints[place[1:]] if away[1] <= AT_JUNCTION and place[0] != place[1] else points[:0]
        return np.concatenate([first, points, last])


class ProposedBranches:
    """The boundaries that a person may accept or reject: those of a ``network`` and, of a ``faint`` one with more in
    it, those that are not in the network, both bool (H, W)."""

    def __init__(self, network: npt.NDArray[np.bool_], faint: npt.NDArray[np.bool_] | None = None) -> None:
        self._shown = BranchPaths(network)
        around = cv2.dilate(network.view(np.uint8), np.ones((2 * SAME + 1, 2 * SAME + 1), np.uint8)) > 0
        self._more = BranchPaths(np.zeros_like(network) if faint is None else faint & ~around)
        paths = (self._more.path(number) for number in range(1, len(self._more) + 1))
        self.faint = [path for path in paths if len(path) >= LEAST]

    def nearest(self, at: tuple[float, float], reach: float) -> npt.NDArray[np.float32] | None:
        """The boundary nearest to a point (x, y), as float32 (n, 2); None where none comes within ``reach`` px."""
        away, _ = self._shown.nearest_number(at)
        faint = self._more.nearest(at, min(reach, away))
        return faint if faint is not None and len(faint) >= LEAST else self._shown.nearest(at, reach)


def _in_order(points: np.ndarray) -> np.ndarray:
    """The pixels (n, 2) of a line one pixel wide, from one end to the other; a ring is opened somewhere."""
    left = {(float(x), float(y)) for x, y in points}
    around = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)]

    def beside(at: tuple[float, float]) -> list[tuple[float, float]]:
        return [near for dx, dy in around if (near := (at[0] + dx, at[1] + dy)) in left]

    here: tuple[float, float] | None = min(left, key=lambda at: (len(beside(at)), at))
    path = []
    while here is not None:
        path.append(here)
        left.discard(here)
        here = next(iter(beside(here)), None)
    return np.array(path)
