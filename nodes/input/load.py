"""Load: the image of the tray, as it comes from the microscope."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np

from graingraph.engine.declare.injected import NOTHING_DRAWN, Marks, Source
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import Calibrated
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.images.pages import split_page
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Scale
from graingraph.nodes.reading.drawn_scale import drawn_scale
from graingraph.nodes.reading.pixel_types import bits_used, grey_of, image_from_array, of_bits
from graingraph.nodes.reading.read_image import read_pixels


@node(
    "Load",
    category="Input",
    version=2,
    synonyms=(
        "image",
        "open",
        "read",
        "import",
        "stack",
        "z-stack",
        "page",
    ),
    calibrated=Calibrated(lambda um, px: {"pixel_size": um / px}),
)
def load(
    *,
    page: Annotated[int, Range(1, 1_000_000)] = 1,
    color: Literal["as stored", "grey"] = "as stored",
    pixel_size: Annotated[float, Range(0, 10_000), Unit("µm/px")] = 0.0,
    bits: Annotated[int, Range(0, 16), Label("bits of the camera")] = 0,
    source: Source,
    marks: Marks = NOTHING_DRAWN,
) -> Image:
    """Read the micrograph: PNG, JPEG, BMP, TIFF with 8, 16 or 32 bits a channel, Zeiss CZI, or OME-Zarr.

    The pixel size is taken from the file where a microscope or ImageJ wrote one; the resolution that cameras and
    drawing programs write for printing (72, 96, 300 dpi ...) is not a pixel size and is ignored. Where the file says
    nothing, click "pixel size unknown" in the viewer, type it here, or use SetScale. 8 and 16 bits are kept as they
    are, fewer are stretched to them where the file, or the setting, says how many there are: never by what levels an
    image happens to have, so that all images of a batch are treated alike. 32-bit images become floating-point grey
    levels, black at 0 and white at 1, 255 or 65535 where their numbers look like that, else at the darkest and the
    brightest level found, a few outliers left aside. A colour image whose channels are all equal is loaded as grey.
    Transparent parts count as black.

    Settings:
        page: Which page of a TIFF, or scene, depth or channel of CZI or OME-Zarr, counted from 1; where the tray names
            the page, that one counts.
        color: Whether colour is kept, or turned into grey (luminance).
        pixel_size: Side of a pixel on every image; 0 takes what the file says. A scale bar drawn in the viewer for one
            image counts for that one.
        bits: How many bits the camera has, where a file keeps its levels in 16 without saying so: 12 makes white of
            level 4095. 0 takes what the file says, else 16. Counts for 16-bit images that say nothing else.
    """
    scale, pages, states_white = None, 1, False
    notes: tuple[str, ...] = ()
    if source.pixels is not None:
        pixels = source.pixels
        if page != 1:
            raise Problem(f"An array has one page, not {page}; set page to 1.")
    elif source.path is not None:
        pixels, header = read_pixels(source.path, page)
        scale, pages, notes, states_white = header.scale, header.pages, header.notes, header.states_white
    else:
        raise Problem("The image has neither a file nor pixels; add it to the tray again.")
    if pixels.dtype.newbyteorder("=") == np.uint16 and not states_white:
        if bits:
            pixels = of_bits(pixels, bits)
        elif (used := bits_used(pixels)) < 16:
            notes += (
                f"Of its 16 bits the image uses {used}: if the camera has {used}, say so in Load (bits of the camera),"
                " for all images alike.",
            )
    image = image_from_array(pixels, source.name)
    if typed := pixel_size or source.um_per_px:
        scale = Scale(typed, "typed")
    scale = drawn_scale(marks) or scale
    image = replace(image, scale=scale).with_note(*notes)
    if scale and not scale.is_square:
        image = image.with_note(
            f"The pixels are not square ({scale.x:.6g} × {scale.y:.6g} µm): lengths and shapes are only measured after"
            " the node SquarePixels."
        )
    if pages > 1 and source.path and not split_page(source.path)[1]:
        image = image.with_note(
            f'The file has {pages} pages; this is page {page}. Add "{source.path.name} [pages]" to have each page as an'
            " image of its own."
        )
    return grey_of(image) if color == "grey" else image
