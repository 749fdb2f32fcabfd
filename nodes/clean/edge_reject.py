"""EdgeReject: drop the features that the image frame cuts."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Labels, Mask
from graingraph.engine.values.wording import counted

Region = TypeVar("Region", Mask, Labels)


@node(
    "EdgeReject",
    category="Clean",
    version=2,
    synonyms=(
        "clear border",
        "remove edge features",
        "frame",
        "touching edge",
    ),
)
def edge_reject(
    region: Region, *, top: bool = True, bottom: bool = True, left: bool = True, right: bool = True
) -> Region:
    """Drop the features that the image frame cuts.

    A feature that reaches the outermost row or column of pixels is incomplete, so its size means nothing. How many
    were dropped is noted with the result. Large features touch the frame more often than small ones, so that a plain
    mean over what remains is too small, by 4 % at 85 whole grains a field and by 10 % at 14. Each feature that is
    measured behind this node therefore gets an edge weight, one over the chance that a frame of this size holds it
    whole (Miles and Lantuéjoul), by which Distribution weighs it. For a count per area, rejecting at two adjoining
    sides only (top and left, say) is unbiased; features then weigh 1.

    Oracle: windows out of large sections of 3-D Voronoi grains; the weighted mean diameter is right within 0.5 %.

    Settings:
        top: Drop features that touch the top row.
        bottom: Drop features that touch the bottom row.
        left: Drop features that touch the leftmost column.
        right: Drop features that touch the rightmost column.
    """
    from graingraph.nodes.clean.kept import keep_features
    from graingraph.nodes.imaging.features.runs import at_sides, mask_runs

    pixels = region.pixels
    if isinstance(region, Labels):  # the frame's own pixels tell, without a look at all the others
        runs, count = None, region.count
        found = {"top": pixels[0], "bottom": pixels[-1], "left": pixels[:, 0], "right": pixels[:, -1]}
    else:
        runs = mask_runs(pixels)
        count, found = runs.features, at_sides(runs, region.shape[1])
    cut = np.zeros(count + 1, bool)
    chosen: dict[str, bool] = {"top": top, "bottom": bottom, "left": left, "right": right}
    for side, rejected in chosen.items():
        if rejected:
            cut[found[side]] = True
    cut = cut[1:]  # 0 is the background
    sides = dict.fromkeys([*region.whole_at, *(side for side, rejected in chosen.items() if rejected)])
    kept = replace(keep_features(region, runs, ~cut), whole_at=tuple(sides), cut=region.cut + int(cut.sum()))
    if not cut.any():
        return kept
    were = "was" if cut.sum() == 1 else "were"
    return kept.with_note(f"{cut.sum()} of {counted(count, 'feature')} touched the image frame and {were} left out.")
