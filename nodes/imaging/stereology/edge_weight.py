"""Weights that make up for the features that the frame cuts and EdgeReject leaves out (Miles and Lantuéjoul)."""

from collections.abc import Collection

import numpy as np

from graingraph.nodes.imaging.features.regions import Regions


def edge_weights(regions: Regions, shape: tuple[int, int], sides: Collection[str]) -> np.ndarray:
    """How many features each one stands for, float64 (features,): 1 over the chance that the frame holds it whole.

    A feature w px broad and h px high lies whole inside in (W − w)(H − h) of the places in which a frame of W × H px
    can hold its first corner (Miles 1974; Lantuéjoul 1980). It is 1 across a direction at whose two ends (top and
    bottom, left and right) features are not both left out: a feature then counts by one corner.
    Oracle: windows out of large sections of 3-D Voronoi grains, whose mean diameter is known; at 14 whole grains a
    window the plain mean is 10 % too small, the weighted one within 0.1 %.
    """
    weights = np.ones(len(regions.area))
    across = ("left", "right"), regions.right - regions.left, shape[1] - 1
    down = ("top", "bottom"), regions.bottom - regions.top, shape[0] - 1
    for ends, extent, places in (across, down):
        if all(side in sides for side in ends):
            # The outermost pixels belong to features that are cut, so a whole one keeps off them.
            weights *= places / np.maximum(places - extent, 1)
    return weights
