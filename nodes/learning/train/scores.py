"""How good a class map is: overlap and boundary scores per class, and the answer in the unit it is wanted in.

Shapes: class maps uint8 (H, W), 255 = unlabelled; unlabelled pixels of the truth count nowhere.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from graingraph.engine.values import UNLABELLED, PixelClass
from graingraph.nodes.imaging.boundaries.enclosed import enclosed_grains

TOLERANCE = 3.0
"""How far apart in px two boundaries may lie and still be the same, as in most published boundary F1 scores."""


@dataclass(frozen=True)
class ClassScore:
    """Scores of one class on one image or pooled over several.

    ``iou`` intersection over union; ``boundary_f1`` at 3 px; ``fraction`` and ``true_fraction`` of the labelled area;
    ``count`` and ``true_count`` of features; ``diameter`` and ``true_diameter`` their mean equivalent diameter in px.
    NaN where nothing can be said.
    """

    name: str
    iou: float
    boundary_f1: float
    fraction: float
    true_fraction: float
    count: int
    true_count: int
    diameter: float
    true_diameter: float

    def as_dict(self) -> dict[str, Any]:
        """The scores as JSON values (NaN as None)."""
        return {k: (None if isinstance(v, float) and np.isnan(v) else v) for k, v in vars(self).items()}


@dataclass
class Tally:
    """Adds up over images what the scores are made of; one for a set of images."""

    classes: tuple[PixelClass, ...]
    lines: tuple[int, ...]

    def __post_init__(self) -> None:
        self._sums = defaultdict[str, np.ndarray](lambda: np.zeros(len(self.classes)))
        self._labelled = 0

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Count one image: predicted and true class map."""
        labelled = truth != UNLABELLED
        for index in range(len(self.classes)):
            mine, wanted = (predicted == index) & labelled, truth == index
            self._sums["both"][index] += np.count_nonzero(mine & wanted)
            self._sums["either"][index] += np.count_nonzero(mine | wanted)
            self._sums["mine"][index] += np.count_nonzero(mine)
            self._sums["wanted"][index] += np.count_nonzero(wanted)
            self._boundaries(index, mine, wanted, labelled)
            if index not in self.lines:
                for key, classes, selected in (("", predicted, mine), ("true_", truth, wanted)):
                    net = np.isin(classes, self.lines)
                    diameters = grain_diameters(net, selected) if net.any() else equivalent_diameters(selected)
                    self._sums[f"{key}count"][index] += len(diameters)
                    self._sums[f"{key}diameters"][index] += float(diameters.sum())
        self._labelled += int(np.count_nonzero(labelled))

    def _boundaries(self, index: int, mine: np.ndarray, wanted: np.ndarray, labelled: np.ndarray) -> None:
        hits = (
            boundary_hits(centre_line(mine), centre_line(wanted), labelled)
            if index in self.lines
            else outline_hits(mine, wanted, labelled)
        )
        for key, amount in zip(("hit", "drawn", "found", "true"), hits, strict=True):
            self._sums[key][index] += amount

    def scores(self) -> list[ClassScore]:
        """The scores of every class over all images added so far."""
        sums, labelled = self._sums, self._labelled
        return [
            ClassScore(
                name=item.name,
                iou=_ratio(sums["both"][i], sums["either"][i]),
                boundary_f1=f1(sums["hit"][i], sums["drawn"][i], sums["found"][i], sums["true"][i]),
                fraction=_ratio(sums["mine"][i], labelled),
                true_fraction=_ratio(sums["wanted"][i], labelled),
                count=int(sums["count"][i]),
                true_count=int(sums["true_count"][i]),
                diameter=_ratio(sums["diameters"][i], sums["count"][i]),
                true_diameter=_ratio(sums["true_diameters"][i], sums["true_count"][i]),
            )
            for i, item in enumerate(self.classes)
        ]


def mean_iou(scores: list[ClassScore]) -> float:
    """Mean intersection over union of the classes that occur."""
    values = [score.iou for score in scores if not np.isnan(score.iou)]
    return float(np.mean(values)) if values else float("nan")


def mean_f1(scores: list[ClassScore]) -> float:
    """Mean boundary F1 of the classes that occur."""
    values = [score.boundary_f1 for score in scores if not np.isnan(score.boundary_f1)]
    return float(np.mean(values)) if values else float("nan")


def centre_line(selected: np.ndarray) -> np.ndarray:
    """One-pixel centre line of a bool mask (h, w), as bool (Zhang and Suen 1984)."""
    from graingraph.nodes.imaging.boundaries.thinning import thinned

    return thinned(selected)


def boundary_hits(
    drawn: np.ndarray, true: np.ndarray, counted: np.ndarray, tolerance: float = TOLERANCE
) -> tuple[int, int, int, int]:
    """Of two one-pixel lines (bool): drawn pixels near a true one, drawn, true pixels near a drawn one, true."""
    drawn, true = drawn & counted, true & counted
    return (
        int(np.count_nonzero(drawn & _near(true, tolerance))),
        int(np.count_nonzero(drawn)),
        int(np.count_nonzero(true & _near(drawn, tolerance))),
        int(np.count_nonzero(true)),
    )


def outline_hits(mine: np.ndarray, wanted: np.ndarray, labelled: np.ndarray) -> tuple[int, int, int, int]:
    """``boundary_hits`` of the outlines of two areas, away from the border of what is labelled."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(labelled.astype(np.uint8), cross, borderValue=0).astype(bool)
    lines = [
        selected & ~cv2.erode(selected.view(np.uint8), cross, borderValue=1).view(bool) for selected in (mine, wanted)
    ]
    return boundary_hits(lines[0], lines[1], inner)


def _near(line: np.ndarray, tolerance: float) -> np.ndarray:
    if not line.any():
        return np.zeros_like(line)
    distance = cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return distance <= tolerance


def f1(hit: float, drawn: float, found: float, true: float) -> float:
    """Harmonic mean of precision (hit / drawn) and recall (found / true); NaN when there was nothing to find."""
    if not true:
        return float("nan")
    precision, recall = _ratio(hit, drawn, 0.0), found / true
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def equivalent_diameters(selected: np.ndarray) -> np.ndarray:
    """Diameters in px of the circles with the area of each feature (8-connected, from 4 px) of a bool mask."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(selected.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return np.sqrt(4.0 / np.pi * areas[areas >= 4])


def grain_diameters(network: np.ndarray, selected: np.ndarray) -> np.ndarray:
    """Diameters in px of the features between lines (bool, h, w) that lie mostly in ``selected`` (bool, h, w).

    Small gaps in the lines are closed as BoundariesToGrains does: one missing pixel must not make one grain of two.
    """
    grains = enclosed_grains(network)
    areas = np.bincount(grains.ravel())
    inside = np.bincount(grains.ravel(), weights=selected.ravel() | network.ravel())
    return np.sqrt(4.0 / np.pi * areas[1:][inside[1:] > 0.5 * areas[1:]])


def _ratio(top: float, bottom: float, otherwise: float = float("nan")) -> float:
    return float(top / bottom) if bottom else otherwise
