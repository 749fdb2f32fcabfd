"""Companion: a second image of the same field, taken with another detector, light or etchant."""

from dataclasses import replace
from typing import Annotated

from graingraph.engine.declare.injected import Folder, Source
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import FileBeside, Label, NotEmpty, Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.reading.pixel_types import image_from_array
from graingraph.nodes.reading.read_image import read_pixels


@node(
    "Companion",
    category="Input",
    synonyms=(
        "second image",
        "reference image",
        "detector",
        "BSE",
        "EDS map",
        "polarised light",
        "blank field",
        "load",
    ),
)
def companion(
    *,
    file: Annotated[str, FileBeside(), Label("file beside the image"), NotEmpty()] = "{name}_BSE.tif",
    page: Annotated[int, Range(1, 1_000_000)] = 1,
    source: Source,
    folder: Folder,
) -> Image:
    """Read a second image of the same field, which lies beside the image of the tray or in the folder above.

    In the name of the file, {name} stands for that of the image of the tray without its ending: for field_01.tif the
    pattern {name}_BSE.tif takes field_01_BSE.tif. A name without {name}, such as that of a blank field, is one file for
    all images. Pixel size and depth are those of the file. Nothing is shifted: images that were taken one after
    the other may need to be aligned before.

    Settings:
        file: Name of the second image, with its ending; {name} stands for the name of the image of the tray.
        page: Which image of a multi-page TIFF, counted from 1.
    """
    path = folder.find(file)
    if path is None:
        wanted = file.replace("{name}", folder.image or source.name)
        raise Problem(f"There is no file {wanted} beside the image or in the folder above; put it there.")
    pixels, header = read_pixels(path, page)
    return replace(image_from_array(pixels, source.name), scale=header.scale).with_note(*header.notes)
