"""NumberPerArea: how many features there are per area."""

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Mask, Table
from graingraph.engine.values.wording import amount, counted
from graingraph.nodes.tables.reportable import refusal


@node(
    "NumberPerArea",
    category="Measure",
    synonyms=(
        "count",
        "number density",
        "nodule count",
        "particles per mm²",
        "N_A",
        "planimetric",
        "ASTM E1245",
    ),
)
def number_per_area(features: Labels | Mask) -> Table:
    """Count the features and give their number per area, N_A, without bias by those that the frame cuts.

    A feature that the frame cuts lies in this field only in part. Whole features count 1, those that one side cuts ½,
    those that hold a corner of the image ¼, and a feature ½ less for each further stretch of the frame that it covers.
    Behind EdgeReject, where the cut ones are left out, the others count one over the chance that a frame of this size
    holds them whole (Miles and Lantuéjoul); where it rejects at two adjoining sides only, they count 1. The field area
    is that between the middles of the outermost pixels. One field has no interval: wire NumberPerAreaOfFields.

    Standard: ASTM E1245 (N_A), E112 (planimetric count). Assumes features told apart, in one piece and without holes
    (fill them first): of two that touch in a mask one is counted, and a ring that a side cuts counts 0. Oracles: all
    places of a frame on a periodic pattern, Boolean discs of known intensity. Known error: none of the count; of
    features thrown at random at an area fraction of 5 % a tenth overlaps others.
    """
    from graingraph.nodes.imaging.features.runs import feature_runs
    from graingraph.nodes.imaging.stereology.number_per_area import counting_area, counts
    from graingraph.nodes.measure.field_table import field_table

    runs = feature_runs(features.pixels, features.count if isinstance(features, Labels) else None)
    each = counts(runs, features.shape, features.whole_at)
    seen = len(np.unique(runs.label))
    scale = features.scale
    area = counting_area(features.shape) * (scale.pixel_area / 1e6 if scale else 1)
    density = float(each.sum()) / area if area and each.sum() >= 0 else np.nan
    unit = "mm²" if scale else "px²"
    table = field_table(
        [
            ("Features", float(seen), ""),
            ("Counted", float(each.sum()), ""),
            ("Field area", area, unit),
            ("Number per area", density, f"1/{unit}"),
        ],
        features,
        headline=f"{amount(density, digits=3)} per {unit} ({counted(seen, 'feature')})",
    )
    why = []
    if not area:
        why.append("the image is a pixel high or wide, so nothing lies between the middles of its outermost pixels")
    elif seen and not each.sum() > 0:
        why.append(
            f"{counted(seen, 'feature reaches', 'features reach')} across the frame, so that none counts: take a larger"
            " field"
        )
    return table.with_note(*refusal(why, about="number per area"))
