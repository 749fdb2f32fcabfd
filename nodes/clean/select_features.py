"""SelectFeatures: keep features by what of them lies in a mask."""

from typing import Annotated, Literal, TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask

Region = TypeVar("Region", Mask, Labels)


@node(
    "SelectFeatures", category="Clean", synonyms=("by mask", "location", "region of interest", "ROI", "inside", "cover")
)
def select_features(
    region: Region,
    where: Mask,
    *,
    keep: Literal["at least", "at most"] = "at least",
    share: Annotated[float, Range(0, 100), Unit("%")] = 50.0,
) -> Region:
    """Keep whole features by how much of them a mask covers.

    At least 50 % keeps the features that mostly lie in the mask, such as the grains of a region of interest; at most
    0 % those that do not touch it, such as the grains free of cracks. Features stay whole and the limit itself is
    kept.

    Oracle: covered pixels counted one feature at a time.

    Settings:
        keep: Whether features covered at least, or at most, by the share stay.
        share: Covered share of the area of a feature.
    """
    from graingraph.nodes.clean.kept import features_of, keep_features

    if region.shape != where.shape:
        raise Problem("The features and the mask differ in size; make both from the same image.")
    runs = features_of(region)
    if not runs.features:
        return region
    inside = np.zeros((where.shape[0], where.shape[1] + 1), np.int64)
    np.cumsum(where.pixels, axis=1, out=inside[:, 1:])
    rows = np.repeat(np.arange(where.shape[0]), np.diff(runs.first))
    covered = inside[rows, runs.stop] - inside[rows, runs.start]
    area = np.bincount(runs.label, runs.stop - runs.start, minlength=runs.features + 1)[1:]
    part = 100 * np.bincount(runs.label, covered, minlength=runs.features + 1)[1:] / np.maximum(area, 1)
    return keep_features(region, runs, (part >= share) if keep == "at least" else (part <= share))
