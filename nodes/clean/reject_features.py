"""RejectFeatures: keep features by size or shape."""

from typing import Annotated, Literal, TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask

Region = TypeVar("Region", Mask, Labels)
LENGTHS = ("equivalent diameter", "Feret max", "Feret min")


@node(
    "RejectFeatures",
    category="Clean",
    version=2,  # 1 had Feret diameters to the pixel corners
    synonyms=("size filter", "remove small", "despeckle", "particle filter"),
)
def reject_features(
    region: Region,
    *,
    by: Literal["area", "equivalent diameter", "Feret max", "Feret min", "circularity", "aspect ratio"] = "area",
    keep: Literal["at least", "at most", "between"] = "at least",
    minimum: Annotated[float, Range(0, 1e9, log=True), When(keep=("at least", "between"))] = 20.0,
    maximum: Annotated[float, Range(0, 1e9, log=True), When(keep=("at most", "between"))] = 1000.0,
    unit: Annotated[Literal["px", "µm"], When(by=("area", *LENGTHS))] = "px",
) -> Region:
    """Keep features by size or shape and drop the others.

    Dust, noise and fragments are dropped by "at least" a size; scratches by "at most" an aspect ratio. The limits
    themselves are kept. MeasureFeatures explains each quantity and shows its values, so the limit can be read off
    there.

    Settings:
        by: What is looked at: a size, or a shape (circularity is 1 for a disc; aspect ratio 1 for a round feature).
        keep: Whether features above, below or between limits are kept.
        minimum: Features below it are dropped; area in px² or µm², diameters in px or µm, shapes without unit.
        maximum: Features above it are dropped; in the same unit.
        unit: Unit of the limits; µm needs a known pixel size.
    """
    from graingraph.nodes.clean.kept import features_of, keep_features
    from graingraph.nodes.imaging.features.feret import feret
    from graingraph.nodes.imaging.features.regions import areas, measure

    runs = features_of(region)
    match by:
        case "area":
            values = areas(runs)
        case "equivalent diameter":
            values = 2.0 * np.sqrt(areas(runs) / np.pi)
        case "circularity":
            # The digital edge of a round feature may push it above 1; no limit means to drop it for that.
            values = np.minimum(measure(runs).circularity, 1.0)
        case "aspect ratio":
            values = measure(runs).aspect_ratio
        case _:
            values = feret(runs, measure(runs))[by == "Feret min"]
    if unit == "µm" and (by == "area" or by in LENGTHS):
        if region.scale is None:
            raise Problem("The limits are in µm but the pixel size is unknown; add SetScale, or set the unit to px.")
        values = values * region.scale.um_per_px ** (2 if by == "area" else 1)
    good = np.ones(runs.features, bool)
    if keep != "at most":
        good &= values >= minimum
    if keep != "at least":
        good &= values <= maximum
    return keep_features(region, runs, good)
