"""A boundary network to grains, and back."""

from typing import Annotated

import cv2
import numpy as np

from engine.node import node
from engine.settings import Range, Unit
from engine.values import Labels, Mask, Probabilities


@node(
    "BoundariesToGrains",
    category="Segment",
    synonyms=("watershed", "close gaps", "skeleton", "grains from boundaries", "boundary network", "prune spurs"),
)
def boundaries_to_grains(
    boundaries: Mask | Probabilities,
    *,
    max_gap: Annotated[int, Range(0, 200), Unit("px")] = 10,
    depth: Annotated[float, Range(0, 1)] = 0.2,
    boundary_class: str = "",
    smallest_grain: Annotated[int, Range(0, 100_000), Unit("px²")] = 20,
    keep_line: bool = False,
) -> Labels:
    """Turn a network of grain boundaries into grains.

    The grains fill the whole image: the pixels of a boundary go to the nearest grain, so that a thick etched line does
    not make the grains smaller. Loose ends that separate nothing disappear. A mask of boundaries is closed where a
    gap in a line is short; boundary probabilities of a trained network are closed along the most probable line.

    Settings:
        max_gap: Gaps in a boundary mask up to this width are closed, unless a piece cut off would be narrower than
            twice this. 0 leaves every gap open.
        depth: For probabilities; two grains stay apart if the line between them is more probable by this much than
            their insides. Raise it if grains are split, lower it if they run together.
        boundary_class: For probabilities; the name of the boundary class. Empty takes the class whose name contains
            "boundar" or "border", or the last class.
        smallest_grain: Smaller pieces are given to their neighbours.
        keep_line: Leave a one pixel line of background between the grains.
    """
    from nodes.kernels import partition
    from nodes.kernels.watershed import split_summits

    if isinstance(boundaries, Probabilities):
        plane = boundaries.pixels[..., partition.boundary_plane(boundaries.classes, boundary_class)]
        pieces, _ = split_summits(partition.probability_landscape(plane), depth)
    elif max_gap:
        pieces, _ = split_summits(*partition.closing_landscape(boundaries.pixels, max_gap))
    else:
        pieces = partition.cells(boundaries.pixels)
    grains = partition.fill_plane(partition.drop_small(pieces, smallest_grain))
    if keep_line:
        grains = partition.drop_small(np.where(partition.borders(grains), 0, grains), 1)
    result = Labels(grains, boundaries.scale, count=int(grains.max(initial=0)))
    if result.count < 2:
        return result.with_note("The boundaries enclose no grain; check that boundaries, not grains, are selected.")
    return result


@node("GrainsToBoundaries", category="Segment", synonyms=("outline", "boundary network", "contour", "perimeter"))
def grains_to_boundaries(grains: Labels, *, width: Annotated[int, Range(1, 50), Unit("px")] = 1) -> Mask:
    """Draw the boundaries between grains, and between grains and background, as lines.

    Settings:
        width: Width of the drawn line.
    """
    from nodes.kernels import partition

    lines = partition.borders(grains.pixels)
    if width > 1:
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        lines = cv2.dilate(lines.view(np.uint8), brush).view(bool)
    return Mask(lines, grains.scale)
