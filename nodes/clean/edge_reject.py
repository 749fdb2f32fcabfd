"""EdgeReject: drop the features that the image frame cuts."""

from typing import TypeVar

import numpy as np

from engine.node import node
from engine.values import Labels, Mask

Region = TypeVar("Region", Mask, Labels)


@node("EdgeReject", category="Clean", synonyms=("clear border", "remove edge features", "frame"))
def edge_reject(
    region: Region, *, top: bool = True, bottom: bool = True, left: bool = True, right: bool = True
) -> Region:
    """Drop the features that the image frame cuts.

    A feature that reaches the outermost row or column of pixels is incomplete, so its size means nothing. How many
    were dropped is noted with the result. Large features touch the frame more often than small ones, so what remains
    is biased towards small features; where that matters, keep the number of rejected features small against the
    number measured, or weigh each feature by the chance that a frame of this size holds it whole (Miles and
    Lantuéjoul). For a count per area, rejecting at two adjoining sides only (top and left, say) is unbiased.

    Settings:
        top: Drop features that touch the top row.
        bottom: Drop features that touch the bottom row.
        left: Drop features that touch the leftmost column.
        right: Drop features that touch the rightmost column.
    """
    from nodes.kernels.regions import measure
    from nodes.kernels.select import features_of, keep_features

    runs = features_of(region)
    touches = measure(runs).touches(*region.shape)
    sides = {"top": top, "bottom": bottom, "left": left, "right": right}
    cut = np.zeros(runs.features, bool)
    for side, rejected in sides.items():
        if rejected:
            cut |= touches[side]
    kept = keep_features(region, runs, ~cut)
    if not cut.any():
        return kept
    return kept.with_note(f"{cut.sum()} of {runs.features} features touched the image frame and were left out.")
