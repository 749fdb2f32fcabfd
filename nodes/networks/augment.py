"""Tiles for training: a random cut of a traced image, turned, scaled and lit differently each time.

A tile depends only on its own random generator, so tiles may be made in any order, on any thread.
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from engine.values import UNLABELLED
from nodes.networks.settings import STRIDE, Augmentations
from nodes.networks.targets import Sample, traced_in_patches

SPARSE_TILE = 96

JOINED = 0.75
"""Fraction of tiles joined from two places, where only patches are traced."""

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
    largest = SPARSE_TILE if traced_in_patches(samples) else 512
    height, width = (int(np.clip(STRIDE * round(side / STRIDE), 64, largest)) for side in sides)
    return height, width


def draw_tile(
    cell: Cell,
    shape: tuple[int, int],
    augmentations: Augmentations,
    rng: np.random.Generator,
    beside: Cell | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut one tile around a labelled pixel of the cell: pixels float32 (c, h, w) and labels uint8 (h, w).

    With another cell ``beside``, most tiles are joined from both along a line (French et al., CutMix for segmentation,
    2020): the network meets borders between regions, marked in many ways, exactly where they are known to be.
    """
    pixels, labels = _cut(cell, shape, augmentations, rng)
    if beside is not None and rng.random() < JOINED:
        there, its_labels = _cut(beside, shape, augmentations, rng)
        side = _one_side(shape, rng)
        pixels, labels = np.where(side[:, :, None], there, pixels), np.where(side, its_labels, labels)
        pixels = mark_border(pixels, side, rng)
    lit = _relight(pixels, augmentations, rng)
    return np.ascontiguousarray(lit.transpose(2, 0, 1)), labels


def _cut(
    cell: Cell, shape: tuple[int, int], augmentations: Augmentations, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels float32 (h, w, c) and labels uint8 (h, w), with guesses if there are any, around a pixel of the cell."""
    sample = cell.sample
    matrix = _placement(_anchor(cell, rng), shape, augmentations, rng)
    size = shape[::-1]
    border = cv2.BORDER_REFLECT_101
    pixels = cv2.warpAffine(
        sample.pixels, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border
    )
    known = sample.labels if sample.guessed is None else sample.guessed
    labels = cv2.warpAffine(known, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, borderMode=border)
    return pixels.reshape(*shape, -1), labels


def _one_side(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What lies on one side of a wavy line through the middle half of a tile, bool (h, w)."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.ogrid[: shape[0], : shape[1]]
    y, x = y - rng.uniform(0.25, 0.75) * shape[0], x - rng.uniform(0.25, 0.75) * shape[1]
    across, along = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    return across + rng.uniform(0, 2) * np.sin(along / rng.uniform(3, 12) + rng.uniform(0, 2 * np.pi)) > 0


def mark_border(pixels: np.ndarray, side: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw a thin dark or bright line, faint to full, along the border of ``side`` (h, w) over pixels (h, w, c).

    Films, grooves or precipitates that mark a border belong to neither side. Where only patches are traced the network
    never learns so, and takes them for part of the region with more lines in it.
    """
    soft = cv2.GaussianBlur(side.astype(np.float32), (0, 0), rng.uniform(0.4, 1.2))
    line = soft * (1 - soft) * np.float32(4 * rng.uniform(0.25, 1))
    grey = np.quantile(pixels, rng.choice([0.02, 0.98]), axis=(0, 1)).astype(np.float32)
    return np.asarray(pixels + line[:, :, None] * (grey - pixels), np.float32)


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
