"""Chords: what lines in many directions pass through from boundary to boundary, and how that depends on direction."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from graingraph.nodes.imaging.filters.between_pixels import read_between
from graingraph.nodes.imaging.stereology.intercepts import STEP, cross, line_grid, unseen

ORIENTED = 0.571
"""Of N_L along the bands in Ω₁₂: it is 0 for a random and 1 for a wholly oriented structure (ASTM E1268, Underwood)."""
PITCH = 0.5
"""Pixels from one sample of a line through phases to the next."""
AT_ONCE = 1 << 22
"""Samples that are read at a time, some 100 MB."""
SMOOTH = 0.8
"""Standard deviation in px of the Gaussian that takes the staircase off the boundaries of phases."""
SURE = 0.2
"""By how much a smoothed phase has to exceed the next for a line to have entered it: what is left of the staircase
wavers by less, so that a line along a boundary does not cross it again and again."""


@dataclass(frozen=True)
class Chords:
    """Chords from boundary to boundary: ``length`` float (n,) in px, ``direction`` float (n,) in °, ``owner`` int (n,).

    ``owner`` is the number of the grain or phase. ``weight`` float (n,) is one over the chance that a chord of this
    length lies whole on its line, so that long ones, which the frame cuts more often, count in full.
    """

    length: npt.NDArray[np.float64]
    direction: npt.NDArray[np.float64]
    owner: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Directions:
    """In each of the ``degrees`` (d,) the length of all lines in px and how often they cross boundaries, both (d,)."""

    degrees: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.float64]
    crossings: npt.NDArray[np.float64]

    @property
    def per_length(self) -> npt.NDArray[np.float64]:
        """P_L, crossings per px in each direction (d,); NaN where the image has no room for a line."""
        unknown = np.full(self.lengths.size, np.nan)
        return np.divide(self.crossings, self.lengths, out=unknown, where=self.lengths > 0)

    @property
    def mean_per_length(self) -> float:
        """P_L of all directions that have lines, each of which counts the same; 0 where none has."""
        known = self.per_length[self.lengths > 0]
        return float(known.mean()) if known.size else 0.0


def directions(count: int) -> npt.NDArray[np.float64]:
    """So many directions between 0 and 180°, evenly spaced, (count,)."""
    return np.arange(count) * 180.0 / count


def chords_of_grains(
    partition: npt.NDArray[np.int32], spacing: float, degrees: npt.NDArray[np.float64]
) -> tuple[Directions, Chords]:
    """Cross grains that fill the plane (int32, H, W) with lines ``spacing`` px apart in each direction (d,) in °.

    Oracles: stripes, sections of 3-D Voronoi grains, also drawn out.
    """
    lengths, crossings = np.zeros(degrees.size), np.zeros(degrees.size)
    found = []
    for k, angle in enumerate(degrees):
        lines = cross(line_grid(partition.shape, spacing, (float(angle),)), partition)
        lengths[k] = sum(one.line.length for one in lines)
        crossings[k] = sum(one.count for one in lines) + unseen(lines)
        for one in lines:
            if one.count > 1:
                rows, columns = (
                    np.clip(one.at[:-1, axis].astype(int), 0, partition.shape[axis] - 1) for axis in (0, 1)
                )
                weight = one.line.length / np.maximum(one.line.length - one.chords, STEP)
                found.append((one.chords, np.full(one.chords.size, angle), partition[rows, columns], weight))
    return Directions(degrees, lengths, np.maximum(crossings, 0.0)), _together(found)


def chords_of_phases(
    phases: npt.NDArray[np.uint8],
    numbers: Sequence[int],
    spacing: float,
    degrees: npt.NDArray[np.float64],
    smooth: bool = True,
) -> tuple[Directions, Chords, npt.NDArray[np.float64]]:
    """Cross phases (uint8, H, W) with lines ``spacing`` px apart in each direction (d,) in °; last their mean chords.

    The lines read the phases between the pixels, each smoothed by ``SMOOTH`` px, and enter one where it is ``SURE``;
    where the pixel below is of none of the ``numbers`` there is no line. The mean chord of a phase in px is the length
    of line in it by half of the crossings of its boundary, (numbers,). Lines along rows and columns meet no staircase;
    where there are no others, they need not be smoothed, and then miss less of what is narrow.
    Oracles: discs, whose mean chord is π/4 of the diameter; stripes.
    """
    lengths, crossings = np.zeros(degrees.size), np.zeros(degrees.size)
    within, entered = np.zeros(len(numbers)), np.zeros(len(numbers))
    planes = [(phases == number).astype(np.float32) for number in numbers]
    if smooth:
        planes = [cv2.GaussianBlur(plane, (0, 0), SMOOTH) for plane in planes]
    between = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
    known = np.isin(phases, numbers).view(np.uint8)
    found = []
    for k, angle in enumerate(degrees):
        for lines in _lines(phases.shape, spacing, float(angle)):
            inside = read_between(known, lines.x, lines.y, cv2.INTER_NEAREST, outside=0)[0].view(bool)
            read = np.stack([read_between(plane, lines.x, lines.y, between)[0] for plane in planes])
            here = np.where(inside, _steadied(read, lines.begins), -1)
            both = inside[1:] & inside[:-1] & (lines.number[1:] == lines.number[:-1])
            change = both & (here[1:] != here[:-1])
            lengths[k] += PITCH * np.count_nonzero(both)
            crossings[k] += np.count_nonzero(change)
            for one in range(len(numbers)):
                within[one] += PITCH * np.count_nonzero(here == one)
                entered[one] += np.count_nonzero(change & ((here[1:] == one) | (here[:-1] == one))) / 2
            found.append(_between_changes(here, change, lines.number, float(angle)))
    mean = np.divide(within, entered, out=np.full(len(numbers), np.nan), where=entered > 0)
    return Directions(degrees, lengths, crossings), _together(found), mean


@dataclass(frozen=True)
class _Lines:
    """Samples of parallel lines, one line behind the other: ``x`` and ``y`` float32 (1, n), the ``number`` of the line
    of each int64 (n,), and where each line ``begins``."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    number: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]


def _lines(shape: tuple[int, int], spacing: float, degrees: float) -> Iterator[_Lines]:
    """Lines ``spacing`` px apart as far as they lie in the picture, with a sample beyond it; so many samples at once.

    They count pixel centres from 0, and lie alike about the middle of the picture.
    """
    height, width = shape
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    reach, breadth = ((width * abs(one) + height * abs(other)) / 2 for one, other in ((cos, sin), (sin, cos)))
    across = np.arange(-breadth + spacing / 2, breadth, spacing)
    nearest, furthest = np.full(across.size, -reach), np.full(across.size, reach)
    for step, offset, half in ((cos, across * sin, width / 2), (-sin, across * cos, height / 2)):
        if abs(step) > 1e-9:
            ends = (-half - offset) / step, (half - offset) / step
            nearest, furthest = np.maximum(nearest, np.minimum(*ends)), np.minimum(furthest, np.maximum(*ends))
    first = np.maximum(np.floor((nearest + reach) / PITCH), 0).astype(np.int64)
    last = np.minimum(np.ceil((furthest + reach) / PITCH), math.ceil(2 * reach / PITCH) - 1).astype(np.int64)
    samples = np.maximum(last - first + 1, 0)
    at_once = np.cumsum(samples) // AT_ONCE
    for group in np.unique(at_once):
        chosen = np.flatnonzero((at_once == group) & (samples > 0))
        if not chosen.size:
            continue
        number = np.repeat(np.arange(chosen.size), samples[chosen])
        begins = np.cumsum(samples[chosen]) - samples[chosen]
        along = -reach + PITCH * (np.arange(number.size) - begins[number] + first[chosen][number])
        aside = across[chosen][number]
        x, y = width / 2 - 0.5 + along * cos + aside * sin, height / 2 - 0.5 - along * sin + aside * cos
        yield _Lines(x.astype(np.float32)[None], y.astype(np.float32)[None], number, begins)


def _steadied(read: npt.NDArray[np.float32], begins: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """The phase of each sample of lines (phases, n); where none is ``SURE``, that of the sample before."""
    first, second, highest = read[0], np.full(read.shape[1:], -np.inf, np.float32), np.zeros(read.shape[1:], np.intp)
    for k in range(1, len(read)):
        higher = read[k] > first
        second = np.where(higher, first, np.maximum(second, read[k]))
        first, highest = np.maximum(first, read[k]), np.where(higher, k, highest)
    sure = first - second >= SURE
    sure[begins] = True
    return highest[np.maximum.accumulate(np.where(sure, np.arange(sure.size), 0))]


def _between_changes(here: np.ndarray, change: np.ndarray, line: np.ndarray, angle: float) -> tuple[np.ndarray, ...]:
    """The chords of lines (n,) between one change and the next, where the line is not broken off between."""
    begin = np.flatnonzero(change)
    pairs = np.flatnonzero(line[begin[1:]] == line[begin[:-1]])
    start, end = begin[pairs], begin[pairs + 1]
    length = (end - start) * PITCH
    gaps = np.cumsum(here < 0)
    whole = gaps[start] == gaps[end]
    of_line = PITCH * np.bincount(line, here >= 0)[line[start]]
    weight = of_line / np.maximum(of_line - length, PITCH)
    return length[whole], np.full(np.count_nonzero(whole), angle), here[start + 1][whole], weight[whole]


def _together(found: Sequence[tuple[np.ndarray, ...]]) -> Chords:
    if not found:
        return Chords(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0))
    length, direction, owner, weight = (np.concatenate(part) for part in zip(*found, strict=True))
    return Chords(length, direction, owner.astype(np.int64), weight)


@dataclass(frozen=True)
class InterceptEllipse:
    """Mean intercepts along and across the direction in which they are longest, in px, and that direction in °."""

    longest: float
    shortest: float
    degrees: float

    @property
    def anisotropy(self) -> float:
        """Longest by shortest, 1 or more; infinite where lines along the longest cross nothing."""
        return self.longest / self.shortest if self.shortest else math.nan

    def mean_intercept(self, degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The mean intercept in directions (n,) in °, in px."""
        turn = np.radians(degrees - self.degrees)
        return np.asarray(1 / np.hypot(np.cos(turn) / self.longest, np.sin(turn) / self.shortest))


def intercept_ellipse(degrees: npt.NDArray[np.float64], per_length: npt.NDArray[np.float64]) -> InterceptEllipse:
    """The ellipse that fits the mean intercepts in these directions (d,): P_L² is a quadratic form of the direction.

    It is exact for isotropic structures that were drawn out in one direction, and for stripes. Source: Harrigan and
    Mann 1984, J. Mater. Sci. 19:761 (mean intercept length). NaN where nothing is crossed,
    or where an image a pixel high or wide has no lines in a direction.
    """
    if not np.isfinite(per_length).all():
        return InterceptEllipse(math.nan, math.nan, math.nan)
    turn = np.radians(degrees)
    design = np.stack([np.cos(turn) ** 2, 2 * np.cos(turn) * np.sin(turn), np.sin(turn) ** 2], axis=1)
    a, b, c = np.linalg.lstsq(design, per_length**2, rcond=None)[0]
    values, vectors = np.linalg.eigh(np.array([[a, b], [b, c]]))
    if values[1] <= 0:
        return InterceptEllipse(math.nan, math.nan, math.nan)
    angle = math.degrees(math.atan2(vectors[1, 0], vectors[0, 0]))
    angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    longest = 1 / math.sqrt(values[0]) if values[0] > 1e-6 * values[1] else math.inf
    return InterceptEllipse(longest, 1 / math.sqrt(values[1]), angle)
