"""MeasureFeatures: size, shape, direction, place and grey levels of every feature."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Table
from graingraph.engine.values.table import EDGE_WEIGHT
from graingraph.nodes.imaging.features.quantities import QUANTITIES, Dimension

INSCRIBED = "Inscribed diameter"
BOX = ("Box left", "Box top", "Box width", "Box height")


@node(
    "MeasureFeatures",
    category="Measure",
    version=3,  # 1 had Feret diameters to the pixel corners, and circularities cut off at 1; 2 had fewer columns
    migrations={2: lambda settings: {**settings, "inscribed_circle": False}},  # what costs most was not there
    synonyms=(
        "particle analysis",
        "regionprops",
        "shape",
        "form factor",
        "measure grains",
        "Feret",
        "calliper",
        "caliper",
        "convexity",
        "roundness",
        "holes",
        "inscribed circle",
        "nearest neighbour",
        "nearest neighbor",
        "ISO 9276-6",
        "circularity",
        "sphericity",
        "aspect ratio",
        "elongation",
        "compactness",
    ),
)
def measure_features(
    region: Labels | Mask, image: Image | None = None, *, bounding_box: bool = False, inscribed_circle: bool = True
) -> Table:
    """Measure size, shape, direction and place of every feature, and its grey levels in a wired image.

    Perimeter: Crofton's, from edge crossings in four directions, which is unbiased on average over directions; edges of
    holes and the frame count. Filled area and outer perimeter are those with the holes filled. Feret max and min:
    calliper widths to halfway between the outermost pixels and the next; Feret across is the width square to Feret max,
    whose direction is the Feret angle. Inscribed diameter: of the largest circle inside, found on pixel centres. Major
    and minor axis, aspect ratio (major / minor) and orientation: of the ellipse with the same second moments. Angles
    are from the horizontal, counterclockwise positive, above -90° and up to 90°; an orientation is empty without a long
    direction.

    Circularity: 4π·area / perimeter²; outer circularity the same with the holes filled; roundness: 4·area / (π·Feret
    max²); convexity: perimeter of the convex hull / outer perimeter; solidity: area / area of the convex hull. All are
    1 for a disc; circularity and solidity of single small features may exceed 1. The centroid counts from the top left
    corner of the image, x to the right and y down. Nearest neighbour: from centroid to centroid, within the image. Grey
    deviation is that of the pixels of a feature. In a mask, pixels that meet at a side or corner form one feature.

    Sources: Legland, Kiêu and Devaux 2007 (perimeter); ISO 9276-6 (shapes). Oracles: exact discs, ellipses, rings,
    rectangles and rotated squares; scikit-image regionprops (areas, moments, perimeter_crofton, grey levels); SciPy
    (holes, distances). Known error of discs of 20, 10 and 5 px: perimeter 0, 0, −1 %; circularity 0, +0.5, +2 %; Feret
    max +1, +2, +7 %; roundness −2, −4, −13 %; solidity +0.6, +1.2, +2.5 %; convexity 0; inscribed diameter −2, −3,
    −9 %. Nearest neighbours beyond the frame are not seen, so distances near it are too long.

    Settings:
        bounding_box: Add the box round each feature in pixels (left and top column and row, width, height).
        inscribed_circle: Find the largest circle inside each feature, which takes as long as all the rest together.
    """
    from graingraph.nodes.imaging.features.runs import feature_runs
    from graingraph.nodes.imaging.features.shape import Shape
    from graingraph.nodes.imaging.stereology.edge_weight import edge_weights
    from graingraph.nodes.measure.feature_table import feature_table
    from graingraph.nodes.reading.pixel_types import to_grey

    if image is not None and image.shape != region.shape:
        raise Problem("The features and the image differ in size; wire the image in which the features were found.")
    runs = feature_runs(region.pixels, region.count if isinstance(region, Labels) else None)
    shape = Shape(runs, region.shape[1], None if image is None else to_grey(image.pixels))
    found = shape.regions
    names = [name for name in shape.names if inscribed_circle or name != INSCRIBED]
    columns = {"Label": np.arange(1, runs.features + 1)} | {name: shape.of(name) for name in names}
    if region.whole_at:
        columns[EDGE_WEIGHT] = edge_weights(found, region.shape, region.whole_at)
    if bounding_box:
        box = (found.left, found.top, found.right - found.left, found.bottom - found.top)
        columns.update(zip(BOX, box, strict=True))
    return feature_table(
        columns,
        found.area > 0,
        region,
        runs=runs,
        lengths=[name for name in _of_dimension("length") if name in columns],
        areas=_of_dimension("area"),
        angles=_of_dimension("angle"),
        pixels=BOX if bounding_box else (),
        headline="Equivalent diameter",
    )


def _of_dimension(dimension: Dimension) -> list[str]:
    return [name for name, kind in QUANTITIES.items() if kind == dimension]
