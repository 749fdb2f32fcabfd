"""LineFilter: find thin lines, such as etched grain boundaries."""

from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit
from graingraph.engine.values import Image, Note
from graingraph.engine.values.notes import NoteKind
from graingraph.nodes.imaging.filters.line_response import dark_lines
from graingraph.nodes.imaging.filters.scratches import find_scratches, without_scratches
from graingraph.nodes.reading.pixel_types import unit_grey

SCRATCH_LEVEL = 0.05
"""Response from which on a line may be a scratch: a little below what counts as a boundary."""
MANY_SCRATCHES = 10
"""From so many on the specimen is not fit to be measured."""


@node(
    "LineFilter",
    category="Enhance",
    version=2,
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
        "edge detection",
    ),
)
def line_filter(
    image: Image,
    *,
    lines: Literal["darker", "brighter"] = "darker",
    width: Annotated[float, Range(1, 100, log=True), Unit("px")] = 3.0,
    scratches: Literal["take out", "keep"] = "take out",
) -> Image:
    """Show how strongly each pixel lies on a thin line, whatever the brightness of the ground.

    The result is how much darker (or brighter) the line is than the ground on both its sides, as a fraction of full
    scale: 0.1 is 25 grey levels of 255. Steps between a dark and a bright grain do not show, round pits and
    inclusions half as much as a line, and where a surface is rough or noisy, that much is taken off. Lines are
    averaged over three widths of length, so lines shorter than that fade and sharp corners lose strength. Wire the
    result to BoundariesToGrains, or to Threshold for a mask.

    Scratches, which run straight through many grains, would part every grain that they cross: they are looked for,
    said, and taken out. A boundary that one runs along or hides is lost, so repolish rather than count on it.

    A bank of line filters in twelve directions with two-sided contrast. Oracle: a line, an edge and a disc of known
    depth drawn in any direction.

    Settings:
        lines: Whether the lines are darker or brighter than the ground.
        width: Width of the lines; those between half and twice as wide are found too, more weakly.
        scratches: Whether straight lines through many grains are taken out of the result.
    """
    grey = unit_grey(image)
    response = dark_lines(grey if lines == "darker" else 1 - grey, width)
    found = find_scratches(response, SCRATCH_LEVEL)
    if found and scratches == "take out":
        response = without_scratches(response, found, width)
    result = Image(np.asarray(response, np.float32), image.scale, name=image.name, range=(0.0, 1.0), notes=image.notes)
    if not found:
        return result
    several = len(found) > 1
    said = (
        f"{len(found)} long straight lines, as scratches are" if several else "One long straight line, as a scratch is"
    )
    if scratches == "keep":
        text = f"{said}: they may be counted as boundaries, so take them out in LineFilter, or repolish."
        return result.with_note(Note("not reportable", text, about="scratches"))
    kind: NoteKind = "not reportable" if len(found) >= MANY_SCRATCHES else "advice"
    text = f"{said}: taken out of the boundaries, of which some along and under them may be lost; better repolish."
    return result.with_note(Note(kind, text, about="scratches"))
