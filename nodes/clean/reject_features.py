"""RejectFeatures: keep features by any quantity that is measured of them."""

from typing import Annotated, Literal, TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask
from graingraph.engine.values.wording import within
from graingraph.nodes.imaging.features.quantities import QUANTITIES

Region = TypeVar("Region", Mask, Labels)
NAMES = {within(name): name for name in QUANTITIES}
"""The quantities by their names within a sentence."""
SIZES = tuple(short for short, name in NAMES.items() if QUANTITIES[name] in ("length", "area"))


@node(
    "RejectFeatures",
    category="Clean",
    version=2,  # 1 had Feret diameters to the pixel corners
    synonyms=(
        "size filter",
        "remove small",
        "despeckle",
        "particle filter",
        "small objects",
    ),
)
def reject_features(
    region: Region,
    image: Image | None = None,
    *,
    by: Literal[
        "area",
        "filled area",
        "holes",
        "perimeter",
        "outer perimeter",
        "equivalent diameter",
        "Feret max",
        "Feret min",
        "Feret across",
        "Feret angle",
        "inscribed diameter",
        "major axis",
        "minor axis",
        "aspect ratio",
        "orientation",
        "circularity",
        "outer circularity",
        "roundness",
        "convexity",
        "solidity",
        "centroid X",
        "centroid Y",
        "nearest neighbour",
        "mean grey",
        "grey deviation",
        "lowest grey",
        "highest grey",
    ] = "area",
    keep: Literal["at least", "at most", "between", "outside"] = "at least",
    minimum: Annotated[float, Range(0, 1e9, log=True), When(keep=("at least", "between", "outside"))] = 20.0,
    maximum: Annotated[float, Range(0, 1e9, log=True), When(keep=("at most", "between", "outside"))] = 1000.0,
    unit: Annotated[Literal["px", "µm"], When(by=SIZES)] = "px",
) -> Region:
    """Keep features by size, shape, direction, distance or grey level and drop the others.

    Dust, noise and fragments are dropped by "at least" a size; scratches by "at most" an aspect ratio. The limits
    themselves are kept. MeasureFeatures explains each quantity and shows its values, so the limit can be read off
    there; a feature that has no value there is dropped. Of several conditions each is a node of its own, one behind the
    other.

    Settings:
        by: What is looked at (circularity, roundness and aspect ratio are 1 for a disc); grey levels need the image.
        keep: Whether features above, below, between or outside limits are kept.
        minimum: The lower limit; area in px² or µm², lengths in px or µm, angles in °, shapes without unit.
        maximum: The upper limit; in the same unit. Angles go on from 179° to 180°, which is 0° or -180°.
        unit: Unit of the limits; µm needs a known pixel size.
    """
    from graingraph.nodes.clean.kept import features_of, keep_features
    from graingraph.nodes.imaging.features.shape import Shape
    from graingraph.nodes.reading.pixel_types import to_grey

    dimension = QUANTITIES[NAMES[by]]
    if dimension == "grey" and (image is None or image.shape != region.shape):
        raise Problem("For grey levels wire the image in which the features were found.")
    runs = features_of(region)
    values = Shape(runs, region.shape[1], None if image is None else to_grey(image.pixels)).of(NAMES[by])
    if by in ("circularity", "outer circularity", "solidity"):
        # The digital edge of a round feature may push it above 1; no limit means to drop it for that.
        values = np.minimum(values, 1.0)
    if unit == "µm" and by in SIZES:
        if region.scale is None:
            raise Problem("The limits are in µm but the pixel size is unknown; add SetScale, or set the unit to px.")
        values = values * region.scale.um_per_px ** (2 if dimension == "area" else 1)
    if dimension == "angle":
        values = values % 180.0
    turned = values + 180.0 if dimension == "angle" else values
    match keep:
        case "at least":
            good = values >= minimum
        case "at most":
            good = values <= maximum
        case "between":
            good = ((values >= minimum) & (values <= maximum)) | ((turned >= minimum) & (turned <= maximum))
        case "outside":
            good = ((values <= minimum) | (values >= maximum)) & ((turned <= minimum) | (turned >= maximum))
    return keep_features(region, runs, good)
