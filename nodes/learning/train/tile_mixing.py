"""Tiles joined from two places, so that the network meets borders between regions exactly where they are known to be.

Where only patches are traced, hardly a border is; and what is traced is learnt by heart (French et al., CutMix for
semi-supervised segmentation, 2020, join likewise). The two places are of one image, as large and as sharp as each
other, or the network would find the border by what no real border shows: another light, another focus.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED
from graingraph.nodes.learning.apply.contrast import blur, local_contrast
from graingraph.nodes.learning.train.sample import Sample
from graingraph.nodes.learning.train.tile_grid import Cell

JOINED = 0.75
"""Fraction of tiles joined from two places."""

DARK, BRIGHT = 0.02, 0.98
"""Quantiles of the grey levels that lines between regions are drawn in."""

ON, BESIDE = 1.5, (3.0, 8.0)
"""Up to so far from a traced border, in px, is on it, and so far is beside it."""

FEWEST_PIXELS = 8
FEWEST_BORDERS = 5
FEW_BORDERS = (
    "Hardly a patch reaches across a border; trace some that do, and area fractions come out nearer the truth."
)


class TileMixer:
    """What tiles are joined from: other cells of the same image, or of all where it lacks a class, and how many of the
    borders are marked by a ``bright`` line, the others by a dark one. ``advice`` is for who traced the patches."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        samples = list({id(cell.sample): cell.sample for cell in cells}.values())
        seen = {id(sample): set(np.unique(sample.labels)) - {UNLABELLED} for sample in samples}
        every = set[int]().union(*seen.values())
        contrasts = border_contrasts(samples)
        self.bright = bright_share(contrasts)
        self.advice = FEW_BORDERS if len(contrasts) < FEWEST_BORDERS else ""
        self._beside = {key: [c for c in cells if id(c.sample) == key or found != every] for key, found in seen.items()}

    def beside(self, cell: Cell, rng: np.random.Generator) -> Cell:
        """A cell to join with this one."""
        found = self._beside[id(cell.sample)]
        return found[rng.integers(len(found))]


def border_contrasts(samples: Sequence[Sample]) -> np.ndarray:
    """By how many local spreads each traced border between classes is brighter than what lies beside it, (n,)."""
    return np.concatenate([_contrasts(sample) for sample in samples])


def bright_share(contrasts: np.ndarray) -> float:
    """How many of the borders between regions to mark by bright lines: half, or more or less as traced borders tell.

    Films, grooves or precipitates along a border belong to neither side. A network that is shown both kinds takes a
    bright film for part of the region with more bright lines in it, until it has learnt very long. All are bright
    where traced borders are brighter than what lies beside them by three standard errors.
    """
    if len(contrasts) < FEWEST_BORDERS:
        return 0.5
    errors = contrasts.mean() / (contrasts.std(ddof=1) / np.sqrt(len(contrasts)) + 1e-9)
    return float(np.clip(0.5 + errors / 6, 0, 1))


def _contrasts(sample: Sample) -> np.ndarray:
    """The contrast of each traced border of one image, where enough of it and of what lies beside it is traced."""
    grey = sample.pixels.mean(axis=2, dtype=np.float32)
    standard = local_contrast(grey, 12, 1e-6)
    away = _distance_to_border(sample.labels)
    number, pieces = cv2.connectedComponents((away <= BESIDE[1]).astype(np.uint8))
    places = away <= ON, (away >= BESIDE[0]) & (away <= BESIDE[1])
    counts = np.array([np.bincount(pieces[place], minlength=number) for place in places])
    sums = np.array([np.bincount(pieces[place], standard[place], number) for place in places])
    known = (counts >= FEWEST_PIXELS).all(axis=0)
    on, beside = sums[:, known] / counts[:, known]
    return np.asarray(on - beside)


def _distance_to_border(labels: np.ndarray) -> np.ndarray:
    """Distance in px of each traced pixel of labels (h, w) from the nearest traced pixel of another class; infinite
    where there is none, and for what is not traced."""
    away = np.full(labels.shape, np.inf, np.float32)
    for index in np.unique(labels[labels != UNLABELLED]):
        other = (labels != index) & (labels != UNLABELLED)
        if other.any():
            distance = cv2.distanceTransform((~other).astype(np.uint8), cv2.DIST_L2, 5)
            away = np.where(labels == index, distance, away)
    return away


def one_side(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What lies on one side of a wavy line through the middle half of a tile, bool (h, w)."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.ogrid[: shape[0], : shape[1]]
    y, x = y - rng.uniform(0.25, 0.75) * shape[0], x - rng.uniform(0.25, 0.75) * shape[1]
    across, along = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    return across + rng.uniform(0, 2) * np.sin(along / rng.uniform(3, 12) + rng.uniform(0, 2 * np.pi)) > 0


def mark_border(pixels: np.ndarray, side: np.ndarray, bright: float, rng: np.random.Generator) -> np.ndarray:
    """Draw a thin line, bright in a share of ``bright`` cases and else dark, faint to full, along the border of
    ``side`` (h, w) over pixels (h, w, c)."""
    soft = blur(side.astype(np.float32), rng.uniform(0.4, 1.2))
    line = soft * (1 - soft) * np.float32(4 * rng.uniform(0.25, 1))
    grey = np.quantile(pixels, BRIGHT if rng.random() < bright else DARK, axis=(0, 1)).astype(np.float32)
    return np.asarray(pixels + line[:, :, None] * (grey - pixels), np.float32)
