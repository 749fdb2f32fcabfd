"""ColorThreshold: select pixels by hue, saturation and brightness."""

from typing import Annotated

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Mask

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
    from graingraph.nodes.imaging.filters.color_range import in_color_range

    hue, saturation, brightness = (hue_from, hue_to), (saturation_from, saturation_to), (brightness_from, brightness_to)
    return Mask(in_color_range(image.pixels, image.range, hue, saturation, brightness), image.scale)
