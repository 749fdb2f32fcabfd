"""The cells that traced images are divided into for training: each epoch shows all of them, or as many as make one."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.model.network_input import STRIDE
from graingraph.nodes.learning.train.sample import Sample, traced_in_patches

SPARSE_TILE = 96


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
