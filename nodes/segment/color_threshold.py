"""ColorThreshold: select pixels by hue, saturation and brightness."""

from typing import Annotated

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Mask
from graingraph.nodes.reading.pixel_types import unit_levels

STRIP = 512
"""Rows that are converted at a time, so that a large picture needs no copy of itself in floating point."""
Hue = Annotated[float, Range(0, 360), Unit("°")]
Share = Annotated[float, Range(0, 1)]


@node(
    "ColorThreshold",
    category="Segment",
    synonyms=("colour threshold", "colour range", "tint etching", "hue", "HSV", "HSB", "select by colour", "RGB"),
)
def color_threshold(
    image: Image,
    *,
    hue_from: Annotated[Hue, Label("hue from")] = 0.0,
    hue_to: Annotated[Hue, Label("hue to")] = 360.0,
    saturation_from: Annotated[Share, Label("saturation from")] = 0.0,
    saturation_to: Annotated[Share, Label("saturation to")] = 1.0,
    brightness_from: Annotated[Share, Label("brightness from")] = 0.0,
    brightness_to: Annotated[Share, Label("brightness to")] = 1.0,
) -> Mask:
    """Select the pixels of a colour image whose hue, saturation and brightness lie between limits, both included.

    Hue goes round: red 0°, yellow 60°, green 120°, cyan 180°, blue 240°, magenta 300°; from 330° to 30° selects reds.
    Saturation is 0 for greys and 1 for pure colours, brightness is that of the brightest of the three channels (the
    HSV hexcone, A. R. Smith, SIGGRAPH 1978, 12-19). Grey pixels have no hue; they count as red, so ask for some
    saturation where the hue decides.

    Oracle: colorsys of Python.

    Settings:
        hue_from: First hue that is selected.
        hue_to: Last hue that is selected; smaller than the first, the range goes through 0°.
        saturation_from: Least saturation.
        saturation_to: Largest saturation.
        brightness_from: Least brightness, as a fraction of full scale.
        brightness_to: Largest brightness, as a fraction of full scale.
    """
    if not image.is_color:
        raise Problem("The image is grey, so it has no hue; use Threshold, or load it in colour.")
    selected = np.empty(image.shape, bool)
    for top in range(0, image.shape[0], STRIP):
        rows = slice(top, top + STRIP)
        hue, saturation, brightness = cv2.split(cv2.cvtColor(unit_levels(image, rows), cv2.COLOR_RGB2HSV))
        after, before = hue >= np.float32(hue_from), hue <= np.float32(hue_to)
        selected[rows] = (after & before) if hue_from <= hue_to else (after | before)
        selected[rows] &= (saturation >= np.float32(saturation_from)) & (saturation <= np.float32(saturation_to))
        selected[rows] &= (brightness >= np.float32(brightness_from)) & (brightness <= np.float32(brightness_to))
    return Mask(selected, image.scale)
