"""How values are shown, by their type: declared beside the type, kept here, called by the app and by reports.

::

    @plot(Profile)
    def as_diagram(profile: Profile) -> Plot: ...

A type shows itself in terms of what everybody can draw: a ``Plot``, rasters and lines over the image, a small picture.
What is not declared for a type is taken from the type it derives from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graingraph.engine.values.plot import Plot
from graingraph.engine.values.raster import Raster
from graingraph.engine.values.registry import View


@dataclass(frozen=True, eq=False)
class Lines:
    """A line through ``points`` (n, 2), x to the right and y down, in image pixels, pixel centres at integers + ½.

    ``color`` is ``#rrggbb``; ``width`` is in pixels of the screen; ``text`` is written at the first point.
    """

    points: np.ndarray
    color: str = "#ffd60a"
    width: float = 1.5
    closed: bool = False
    text: str = ""


Layer = Raster | Lines
"""What can lie over the micrograph."""

thumbnail: View[Callable[[Any, int, int], np.ndarray]] = View("thumbnail")
"""A small picture of a value for its node on the canvas: (value, width, height) to uint8 (h, w, 3) RGB within that."""

layers: View[Callable[[Any], Sequence[Layer]]] = View("layers in the viewer")
"""What of a value lies over the micrograph it was made from, the lowest first: value to rasters and lines."""

plot: View[Callable[[Any], Plot]] = View("plot")
"""The diagram of a value: value to ``Plot``."""


@layers(Raster)
def _the_raster(value: Raster) -> Sequence[Layer]:
    return [value]


@plot(Plot)
def _itself(value: Plot) -> Plot:
    return value
