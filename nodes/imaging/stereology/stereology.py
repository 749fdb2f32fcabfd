"""ASTM E112 grain size: planimetric count, mean lineal intercept, grain size number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from numba import boolean, float64, njit, types

from graingraph.nodes.imaging.boundaries import partition as plane
from graingraph.nodes.imaging.stereology.intercepts import Crossings, TestLine, cross, grazed, line_grid, unseen

DIRECTIONS = (0, 45, 90, 135)
"""Degrees from the rows, counterclockwise on the screen, in which intercepts are counted apart."""


SURELY_SEEN = 1.87
"""Root of the area in px² from which a grain of labels holds a pixel wherever it lies."""
OF_PIXEL = 0.67
"""So much of √a, in px, of the smallest grains of labels holds no middle of a pixel: two thirds for compact ones."""
SMALL_GRAINS_GROW = 3.5
"""By how much √a is more frequent at an area a than near 0, by a on the mean area, in sections of Voronoi grains."""

BROADER = 4
"""Pixels that drawn lines are made broader to see what they hide; with less, the steps of pixels weigh too much."""
ACROSS = 16
"""So many mean grains across is the part of an image that tells how much the lines hide."""
OF_PIXELS = 2.5
"""Width of lines in px that would hide as much as the pixels do by themselves, by what a test line misses of labels."""
BLIND = 0.39
"""What test lines in the ``DIRECTIONS`` miss of labels on average, in px (``TestLine.blind``)."""
CUT_BY_LINES = 0.4
"""How far inside the frame a grain counts as cut by it, by the width of drawn lines."""


@dataclass(frozen=True)
class Field:
    """One field of view: its grains, and what of its drawn boundaries parts no grains.

    ``partition`` is int32 (H, W), every pixel in a grain. ``loose`` bool (H, W) are pieces of drawn line, off the
    boundaries between grains, that end inside a grain. ``thickness`` of the lines in px and ``open_share``, the share
    of the line that is loose, are 0 for labels. ``hidden`` is what share of the crossings the width of the lines hides,
    ``hidden_per_px`` what each px of it does at first. Grains of fewer than ``smallest`` px² were taken for none.
    """

    partition: np.ndarray
    loose: np.ndarray | None = None
    thickness: float = 0.0
    open_share: float = 0.0
    hidden: float = 0.0
    hidden_per_px: float = 0.0
    smallest: int = 1

    @property
    def inset(self) -> float:
        """So many px from the frame straight test lines end: what is between it and drawn lines is hidden."""
        return 0.5 + math.ceil(self.thickness / 2)

    def hidden_from(self, blind: float) -> float:
        """What share of the crossings is hidden from test lines that miss so many px of labels."""
        return self.hidden + self.hidden_per_px * OF_PIXELS * blind


@dataclass(frozen=True)
class Counted:
    """How many grains or crossings there are on how large an area (px²) or how long a test line (px).

    ``missed`` is how many more there are on average by what is known of those that cannot be seen.
    """

    count: float
    extent: float
    missed: float = 0.0

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(self.count + other.count, self.extent + other.extent, self.missed + other.missed)

    @property
    def density(self) -> float:
        """Grains per px², or crossings per px; NaN of no extent."""
        return (self.count + self.missed) / self.extent if self.extent else math.nan

    @property
    def mean_intercept(self) -> float:
        """Mean lineal intercept in px: test line by crossing; NaN without a crossing."""
        return self.extent / (self.count + self.missed) if self.count else math.nan


def field_of_mask(boundaries: npt.NDArray[np.bool_], smallest: int = 1) -> Field:
    """Read a boundary mask (bool, H, W), drawn with lines of any thickness; half of it goes to each side.

    Cells of fewer than ``smallest`` pixels count as part of the line.
    """
    if not boundaries.any():
        return Field(plane.fill_plane(plane.cells(boundaries)))
    grains = _grains(boundaries, smallest)
    if not grains.any():
        return Field(grains)
    between, drawn = plane.borders(grains), np.count_nonzero(boundaries)
    thickness = min(drawn / max(plane.border_length(grains), 1.0), 50.0)
    loose = _far_from(np.ascontiguousarray(boundaries), between, thickness / 2 + 1.5)
    hidden = _hidden(boundaries, grains, smallest, thickness)
    return Field(grains, loose, thickness, np.count_nonzero(loose) / drawn, *hidden, smallest)


_MASK = types.Array(boolean, 2, "C", readonly=True)


@njit(boolean[:, ::1](_MASK, _MASK, float64), cache=True, nogil=True)
def _far_from(mask: np.ndarray, lines: np.ndarray, distance: float) -> np.ndarray:
    """The pixels of the mask (bool, H, W) farther than this from every pixel of the lines (bool, H, W)."""
    height, width = mask.shape
    reach = int(distance)
    off = np.empty((height, width), np.int16)  # how far the next line lies in the column, as far as it matters
    for r in range(height):
        for c in range(width):
            off[r, c] = 0 if lines[r, c] else min(off[r - 1, c] + 1, reach + 1) if r else reach + 1
    for r in range(height - 2, -1, -1):
        for c in range(width):
            off[r, c] = min(off[r, c], off[r + 1, c] + 1)
    found = np.zeros((height, width), np.bool_)
    for r in range(height):
        for c in range(width):
            if not mask[r, c] or lines[r, c]:
                continue
            near = False
            for x in range(max(c - reach, 0), min(c + reach + 1, width)):
                if off[r, x] <= reach and np.int64(off[r, x]) ** 2 + (x - c) ** 2 <= distance**2:
                    near = True
                    break
            found[r, c] = not near
    return found


def _grains(boundaries: np.ndarray, smallest: int) -> np.ndarray:
    cells = plane.cells(boundaries)
    return plane.fill_plane(cells if smallest <= 1 else plane.drop_small(cells, smallest))


def _hidden(boundaries: np.ndarray, grains: np.ndarray, smallest: int, thickness: float) -> tuple[float, float]:
    """Share of the crossings that drawn lines hide, because grains, or tips of grains, are narrower than the lines.

    Also what each px of their width hides at first. Crossings are counted again with broader lines, away from the
    frame, where the width hides besides what is cut off by it. Chords of a length x are about 1 + x / mean intercept as
    frequent as those near 0 (sections of Voronoi grains), so that lines of a width T, out of T and the broader ones'
    ``BROADER`` px more, hide in proportion to T + T² / 2 mean intercepts. The middle of the image, with some hundred
    grains, tells enough. Oracle: boundaries of 3-D Voronoi sections drawn 1 to 5 px wide.
    """
    pitch = _pitch(grains)
    middle = tuple(
        slice(int(max(0, (side - ACROSS * pitch) / 2)), int((side + ACROSS * pitch) / 2) + 1) for side in grains.shape
    )
    boundaries, grains = np.ascontiguousarray(boundaries[middle]), np.ascontiguousarray(grains[middle])
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BROADER + 1, BROADER + 1))
    fewer = _grains(cv2.dilate(boundaries.view(np.uint8), brush).view(bool), smallest)
    inset = 0.5 + math.ceil((thickness + BROADER) / 2)
    lines = line_grid(grains.shape, max(2.0, pitch / 2), inset=inset)
    before, after = (sum(item.count for item in cross(lines, partition)) for partition in (grains, fewer))
    if not before > after:
        return 0.0, 0.0
    mean_intercept = sum(line.length for line in lines) / before
    share = (before - after) / before / BROADER
    at_first = share / (1 + (thickness + BROADER / 2) / mean_intercept)
    return at_first * thickness * (1 + thickness / (2 * mean_intercept)), at_first


def _pitch(partition: np.ndarray) -> float:
    """About the side of a square as large as the mean grain, in px."""
    return math.sqrt(partition.size / max(int(partition.max(initial=0)), 1))


def field_of_labels(labels: npt.NDArray[np.int32]) -> Field:
    """Read grains (int32, H, W) that fill the plane or leave a line of background between them."""
    return Field(plane.fill_plane(labels))


def _shares(partition: np.ndarray, count: int) -> np.ndarray:
    """What each grain counts, float (count,) by its number: whole ones 1, cut by an edge ½, the four corners ¼ each.

    Source: Jeffries 1916; Saltykov 1958.
    """
    shares = np.ones(count)
    shares[0] = 0
    shares[plane.at_frame(partition)] = 0.5
    corners = [int(partition[r, c]) for r in (0, -1) for c in (0, -1)]
    shares[corners] = 0
    np.add.at(shares, [corner for corner in corners if corner], 0.25)
    return shares


def planimetric(field: Field) -> tuple[Counted, int]:
    """Grains on the area of the field, and how many of them lie inside.

    The frame is that through the middles of the outermost pixels, since by these a grain is cut or not: its area is
    (H − 1)(W − 1) px²; with drawn lines, behind which slivers at it vanish and grains near it reach it, less
    (``CUT_BY_LINES``). ``missed`` makes good the grains that the pixels, or the lines of a mask, are too coarse for:
    where grains have corners, those near which the section passes have areas a of which √a is equally frequent near 0,
    so that those of a size that is surely seen tell of all below, larger ones by 1 + 3.5 a / mean area more (sections
    of Voronoi grains). Behind lines long grains are lost besides; as many as crossings are. Without small grains, as
    among squares, nothing is missed.
    Oracle: sections of 3-D Voronoi grains, drawn six times as finely; lines of 1 to 5 px. Known error: under 0.5 % from
    10 px mean intercept for labels; for lines up to a quarter of it wide under 2 %.
    """
    partition = field.partition
    inset = 0.5 + CUT_BY_LINES * field.thickness
    extent = math.prod(max(0.0, side - 2 * inset) for side in partition.shape)
    areas = np.bincount(partition.ravel())
    shares = np.where(areas > 0, _shares(partition, len(areas)), 0.0)
    count = float(shares.sum())
    inside = int(np.count_nonzero(areas[1:])) - len(plane.at_frame(partition))
    if count < 1 or not extent:
        return Counted(count, extent), inside
    mean = extent / count
    low = max(SURELY_SEEN, 1.2 + 1.2 * field.thickness) ** 2
    high = max(2.5 * low, 0.1 * mean)
    if high > mean / 2 or field.smallest > 1:  # nothing tells small grains from others, or they are none
        return Counted(count, extent, count * field.hidden_from(BLIND)), inside
    whole = shares == 1  # of those at the frame some are seen as whole that are cut, and as many not at all
    telling = int(np.count_nonzero(whole & (areas >= low) & (areas < high)))
    below = telling * _by_root(low, mean) / (_by_root(high, mean) - _by_root(low, mean))
    if not field.thickness:
        return Counted(count, extent, OF_PIXEL * below / _by_root(low, mean)), inside
    # Where a line runs into itself it leaves specks, so that the smallest cells are none of the grains that are lost.
    seen = float(shares[~whole | (areas >= low)].sum())
    return Counted(count, extent, (seen + below) * (1 + field.hidden_from(BLIND)) - count), inside


def _by_root(area: float, mean: float) -> float:
    """The integral over √a, from 0 to this area, of how frequent grains of area a are, by how they are near 0."""
    return math.sqrt(area) * (1 + SMALL_GRAINS_GROW * area / (3 * mean))


def cross_all(lines: Sequence[TestLine], field: Field) -> tuple[list[Crossings], Counted]:
    """The crossings of the test lines with a field's boundaries, and all of them on the length of the lines."""
    found = cross(lines, field.partition, field.loose)
    count, length = sum(item.count for item in found), sum(item.line.length for item in found)
    missed = unseen(found)
    if field.thickness:
        missed = sum(item.count * field.hidden_from(item.line.blind) for item in found) + grazed(found)
    return found, Counted(count, length, missed)


def by_direction(field: Field) -> dict[int, Counted]:
    """Crossings of parallel lines in each of the ``DIRECTIONS``, about a mean intercept apart, over the whole field."""
    lines = line_grid(field.partition.shape, max(2.0, _pitch(field.partition)), DIRECTIONS, field.inset)
    return {angle: cross_all([line for line in lines if line.name == f"{angle}°"], field)[1] for angle in DIRECTIONS}


def g_from_intercept(millimetres: float) -> float:
    """Grain size number from the mean lineal intercept in mm (E112, Table 6); NaN where there is none."""
    return -6.643856 * math.log10(millimetres) - 3.288 if millimetres > 0 else math.nan


def g_from_density(per_square_millimetre: float) -> float:
    """Grain size number from the grains per mm² (E112, Table 6); NaN where there is none."""
    return 3.321928 * math.log10(per_square_millimetre) - 2.954 if per_square_millimetre > 0 else math.nan
