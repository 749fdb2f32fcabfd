"""The interface near a line drawn roughly along it: the path on which the grey changes most, and how clear it is."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numba
import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.filters.between_pixels import read_between

ALONG, ACROSS = 3.0, 1.5
"""Standard deviations in px of the Gaussians along and across the line, which even out noise and keep the interface."""
STRONG = 98.0
"""Percentile of the change of grey in the band above which it counts no more: one bright speck draws no path."""
STEP_COST = 0.2
"""What a path pays for each step of a px across, of 1 for a px on the strongest change."""
FINE = 4
"""Pixels around the path found within which it then goes where the change is largest, without regard to the line."""
PIECE = 5
"""An interface is judged in pieces so many times as long as the line's reach."""
DIFFERENT = 0.2
"""Kolmogorov-Smirnov distance from which two sets of grey levels differ; paths through noise and shade reach 0.1."""
RATHER_THAN_BESIDE = 1.5
"""The two sides differ so many times as much as the near and the far half of the more even side do: else it is shade
that changes here as everywhere."""
LINE = 0.25
"""The same distance between a thin line and what lies beside it; each path follows what is a little out of the way."""
LEAST = 8
"""Pixels to either side of the path that are looked at when it is judged, at least."""
CORE = 1
"""Pixels to either side of the path that a thin line takes."""


TOGETHER = 2.0
"""Pixels apart up to which two interfaces are taken for one."""


@dataclass(frozen=True)
class Interface:
    """``points`` float64 (n, 2) as (x, y), pixel centres at integers + ½, about 1 px apart.

    ``clear`` is the share of the length over which it stands out from what lies beside it, 0 to 1.
    """

    points: npt.NDArray[np.float64]
    clear: float


def to_frame(line: npt.NDArray[np.float64], shape: tuple[int, int], near: float) -> npt.NDArray[np.float64]:
    """The line (n, 2) with those ends that are less than ``near`` px from the frame (H, W) drawn out over it.

    What lies far beyond the frame is brought near it, so that a line costs no more than it can tell.
    """
    line = np.clip(line, -2 * near, np.array(shape[::-1], float) + 2 * near)
    line = line[np.r_[True, np.hypot(*np.diff(line, axis=0).T) > 0]]
    if len(line) < 2:
        return line
    ends = []
    for points in (line, line[::-1]):
        further = np.flatnonzero(np.hypot(*(points - points[0]).T) >= near)
        out = points[0] - points[further[0] if further.size else -1]
        to_side = np.append(points[0], np.array(shape[::-1], float) - points[0]).min()
        reached = points[0] + out / max(np.hypot(*out), 1e-9) * 2 * near
        ends.append(reached[None] if to_side < near else np.empty((0, 2)))
    return np.concatenate([ends[0], line, ends[1]])


@dataclass(frozen=True)
class Beside:
    """The stretch of two lines (n, 2) and (m, 2), both in one direction, over which they run beside each other.

    ``share`` is that of the longer one's length in the picture, ``together`` the share on which both are one, 0 to 1.
    """

    one: npt.NDArray[np.float64]
    other: npt.NDArray[np.float64]
    share: float
    together: float


def run_beside(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], shape: tuple[int, int]) -> Beside:
    """What two lines have in common along a layer in a picture (H, W).

    An end in the picture that reaches further than the other line is cut off square to that. Where both lines leave the
    picture, its frame ends the layer.
    """
    from scipy.spatial import cKDTree

    one, other = _every_pixel(one), _every_pixel(other)

    def apart(k: int, j: int) -> float:
        return float(np.hypot(*(one[k] - other[j])))

    def within(line: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        return np.asarray(((line >= 0) & (line <= np.array(shape[::-1]))).all(axis=1))

    if apart(0, 0) + apart(-1, -1) > apart(0, -1) + apart(-1, 0):
        other = other[::-1]
    longest = max(within(one).sum(), within(other).sum(), 1)
    for _ in range(2):  # once from each end
        if within(one[:1]).any() or within(other[:1]).any():
            on_other, on_one = (int(cKDTree(line).query(end)[1]) for line, end in ((other, one[0]), (one, other[0])))
            one, other = (one, other[on_other:]) if on_other > on_one else (one[on_one:], other)
        one, other = one[::-1], other[::-1]
    share = min(within(one).sum(), within(other).sum()) / longest
    return Beside(one, other, float(share), float((cKDTree(other).query(one)[0] < TOGETHER).mean()))


def interface_near(grey: npt.NDArray[np.float32], line: npt.NDArray[np.float64], reach: int) -> Interface:
    """The interface in float32 (H, W) within ``reach`` px of a line (n, 2) with pixel centres at integers + ½.

    The band along the line is straightened, and the path through it is found on which the change of grey is largest in
    all (dynamic programming; the change is the local energy of Morrone and Burr 1988, √(slope² + curvature²), so that
    steps count as thin bright or dark lines do). The nearer to the line, the more a change counts: where there are
    several interfaces, the line tells which is meant. ``ValueError`` for a line without length, or outside the picture.
    Oracles: drawn wedges and sine interfaces, steps and thin lines, with noise.
    """
    off = np.arange(-reach, reach + 1)
    found, kind = _path(grey, line, off, lambda change: np.abs(change) * (1 - (off / reach) ** 2))
    fine = np.arange(-FINE, FINE + 1)
    path, _ = _path(grey, found, fine, lambda change: np.maximum((change * kind.conjugate()).real, 0))
    # Judged before it was drawn to what looks like an interface of its kind.
    middles, normals = _course(found, 1.0)
    inside = ((middles >= 0) & (middles <= np.array(grey.shape[::-1]))).all(axis=1)
    if not inside.any():
        raise ValueError("the line lies outside the picture")
    beside = max(reach, LEAST)
    band = _band(grey, middles[inside], normals[inside], np.arange(-beside, beside + 1))
    return Interface(_course(path, 1.0)[0], _clear_share(band, beside))


def _path(
    grey: npt.NDArray[np.float32],
    line: npt.NDArray[np.float64],
    off: npt.NDArray[np.intp],
    worth: Callable[[npt.NDArray[np.complex64]], npt.NDArray[np.floating]],
) -> tuple[npt.NDArray[np.float64], complex]:
    """The points (n, 2) of the path of most worth among those ``off`` the line (m, 2) in px, and the mean change on it.

    The latter has the length 1 and says what kind of interface it is: ±1 steps up or down, ±i dark or bright lines.
    """
    middles, normals = _course(line, off[-1] / 2)
    change = _change(_band(grey, middles, normals, off))
    gain = np.asarray(worth(change), np.float32)
    strongest = float(np.percentile(gain, STRONG))
    columns = _best_path(np.asarray(np.minimum(gain, strongest) / (strongest or 1.0), np.float32))
    kind = complex(change[np.arange(len(columns)), columns].sum())
    return middles + normals * off[columns][:, None], kind / (abs(kind) or 1.0)


def _course(line: npt.NDArray[np.float64], smooth: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Places 1 px apart along the line, evened out by a Gaussian of ``smooth`` px, and normals there, (n, 2) each."""
    from scipy.ndimage import gaussian_filter1d

    for sigma in (smooth, 0.0):
        line = _every_pixel(line)
        if len(line) < 2:
            raise ValueError("the line has no length")
        if sigma:
            margin = int(4 * sigma)
            padded = np.pad(line, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")
            line = gaussian_filter1d(padded, sigma, axis=0)[margin:-margin]
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    return line, np.stack([-along[:, 1], along[:, 0]], axis=1)


def _every_pixel(line: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Places about 1 px apart along a line (n, 2), with both its ends."""
    way = np.append(0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T)))
    at = np.linspace(0, way[-1], 1 + int(way[-1] + 0.5))
    return np.stack([np.interp(at, way, line[:, k]) for k in (0, 1)], axis=1)


def _band(
    grey: npt.NDArray[np.float32],
    middles: npt.NDArray[np.float64],
    normals: npt.NDArray[np.float64],
    off: npt.NDArray[np.intp],
) -> npt.NDArray[np.float32]:
    """The grey levels float32 (n, m) so many px off each of n places along its normal."""
    x, y = (np.asarray(middles[:, k, None] + normals[:, k, None] * off - 0.5, np.float32) for k in (0, 1))
    return read_between(grey, x, y)


def _change(band: npt.NDArray[np.float32]) -> npt.NDArray[np.complex64]:
    """Slope + i · curvature of the grey across the line in each place of a straightened band, complex64 (n, m)."""
    smooth = cv2.GaussianBlur(band, (0, 0), sigmaX=ACROSS, sigmaY=ALONG)
    slope = ACROSS * np.gradient(smooth, axis=1)
    return np.asarray(slope + 1j * ACROSS * np.gradient(slope, axis=1), np.complex64)


@numba.njit(cache=True, nogil=True)
def _best_path(gain: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """The column in each row of float32 (n, m) on the path of the largest sum that moves by 1 a row at most."""
    rows, columns = gain.shape
    best = gain.astype(np.float64)
    for row in range(1, rows):
        for column in range(columns):
            before = best[row - 1, column]
            if column > 0:
                before = max(before, best[row - 1, column - 1] - STEP_COST)
            if column < columns - 1:
                before = max(before, best[row - 1, column + 1] - STEP_COST)
            best[row, column] += before
    path = np.empty(rows, np.intp)
    path[-1] = best[-1].argmax()
    for row in range(rows - 2, -1, -1):
        after = path[row + 1]
        path[row] = after
        for column in (after - 1, after + 1):
            if 0 <= column < columns and best[row, column] - STEP_COST > best[row, path[row]] - STEP_COST * (
                path[row] != after
            ):
                path[row] = column
    return path


def _clear_share(band: npt.NDArray[np.float32], reach: int) -> float:
    """The share of the pieces of a band (n, 2·reach + 1), interface in the middle, on which that stands out.

    Either its two sides differ in grey, or a thin line along it differs from both. How they differ is that of the whole
    length: pores along a line that follows no interface have edges, too, but not the same ones.
    """
    half = reach // 2
    pieces = [
        piece - np.median(piece)  # light may change along the line
        for piece in np.array_split(band, max(1, round(len(band) / (PIECE * reach))))
    ]
    whole = np.concatenate(pieces)
    away = np.arange(-reach, reach + 1)
    one, other, core = (away < 0) & (away >= -half), (away > 0) & (away <= half), np.abs(away) <= CORE
    beside = (np.abs(away) > 2 * CORE) & (np.abs(away) <= half)
    shade = min(
        abs(_apart(whole[:, near], whole[:, far])[1])
        for near, far in ((one, (away < -half) & (away >= -2 * half)), (other, (away > half) & (away <= 2 * half)))
    )
    shares = []
    for within, without, least in ((one, other, max(DIFFERENT, RATHER_THAN_BESIDE * shade)), (core, beside, LINE)):
        level, apart = _apart(whole[:, within], whole[:, without])
        here = [(piece[:, within] <= level).mean() - (piece[:, without] <= level).mean() for piece in pieces]
        alike = np.sign(apart) * np.array(here) >= DIFFERENT / 2
        shares.append(float(alike.mean()) if abs(apart) >= least else 0.0)
    return max(shares)


def _apart(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> tuple[float, float]:
    """At which level the cumulative distributions of two sets of greys differ most, and by how much (signed)."""
    a, b = np.sort(one, axis=None), np.sort(other, axis=None)
    at = np.concatenate([a, b])
    if not a.size or not b.size:
        return 0.0, 0.0
    differences = np.searchsorted(a, at, "right") / a.size - np.searchsorted(b, at, "right") / b.size
    most = int(np.abs(differences).argmax())
    return float(at[most]), float(differences[most])
