"""Tiles for training: a random cut of a traced image, turned, scaled and lit differently each time.

A tile depends only on its own random generator, so tiles may be made in any order, on any thread.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.train.settings import Augmentations
from graingraph.nodes.learning.train.tile_grid import Cell
from graingraph.nodes.learning.train.tile_mixing import JOINED, TileMixer, mark_border, one_side

AS_IT_IS = 0.5
"""Fraction of tiles turned by right angles only and not scaled: turning by other angles smooths away fine texture and
noise, which the network will meet in the images it is applied to."""

MIXED = 0.5
"""Fraction of tiles that show two places, where images are unlike each other."""


def draw_mixed_tile(
    cell: Cell, cells: Sequence[Cell], shape: tuple[int, int], augmentations: Augmentations, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A tile as of ``draw_tile``, half of the time with a part of another one beyond a wavy line, as that is lit.

    Of a few images a network learns by heart what lies around each area; beside something else it has to look at the
    area itself (Yun et al., CutMix, ICCV 2019).
    """
    pixels, labels = draw_tile(cell, shape, augmentations, rng)
    if rng.random() < MIXED:
        there, its_labels = draw_tile(cells[int(rng.integers(len(cells)))], shape, augmentations, rng)
        side = one_side(shape, rng)
        pixels, labels = np.where(side, there, pixels), np.where(side, its_labels, labels)
    return pixels, labels


def draw_tile(
    cell: Cell,
    shape: tuple[int, int],
    augmentations: Augmentations,
    rng: np.random.Generator,
    joins: TileMixer | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut one tile around a labelled pixel of the cell: pixels float32 (c, h, w) and labels uint8 (h, w).

    With ``joins``, most tiles are joined along a line from this cell and another, as large and as sharp.
    """
    zoom = _zoom(augmentations, rng)
    pixels, labels = _cut(cell, shape, augmentations, zoom, rng)
    if joins is not None and rng.random() < JOINED:
        there, its_labels = _cut(joins.beside(cell, rng), shape, augmentations, zoom, rng)
        side = one_side(shape, rng)
        pixels, labels = np.where(side[:, :, None], there, pixels), np.where(side, its_labels, labels)
        pixels = mark_border(pixels, side, joins.bright, rng)
    lit = _relight(pixels, augmentations, rng)
    return np.ascontiguousarray(lit.transpose(2, 0, 1)), labels


def _zoom(augmentations: Augmentations, rng: np.random.Generator) -> float | None:
    """By how much a tile is made larger, or None where its pixels are shown as they are."""
    return None if rng.random() < AS_IT_IS else float(np.exp(rng.uniform(-1, 1) * np.log1p(augmentations.scale)))


def _cut(
    cell: Cell, shape: tuple[int, int], augmentations: Augmentations, zoom: float | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels float32 (h, w, c) and labels uint8 (h, w), with guesses if there are any, around a pixel of the cell."""
    sample = cell.sample
    matrix = _placement(_anchor(cell, rng), shape, augmentations, zoom, rng)
    size = shape[::-1]
    border = cv2.BORDER_REFLECT_101
    pixels = cv2.warpAffine(
        sample.pixels, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border
    )
    known = sample.labels if sample.guessed is None else sample.guessed
    labels = cv2.warpAffine(known, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, borderMode=border)
    return pixels.reshape(*shape, -1), labels


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
    anchor: tuple[float, float],
    shape: tuple[int, int],
    augmentations: Augmentations,
    zoom: float | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Affine matrix (2, 3) from tile to image pixels; the anchor falls anywhere in the middle half of the tile."""
    a = augmentations
    quarter = np.pi / 2 * rng.integers(4)
    angle = (quarter if zoom is None else rng.uniform(0, 2 * np.pi)) if a.rotation else 0.0
    turn = (zoom or 1.0) * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if a.flips:
        mirror = rng.choice([-1.0, 1.0], size=2)
        turn = turn * (mirror if a.rotation else (mirror[0], 1.0))  # without rotation, up stays up
    shift = np.array(anchor) - turn @ (np.array(shape[::-1]) * rng.uniform(0.25, 0.75, size=2))
    return np.column_stack([turn, shift.round() if zoom is None else shift])


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
