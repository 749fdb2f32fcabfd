"""Reading PNG, JPEG, BMP, TIFF, CZI and OME-Zarr from strangers: what is in a file, and its pixels.

The first bytes decide what a file is, not its name. Sizes are read from the header and refused before anything is
decoded. Every failure is a ``Problem`` with a remedy.
"""

import logging
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from graingraph.engine.images.files import is_zarr_folder, stored_bytes
from graingraph.engine.images.pages import PAGE_READERS, split_page
from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale
from graingraph.engine.values.wording import counted
from graingraph.nodes.reading import czi, ome_zarr
from graingraph.nodes.reading.file_scale import plain_scale, tiff_scale
from graingraph.nodes.reading.jpeg import end_of_image, lacks_blocks, sample_bits
from graingraph.nodes.reading.pixel_size import metadata_scale
from graingraph.nodes.reading.pixel_types import full_scale
from graingraph.nodes.reading.tiff import decode_tiff, refuse_kind, refuse_missing_pieces, states_white

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
    czi.SIGNATURE: "CZI",
}
ZIP = b"PK\x03\x04"
OTHER_KINDS: Mapping[bytes, str] = {
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"\0\0\0\x0cjP": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\0\0\0\x0cJXL": "JPEG XL",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop",
    b"\xda\xce\xbe\x0a": "Nikon ND2",
    b"\x70\0\0\0": "Leica LIF",
    b"\0\0\0\x03": "DigitalMicrograph DM3",
    b"\0\0\0\x04": "DigitalMicrograph DM4",
    b"\xd0\xcf\x11\xe0": "Olympus OIB or another compound",
    b"\x89HDF": "HDF5",
    ZIP: "ZIP",
    b"II\xbc\x01": "JPEG XR",
    b"P5": "Netpbm",
    b"P6": "Netpbm",
    b"SIMPLE": "FITS",
}
"""Beginnings of sound files of kinds that are not offered, so that nobody is told to copy them again."""
ZARR = "OME-Zarr"
DAMAGED = "The file is damaged or incomplete; copy it again from the microscope, or export it again."
FORMATS = "export it as PNG, JPEG, BMP or TIFF"
MAX_EXIF_BYTES = 1_000_000
_Planes = Sequence[czi.CziPlane] | Sequence[ome_zarr.ZarrPlane]


@dataclass(frozen=True)
class ImageHeader:
    """What a file says before its pixels are decoded.

    Size in px and pixel size are those of the upright image, as it is seen; ``orientation`` is the EXIF code of how it
    is stored. ``notes`` are remarks from decoding. ``states_white`` tells that the file says how high its levels can
    be, where its samples could hold more; they are decoded over their full range then.
    """

    format: str
    width: int
    height: int
    pages: int = 1
    scale: Scale | None = None
    orientation: int = 1
    notes: tuple[str, ...] = ()
    states_white: bool = False


def read_header(path: Path, page: int = 1) -> ImageHeader:
    """Size, pages and pixel size of an image file (``page`` counts from 1); ``Problem`` if it cannot be an image.

    A path that names a page (``a.tif [page 3]``) means that page, whatever ``page`` is.
    """
    path, named = split_page(path)
    page = named or page
    kind = _sniff(path)
    with _one_sentence():
        if kind == "TIFF":
            with _open_tiff(path) as tif:
                return _tiff_header(path, tif, page)
        if kind == "CZI":
            with czi.CziFile(path) as file:
                return _czi_header(path, file, page)
        if kind == ZARR:
            with ome_zarr.OmeZarr(path) as image:
                return _zarr_header(path, image, page)
        return _plain_header(path, kind, page)


def read_pixels(path: Path, page: int = 1) -> tuple[np.ndarray, ImageHeader]:
    """Decode one page (counted from 1): its pixels upright, (H, W) or (H, W, C) in the file's own dtype, RGB order."""
    path, named = split_page(path)
    page = named or page
    kind = _sniff(path)
    with _one_sentence():
        if kind == "TIFF":
            with _open_tiff(path) as tif:
                header = _tiff_header(path, tif, page)
                pixels, notes = decode_tiff(tif.pages[page - 1])
                header = replace(header, notes=(*header.notes, *notes))
        elif kind == "CZI":
            with czi.CziFile(path) as file:
                header = _czi_header(path, file, page)
                pixels = file.pixels(file.planes[page - 1])
        elif kind == ZARR:
            _require_tensorstore()
            with ome_zarr.OmeZarr(path) as image:
                header = _zarr_header(path, image, page)
                pixels = image.pixels(image.planes[page - 1])
        else:
            header = _plain_header(path, kind, page)
            pixels = _decode(path, header)
    return _upright(pixels, header.orientation), header


def _sniff(path: Path) -> str:
    if is_zarr_folder(path):
        return ZARR
    if path.is_dir():
        raise Problem(f"{path.name} is a folder; choose an image file.")
    if path.exists() and not path.is_file():
        raise Problem(f"{path.name} is a device or a pipe, not a file; choose an image file.")
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except FileNotFoundError:
        raise Problem(f"There is no file {path}; it was moved or deleted, so add the image again.") from None
    except OSError as error:
        raise Problem(f"The file cannot be read ({error.strerror}); check its permissions.") from None
    if not start:
        raise Problem("The file is empty; copy it again from the microscope.")
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return kind
    if start.startswith(ZIP) and _is_zipped_zarr(path):
        return ZARR
    raise Problem(_what_it_is(start))


def _what_it_is(start: bytes) -> str:
    """Why a file that begins so is no image that can be read."""
    for beginning, kind in OTHER_KINDS.items():
        if start.startswith(beginning):
            return f"{kind} files are not read here; open it in the program that wrote it and {FORMATS}."
    if start[4:8] == b"ftyp":
        return f"HEIC and AVIF files (as telephones write them) are not read here; {FORMATS}."
    return f"The file is not an image that can be read here, whatever its name says; {FORMATS}."


def _is_zipped_zarr(path: Path) -> bool:
    with _one_sentence():
        return ome_zarr.is_zipped(path)


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
    if size > BOMB_BYTES and size > BOMB_RATIO * stored_bytes(path):
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
            orientation = file.getexif().get(0x0112) if kind == "JPEG" else None
    except Pillow.DecompressionBombError:
        raise Problem(f"The image has more than {MAX_PIXELS:,} pixels; crop it into parts.") from None
    if mode == "CMYK":
        raise Problem(f"The colours are CMYK, meant for print; {FORMATS} in RGB or grey.")
    # Pillow calls 16-bit RGB "RGB" too; twice as much is then decoded as is assumed here.
    _refuse_bomb(path, width, height, 2.0 if mode.startswith("I") else Pillow.getmodebands(mode))
    scale = plain_scale(path, width, height, dpi)
    if kind == "PNG":
        orientation = _png_orientation(path)
    return _as_seen(ImageHeader(kind, width, height, 1, scale, _orientation(orientation)))


def _as_seen(stored: ImageHeader) -> ImageHeader:
    """The header of an image that is stored lying on its side, with the size that it has upright."""
    if stored.orientation < 5:
        return stored
    scale = stored.scale and replace(stored.scale, x=stored.scale.y, y=stored.scale.x)
    return replace(stored, width=stored.height, height=stored.width, scale=scale)


def _orientation(value: Any) -> int:
    """EXIF/TIFF tag 274: 1 to 8; whatever else stands there means nothing."""
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _png_orientation(path: Path) -> int | None:
    """The orientation in a PNG's eXIf chunk, which may stand after the pixels."""
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if kind == b"eXIf":
                from PIL.Image import Exif

                exif = Exif()
                exif.load(file.read(min(length, MAX_EXIF_BYTES)))
                return exif.get(0x0112)
            if kind == b"IEND":
                break
            file.seek(length + 4, 1)
    return None


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
    if end_of_image(data) < 0:
        raise Problem(DAMAGED)
    pixels = imagecodecs.jpeg8_decode(data)
    if lacks_blocks(data, pixels, imagecodecs.jpeg8_decode):
        raise Problem(
            "The picture ends before its last rows, which would be grey; copy the file again, or export it again."
        )
    bits = sample_bits(data)
    return full_scale(pixels, 2**bits - 1) if 8 < bits < 16 else pixels


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
    _require_page(number, pages)
    page = tif.pages[number - 1].aspage()
    refuse_kind(page)
    _refuse_bomb(path, page.imagewidth, page.imagelength, page.samplesperpixel * page.dtype.itemsize)
    refuse_missing_pieces(page)
    scale, remarks = tiff_scale(tif, page, path)
    orientation = _orientation(page.tags.valueof(274))
    return _as_seen(
        ImageHeader("TIFF", page.imagewidth, page.imagelength, pages, scale, orientation, remarks, states_white(page))
    )


def _require_page(number: int, pages: int) -> None:
    if not 1 <= number <= pages:
        raise Problem(f"The file has {counted(pages, 'page')}, not {number}; set page to one of them.")


def _czi_header(path: Path, file: czi.CziFile, number: int) -> ImageHeader:
    header = _plane_header(path, "CZI", file.planes, number)
    plane = file.planes[number - 1]
    notes = header.notes
    if (covered := plane.share_covered) < 1:
        notes += (
            f"{100 * (1 - covered):.2g} % of the picture, between its tiles, holds no pixels and is black; crop it.",
        )
    return replace(header, scale=metadata_scale(file.pixel_size), notes=notes, states_white=plane.is_narrow)


def _zarr_header(path: Path, image: ome_zarr.OmeZarr, number: int) -> ImageHeader:
    header = _plane_header(path, ZARR, image.planes, number)
    return replace(header, scale=metadata_scale(image.planes[number - 1].pixel_size))


def _plane_header(path: Path, kind: str, planes: _Planes, number: int) -> ImageHeader:
    """What a file of several planes says of one; its pixel size is told in another place in each kind."""
    _require_page(number, len(planes))
    plane = planes[number - 1]
    _refuse_bomb(path, plane.width, plane.height, plane.samples * plane.dtype.itemsize)
    notes = (f"Page {number} is {plane.words}.",) if plane.words else ()
    return ImageHeader(kind, plane.width, plane.height, len(planes), notes=notes)


def _czi_pages(path: Path) -> list[int]:
    with czi.CziFile(path) as file:
        return _as_large_as_the_first(file.planes)


def _zarr_pages(path: Path) -> list[int]:
    with _one_sentence(), ome_zarr.OmeZarr(path) as image:
        return _as_large_as_the_first(image.planes)


def _as_large_as_the_first(planes: _Planes) -> list[int]:
    """The numbers of the pages that are."""
    sizes = [(plane.width, plane.height) for plane in planes]
    return [number for number, size in enumerate(sizes, 1) if size == sizes[0]]


def _require_tensorstore() -> None:
    if find_spec("tensorstore") is None:
        raise Problem(f"OME-Zarr is read with tensorstore, which is not installed: {ome_zarr.INSTALL}.")


PAGE_READERS[".czi"] = _czi_pages
PAGE_READERS.update(dict.fromkeys((".zarr", ".zip", ".ozx"), _zarr_pages))


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn and mirror as EXIF/TIFF tag 274 asks, so that the image stands as it does in other viewers."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
