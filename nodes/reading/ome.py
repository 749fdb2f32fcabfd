"""Pixel size in OME-XML, of the image that a page of the file belongs to.

A file may hold several images (an overview, then the picture), each with planes of its own. Standard: OME data model,
https://docs.openmicroscopy.org/ome-model; ``PhysicalSizeX`` is in µm where no unit is given.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from graingraph.nodes.reading.pixel_size import PixelSize, both, micrometres, number_in
from graingraph.nodes.reading.untrusted_xml import Xml

PLACEHOLDER = 1.0
"""Bio-Formats writes 1 × 1 × 1 where it knows nothing."""


def ome_size(root: Xml, file_name: str, page: Any) -> PixelSize | None:
    """Pixel size of a page (of its ``index`` in the file), or None where it is not told or not told of this page.

    The image of this page has its size, too; where the XML does not say which pages an image has, those of the page's
    size must agree.
    """
    every = [p for p in root.all("Pixels") if _has_size(p, page.imagewidth, page.imagelength)]
    owner = [pixels for pixels in every if page.index in _pages_of(pixels, file_name)]
    if not any(_is_placed(pixels) for pixels in root.all("Pixels")):
        owner = owner if len(owner) == 1 else every
    sizes = {_size(pixels, page) for pixels in owner}
    return sizes.pop() if len(sizes) == 1 else None


def _size(pixels: Xml, page: Any) -> PixelSize | None:
    sides = {axis: (pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit") or "µm") for axis in "XYZ"}
    if all(number_in(number) == PLACEHOLDER for number, _ in sides.values()):
        return None
    return both(*(micrometres(number, unit) for number, unit in (sides["X"], sides["Y"])))


def _has_size(pixels: Xml, width: int, height: int) -> bool:
    return number_in(pixels.get("SizeX")) == width and number_in(pixels.get("SizeY")) == height


def _is_placed(pixels: Xml) -> bool:
    return any(data.get("IFD") is not None for data in pixels.all("TiffData"))


def _pages_of(pixels: Xml, file_name: str) -> set[int]:
    """Numbers (from 0) of the pages in this file that hold planes of an image."""
    found = set[int]()
    for first, count in _runs(pixels, file_name):
        found.update(range(first, first + min(count, 1_000_000)))
        if len(found) > 10_000_000:
            break
    return found


def _runs(pixels: Xml, file_name: str) -> Iterator[tuple[int, int]]:
    planes = 1
    for axis in "ZT":
        planes *= max(1, int(number_in(pixels.get(f"Size{axis}")) or 1))
    planes *= len(list(pixels.all("Channel"))) or max(1, int(number_in(pixels.get("SizeC")) or 1))
    for data in pixels.all("TiffData"):
        other = data.first("UUID")
        name = other.get("FileName") if other else None
        if name and PurePath(name.replace("\\", "/")).name != PurePath(file_name).name:
            continue
        ifd, count = number_in(data.get("IFD")), number_in(data.get("PlaneCount"))
        if ifd is not None:
            yield int(ifd), max(0, int(count if count is not None else 1))
        elif count is not None:
            yield 0, max(0, int(count))
        else:
            yield 0, planes
