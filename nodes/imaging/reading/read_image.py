"""Reading PNG, JPEG, BMP and TIFF files from strangers: what is in a file, and its pixels.

The first bytes decide what a file is, not its name. Sizes are read from the header and refused before anything is
decoded. Every failure is a ``Problem`` with a remedy.
"""

import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale
from graingraph.nodes.imaging.reading.pixel_size import UM_PER_INCH, jeol_scale, resolution_scale, tiff_scale

MAX_PIXELS = 1_000_000_000
MAX_BYTES = 4 << 30
"""Decoded size of one image beyond which it is refused."""
BOMB_BYTES, BOMB_RATIO = 200_000_000, 400
"""A large image that its file holds in less than 1/400 of its size is no micrograph: noise does not compress so."""

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
DAMAGED = "The file is damaged or incomplete; copy it again from the microscope, or export it again."
FORMATS = "export it as PNG, JPEG, BMP or TIFF"


@dataclass(frozen=True)
class ImageHeader:
    """What a file says before its pixels are decoded: size in px, number of pages, and pixel size if it is known."""

    format: str
    width: int
    height: int
    pages: int = 1
    scale: Scale | None = None
    orientation: int = 1


def read_header(path: Path, page: int = 1) -> ImageHeader:
    """Size, pages and pixel size of an image file (``page`` counts from 1); ``Problem`` if it cannot be an image."""
    kind = _sniff(path)
    with _one_sentence():
        if kind == "TIFF":
            with _open_tiff(path) as tif:
                return _tiff_header(path, tif, page)
        return _plain_header(path, kind, page)


def read_pixels(path: Path, page: int = 1) -> tuple[np.ndarray, ImageHeader]:
    """Decode one page (counted from 1): its pixels upright, (H, W) or (H, W, C) in the file's own dtype, RGB order."""
    kind = _sniff(path)
    with _one_sentence():
        if kind == "TIFF":
            with _open_tiff(path) as tif:
                header = _tiff_header(path, tif, page)
                pixels = _decode_tiff(tif.pages[page - 1])
        else:
            header = _plain_header(path, kind, page)
            pixels = _decode(path, header)
    return _upright(pixels, header.orientation), header


def _sniff(path: Path) -> str:
    if path.is_dir():
        raise Problem(f"{path.name} is a folder; choose an image file.")
    if path.exists() and not path.is_file():
        raise Problem(f"{path.name} is a device or a pipe, not a file; choose an image file.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise Problem(f"There is no file {path}; it was moved or deleted, so add the image again.") from None
    except OSError as error:
        raise Problem(f"The file cannot be read ({error.strerror}); check its permissions.") from None
    if not start:
        raise Problem("The file is empty; copy it again from the microscope.")
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return kind
    raise Problem(f"The file is not an image that can be read here, whatever its name says; {FORMATS}.")


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Decoders fail in countless ways on a damaged file; a person needs one sentence."""
    try:
        yield
    except (Problem, KeyboardInterrupt):
        raise
    except MemoryError:
        raise Problem("The image does not fit in memory; crop it, or use a machine with more memory.") from None
    except Exception as error:
        raise Problem(DAMAGED) from error


def _refuse_bomb(path: Path, width: int, height: int, bytes_per_pixel: float) -> None:
    if width <= 0 or height <= 0:
        raise Problem(DAMAGED)
    size = width * height * bytes_per_pixel
    if width * height > MAX_PIXELS or size > MAX_BYTES:
        raise Problem(f"The image has {width} × {height} pixels, more than can be read; crop it into parts.")
    if size > BOMB_BYTES and size > BOMB_RATIO * path.stat().st_size:
        raise Problem(f"The small file claims {width} × {height} pixels, which no micrograph does; export it again.")


def _plain_header(path: Path, kind: str, page: int) -> ImageHeader:
    from PIL import Image as Pillow

    if page != 1:
        raise Problem(f"The file has one page, not {page}; set page to 1.")
    # Opening only reads the header; the limit is ours, so that both agree on what is too large.
    Pillow.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Pillow.open(path, formats=(kind,)) as file:
            width, height, mode, dpi = *file.size, file.mode, file.info.get("dpi")
            orientation = int(file.getexif().get(0x0112, 1)) if kind == "JPEG" else 1
    except Pillow.DecompressionBombError:
        raise Problem(f"The image has more than {MAX_PIXELS:,} pixels; crop it into parts.") from None
    if mode == "CMYK":
        raise Problem(f"The colours are CMYK, meant for print; {FORMATS} in RGB or grey.")
    # Pillow calls 16-bit RGB "RGB" too; twice as much is then decoded as is assumed here.
    _refuse_bomb(path, width, height, 2.0 if mode.startswith("I") else Pillow.getmodebands(mode))
    scale = jeol_scale(path) or (resolution_scale(float(dpi[0]), float(dpi[1]), UM_PER_INCH) if dpi else None)
    return ImageHeader(kind, width, height, 1, scale, orientation)


def _decode(path: Path, header: ImageHeader) -> np.ndarray:
    data = path.read_bytes()
    if header.format == "BMP":
        if not _bmp_is_complete(data):
            raise Problem(DAMAGED)
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None:
            raise Problem(DAMAGED)
        order = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}
        return pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, order[pixels.shape[2]])
    import imagecodecs

    if header.format == "PNG":
        return imagecodecs.png_decode(data)
    if not _jpeg_is_complete(data):
        raise Problem(DAMAGED)
    return imagecodecs.jpeg8_decode(data)


def _jpeg_is_complete(data: bytes) -> bool:
    """Whether the end marker follows the (last) scan: the decoder fills what is missing with grey and says nothing."""
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] != b"\xda":
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data.find(b"\xff\xd9", at) > 0


def _bmp_is_complete(data: bytes) -> bool:
    """Whether all rows are there, where they are stored plainly (compression 0 or 3): the decoder complains aloud."""
    start, header_size = struct.unpack_from("<II", data, 10)
    if header_size < 40:
        return True
    width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    return compression not in (0, 3) or len(data) >= start + (width * bits + 31) // 32 * 4 * abs(height)


def _open_tiff(path: Path) -> Any:
    import tifffile

    # What it would warn about ends in a sentence of ours, or does not matter for the pixels.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    return tifffile.TiffFile(path)


def _tiff_header(path: Path, tif: Any, number: int) -> ImageHeader:
    pages = len(tif.pages)
    if not pages:
        raise Problem(DAMAGED)
    if not 1 <= number <= pages:
        raise Problem(f"The file has {pages} page{'s' * (pages > 1)}, not {number}; set page to one of them.")
    page = tif.pages[number - 1].aspage()
    if page.dtype is None or page.imagedepth != 1:
        raise Problem(f"This kind of TIFF (volume or unknown sample format) cannot be read; {FORMATS}.")
    if page.photometric not in (0, 1, 2, 3, 6):
        raise Problem(f"The colours are {page.photometric.name}, not grey or RGB; {FORMATS} in RGB or grey.")
    _refuse_bomb(path, page.imagewidth, page.imagelength, page.samplesperpixel * page.dtype.itemsize)
    scale = tiff_scale(tif, page) or jeol_scale(path)
    orientation = int(page.tags.valueof(274) or 1)
    return ImageHeader("TIFF", page.imagewidth, page.imagelength, pages, scale, orientation)


def _decode_tiff(page: Any) -> np.ndarray:
    page = page.aspage()
    pixels = page.asarray()
    if page.photometric == 3:
        colors = np.moveaxis(page.colormap, 0, -1)[pixels]
        return (colors >> 8).astype(np.uint8)
    if page.axes.startswith("S"):
        pixels = np.moveaxis(pixels, 0, -1)
    if page.photometric == 0:
        pixels = ~pixels if pixels.dtype.kind in "bu" else pixels.max() - pixels
    if pixels.ndim == 3 and pixels.shape[2] > 4:
        raise Problem(f"The page has {pixels.shape[2]} channels; {FORMATS} in RGB or grey.")
    return pixels


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn and mirror as EXIF/TIFF tag 274 asks, so that the image stands as it does in other viewers."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
