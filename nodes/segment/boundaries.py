"""A boundary network to grains, and back."""

from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import NamesClass, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Labels, Mask, PixelClass, Probabilities
from graingraph.engine.values.classes import boundary_index, cores_by_class, without_cores

CUT_SHARE = 4
"""A grain that the frame cuts may show so much less than the smallest grain."""


def _judge_as_before(settings: dict[str, Any]) -> dict[str, Any]:
    return {**settings, "judge": "weakest point"}


@node(
    "BoundariesToGrains",
    category="Segment",
    version=5,  # 3 lost grains that the frame cuts, 4 the smallest
    synonyms=(
        "grains from boundaries",
        "watershed",
        "close gaps",
        "skeleton",
        "boundary network",
        "prune spurs",
    ),
    migrations={1: _judge_as_before, 2: dict, 3: dict, 4: dict},
)
def boundaries_to_grains(
    boundaries: Mask | Image | Probabilities,
    *,
    max_gap: Annotated[int, Range(0, 200), Unit("px")] = 10,
    judge: Literal["whole boundary", "weakest point"] = "whole boundary",
    visible: Annotated[float, Range(0, 1), When(judge="whole boundary")] = 0.5,
    strength: Annotated[float, Range(0.001, 1, log=True)] = 0.06,
    depth: Annotated[float, Range(0, 1), When(judge="weakest point")] = 0.2,
    boundary_class: Annotated[str, NamesClass()] = "",
    smallest_grain: Annotated[int, Range(0, 100_000), Unit("px²")] = 20,
    keep_line: bool = False,
) -> Labels:
    """Turn a network of grain boundaries into grains.

    The grains fill the whole image: the pixels of a boundary go to the nearest grain, so that a thick etched line does
    not make the grains smaller. Loose ends that separate nothing disappear. A mask of boundaries is closed where a
    gap in a line is short. Lines found by LineFilter, and boundary probabilities of a trained network, are first
    divided into too many pieces; then the boundaries that show least are taken away. Where the network has learnt to
    "keep features apart", every grain has a middle, and pieces without one are joined to their neighbours. Where the
    middle may not be seen, a clear outline stands for it: of a grain that the frame cuts, and of a very small one.

    Settings:
        max_gap: Gaps in a boundary mask up to this width are closed, unless a piece cut off would be narrower than
            twice this. 0 leaves every gap open.
        judge: For lines and probabilities; whether the whole boundary between two grains is judged, so that a gap in
            it does no harm, or its weakest point, so that any gap joins them.
        visible: Share of its length over which a boundary must show, or the mean probability along it. Raise it if
            grains are split, lower it if they run together.
        strength: For lines; how much darker than its sides a line shows fully, as a fraction of full scale.
        depth: Two grains stay apart if the line between them shows by this much more than their insides.
        boundary_class: For probabilities; the name of the boundary class. Empty takes the class whose role is boundary.
        smallest_grain: Smaller pieces are given to their neighbours. Of a grain that the frame cuts, a quarter of it
            is enough.
        keep_line: Leave a one pixel line of background between the grains.
    """
    from graingraph.nodes.imaging.boundaries import boundary_strength, partition
    from graingraph.nodes.imaging.boundaries.enclosed import enclosed_pieces
    from graingraph.nodes.imaging.features.cores import middles
    from graingraph.nodes.imaging.features.watershed import split_summits
    from graingraph.nodes.reading.pixel_types import unit_grey

    if isinstance(boundaries, Mask):
        pieces = enclosed_pieces(boundaries.pixels, max_gap)
    else:
        cores = None
        shown: npt.NDArray[np.floating]
        if isinstance(boundaries, Image):
            shown = unit_grey(boundaries) / np.float32(strength)
        else:
            line = _boundary_plane(boundaries.classes, boundary_class)
            shown = boundaries.pixels[..., line]
            cores = middles(boundaries.pixels, cores_by_class(boundaries.classes), line)
        if judge == "whole boundary":
            pieces = boundary_strength.visible_boundaries(shown, visible, cores, by_outline=True)
        else:
            pieces, _ = split_summits(partition.probability_landscape(np.minimum(shown, 1)), depth)
    grains = partition.fill_plane(partition.drop_small(pieces, smallest_grain, smallest_grain // CUT_SHARE))
    if keep_line:
        grains = partition.drop_small(np.where(partition.borders(grains), 0, grains), 1)
    result = Labels(grains, boundaries.scale, count=int(grains.max(initial=0)))
    if result.count < 2:
        return result.with_note("The boundaries enclose no grain; check that boundaries, not grains, are selected.")
    return result


def _boundary_plane(classes: tuple[PixelClass, ...], name: str) -> int:
    """Index of the boundary class: the one of this name, or where it is empty, the one of that role."""
    names = [item.name for item in without_cores(classes)]
    if name and name not in names:
        raise Problem(f"There is no class '{name}'; choose one of {', '.join(names)}.")
    found = names.index(name) if name else boundary_index(classes)
    if found is None:
        raise Problem(f"None of the classes is said to be a boundary; choose the boundary class: {', '.join(names)}.")
    return found


@node("GrainsToBoundaries", category="Segment", synonyms=("outline", "boundary network", "contour", "perimeter"))
def grains_to_boundaries(grains: Labels, *, width: Annotated[int, Range(1, 50), Unit("px")] = 1) -> Mask:
    """Draw the boundaries between grains, and between grains and background, as lines.

    Settings:
        width: Width of the drawn line.
    """
    from graingraph.nodes.imaging.boundaries.partition import border_lines

    return Mask(border_lines(grains.pixels, width), grains.scale)
