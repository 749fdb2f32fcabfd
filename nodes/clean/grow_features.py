"""Growing numbered features into the ground between them."""

from typing import Annotated

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Labels, Mask


@node("GrowFeatures", category="Clean", synonyms=("expand labels", "dilate labels", "close borders"))
def grow_features(
    labels: Labels, within: Mask | None = None, *, distance: Annotated[float, Range(0, 1000), Unit("px")] = 3.0
) -> Labels:
    """Let every feature grow outwards, each pixel to its nearest feature, without features running together.

    Gives back to the features the ground that a boundary drawn between them took.

    Oracle: two half planes with a strip between them meet in its middle.

    Settings:
        distance: How far a feature may grow. Where a mask is wired, it grows only inside the mask.
    """
    if labels.count == 0 or distance == 0:
        return labels
    ground = (labels.pixels == 0).astype(np.uint8)
    away, nearest = cv2.distanceTransformWithLabels(ground, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    owner = np.zeros(int(nearest.max()) + 1, np.int32)
    inside = ground == 0
    owner[nearest[inside]] = labels.pixels[inside]
    reached = inside | (away <= distance)
    if within is not None:
        reached &= inside | within.pixels
    return labels.with_pixels(np.where(reached, owner[nearest], 0).astype(np.int32))
