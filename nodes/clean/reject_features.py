"""RejectFeatures: keep features by size or shape."""

from typing import Annotated, Literal, TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Labels, Mask

Region = TypeVar("Region", Mask, Labels)
LENGTHS = (
    "perimeter",
    "outer perimeter",
    "equivalent diameter",
    "Feret max",
    "Feret min",
    "major axis",
    "minor axis",
)


@node(
    "RejectFeatures",
    category="Clean",
    version=2,  # 1 had Feret diameters to the pixel corners
    synonyms=("size filter", "remove small", "despeckle", "particle filter"),
)
def reject_features(
    region: Region,
    *,
    by: Literal[
        "area",
        "equivalent diameter",
        "Feret max",
        "Feret min",
        "major axis",
        "minor axis",
        "perimeter",
        "outer perimeter",
        "circularity",
        "outer circularity",
        "roundness",
        "aspect ratio",
    ] = "area",
    keep: Literal["at least", "at most", "between", "outside"] = "at least",
    minimum: Annotated[float, Range(0, 1e9, log=True), When(keep=("at least", "between", "outside"))] = 20.0,
    maximum: Annotated[float, Range(0, 1e9, log=True), When(keep=("at most", "between", "outside"))] = 1000.0,
    unit: Annotated[Literal["px", "µm"], When(by=("area", *LENGTHS))] = "px",
) -> Region:
    """Keep features by size or shape and drop the others.

    Dust, noise and fragments are dropped by "at least" a size; scratches by "at most" an aspect ratio. The limits
    themselves are kept. MeasureFeatures explains each quantity and shows its values, so the limit can be read off
    there. Of several conditions each is a node of its own, one behind the other.

    Settings:
        by: What is looked at: a size, or a shape (circularity and roundness are 1 for a disc, and so is aspect ratio).
        keep: Whether features above, below, between or outside limits are kept.
        minimum: The lower limit; area in px² or µm², lengths in px or µm, shapes without unit.
        maximum: The upper limit; in the same unit.
        unit: Unit of the limits; µm needs a known pixel size.
    """
    from graingraph.nodes.clean.kept import features_of, keep_features
    from graingraph.nodes.imaging.features.shape import Shape

    runs = features_of(region)
    values = Shape(runs).of(by[:1].upper() + by[1:])
    if by in ("circularity", "outer circularity"):
        # The digital edge of a round feature may push it above 1; no limit means to drop it for that.
        values = np.minimum(values, 1.0)
    if unit == "µm" and (by == "area" or by in LENGTHS):
        if region.scale is None:
            raise Problem("The limits are in µm but the pixel size is unknown; add SetScale, or set the unit to px.")
        values = values * region.scale.um_per_px ** (2 if by == "area" else 1)
    match keep:
        case "at least":
            good = values >= minimum
        case "at most":
            good = values <= maximum
        case "between":
            good = (values >= minimum) & (values <= maximum)
        case "outside":
            good = (values <= minimum) | (values >= maximum)
    return keep_features(region, runs, good)
