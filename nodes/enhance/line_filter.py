"""LineFilter: find thin lines, such as etched grain boundaries."""

from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Image
from graingraph.nodes.imaging.filters.line_response import dark_lines
from graingraph.nodes.imaging.reading.pixel_types import unit_grey


@node(
    "LineFilter",
    category="Enhance",
    synonyms=(
        "ridge",
        "black-hat",
        "top-hat",
        "line detection",
        "grain boundaries",
        "Hessian",
        "Frangi",
        "vesselness",
        "matched filter",
        "scratches",
    ),
)
def line_filter(
    image: Image,
    *,
    lines: Literal["darker", "brighter"] = "darker",
    width: Annotated[float, Range(1, 100, log=True), Unit("px")] = 3.0,
) -> Image:
    """Show how strongly each pixel lies on a thin line, whatever the brightness of the ground.

    The result is how much darker (or brighter) the line is than the ground on both its sides, as a fraction of full
    scale: 0.1 is 25 grey levels of 255. Steps between a dark and a bright grain do not show, round pits and
    inclusions half as much as a line, and where a surface is rough or noisy, that much is taken off. Lines are
    averaged over three widths of length, so lines shorter than that fade and sharp corners lose strength. Wire the
    result to BoundariesToGrains, or to Threshold for a mask.

    A bank of line filters in twelve directions with two-sided contrast. Oracle: a line, an edge and a disc of known
    depth drawn in any direction.

    Settings:
        lines: Whether the lines are darker or brighter than the ground.
        width: Width of the lines; those between half and twice as wide are found too, more weakly.
    """
    grey = unit_grey(image)
    response = dark_lines(grey if lines == "darker" else 1 - grey, width)
    return Image(np.asarray(response, np.float32), image.scale, name=image.name, range=(0.0, 1.0), notes=image.notes)
