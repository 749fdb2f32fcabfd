"""ASTM E112 grain size: planimetric count, mean lineal intercept, grain size number, confidence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graingraph.nodes.imaging.boundaries import partition as plane
from graingraph.nodes.imaging.stereology.intercepts import Crossings, TestLine, crossings, junction_zones
from graingraph.nodes.imaging.stereology.statistics import mean_interval

SPECK = 20
"""Cells of a boundary mask with fewer pixels are holes in a thick line, not grains."""


@dataclass(frozen=True)
class Field:
    """One field of view: its partition into grains, its boundary network and where crossings count 1.5."""

    partition: np.ndarray
    network: np.ndarray
    junctions: np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A size in px (mean intercept) or px⁻² (grains per area), from ``count`` things, and its 95 % half width."""

    value: float
    half_width: float
    count: float

    @property
    def relative_accuracy(self) -> float:
        """Half width of the 95 % interval in per cent of the value (E112, %RA)."""
        return 100 * self.half_width / self.value


def field_of_mask(boundaries: np.ndarray) -> Field:
    """Read a boundary mask (bool, H, W), drawn with lines of any thickness."""
    joined = plane.connect_diagonals(boundaries)
    partition = plane.fill_plane(plane.drop_small(plane.cells(boundaries), SPECK))
    return _field(partition, joined)


def field_of_labels(labels: np.ndarray) -> Field:
    """Read grains (int32, H, W) that fill the plane or leave a line of background between them."""
    joined = plane.borders(labels) | (labels == 0)
    return _field(plane.fill_plane(labels), plane.connect_diagonals(joined))


def _field(partition: np.ndarray, joined: np.ndarray) -> Field:
    thickness = np.count_nonzero(joined) / max(plane.border_length(partition), 1.0)
    points = plane.triple_points(partition)
    return Field(partition, joined, junction_zones(points, min(thickness, 50.0)))


def count_grains(partition: np.ndarray) -> float:
    """Grains in a rectangular field: whole ones 1, cut by an edge ½, the four corners ¼ each (Jeffries, Saltykov)."""
    if partition.max(initial=0) == 0:
        return 0.0
    edge = np.concatenate([partition[0], partition[-1], partition[:, 0], partition[:, -1]])
    corners = {int(partition[r, c]) for r in (0, -1) for c in (0, -1)}
    cut = set(np.unique(edge).tolist()) - corners
    inside = np.count_nonzero(np.bincount(partition.ravel())[1:]) - len(cut) - len(corners)
    return inside + len(cut) / 2 + 1


def planimetric(partition: np.ndarray) -> Estimate:
    """Grains per px²; the interval comes from the spread of the areas of the grains that lie wholly inside."""
    count = count_grains(partition)
    density = count / partition.size
    edge = np.concatenate([partition[0], partition[-1], partition[:, 0], partition[:, -1]])
    areas = np.bincount(partition.ravel()).astype(float)
    areas[np.unique(edge)] = 0
    areas[0] = 0
    areas = areas[areas > 0]
    relative = mean_interval(areas) / areas.mean() if areas.size > 1 else math.nan
    return Estimate(density, density * relative, count)


def intercept(found: Sequence[Crossings], grains: float) -> Estimate:
    """Mean lineal intercept in px: the total length of the test lines by the number of crossings.

    The interval comes from the spread of the complete intercepts. Lines so close that they cross the same grains again
    tell nothing new, so no more intercepts count in it than there are ``grains``.
    """
    total = sum(float(item.scores.sum()) for item in found)
    length = sum(item.line.length for item in found)
    if total == 0:
        return Estimate(math.nan, math.nan, 0)
    lengths = np.concatenate([item.intercepts for item in found])
    if lengths.size < 2:
        return Estimate(length / total, math.nan, total)
    relative = mean_interval(lengths) / lengths.mean() * math.sqrt(max(1.0, lengths.size / max(grains, 1.0)))
    return Estimate(length / total, length / total * relative, total)


def cross(lines: Sequence[TestLine], field: Field) -> list[Crossings]:
    """The crossings of each test line with the field's boundaries."""
    return [crossings(line, field.network, field.junctions) for line in lines]


def g_from_intercept(millimetres: float) -> float:
    """Grain size number from the mean lineal intercept in mm (E112, Table 6); NaN where there is none."""
    return -6.643856 * math.log10(millimetres) - 3.288 if millimetres > 0 else math.nan


def g_from_density(per_square_millimetre: float) -> float:
    """Grain size number from the grains per mm² (E112, Table 6); NaN where there is none."""
    return 3.321928 * math.log10(per_square_millimetre) - 2.954 if per_square_millimetre > 0 else math.nan
