"""One page of a TIFF: which kinds are offered, and its samples as grey levels or colours over their full range."""

import math
from typing import Any

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.nodes.reading.pixel_size import number_in
from graingraph.nodes.reading.pixel_types import full_scale

FORMATS = "export it as TIFF without compression, or as PNG"
MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, YCBCR = 0, 1, 2, 3, 6
JPEG_COMPRESSIONS = (6, 7, 34892, 33007)
"""Those whose decoder makes RGB of YCbCr itself."""
ASSOCIATED_ALPHA, ALPHA = 1, 2
GDAL_NO_DATA = 42113
"""Tag of the number that marks places without data."""
LUMA = (0.299, 0.587, 0.114)
MOST_PIECES, SMALLEST_PIECE = 100_000, 256
"""Strips or tiles of one image, and their mean size in px when there are more: each costs time of its own."""


def refuse_kind(page: Any) -> None:
    """``Problem`` for a sound page of a kind that is not offered, before anything is decoded."""
    import tifffile

    if page.dtype is None or page.imagedepth != 1 or page.dtype.kind == "c":
        raise Problem(
            f"This kind of TIFF (a volume, or numbers of {page.bitspersample} bits of a kind of their own) is not"
            f" offered; {FORMATS}."
        )
    if page.photometric not in (MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE, YCBCR):
        name = getattr(page.photometric, "name", page.photometric)
        raise Problem(f"The colours are {name}, not grey or RGB, which is not offered; {FORMATS} in RGB or grey.")
    try:
        tifffile.TIFF.DECOMPRESSORS[page.compression]
        tifffile.TIFF.UNPREDICTORS[page.predictor]
    except KeyError:
        name = getattr(page.compression, "name", page.compression)
        raise Problem(f"The TIFF is compressed as {name}, which is not offered; {FORMATS}.") from None
    if page.is_subsampled and page.compression not in JPEG_COMPRESSIONS:
        raise Problem(f"The TIFF has colours of fewer pixels than its brightness, which is not offered; {FORMATS}.")
    if page.samplesperpixel > 4:
        raise Problem(f"The page has {page.samplesperpixel} channels; {FORMATS} in RGB or grey.")


def refuse_missing_pieces(page: Any) -> None:
    """``Problem`` where strips or tiles were never written (they would be black), or are absurdly many and small."""
    needed = math.prod(page.chunked)
    written = sum(1 for start, size in zip(page.dataoffsets, page.databytecounts, strict=False) if start and size)
    if written < needed:
        raise Problem(
            f"{needed - written} of the {needed} parts (strips or tiles) of the picture were never written and would be"
            " black; copy the file again from the microscope, or export it again."
        )
    if needed > MOST_PIECES and page.imagewidth * page.imagelength < SMALLEST_PIECE * needed:
        raise Problem(f"The TIFF is cut into {needed} tiny parts, which takes too long to read; {FORMATS}.")


def states_white(page: Any) -> bool:
    """Whether the file says how high its levels can be, where that is less than its samples could hold."""
    of_bits, told = _highest(page)
    return page.dtype.kind == "u" and (told is not None or of_bits < np.iinfo(page.dtype).max)


def decode_tiff(page: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """The pixels of a page as stored (not turned), (H, W) or (H, W, C), black at 0; and remarks on them."""
    page = page.aspage()
    pixels = page.asarray()
    if page.photometric == PALETTE:
        colors = np.moveaxis(page.colormap, 0, -1)
        # Some programs write 0 to 255 where the standard has 0 to 65535.
        return (colors if colors.max(initial=0) < 256 else colors >> 8).astype(np.uint8)[pixels], ()
    if page.axes.startswith("S"):
        pixels = np.moveaxis(pixels, 0, -1)
    if page.photometric == YCBCR and page.compression not in JPEG_COMPRESSIONS:
        return _rgb(pixels, page), ()
    if pixels.dtype.kind == "u":
        white = _white(page, pixels)
        pixels = full_scale(white - pixels if page.photometric == MIN_IS_WHITE else pixels, white)
    elif pixels.dtype.kind == "f" and (no_data := number_in(page.tags.valueof(GDAL_NO_DATA))) is not None:
        pixels[pixels == pixels.dtype.type(no_data)] = np.nan
    if page.photometric == MIN_IS_WHITE and pixels.dtype.kind != "u":
        pixels = ~pixels if pixels.dtype.kind in "bi" else -pixels
    return _colors(pixels, page) if pixels.ndim == 3 else (pixels, ())


def _white(page: Any, pixels: np.ndarray) -> int:
    """The highest level a sample can have: of its bits, or of MaxSampleValue where no sample is higher."""
    of_bits, told = _highest(page)
    return told if told is not None and pixels.max(initial=0) <= told else of_bits


def _highest(page: Any) -> tuple[int, int | None]:
    """The highest level by BitsPerSample, and by MaxSampleValue where that is one of fewer bits."""
    bits = page.bitspersample if isinstance(page.bitspersample, int) else max(page.bitspersample)
    of_bits = 2 ** min(bits, 8 * page.dtype.itemsize) - 1
    told = page.tags.valueof(281)
    told = max(told) if isinstance(told, tuple) and told else told
    fewer = isinstance(told, int) and 0 < told < of_bits and (told & (told + 1)) == 0
    return of_bits, told if fewer else None


def _colors(pixels: np.ndarray, page: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Colours as they are, over black where there is transparency of its own; other further samples are left out."""
    channels = 3 if page.photometric in (RGB, YCBCR) and pixels.shape[2] >= 3 else 1
    further = pixels.shape[2] - channels
    if not further:
        return pixels, ()
    kinds = tuple(int(kind) for kind in page.extrasamples)
    colors, first = pixels[..., :channels], pixels[..., channels]
    if further == 1 and kinds[:1] == (ALPHA,):
        return pixels, ()  # laid over black where images are made of arrays
    opaque = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1
    if further == 1 and kinds[:1] == (ASSOCIATED_ALPHA,):
        hidden = bool((first != opaque).any())
        return colors, ("Transparent parts of the image count as black.",) if hidden else ()
    if further == 1 and channels == 3 and (first == opaque).all():
        return colors, ()
    kept = "the colours are" if channels == 3 else "the first is"
    return colors, (f"The page has {pixels.shape[2]} channels, of which {kept} used; the others are no transparency.",)


def _rgb(pixels: np.ndarray, page: Any) -> np.ndarray:
    """RGB of YCbCr samples (H, W, 3), by the file's own coefficients and reference levels."""
    red, green, blue = (float(n / d) for n, d in _pairs(page.tags.valueof(529), LUMA))
    reference = [n / d for n, d in _pairs(page.tags.valueof(532), (0, 255, 128, 255, 128, 255))]
    black, white = np.array(reference[::2]), np.array(reference[1::2])
    y, cb, cr = np.moveaxis((pixels - black) / (white - black) * (255, 127, 127), -1, 0)
    r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
    g = (y - blue * b - red * r) / green
    return np.clip(np.rint(np.stack([r, g, b], -1)), 0, 255).astype(np.uint8)


def _pairs(value: Any, default: tuple[float, ...]) -> list[tuple[float, float]]:
    if isinstance(value, tuple) and len(value) == 2 * len(default) and all(value[1::2]):
        return list(zip(value[::2], value[1::2], strict=True))
    return [(number, 1.0) for number in default]
