"""FillHoles: close the holes inside features."""

from typing import Annotated, Literal

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range, Unit, When
from graingraph.engine.values import Mask


@node("FillHoles", category="Clean", synonyms=("close holes", "flood fill"))
def fill_holes(
    mask: Mask,
    *,
    size: Literal["unlimited", "up to max_area"] = "unlimited",
    max_area: Annotated[float, Range(1, 1e9, log=True), Unit("px²"), When(size="up to max_area")] = 100.0,
) -> Mask:
    """Close the holes inside features.

    A hole is background that is enclosed by one or more features on all sides and does not reach the frame of the
    image. Etch pits and specks inside a grain are such holes. With a closed boundary network wired in, every grain
    would count as a hole: invert such a mask first, or limit the size.

    Settings:
        size: Whether holes of every size are filled, or only small ones.
        max_area: The largest hole that is filled.
    """
    from graingraph.nodes.imaging.features.holes import holes_of
    from graingraph.nodes.imaging.features.regions import areas
    from graingraph.nodes.imaging.features.runs import paint_mask

    background, is_hole = holes_of(mask.pixels)
    if size == "up to max_area":
        is_hole[1:] &= areas(background) <= max_area
    return mask.with_pixels(paint_mask(background, is_hole, True, mask.pixels))
