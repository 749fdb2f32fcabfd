"""EdgeReject: drop the features that the image frame cuts."""

from typing import TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Mask

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
    from graingraph.nodes.imaging.features.runs import at_sides, mask_runs
    from graingraph.nodes.imaging.features.select import keep_features

    pixels = region.pixels
    if isinstance(region, Labels):  # the frame's own pixels tell, without a look at all the others
        runs, count = None, region.count
        found = {"top": pixels[0], "bottom": pixels[-1], "left": pixels[:, 0], "right": pixels[:, -1]}
    else:
        runs = mask_runs(pixels)
        count, found = runs.features, at_sides(runs, region.shape[1])
    cut = np.zeros(count + 1, bool)
    for side, rejected in {"top": top, "bottom": bottom, "left": left, "right": right}.items():
        if rejected:
            cut[found[side]] = True
    cut = cut[1:]  # 0 is the background
    kept = keep_features(region, runs, ~cut)
    if not cut.any():
        return kept
    return kept.with_note(f"{cut.sum()} of {count} features touched the image frame and were left out.")
