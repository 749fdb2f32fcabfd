"""Pixel size of an image file: which of the things that it says about itself is believed.

Microscopes write it in many places. What a microscope says in its own words is believed before the general resolution
tags, and resolution tags only where they cannot be the print or screen resolution that most programs write by default.
"""

from pathlib import Path
from typing import Any

from graingraph.engine.values import Scale
from graingraph.nodes.reading.pixel_size import (
    UM_PER_INCH,
    metadata_scale,
    resolution,
    resolution_size,
    resolution_unit,
)


def tiff_scale(tif: Any, page: Any, path: Path) -> tuple[Scale | None, tuple[str, ...]]:
    """Pixel size of one page of an open ``tifffile.TiffFile``: its tags, the file beside it, its resolution.

    Besides, a remark where only a size is told that no pixel can have.
    """
    from graingraph.nodes.reading.microscope_tags import TAG_READERS

    remarks: tuple[str, ...] = ()
    for read in TAG_READERS:
        try:
            size = read(tif, page)
            scale = metadata_scale(size)
        except Exception:  # tags of strangers, decoded by another library: whatever is odd in one tells no size
            continue
        if scale:
            return scale, ()
        if size and not remarks:
            remarks = (f"The file tells pixels of {size.x:.4g} × {size.y:.4g} µm, which cannot be; set their size.",)
    unit, per_unit = resolution_unit(page), resolution(page)
    scale = _beside(path, page.imagewidth, page.imagelength) or (
        metadata_scale(resolution_size(*per_unit, unit)) if unit and per_unit else None
    )
    return scale, () if scale else remarks


def plain_scale(path: Path, width: int, height: int, dpi: tuple[float, float] | None) -> Scale | None:
    """Pixel size of a PNG, JPEG or BMP of this size as stored, whose header has nothing but a resolution."""
    said = resolution_size(float(dpi[0]), float(dpi[1]), UM_PER_INCH) if dpi else None
    return _beside(path, width, height) or metadata_scale(said)


def _beside(path: Path, width: int, height: int) -> Scale | None:
    from graingraph.nodes.reading.text_beside import size_beside

    return metadata_scale(size_beside(path, width, height))
