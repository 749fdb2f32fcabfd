"""SetScale: tell the size of a pixel where the file does not."""

from dataclasses import replace
from typing import Annotated, Literal

from graingraph.engine.declare.injected import NOTHING_DRAWN, Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import Calibrated
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Note, Scale
from graingraph.nodes.learning.apply.burned_in_text import INSTALL, read_bar_label, reader
from graingraph.nodes.reading.drawn_scale import drawn_scale
from graingraph.nodes.reading.pixel_types import to_grey
from graingraph.nodes.reading.scale_bar import find_scale_bar

APART = 0.02
"""Share by which a scale bar and the file differ before a remark says so."""


@node(
    "SetScale",
    category="Input",
    version=2,
    synonyms=(
        "set scale",
        "calibrate",
        "pixel size",
        "scale bar",
        "magnification",
        "read the scale bar",
        "OCR",
        "ASTM E1951",
        "stage micrometer",
    ),
    environment=reader,
    calibrated=Calibrated(
        lambda um, px: (
            {"method": "pixel size", "pixel_size": um, "where": "every image"}
            if px == 1
            else {"method": "known length", "length": um, "length_px": px, "where": "every image"}
        )
    ),
)
def set_scale(
    image: Image,
    *,
    method: Literal["pixel size", "known length", "find scale bar"] = "pixel size",
    pixel_size: Annotated[float, Range(0, 10_000), Unit("µm/px"), When(method="pixel size")] = 0.0,
    length: Annotated[float, Range(0, 1e7), Unit("µm"), When(method=("known length", "find scale bar"))] = 0.0,
    length_px: Annotated[
        float, Range(0, 1e6), Unit("px"), Label("length in the image"), When(method="known length")
    ] = 0.0,
    confirmed: Annotated[bool, Label("the line found is the bar"), When(method="find scale bar")] = False,
    uncertainty: Annotated[float, Range(0, 50), Unit("%")] = 0.0,
    where: Annotated[Literal["every image", "images without a scale"], Label("set on")] = "every image",
    marks: Marks = NOTHING_DRAWN,
) -> Image:
    """Set the size of a pixel, so that lengths come out in µm.

    Type the pixel size, or give something of known length (a scale bar, a stage micrometer) and its length in px, or
    let the scale bar that the microscope drew into the image be found. A line that nothing tells to be a bar (ticks at
    its ends, a data bar around it, letters beside it) is refused. What was found is drawn over the image, and not
    reportable until you have looked at it, in a few images, and confirmed that it is the bar. A pixel size set
    here is that of square pixels.
    Without a length, what is written beside the bar is read ("200 µm"), where rapidocr is installed. Where the file
    tells another pixel size, more than 2 % off, a remark says so; what is set here holds.

    Oracles: drawn bars of many styles, plain and as JPEG; lines, boxes, lamellae and scratches that are none. Known
    error: a bar that is found is right to 0.2 px; one in seven is refused and takes "known length".

    A click on the scale bar in the viewer fills this in, or tells the pixel size of one image, which then counts there.

    Settings:
        method: How the pixel size is given.
        pixel_size: Side of a pixel. 0 is not known yet: an image without a scale then stays without one.
        length: True length of the scale bar or of what was measured. 0 at "find scale bar": as is written beside it.
        length_px: The same length in px.
        confirmed: You have looked at the lines that were found, and they are the scale bars, of the length stated.
        uncertainty: Standard uncertainty (k = 1) of the pixel size, from the calibration certificate; 0 is not known.
        where: Whether images whose files tell their pixel size keep it.
    """
    drawn = drawn_scale(marks)
    if drawn is not None:
        return replace(image, scale=drawn)
    if image.scale and where == "images without a scale":
        return image
    if where == "images without a scale" and method == "pixel size" and pixel_size == 0:
        return image
    known = uncertainty / 100 or None
    if image.scale and not image.scale.is_square:
        image = image.with_note(
            "The file tells pixels that are not square; the pixel size that was set has them square."
        )
    if method == "pixel size":
        return replace(image, scale=Scale(_given(pixel_size, "the pixel size in µm/px"), "typed", uncertainty=known))
    if method == "known length":
        um, measured = _given(length, "the length in µm"), _given(length_px, "the length in px")
        return replace(image, scale=Scale(um / measured, "typed", uncertainty=known))
    return _at_scale_bar(image, length, known, confirmed)


def _at_scale_bar(image: Image, length: float, known: float | None, confirmed: bool) -> Image:
    """The image with the pixel size of the bar that is drawn into it, whose length in µm is read where it is 0."""
    grey = to_grey(image.pixels)
    if not length and not reader():
        raise Problem(f"SetScale needs the length of the scale bar in µm; type a number above 0, or {INSTALL}.")
    bar = find_scale_bar(grey)
    if bar is None:
        raise Problem(
            "No line in the image is sure to be its scale bar; measure the bar in px and choose 'known length'."
        )
    label = None if length else read_bar_label(grey, bar)
    if not length and label is None:
        raise Problem(
            f"A scale bar was found at x {bar.x}, y {bar.y}, but no length beside it can be read for sure; "
            "SetScale needs it: type a number above 0."
        )
    um = label.um if label else length
    scale = Scale(um / bar.length, "scale bar", uncertainty=known or bar.uncertainty / bar.length)
    found = replace(image, scale=scale)
    apart = _apart(image.scale, scale)
    if apart > APART:
        found = found.with_note(f"The file says {image.scale}; that is {100 * apart:.2g} % off the scale bar.")
    text = f"The pixel size comes from a line of {bar.length:.4g} px found at x {bar.x}, y {bar.y}"
    is_bar = f"the scale bar of {um:g} µm" + (f", as “{label.text}” was read beside it" if label else "")
    line = (float(bar.x), bar.y + 0.5, bar.x + bar.length, bar.y + 0.5)
    if confirmed:
        return found.with_note(Note("advice", f"{text}, confirmed as {is_bar}.", line=line))
    text = f"{text}; look whether it is {is_bar}, then confirm it in SetScale."
    return found.with_note(Note("not reportable", text, about="scale bar", line=line))


def _apart(of_file: Scale | None, of_bar: Scale) -> float:
    """By what share the pixel size of the file differs from that of the bar; 0 where the file tells none."""
    if of_file is None or of_file.origin != "file metadata":
        return 0.0
    return abs(of_file.x / of_bar.x - 1)


def _given(number: float, what: str) -> float:
    if number <= 0:
        raise Problem(f"SetScale needs {what}; type a number above 0.")
    return number
