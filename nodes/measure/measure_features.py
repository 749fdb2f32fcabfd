"""MeasureFeatures: size, shape, direction, place and grey level of every feature."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, Table
from graingraph.engine.values.table import EDGE_WEIGHT

LENGTHS = ("Perimeter", "Outer perimeter", "Equivalent diameter", "Feret max", "Feret min", "Major axis", "Minor axis")
BOX = ("Box left", "Box top", "Box width", "Box height")


@node(
    "MeasureFeatures",
    category="Measure",
    version=2,  # 1 had Feret diameters to the pixel corners, and circularities cut off at 1
    synonyms=("particle analysis", "regionprops", "shape", "measure grains"),
)
def measure_features(region: Labels | Mask, image: Image | None = None, *, bounding_box: bool = False) -> Table:
    """Measure size, shape, direction and place of every feature, and its mean grey level in a wired image.

    Perimeter: Crofton's, from edge crossings in four directions, which is unbiased on average over directions; edges of
    holes and the frame count, and with the holes filled it is the outer perimeter. Circularity: 4π·area / perimeter², 1
    for a disc; outer circularity the same with the holes filled. Single small round features may exceed 1. Roundness:
    4·area / (π·Feret max²). Feret max and min: calliper widths to halfway between the outermost pixels and the next.
    Major and minor axis, aspect ratio (major / minor) and orientation: of the ellipse with the same second moments.
    Orientation is the angle from the horizontal to the major axis, counterclockwise positive, above -90° and up to 90°;
    empty for features without a long direction. The centroid counts from the top left corner of the image, x to the
    right and y down. In a mask, pixels that meet at a side or corner form one feature.

    Sources: Legland, Kiêu and Devaux 2007 (perimeter); ISO 9276-6 (shapes). Oracles: exact discs, ellipses, rings,
    rectangles and rotated squares; scikit-image regionprops (perimeter_crofton, moments). Known error of discs of 20,
    10 and 5 px: perimeter 0, 0, −1 %; circularity 0, +0.5, +2 %; Feret max +1, +2, +7 %; roundness −2, −4, −13 %.

    Settings:
        bounding_box: Add the box round each feature in pixels (left and top column and row, width, height).
    """
    from graingraph.nodes.imaging.features.regions import mean_grey
    from graingraph.nodes.imaging.features.runs import feature_runs
    from graingraph.nodes.imaging.features.shape import QUANTITIES, Shape
    from graingraph.nodes.imaging.stereology.edge_weight import edge_weights
    from graingraph.nodes.measure.feature_table import feature_table
    from graingraph.nodes.reading.pixel_types import to_grey

    if image is not None and image.shape != region.shape:
        raise Problem("The features and the image differ in size; wire the image in which the features were found.")
    runs = feature_runs(region.pixels, region.count if isinstance(region, Labels) else None)
    shape = Shape(runs)
    found = shape.regions
    columns = {"Label": np.arange(1, runs.features + 1)} | {name: shape.of(name) for name in QUANTITIES}
    if image is not None:
        columns["Mean grey"] = mean_grey(runs, to_grey(image.pixels))
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
        lengths=(*LENGTHS, "Centroid X", "Centroid Y"),
        areas=("Area",),
        angles=("Orientation",),
        pixels=BOX if bounding_box else (),
        headline="Equivalent diameter",
    )
