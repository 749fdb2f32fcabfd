"""Tiles for training: a random cut of a traced image, turned, scaled and lit differently each time.

A tile depends only on its own random generator, so tiles may be made in any order, on any thread.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from engine.values import UNLABELLED
from nodes.learning.settings import STRIDE, Augmentations
from nodes.learning.targets import Sample

SPARSE = 0.2
"""Images with less than this fraction traced count as traced in patches."""

SPARSE_TILE = 96

AS_IT_IS = 0.5
"""Fraction of tiles turned by right angles only and not scaled: turning by other angles smooths away fine texture and
noise, which the network will meet in the images it is applied to."""


@dataclass(frozen=True)
class Cell:
    """One cell of an image's tile grid, in pixels of the network's size; it holds at least one labelled pixel."""

    sample: Sample
    top: int
    left: int
    bottom: int
    right: int


def grid_cells(sample: Sample, grid: int) -> list[Cell]:
    """Cut an image into ``grid`` × ``grid`` cells and keep those with something labelled."""
    rows = np.linspace(0, sample.labels.shape[0], grid + 1).astype(int)
    columns = np.linspace(0, sample.labels.shape[1], grid + 1).astype(int)
    cells = [
        Cell(sample, int(top), int(left), int(bottom), int(right))
        for top, bottom in pairwise(rows)
        for left, right in pairwise(columns)
    ]
    return [c for c in cells if (sample.labels[c.top : c.bottom, c.left : c.right] != UNLABELLED).any()]


def tile_shape(samples: list[Sample], grid: int) -> tuple[int, int]:
    """Height and width of the training tiles: the median cell, rounded to the network's stride, 64 to 512 px.

    Where only patches are traced, tiles are at most 96 px: a batch then holds more of them.
    """
    sides = np.median([sample.labels.shape for sample in samples], axis=0) / grid
    traced = np.mean([np.mean(sample.labels != UNLABELLED) for sample in samples])
    largest = SPARSE_TILE if traced < SPARSE else 512
    height, width = (int(np.clip(STRIDE * round(side / STRIDE), 64, largest)) for side in sides)
    return height, width


def draw_tile(
    cell: Cell, shape: tuple[int, int], augmentations: Augmentations, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cut one tile around a labelled pixel of the cell: pixels float32 (c, h, w) and labels uint8 (h, w)."""
    matrix = _placement(_anchor(cell, rng), shape, augmentations, rng)
    size = shape[::-1]
    border = cv2.BORDER_REFLECT_101
    pixels = cv2.warpAffine(
        cell.sample.pixels, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border
    )
    labels = cv2.warpAffine(
        cell.sample.labels, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, borderMode=border
    )
    lit = _relight(pixels.reshape(*shape, -1), augmentations, rng)
    return np.ascontiguousarray(lit.transpose(2, 0, 1)), labels


def _anchor(cell: Cell, rng: np.random.Generator) -> tuple[float, float]:
    """A labelled pixel (x, y) of the cell; every second time its class is drawn first, so rare classes are seen."""
    labels = cell.sample.labels[cell.top : cell.bottom, cell.left : cell.right]
    wanted = labels != UNLABELLED
    if rng.random() < 0.5:
        wanted = labels == rng.choice(np.unique(labels[wanted]))
    places = np.flatnonzero(wanted)
    row, column = divmod(int(places[rng.integers(len(places))]), labels.shape[1])
    return cell.left + column, cell.top + row


def _placement(
    anchor: tuple[float, float], shape: tuple[int, int], augmentations: Augmentations, rng: np.random.Generator
) -> np.ndarray:
    """Affine matrix (2, 3) from tile to image pixels; the anchor falls anywhere in the middle half of the tile."""
    a = augmentations
    as_it_is = rng.random() < AS_IT_IS
    quarter = np.pi / 2 * rng.integers(4)
    angle = (quarter if as_it_is else rng.uniform(0, 2 * np.pi)) if a.rotation else 0.0
    zoom = 1.0 if as_it_is else np.exp(rng.uniform(-1, 1) * np.log1p(a.scale))
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if a.flips:
        mirror = rng.choice([-1.0, 1.0], size=2)
        turn = turn * (mirror if a.rotation else (mirror[0], 1.0))  # without rotation, up stays up
    shift = np.array(anchor) - turn @ (np.array(shape[::-1]) * rng.uniform(0.25, 0.75, size=2))
    return np.column_stack([turn, shift.round() if as_it_is else shift])


def _relight(pixels: np.ndarray, augmentations: Augmentations, rng: np.random.Generator) -> np.ndarray:
    """Change light, focus and noise of a tile float32 (h, w, c)."""
    a = augmentations
    lit = np.clip(pixels, 0.0, 1.0)
    if a.gamma:
        lit = lit ** np.float32(np.exp(rng.uniform(-1, 1) * np.log1p(a.gamma)))
    if a.brightness:
        middle = lit.mean()
        lit = (lit - middle) * np.float32(1 + rng.uniform(-2, 2) * a.brightness) + middle
        lit += np.float32(rng.uniform(-1, 1) * a.brightness)
    if a.uneven_light and rng.random() < 0.5:
        coarse = rng.uniform(-1, 1, size=(3, 3)).astype(np.float32) * np.float32(a.uneven_light)
        lit *= 1 + cv2.resize(coarse, lit.shape[1::-1], interpolation=cv2.INTER_CUBIC)[:, :, None]
    if a.blur and rng.random() < 0.4:
        lit = cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.2, max(0.21, a.blur))).reshape(lit.shape)
    if a.noise and rng.random() < 0.5:
        lit += rng.standard_normal(lit.shape, dtype=np.float32) * np.float32(rng.uniform(0, a.noise))
    return lit
