"""LabelFeatures: number the separate features of a mask."""

from typing import Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Mask


@node("LabelFeatures", category="Clean", synonyms=("connected components", "count", "number features"))
def label_features(mask: Mask, *, connectivity: Literal["8", "4"] = "8") -> Labels:
    """Number the separate features of a mask.

    Every group of connected pixels becomes one feature with its own number, counted row by row from the top left.
    Features that touch each other are one feature here; use SeparateFeatures to cut them apart.

    Settings:
        connectivity: 8 joins pixels that meet at a side or a corner; 4 joins them at sides only.
    """
    from graingraph.nodes.imaging.features.runs import mask_runs, paint_labels

    runs = mask_runs(mask.pixels, connectivity=int(connectivity))
    numbers = np.arange(runs.features + 1, dtype=np.int32)
    pixels = paint_labels(runs, numbers, mask.shape)
    labels = Labels(pixels, mask.scale, count=runs.features, whole_at=mask.whole_at, cut=mask.cut)
    return labels if runs.features else labels.with_note("No feature was found in the mask.")
