"""SetScale: tell the size of a pixel where the file does not."""

from dataclasses import replace
from typing import Annotated, Literal

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Scale
from graingraph.nodes.imaging.reading.pixel_types import to_grey
from graingraph.nodes.imaging.reading.scale_bar import find_scale_bar


@node("SetScale", category="Input", synonyms=("set scale", "calibrate", "pixel size", "scale bar", "magnification"))
def set_scale(
    image: Image,
    *,
    method: Literal["pixel size", "known length", "find scale bar"] = "pixel size",
    pixel_size: Annotated[float, Range(0, 10_000), Unit("µm/px"), When(method="pixel size")] = 0.0,
    length: Annotated[float, Range(0, 1e7), Unit("µm"), When(method=("known length", "find scale bar"))] = 0.0,
    length_px: Annotated[
        float, Range(0, 1e6), Unit("px"), Label("length in the image"), When(method="known length")
    ] = 0.0,
    where: Annotated[Literal["every image", "images without a scale"], Label("set on")] = "every image",
) -> Image:
    """Set the size of a pixel, so that lengths come out in µm.

    Type the pixel size, or give something of known length (a scale bar, a stage micrometer) and its length in px, or
    let the scale bar that the microscope drew into the image be found: the longest even, thin, horizontal line. What
    was found is noted with every result; look whether it is the bar.

    Settings:
        method: How the pixel size is given.
        pixel_size: Side of a pixel. 0 is not known yet: an image without a scale then stays without one.
        length: True length of the scale bar or of what was measured.
        length_px: The same length in px.
        where: Whether images whose files tell their pixel size keep it.
    """
    if image.scale and where == "images without a scale":
        return image
    if where == "images without a scale" and method == "pixel size" and pixel_size == 0:
        return image
    if method == "pixel size":
        return replace(image, scale=Scale(_given(pixel_size, "the pixel size in µm/px"), "typed"))
    _given(length, "the length in µm")
    if method == "known length":
        return replace(image, scale=Scale(length / _given(length_px, "the length in px"), "typed"))
    bar = find_scale_bar(to_grey(image.pixels))
    if bar is None:
        raise Problem("No scale bar was found in the image; measure its length in px and choose 'known length'.")
    found = replace(image, scale=Scale(length / bar.length, "scale bar"))
    return found.with_note(
        f"The pixel size comes from a line of {bar.length:g} px found at x {bar.x}, y {bar.y}; check that it is the"
        f" scale bar of {length:g} µm."
    )


def _given(number: float, what: str) -> float:
    if number <= 0:
        raise Problem(f"SetScale needs {what}; type a number above 0.")
    return number
