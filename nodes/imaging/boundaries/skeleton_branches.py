"""The boundary between two junctions, as a piece of a network's skeleton and the pixels around it."""

import cv2
import numpy as np
import numpy.typing as npt

BLOCK = np.ones((3, 3), np.uint8)


def skeleton(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Middle lines of a mask, bool (H, W), one pixel wide (Zhang and Suen 1984)."""
    from graingraph.nodes.imaging.boundaries.thinning import thinned

    # The frame keeps what runs out of the image from being thinned away from its edge.
    return thinned(cv2.copyMakeBorder(mask.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE).view(bool))[1:-1, 1:-1]


def half_widths(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.floating]:
    """Distance of each pixel of the mask to the nearest pixel off it, in px."""
    # A window without background would be infinitely far from it.
    return np.minimum(cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 5), max(mask.shape))


def pruned(thin: npt.NDArray[np.bool_], longest: float, rounds: int = 100) -> npt.NDArray[np.bool_]:
    """The skeleton (bool, H, W) without spurs: branches of at most ``longest`` px from a junction to a free end.

    A spur that hung on another shows only when that is gone, so it is looked again, so many ``rounds``. Lines without
    a junction and branches that run out of the image stay.
    """
    for _ in range(rounds):
        fewer = _without_spurs(thin, longest)
        if np.array_equal(fewer, thin):
            break
        thin = fewer
    return thin


class Branches:
    """A network bool (H, W) taken apart into branches between junctions.

    ``cut`` says which sides (top, left, bottom, right) are cut out of a larger image. ``thin`` is the skeleton without
    spurs, ``branch`` int32 (H, W) the number of the branch of each of its pixels (0 at junctions).
    """

    def __init__(self, mask: np.ndarray, cut: np.ndarray) -> None:
        self.mask, self.cut = mask, cut
        self.half = half_widths(mask)
        thin = skeleton(mask)
        middle = self.half[thin]
        self.spur = 3 + 2 * float(np.median(middle)) if len(middle) else 0.0
        self.thin = thin = pruned(thin, self.spur, rounds=3)
        self.joints, self.branch = _parts(thin)
        off = np.where(thin, 0, 255).astype(np.uint8)
        _, owner = cv2.distanceTransformWithLabels(off, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
        self.rows, self.columns = _places(owner, thin)
        self.owner = owner

    def branches_at(self, pixels: np.ndarray) -> list[int]:
        """The branches that these pixels (row, column) lie on, without those hardly touched."""
        on = pixels[self.mask[pixels[:, 0], pixels[:, 1]]] if len(pixels) else pixels
        if not len(on) or not self.thin.any():
            return []
        owner = self.owner[on[:, 0], on[:, 1]]
        counts = np.bincount(self.branch[self.rows[owner], self.columns[owner]])
        counts[0] = 0
        return [int(b) for b in np.flatnonzero(counts > 0.25 * counts.max(initial=0))]

    def one_of_each_junction(self, branches: list[int], pixels: np.ndarray) -> list[int]:
        """Of branches that the pixels (row, column) touch at the junction where they meet, the one they lie on most.

        A branch that they also touch away from the junction is meant itself, and then it alone.
        """
        on = pixels[self.mask[pixels[:, 0], pixels[:, 1]]] if len(pixels) else pixels
        if len(branches) < 2 or not len(on):
            return branches
        owner = self.owner[on[:, 0], on[:, 1]]
        rows, columns = self.rows[owner], self.columns[owner]
        count, places = cv2.connectedComponents((self.thin & self.joints).view(np.uint8), connectivity=8)
        owned, kept = self.branch[rows, columns], set(branches)
        for junction in np.unique(places[rows, columns]):
            if not 0 < junction < count:
                continue
            here = (places == junction).view(np.uint8)
            meeting = kept & set(np.unique(self.branch[cv2.dilate(here, BLOCK) > 0]).tolist())
            if len(meeting) < 2:
                continue
            far = cv2.distanceTransform(1 - here, cv2.DIST_L2, 5)[rows, columns] > self.spur
            meant = {b for b in meeting if (far & (owned == b)).any()}
            meant = meant or {max(sorted(meeting), key=lambda b: int((owned == b).sum()))}
            kept -= meeting - meant
        return sorted(kept)

    def reaches_out(self, branches: list[int]) -> bool:
        """Whether one of these branches goes on beyond a cut side, so that its end is not known."""
        chosen = np.isin(self.branch, branches) if branches else np.zeros(self.mask.shape, bool)
        sides = (chosen[:4], chosen[:, :4], chosen[-4:], chosen[:, -4:])
        return any(bool(side.any()) for side, cut in zip(sides, self.cut, strict=True) if cut)

    def zone(self, branches: list[int]) -> npt.NDArray[np.bool_]:
        """The pixels that go when these branches do, bool (H, W); boundaries that stay keep their width."""
        gone = np.isin(self.branch, branches)
        rest = self.thin & ~gone
        close = cv2.dilate(gone.view(np.uint8), np.ones((9, 9), np.uint8)) > 0
        for _ in range(3):  # the stub that a branch leaves in its junctions
            rest &= ~((_neighbours(rest) < 2) & close & self.joints)
        gone = self.thin & ~rest
        zone = self.mask & gone[self.rows[self.owner], self.columns[self.owner]]
        nearby = cv2.dilate(gone.view(np.uint8), np.ones((41, 41), np.uint8)) > 0
        widths = self.half[rest & nearby & ~self.joints]
        if not len(widths):
            return zone
        away = cv2.distanceTransform(np.where(rest, 0, 255).astype(np.uint8), cv2.DIST_L2, 5)
        return zone & (away > float(np.median(widths)) + 0.01)


def _without_spurs(thin: np.ndarray, longest: float) -> np.ndarray:
    joints, branch = _parts(thin)
    ends = thin & (_neighbours(thin) == 1)
    ends[:4] = ends[-4:] = ends[:, :4] = ends[:, -4:] = False  # these run out of the image
    sizes = np.bincount(branch.reshape(-1))
    at_joint = cv2.dilate((joints & thin).view(np.uint8), BLOCK) > 0
    short = np.intersect1d(branch[ends], branch[at_joint & (branch > 0)])
    short = short[sizes[short] <= longest]
    return skeleton(thin & ~np.isin(branch, short[short > 0]))


def _parts(thin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where junctions are (with the pixels around them), and the number of each branch between them."""
    padded = np.pad(thin.astype(np.int8), 1)
    h, w = thin.shape
    ring = [(0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0)]
    around = [padded[r : r + h, c : c + w] for r, c in ring]
    arms = sum((around[i] < around[(i + 1) % 8]).astype(np.int8) for i in range(8))
    block = cv2.erode(thin.view(np.uint8), np.ones((2, 2), np.uint8)) > 0
    joints = cv2.dilate(((thin & (arms >= 3)) | block).view(np.uint8), BLOCK) > 0
    return joints, cv2.connectedComponents((thin & ~joints).view(np.uint8), connectivity=8)[1]


def _neighbours(thin: np.ndarray) -> np.ndarray:
    counts = cv2.boxFilter(thin.view(np.uint8), cv2.CV_32F, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return counts.astype(np.int32) - thin


def _places(owner: np.ndarray, thin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the skeleton pixel behind each number in ``owner``."""
    rows, columns = np.zeros(owner.max() + 1, np.int64), np.zeros(owner.max() + 1, np.int64)
    y, x = np.nonzero(thin)
    rows[owner[y, x]], columns[owner[y, x]] = y, x
    return rows, columns
