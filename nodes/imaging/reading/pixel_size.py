"""Pixel size from what a file says about itself, in micrometres per pixel.

Microscopes write it in many places. Explicit microscope metadata is believed before the general resolution tags,
and resolution tags only where they cannot be the print or screen resolution that most programs write by default.
"""

import math
import re
from pathlib import Path
from typing import Any

from graingraph.engine.values import Scale

UM_PER_INCH = 25_400.0
UM_PER_UNIT = {
    "m": 1e6,
    "cm": 1e4,
    "mm": 1e3,
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometre": 1.0,
    "nm": 1e-3,
    "å": 1e-4,
    "angstrom": 1e-4,
    "pm": 1e-6,
    "in": UM_PER_INCH,
    "inch": UM_PER_INCH,
}
COARSEST_UM_PER_PX = 50.0
"""A resolution tag of fewer than 508 dots per inch is that of a screen, a print or a page scanner."""
PRINTER_AND_SCANNER_DPI = (600, 720, 800, 900, 1000, 1200, 1440, 2400, 2880, 3200, 3600, 4000, 4800, 6400, 9600)
TIFF_UNIT_UM = {2: UM_PER_INCH, 3: 1e4}
"""Micrometres in the unit of TIFF tag ResolutionUnit (2 inch, 3 cm); 1 means that there is none."""


def metadata_scale(um_per_px: float | None) -> Scale | None:
    """A scale read from a file, or None where the number cannot be a pixel size (zero, negative, over 1 cm)."""
    if um_per_px is None or not math.isfinite(um_per_px) or not 1e-7 < um_per_px < 1e4:
        return None
    return Scale(um_per_px, "file metadata")


def micrometres(number: Any, unit: str) -> float | None:
    """A length in micrometres, from a number and the unit as files spell it (``nm``, ``µm``, ``\\u00B5m``, ...)."""
    unit = unit.strip().replace("\\u00B5", "u").replace("\\u00b5", "u").replace("µ", "u").replace("μ", "u").lower()
    try:
        return float(number) * UM_PER_UNIT[unit]
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def resolution_scale(x_per_unit: float, y_per_unit: float, um_per_unit: float) -> Scale | None:
    """Pixel size from a resolution (pixels per unit), or None where it says nothing about the object.

    Not believed: pixels that are not square, anything coarser than 50 µm a pixel, and the round dots per inch of
    printers and scanners.
    """
    if not (0 < x_per_unit < 1e12 and 0 < y_per_unit < 1e12) or abs(x_per_unit - y_per_unit) > 0.01 * x_per_unit:
        return None
    um_per_px = um_per_unit / x_per_unit
    dpi = UM_PER_INCH / um_per_px
    if um_per_px > COARSEST_UM_PER_PX or any(abs(dpi - usual) < 0.001 * usual for usual in PRINTER_AND_SCANNER_DPI):
        return None
    return metadata_scale(um_per_px)


def tiff_scale(tif: Any, page: Any) -> Scale | None:
    """Pixel size of one page of an open ``tifffile.TiffFile``: microscope metadata first, resolution tags last."""
    for read in (_ome, _fei, _zeiss, _olympus, _jeol_tem, _imagej):
        scale = metadata_scale(read(tif, page))
        if scale:
            return scale
    return _resolution_tags(page)


def jeol_sidecar(image: Path) -> Path | None:
    """The text file that a JEOL SEM writes beside its image (same name, ``.txt``), if there is one."""
    for suffix in (".txt", ".TXT"):
        beside = image.with_suffix(suffix)
        if beside.is_file():
            return beside
    return None


def jeol_scale(image: Path) -> Scale | None:
    """Pixel size from a JEOL text file: the length of its micron bar over the bar's pixels."""
    beside = jeol_sidecar(image)
    if beside is None:
        return None
    try:
        with beside.open("rb") as file:
            text = file.read(100_000).decode("utf-8", "replace")
    except OSError:
        return None
    bar = re.search(r"^\$+SM_MICRON_BAR\s+([\d.]+)", text, re.MULTILINE)
    marker = re.search(r"^\$+SM_MICRON_MARKER\s+([\d.]+)\s*(\S+)", text, re.MULTILINE)
    if not bar or not marker or not float(bar[1]):
        return None
    length = micrometres(marker[1], marker[2])
    return metadata_scale(length / float(bar[1])) if length else None


def _ome(tif: Any, page: Any) -> float | None:
    # Only two attributes are wanted, so the XML of a stranger is searched and never parsed.
    text = tif.ome_metadata if tif.is_ome else None
    size = re.search(r'\bPhysicalSizeX="([^"]+)"', text or "")
    unit = re.search(r'\bPhysicalSizeXUnit="([^"]+)"', text or "")
    return micrometres(size[1], unit[1] if unit else "um") if size else None


def _fei(tif: Any, page: Any) -> float | None:
    """FEI and Thermo Fisher: tag 34682 or 34680, ``PixelWidth`` in metres."""
    sections = (page.tags.valueof(34682), page.tags.valueof(34680))
    for section in (part for tag in sections if isinstance(tag, dict) for part in tag.values()):
        if isinstance(section, dict) and "PixelWidth" in section:
            return micrometres(section["PixelWidth"], "m")
    return None


def _zeiss(tif: Any, page: Any) -> float | None:
    """Zeiss SmartSEM: tag 34118, ``ap_image_pixel_size`` (the stored image) or ``ap_pixel_size``, with its unit."""
    tag = page.tags.valueof(34118)
    for name in ("ap_image_pixel_size", "ap_pixel_size") if isinstance(tag, dict) else ():
        entry = tag.get(name)
        if isinstance(entry, tuple) and len(entry) == 3:
            return micrometres(entry[1], str(entry[2]))
    return None


def _olympus(tif: Any, page: Any) -> float | None:
    """Olympus SIS: tag 33560 or 33471, ``pixelsizex`` in metres."""
    tag = page.tags.valueof(33560) or page.tags.valueof(33471)
    return micrometres(tag.get("pixelsizex"), "m") if isinstance(tag, dict) else None


def _jeol_tem(tif: Any, page: Any) -> float | None:
    """JEOL TEM: the resolution tags tell the camera's pixel; the XML description tells the magnification."""
    text = str(page.tags.valueof(270) or "")
    mode = re.search(r"<ModeString>\s*(\w+)\s*</ModeString>", text)
    magnification = re.search(r"<SelectorValue>\s*([\d.]+)\s*</SelectorValue>", text)
    unit = TIFF_UNIT_UM.get(_code(page, "ResolutionUnit", 2))
    pixels_per_unit = _rational(page.tags.valueof("XResolution"))
    if not str(page.tags.valueof(271) or "").startswith("JEOL") or not (mode and magnification and unit):
        return None
    if mode[1] != "MAG" or not pixels_per_unit or not float(magnification[1]):
        return None
    return unit / pixels_per_unit / float(magnification[1])


def _imagej(tif: Any, page: Any) -> float | None:
    """ImageJ: the unit is in the description, the pixels per unit in the resolution tag (whose own unit is none)."""
    unit = str((tif.imagej_metadata or {}).get("unit", "")) if tif.is_imagej else ""
    resolution = _rational(page.tags.valueof("XResolution"))
    if not resolution or unit in ("", "inch", "in"):
        return None
    return micrometres(1 / resolution, unit)


def _resolution_tags(page: Any) -> Scale | None:
    unit = TIFF_UNIT_UM.get(_code(page, "ResolutionUnit", 2))
    x, y = (_rational(page.tags.valueof(name)) for name in ("XResolution", "YResolution"))
    return resolution_scale(x, y, unit) if unit and x and y else None


def _code(page: Any, tag: str, default: int) -> int:
    try:
        return int(page.tags.valueof(tag, default))
    except (TypeError, ValueError):
        return default


def _rational(value: Any) -> float | None:
    try:
        numerator, denominator = value
        return float(numerator) / float(denominator)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
