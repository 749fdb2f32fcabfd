"""Crop: keep a rectangle of an image, mask, labels or class map."""

from dataclasses import replace
from typing import Annotated, TypeVar

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import ClassMap, Image, Labels, Mask

Area = TypeVar("Area", Image, Mask, Labels, ClassMap)
Pixels = Annotated[int, Range(0, 1_000_000), Unit("px")]


@node(
    "Crop", category="Input", synonyms=("cut", "trim", "rectangle", "data bar", "databar", "region of interest", "ROI")
)
def crop(
    image: Area,
    *,
    x: Pixels = 0,
    y: Pixels = 0,
    width: Pixels = 0,
    height: Pixels = 0,
    bottom: Annotated[int, Range(0, 1_000_000), Unit("px"), Label("trim at the bottom")] = 0,
) -> Area:
    """Keep a rectangle, or cut the data bar off the bottom.

    Pixels are counted from the top left corner. Labels are numbered anew, without gaps; a feature that the crop parts
    in two keeps one number.

    Settings:
        x: First column that is kept.
        y: First row that is kept.
        width: Number of columns; 0 means up to the right edge.
        height: Number of rows; 0 means down to the bottom edge, less what is trimmed there.
        bottom: Rows taken off the bottom first, such as the data bar of an electron microscope.
    """
    rows, columns = image.shape
    rows -= bottom
    right, lower = x + (width or max(columns - x, 0)), y + (height or max(rows - y, 0))
    if x >= columns or y >= rows or right > columns or lower > rows:
        raise Problem(
            f"The rectangle reaches beyond the {columns} × {max(rows, 0)} px that there are; make x, y, the width,"
            " the height or the trim smaller."
        )
    pixels = np.ascontiguousarray(image.pixels[y:lower, x:right])
    # The new frame cuts features that the old one did not.
    if isinstance(image, Mask):
        return replace(image, pixels=pixels, whole_at=(), cut=0)  # type: ignore[call-arg]
    if isinstance(image, Labels):
        from graingraph.nodes.imaging.boundaries.partition import drop_small

        pixels = drop_small(pixels, 1)
        return replace(image, pixels=pixels, count=int(pixels.max()), whole_at=(), cut=0)  # type: ignore[call-arg]
    return image.with_pixels(pixels)
