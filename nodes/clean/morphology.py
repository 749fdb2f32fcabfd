"""Morphology: erode, dilate, open, close and thin the selected regions."""

from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.values import Mask

SHAPED = ("open", "close", "erode", "dilate")
BY_DISTANCE = 24
"""From this radius on a distance map, whose cost does not grow with the radius, gives the same disc sooner."""


@node(
    "Morphology",
    category="Clean",
    synonyms=("erode", "dilate", "open", "close", "opening", "closing", "skeleton", "thin", "prune", "spurs", "smooth"),
)
def morphology(
    mask: Mask,
    *,
    operation: Literal["open", "close", "erode", "dilate", "skeleton", "pruned skeleton"] = "open",
    radius: Annotated[int, Range(1, 500), Unit("px"), When(operation=SHAPED)] = 2,
    shape: Annotated[Literal["disc", "square"], When(operation=SHAPED)] = "disc",
    longest: Annotated[
        float, Range(1, 10_000), Unit("px"), Label("longest spur"), When(operation="pruned skeleton")
    ] = 10.0,
) -> Mask:
    """Shrink, grow, smooth or thin what is selected.

    Erode takes a rim off every region and dilate adds one. Open (erode, then dilate) removes specks and thin bridges;
    close (dilate, then erode) fills small gaps and holes. Skeleton thins every region to a line one pixel wide in its
    middle, keeping what is connected (T. Y. Zhang and C. Y. Suen, Comm. ACM 27, 1984, 236-239); the pruned skeleton
    lacks the spurs, short branches with a free end that every bump of an outline makes. Nothing is assumed beyond the
    frame: regions that reach it are not eaten away from outside, nor joined to it.

    Settings:
        operation: What is done to the regions.
        radius: Radius of the disc, or half the side of the square (side = 2 radius + 1).
        shape: Shape that is moved over the mask.
        longest: Branches of the skeleton that end freely and are no longer than this go.
    """
    selected = mask.pixels
    if operation == "skeleton":
        from graingraph.nodes.imaging.boundaries.thinning import thinned

        return mask.with_pixels(thinned(selected))
    if operation == "pruned skeleton":
        from graingraph.nodes.imaging.boundaries.skeleton_branches import pruned, skeleton

        return mask.with_pixels(pruned(skeleton(selected), longest))
    if operation == "dilate":
        return mask.with_pixels(dilate(selected, radius, shape))
    if operation == "erode":
        return mask.with_pixels(erode(selected, radius, shape))
    if operation == "open":
        return mask.with_pixels(dilate(erode(selected, radius, shape), radius, shape))
    # Closing needs room outside, or everything within a radius of the frame would be joined to it.
    framed = dilate(np.pad(selected, radius), radius, shape)
    closed = erode(framed, radius, shape)[radius:-radius, radius:-radius]
    return mask.with_pixels(np.ascontiguousarray(closed))


def dilate(selected: np.ndarray, radius: int, shape: str) -> np.ndarray:
    """Every pixel within ``radius`` + ½ px (disc), or ``radius`` px in x and in y (square), of a selected one; bool."""
    if shape == "disc" and radius >= BY_DISTANCE:
        if not selected.any():
            return selected
        distance = cv2.distanceTransform((~selected).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return distance <= radius + 0.5
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    element = x * x + y * y <= (radius + 0.5) ** 2 if shape == "disc" else np.ones((2 * radius + 1,) * 2, bool)
    return cv2.dilate(selected.view(np.uint8), element.view(np.uint8)).view(bool)


def erode(selected: np.ndarray, radius: int, shape: str) -> np.ndarray:
    """Take away every pixel that close to one that is not selected; the outside of the frame takes nothing away."""
    return ~dilate(~selected, radius, shape)
