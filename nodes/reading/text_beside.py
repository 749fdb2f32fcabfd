"""Pixel size from the text or XML file that a microscope writes beside its image.

Hitachi and JEOL write ``a.txt``, TESCAN ``a.hdr`` (or ``a-png.hdr``), Zeiss ZEN and Leica an XML of similar name. Which
files those can be is ``engine.images.files.texts_beside``, so that they are part of what an image is known by.
"""

import re
from pathlib import Path

from graingraph.engine.images.files import texts_beside
from graingraph.nodes.reading.pixel_size import PixelSize, both, micrometres, number_in, square
from graingraph.nodes.reading.untrusted_xml import Xml, decode_text, parse_xml
from graingraph.nodes.reading.zen_scaling import zen_size


def size_beside(image: Path, width: int, height: int) -> PixelSize | None:
    """Pixel size of an image of ``width`` × ``height`` px as stored, from the files beside it."""
    for path in texts_beside(image):
        try:
            text = decode_text(path.read_bytes())
        except OSError:
            continue
        if path.suffix.lower() == ".xml":
            root = parse_xml(text)
            size = xml_size(root, width, height) if root else None
        else:
            size = jeol_size(text, width) or hitachi_size(text, width) or tescan_size(text)
        if size:
            return size
    return None


def jeol_size(text: str, width: int) -> PixelSize | None:
    """JEOL SEM: the length of the micron bar over its pixels, in an image of the width that the file tells."""
    bar = number_in(_value(text, r"\$+SM_MICRON_BAR"))
    marker = re.search(r"^\$+SM_MICRON_MARKER\s+([\d.]+)\s*(\S+)", text, re.MULTILINE)
    full = number_in(_value(text, r"\$+CM_FULL_SIZE"))
    if not bar or not marker or (full and full != width):
        return None
    length = micrometres(marker[1], marker[2])
    return square(length / bar) if length else None


def hitachi_size(text: str, width: int) -> PixelSize | None:
    """Hitachi SEM: ``PixelSize`` in nanometres, of an image as wide as ``DataSize`` tells."""
    if "[SemImageFile]" not in text and "InstructName" not in text:
        return None
    size = re.search(r"^\s*DataSize\s*=\s*(\d+)\s*[xX*]\s*(\d+)", text, re.MULTILINE)
    if size and int(size[1]) != width:
        return None
    return square(micrometres(_value(text, "PixelSize", "="), "nm"))


def tescan_size(text: str) -> PixelSize | None:
    """TESCAN: ``PixelSizeX`` and ``PixelSizeY`` in metres."""
    return both(*(micrometres(_value(text, f"PixelSize{axis}", "="), "m") for axis in "XY"))


def xml_size(root: Xml, width: int, height: int) -> PixelSize | None:
    """Zeiss ZEN, Leica LAS X or MetaMorph, of an image of ``width`` × ``height`` px as stored."""
    return zen_size(root) or _leica(root, width, height) or _metamorph(root)


def _leica(root: Xml, width: int, height: int) -> PixelSize | None:
    """Dimension descriptions: the length from the first to the last pixel's middle."""
    found: dict[str, float] = {}
    for dimension in root.all("DimensionDescription"):
        axis = {"1": "X", "2": "Y"}.get(dimension.get("DimID") or "", dimension.get("DimID") or "")
        count, expected = number_in(dimension.get("NumberOfElements")), {"X": width, "Y": height}.get(axis)
        length = micrometres(dimension.get("Length"), dimension.get("Unit") or "m")
        if length and count and count > 1 and count == expected:
            found.setdefault(axis, length / (count - 1))
    return both(found.get("X"), found.get("Y"))


def _metamorph(root: Xml) -> PixelSize | None:
    props = {prop.get("id") or "": prop.get("value") for prop in root.all("prop")}
    unit = props.get("spatial-calibration-units")
    return both(*(micrometres(props.get(f"spatial-calibration-{axis}"), unit) for axis in "xy"))


def _value(text: str, name: str, separator: str = r"\s") -> str | None:
    found = re.search(rf"^\s*{name}[ \t]*{separator}[ \t]*([-+.,\deE]+)", text, re.MULTILINE)
    return found[1] if found else None
