"""Cutting a picture into overlapping tiles and joining the results without seams.

Each tile fades in and out linearly over its overlaps, and the fades of neighbours add up to 1, so joining is a plain
sum. The outermost pixels of a tile, where the network sees the tile's border, get no weight at all.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graingraph.nodes.learning.model.network_input import STRIDE


@dataclass(frozen=True)
class Span:
    """The tiles along one axis: ``starts`` of tiles of length ``tile``, and float32 ``weights`` (n, tile)."""

    tile: int
    starts: tuple[int, ...]
    weights: np.ndarray


def span(length: int, tile: int, overlap: int, stride: int = STRIDE, step: int = 1) -> Span:
    """Cover ``length`` pixels with equal tiles that overlap at least ``overlap`` px; one tile where one will do.

    The tile is cut down to the length and rounded up to ``stride``; it may then reach beyond the end (padding). Tiles
    start at multiples of ``step``, where the length is one too.
    """
    tile = -(-min(tile, length) // stride) * stride
    if tile >= length:
        return Span(tile, (0,), np.ones((1, tile), np.float32))
    count = -(-(length - overlap) // (tile - overlap))
    starts = tuple(int(start) for start in (np.linspace(0, length - tile, count) / step).round() * step)
    weights = np.ones((count, tile), np.float32)
    for i, (before, after) in enumerate(pairwise(starts)):
        shared = before + tile - after
        ramp = _fade(shared)
        weights[i, tile - shared :] = np.minimum(weights[i, tile - shared :], 1 - ramp)
        weights[i + 1, :shared] = ramp
    total = np.zeros(length, np.float32)
    for start, weight in zip(starts, weights, strict=True):
        total[start : start + tile] += weight
    for start, weight in zip(starts, weights, strict=True):
        weight /= total[start : start + tile]  # only where three tiles meet is the total not 1 already
    return Span(tile, starts, weights)


def _fade(shared: int) -> np.ndarray:
    """From 0 to 1 over an overlap of ``shared`` px, level at 0 and 1 over its outer quarters."""
    margin = shared // 4
    inner = shared - 2 * margin
    rise = (np.arange(inner, dtype=np.float32) + 0.5) / inner
    return np.concatenate([np.zeros(margin, np.float32), rise, np.ones(margin, np.float32)])


@dataclass(frozen=True)
class Plan:
    """All tiles of a picture of ``shape``: rows × columns of them."""

    shape: tuple[int, int]
    rows: Span
    columns: Span

    @property
    def tile(self) -> tuple[int, int]:
        """Height and width of every tile."""
        return self.rows.tile, self.columns.tile

    @property
    def padded(self) -> tuple[int, int]:
        """Height and width that the picture must be padded to."""
        return max(self.shape[0], self.rows.tile), max(self.shape[1], self.columns.tile)

    def places(self) -> list[tuple[int, int]]:
        """Row and column number in the plan of every tile, in reading order."""
        return [(i, j) for i in range(len(self.rows.starts)) for j in range(len(self.columns.starts))]

    def cut(self, planes: np.ndarray, place: tuple[int, int]) -> np.ndarray:
        """The part (c, tile h, tile w) of padded planes (c, H, W) that belongs to a tile; a view."""
        top, left = self.rows.starts[place[0]], self.columns.starts[place[1]]
        return planes[:, top : top + self.rows.tile, left : left + self.columns.tile]

    def join(self, total: np.ndarray, place: tuple[int, int], result: np.ndarray) -> None:
        """Add the weighted result (c, tile h, tile w) of one tile to ``total`` (c, H, W)."""
        part = self.cut(total, place)
        lone = len(self.rows.starts) == 1 and len(self.columns.starts) == 1
        if lone:
            part[...] = result
            return
        weight = self.rows.weights[place[0], :, None] * self.columns.weights[place[1], None, :]
        part += result * weight


def plan(shape: tuple[int, int], tile: tuple[int, int], overlap: int, stride: int = STRIDE, step: int = 1) -> Plan:
    """Plan the tiles of a picture; ``overlap`` is cut down to half a tile."""
    rows, columns = (
        span(length, side, min(overlap, side // 2), stride, step) for length, side in zip(shape, tile, strict=True)
    )
    return Plan(shape, rows, columns)
