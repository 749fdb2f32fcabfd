"""MeasureDiameter: how large the features are."""

from typing import Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Mask, Table
from graingraph.engine.values.table import EDGE_WEIGHT


@node(
    "MeasureDiameter",
    category="Measure",
    version=2,  # 1 had Feret diameters to the pixel corners
    synonyms=("grain diameter", "equivalent circle", "Feret", "size"),
)
def measure_diameter(
    region: Labels | Mask,
    *,
    diameter: Literal["Equivalent diameter", "Feret max", "Feret min"] = "Equivalent diameter",
) -> Table:
    """Measure the diameter of every feature.

    The equivalent diameter is that of the circle of the same area, 2·√(A/π). Feret max and Feret min are the largest
    and the smallest width that a calliper would find, measured to halfway between the outermost pixels and the next.
    Their mean over all features is shown on the node. In a mask, pixels that meet at a side or corner form one feature.

    Source: ISO 9276-6 (equivalent and Feret diameters). Oracles: exact discs, ellipses, rectangles and rotated squares;
    scikit-image regionprops. Known error: the equivalent diameter of a disc under 0.5 % from 5 px; Feret max +1 % at
    20 px, +2 % at 10, +7 % at 5, Feret min −2, −2 and −5 %.

    Settings:
        diameter: The diameter whose mean is shown on the node; the table always has all three.
    """
    from graingraph.nodes.imaging.features.feret import feret
    from graingraph.nodes.imaging.features.regions import measure
    from graingraph.nodes.imaging.features.runs import feature_runs
    from graingraph.nodes.imaging.stereology.edge_weight import edge_weights
    from graingraph.nodes.measure.feature_table import feature_table

    runs = feature_runs(region.pixels, region.count if isinstance(region, Labels) else None)
    regions = measure(runs)
    widths = feret(runs, regions)
    columns = {
        "Label": np.arange(1, runs.features + 1),
        "Equivalent diameter": regions.equivalent_diameter,
        "Feret max": widths.longest,
        "Feret min": widths.shortest,
    }
    if region.whole_at:
        columns[EDGE_WEIGHT] = edge_weights(regions, region.shape, region.whole_at)
    lengths = ("Equivalent diameter", "Feret max", "Feret min")
    return feature_table(columns, regions.area > 0, region, runs=runs, lengths=lengths, headline=diameter)
