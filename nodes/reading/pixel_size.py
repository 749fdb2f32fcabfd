"""Numbers and units as files spell them, and which of them can be the size of a pixel."""

import math
from typing import Any, NamedTuple

from graingraph.engine.values import Scale
from graingraph.engine.values.raster import NEARLY_SQUARE

UM_PER_INCH = 25_400.0
UM_PER_UNIT = {
    "m": 1e6,
    "meter": 1e6,
    "metre": 1e6,
    "dm": 1e5,
    "cm": 1e4,
    "centimeter": 1e4,
    "centimetre": 1e4,
    "mm": 1e3,
    "millimeter": 1e3,
    "millimetre": 1e3,
    "um": 1.0,
    "mu": 1.0,
    "micron": 1.0,
    "micrometer": 1.0,
    "micrometre": 1.0,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "nanometre": 1e-3,
    "å": 1e-4,
    "a": 1e-4,
    "ang": 1e-4,
    "angstrom": 1e-4,
    "ångström": 1e-4,
    "pm": 1e-6,
    "picometer": 1e-6,
    "picometre": 1e-6,
    "in": UM_PER_INCH,
    "inch": UM_PER_INCH,
    "inche": UM_PER_INCH,  # "inches" without its s
    '"': UM_PER_INCH,
    "mil": UM_PER_INCH / 1000,
    "thou": UM_PER_INCH / 1000,
}
MICRO = ("\\u00b5", "\\u03bc", "\\xb5", "âμ", "î¼", "μ")
"""Spellings of micro once ``casefold`` has made the Greek letter of the sign: escapes, and UTF-8 read as Latin-1."""
COARSEST_UM_PER_PX = 50.0
"""A resolution tag of fewer than 508 dots per inch is that of a screen, a print or a page scanner."""
PRINTER_AND_SCANNER_DPI = (600, 720, 800, 900, 1000, 1200, 1440, 2400, 2880, 3200, 3600, 4000, 4800, 6400, 9600)
ROUND_DPI, DPI_ROUNDING = 12_800, 0.05
"""Up to here whole hundreds of dots per inch, but for rounding, are those of printers and scanners too."""
TIFF_UNIT_UM = {2: UM_PER_INCH, 3: 1e4}
"""Micrometres in the unit of TIFF tag ResolutionUnit (2 inch, 3 cm); 1 means that there is none."""


class PixelSize(NamedTuple):
    """Width and height of a pixel in µm, as some file says."""

    x: float
    y: float


def square(um: float | None) -> PixelSize | None:
    """A square pixel of this side, where there is one."""
    return PixelSize(um, um) if um else None


def both(x: float | None, y: float | None) -> PixelSize | None:
    """A pixel of this width and height; square where a file tells one of them only."""
    return square(x or y) if not x or not y else PixelSize(x, y)


def metadata_scale(size: PixelSize | None) -> Scale | None:
    """A scale read from a file, or None where the numbers cannot be a pixel size (zero, negative, over 1 cm)."""
    if size is None or not all(math.isfinite(side) and 1e-7 < side < 1e4 for side in size):
        return None
    return Scale(size.x, "file metadata", size.y)


def micrometres(number: Any, unit: str | None) -> float | None:
    """A length in µm, from a number and its unit as files spell it (``nm``, ``µm``, ``\\u00B5m``, ``&#181;m``, ...)."""
    import html

    unit = html.unescape(unit or "").strip().strip("[]().").casefold()
    for spelling in MICRO:
        unit = unit.replace(spelling, "u")
    unit = "um" if unit == "u" else unit
    word = unit.removesuffix("s")
    factor = UM_PER_UNIT.get(unit) or (UM_PER_UNIT.get(word) if len(word) > 2 else None)  # "ms" are no metres
    found = number_in(number)
    return found * factor if factor and found is not None else None


def number_in(value: Any) -> float | None:
    """A finite number from a number or its text, with a decimal point or comma; None for anything else."""
    try:
        found = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def resolution_size(x_per_unit: float, y_per_unit: float, um_per_unit: float) -> PixelSize | None:
    """Pixel size from a resolution (pixels per unit), or None where it says nothing about the object.

    Not believed: pixels that are not square, anything coarser than 50 µm a pixel, and the round dots per inch of
    printers and scanners.
    """
    if not (0 < x_per_unit < 1e12 and 0 < y_per_unit < 1e12) or abs(x_per_unit - y_per_unit) > 0.01 * x_per_unit:
        return None
    um_per_px = um_per_unit / x_per_unit
    dpi = UM_PER_INCH / um_per_px
    is_round = dpi < ROUND_DPI and abs(dpi - 100 * round(dpi / 100)) < DPI_ROUNDING
    is_usual = any(abs(dpi - usual) < 0.001 * usual for usual in PRINTER_AND_SCANNER_DPI)
    return None if um_per_px > COARSEST_UM_PER_PX or is_round or is_usual else square(um_per_px)


def nearly(one: float, other: float, tolerance: float = NEARLY_SQUARE) -> bool:
    """Whether two sizes agree but for rounding."""
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def resolution(page: Any) -> tuple[float, float] | None:
    """Pixels per unit in x and y of a page's resolution tags."""
    x, y = (_rational(page.tags.valueof(name)) for name in ("XResolution", "YResolution"))
    return (x, y) if x and y else None


def resolution_unit(page: Any) -> float | None:
    """Micrometres in the unit of a page's resolution tags."""
    try:
        return TIFF_UNIT_UM.get(int(page.tags.valueof("ResolutionUnit", 2)))
    except (TypeError, ValueError):
        return TIFF_UNIT_UM[2]


def _rational(value: Any) -> float | None:
    try:
        numerator, denominator = value
        return float(numerator) / float(denominator)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
