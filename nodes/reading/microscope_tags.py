"""What the makers of microscopes and their programs write of the pixel size into the tags of a TIFF file.

Each reader takes an open ``tifffile.TiffFile`` and one of its pages, and gives the size of a pixel *of that page as it
is stored*, or None where its maker says nothing or contradicts itself. Sources: the makers' own files, tifffile,
Bio-Formats, RosettaSciIO and Gwyddion, where they agree.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from graingraph.nodes.reading.ome import ome_size
from graingraph.nodes.reading.pixel_size import (
    PixelSize,
    both,
    micrometres,
    nearly,
    number_in,
    resolution,
    resolution_size,
    resolution_unit,
    square,
)
from graingraph.nodes.reading.untrusted_xml import Xml, decode_text, parse_xml

MAX_PAGES_LOOKED_AT = 16
"""Pages among which a statement about this page is looked for, where a maker writes it into another one."""
ZEISS_SCREEN = 1024
"""Width in px of the screen that SmartSEM's plain "Pixel Size" is that of."""
LEXT_UM = 1e-6
"""Olympus LEXT and DSX count in picometres."""
NIS_TAGS = (65332, 65333, 65330, 65331, 65325, 65327, 65328, 65329)
NIS_CALIBRATION = 65326
"""Nikon NIS-Elements: texts in which ``dCalibration`` stands, and the tag that holds it as a number (µm/px)."""


def ome(tif: Any, page: Any) -> PixelSize | None:
    """OME-TIFF: the image of the XML that this page belongs to."""
    root = _xml(tif.pages[0].aspage(), 270)
    return ome_size(root, tif.filename, page) if root and root.tag == "OME" else None


def fei(tif: Any, page: Any) -> PixelSize | None:
    """FEI and Thermo Fisher, tags 34682 and 34680: ``PixelWidth`` in metres of the scan, else the field's width.

    The field height counts only where it makes pixels higher than wide (a tilted scan): a data bar makes the picture
    higher than its field.
    """
    sections = _fei_sections(page)
    for section in sections:
        size = both(micrometres(section.get("PixelWidth"), "m"), micrometres(section.get("PixelHeight"), "m"))
        if size:
            return size
    for section in sections:
        across = micrometres(section.get("HorFieldsize", section.get("HFW")), "m")
        down = micrometres(section.get("VerFieldsize", section.get("VFW")), "m")
        if across:
            x, y = across / page.imagewidth, (down or 0.0) / page.imagelength
            return PixelSize(x, max(x, y))
    return None


def fei_xml(tif: Any, page: Any) -> PixelSize | None:
    """Thermo Fisher and Phenom, tag 34683 (or 34682): XML with ``PixelSize`` X and Y, or pixelWidth and pixelHeight."""
    for root in filter(None, (_xml(page, code) for code in (34683, 34682))):
        for names in (("PixelSize", "X", "Y"), ("PixelsSize", "X", "Y")):
            x, y = (_length(root.first(names[0], axis), "m") for axis in names[1:])
            if x:
                return both(x, y)
        x, y = (_length(root.first(name), "m") for name in ("pixelWidth", "pixelHeight"))
        if x:
            return both(x, y)
    return None


def zeiss(tif: Any, page: Any) -> PixelSize | None:
    """Zeiss SmartSEM, tag 34118: ``Image Pixel Size`` of the stored image, else its ``Width`` over its pixels.

    "Pixel Size" alone is that of the screen, 1024 px wide, whatever the stored image has. Where Image Pixel Size and
    Width contradict each other, the picture was resized or cut afterwards, and nothing is believed.
    """
    tag = page.tags.valueof(34118)
    if not isinstance(tag, Mapping):
        return None
    stored, width = _entry(tag, "ap_image_pixel_size"), _entry(tag, "ap_width")
    if stored and width and not nearly(stored, width / page.imagewidth, 0.02):
        return None
    screen = _entry(tag, "ap_pixel_size")
    unnamed = tag.get("", ())
    if not screen and len(unnamed) > 3:
        screen = micrometres(unnamed[3], "m")
    return square(stored or (width and width / page.imagewidth) or (screen and screen * ZEISS_SCREEN / page.imagewidth))


def olympus_sis(tif: Any, page: Any) -> PixelSize | None:
    """Olympus (SIS, Stream, cellSens): tag 33560 or 33471 in metres, of this page or of another as large."""
    for other in (page, *_pages(tif)):
        for code in (33560, 33471):
            tag = other.tags.valueof(code)
            if isinstance(tag, Mapping) and (other.imagewidth, other.imagelength) == (
                page.imagewidth,
                page.imagelength,
            ):
                size = both(micrometres(tag.get("pixelsizex"), "m"), micrometres(tag.get("pixelsizey"), "m"))
                if size:
                    return size
    return None


def olympus_lext(tif: Any, page: Any) -> PixelSize | None:
    """Olympus and Evident LEXT and DSX: XML in the description, ``...DataPerPixelX`` in picometres."""
    root = _xml(page, 270)
    if not root or root.tag != "TiffTagDescData":
        return None
    found = []
    for kind in ("Color", "Height", "Intensity", "Image", ""):
        x, y = (root.first(f"{kind}DataPerPixel{axis}") for axis in "XY")
        pm = both(number_in(x.text) if x else None, number_in(y.text) if y else None)
        found += [PixelSize(pm.x * LEXT_UM, pm.y * LEXT_UM)] if pm else []
    return found[0] if found and all(nearly(a.x, found[0].x) and nearly(a.y, found[0].y) for a in found) else None


def tescan(tif: Any, page: Any) -> PixelSize | None:
    """TESCAN, tag 50431: lines ``PixelSizeX=`` in metres."""
    from graingraph.nodes.reading.text_beside import tescan_size

    return tescan_size(_text(page, 50431))


def digital_micrograph(tif: Any, page: Any) -> PixelSize | None:
    """Gatan DigitalMicrograph: units of x and y in tags 65003 and 65004, their scales in 65009 and 65010."""
    tags = page.tags
    x, y = (micrometres(tags.valueof(scale), _text(page, unit)) for scale, unit in ((65009, 65003), (65010, 65004)))
    return both(x, y)


def nikon(tif: Any, page: Any) -> PixelSize | None:
    """Nikon NIS-Elements: ``dCalibration`` in µm/px in one of its XML tags, or tag 65326."""
    for code in NIS_TAGS:
        text = _text(page, code)
        root = parse_xml(text)
        for name in ("dCalibration", "dPixelSize", "PixelSize"):
            found = root.first(name) if root else None
            um = number_in(found.get("value") or found.text) if found else None
            if um:
                return square(um)
        plain = re.search(r"\bdCalibration\W+([\d.,]+(?:e[-+]?\d+)?)", text, re.IGNORECASE)
        if plain and number_in(plain[1]):
            return square(number_in(plain[1]))
    return square(number_in(page.tags.valueof(NIS_CALIBRATION)))


def tvips(tif: Any, page: Any) -> PixelSize | None:
    """TVIPS EM-MENU, tag 37706: ``PixelSizeX`` in nanometres."""
    tag = page.tags.valueof(37706)
    if not isinstance(tag, Mapping):
        return None
    return both(micrometres(tag.get("PixelSizeX"), "nm"), micrometres(tag.get("PixelSizeY"), "nm"))


def aperio(tif: Any, page: Any) -> PixelSize | None:
    """Aperio and Leica slide scanners: ``MPP`` in the description; smaller levels of the picture have larger pixels."""
    text = _text(page, 270)
    first = tif.pages[0].aspage()
    mpp = re.search(r"\|\s*MPP\s*=\s*([\d.,]+)", _text(first, 270))
    if not mpp or not _text(first, 270).lstrip().startswith("Aperio"):
        return None
    um = number_in(mpp[1])
    is_level = page.is_tiled and abs(page.imagewidth / first.imagewidth * first.imagelength - page.imagelength) < 3
    if um is None or not (page.index == first.index or (is_level and "Aperio" in text)):
        return None  # the label and the overview beside the slide
    return square(um * first.imagewidth / page.imagewidth)


def leica_scn(tif: Any, page: Any) -> PixelSize | None:
    """Leica SCN: XML with, for each image, its size in nanometres and the page of each of its levels."""
    root = parse_xml(_text(tif.pages[0].aspage(), 270))
    for image in root.all("image") if root and root.tag == "scn" else ():
        view = image.first("view")
        for level in image.all("dimension"):
            if view and level.get("ifd") == str(page.index):
                across, down = (number_in(view.get(name)) for name in ("sizeX", "sizeY"))
                return both(across and across * 1e-3 / page.imagewidth, down and down * 1e-3 / page.imagelength)
    return None


def any_xml_description(tif: Any, page: Any) -> PixelSize | None:
    """Programs that put their own XML into the description: Zeiss ZEN, Leica LAS X, MetaMorph."""
    from graingraph.nodes.reading.text_beside import xml_size

    root = _xml(page, 270)
    return xml_size(root, page.imagewidth, page.imagelength) if root and root.tag not in ("OME", "scn") else None


def metamorph_stack(tif: Any, page: Any) -> PixelSize | None:
    """MetaMorph STK: calibration of its stack tag."""
    if not tif.is_stk:
        return None
    found = tif.stk_metadata or {}
    unit = str(found.get("CalibrationUnits", ""))
    return both(micrometres(found.get("XCalibration"), unit), micrometres(found.get("YCalibration"), unit))


def zeiss_lsm(tif: Any, page: Any) -> PixelSize | None:
    """Zeiss LSM, tag 34412: voxel size in metres."""
    tag = page.tags.valueof(34412)
    if not isinstance(tag, Mapping):
        return None
    return both(micrometres(tag.get("VoxelSizeX"), "m"), micrometres(tag.get("VoxelSizeY"), "m"))


def micro_manager(tif: Any, page: Any) -> PixelSize | None:
    """Micro-Manager, tag 51123: ``PixelSizeUm``."""
    tag = page.tags.valueof(51123)
    if isinstance(tag, str | bytes):
        tag = orjson.loads(tag)
    return square(number_in(tag.get("PixelSizeUm"))) if isinstance(tag, Mapping) else None


def jeol_tem(tif: Any, page: Any) -> PixelSize | None:
    """JEOL TEM: the resolution tags tell the camera's pixel; the XML description tells the magnification."""
    root = _xml(page, 270) if _text(page, 271).startswith("JEOL") else None
    mode, selected = (root.first(name) if root else None for name in ("ModeString", "SelectorValue"))
    magnification = number_in(selected.text) if selected else None
    per_unit, unit = resolution(page), resolution_unit(page)
    if not mode or mode.text != "MAG" or not magnification or not per_unit or not unit:
        return None
    return PixelSize(unit / per_unit[0] / magnification, unit / per_unit[1] / magnification)


def imagej(tif: Any, page: Any) -> PixelSize | None:
    """ImageJ: the unit is in the description, the pixels per unit in the resolution tags (whose own unit is none).

    Inches and centimetres are what ImageJ makes of any picture's print resolution, and are no more believed than that.
    """
    text, per_unit = _text(tif.pages[0].aspage(), 270), resolution(page)
    if not text.startswith("ImageJ=") or not per_unit:
        return None
    unit_x, unit_y = (
        found[1].strip() if (found := re.search(rf"^{name}=(.*)$", text, re.MULTILINE)) else None
        for name in ("unit", "yunit")
    )
    x, y = (micrometres(1 / n, unit) for n, unit in zip(per_unit, (unit_x, unit_y or unit_x), strict=True))
    if (unit_x or "").casefold().strip() in ("inch", "inches", "in", '"', "cm"):
        return resolution_size(*per_unit, micrometres(1, unit_x) or 0.0)
    return both(x, y) if x and y else None


TAG_READERS: tuple[Callable[[Any, Any], PixelSize | None], ...] = (
    fei,
    fei_xml,
    zeiss,
    tescan,
    olympus_sis,
    olympus_lext,
    digital_micrograph,
    nikon,
    tvips,
    aperio,
    leica_scn,
    jeol_tem,
    zeiss_lsm,
    metamorph_stack,
    micro_manager,
    ome,
    imagej,
    any_xml_description,
)


def _fei_sections(page: Any) -> list[Mapping[str, Any]]:
    """The sections of FEI's tag that may tell of the scan: the general one, that of the beam in use, the others."""
    tag = page.tags.valueof(34682)
    tag = tag if isinstance(tag, Mapping) else page.tags.valueof(34680)
    if not isinstance(tag, Mapping):
        return []
    beams = tag.get("Beam")
    used = (beams.get("Scan"), beams.get("Beam")) if isinstance(beams, Mapping) else ()
    order = dict.fromkeys(name for name in ("Scan", *used, *tag) if name in tag)
    return [tag[name] for name in order if isinstance(tag[name], Mapping)]


def _entry(tag: Mapping[str, Any], name: str) -> float | None:
    entry = tag.get(name)
    return micrometres(entry[1], str(entry[2])) if isinstance(entry, tuple) and len(entry) == 3 else None


def _length(element: Xml | None, unit: str) -> float | None:
    return micrometres(element.text, element.get("unit") or unit) if element else None


def _pages(tif: Any) -> Iterator[Any]:
    return (tif.pages[i].aspage() for i in range(min(len(tif.pages), MAX_PAGES_LOOKED_AT)))


def _xml(page: Any, code: int) -> Xml | None:
    value = page.tags.valueof(code)
    return parse_xml(value) if isinstance(value, str | bytes) else None


def _text(page: Any, code: int) -> str:
    value = page.tags.valueof(code)
    if isinstance(value, tuple) and all(isinstance(v, int) and 0 <= v < 256 for v in value):
        value = bytes(value)
    return decode_text(value) if isinstance(value, bytes) else value if isinstance(value, str) else ""
