"""Annotations as pictures: class numbers, classes painted in colours over the image, or one binary mask a class."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass
from graingraph.nodes.formats.regions import palette
from graingraph.nodes.reading.read_image import read_header, read_pixels

FEW_VALUES, MANY_VALUES = 3, 20
"""So many numbers are not looked at for soft edges where they reach up to white, and where they do not."""
JPEG_ERROR = 64
"""How far JPEG moves black and white, in grey levels."""
EDGES = 0.2
"""No black and white mask has more of its pixels between black and white."""
LEVELS_APART = 40
"""Numbers that are so far from each other are grey levels from black to white. Alone so far above the others, 255 is no
class: what is unlabelled (as in Pascal VOC)."""
WHITES = (255, 65535)
"""White in a mask of 8 and of 16 bits."""
UNPAINTED = "rest"
"""The key of a colour table for what nobody painted: grey or transparent pixels of a painted picture."""


def read_picture(path: Path, *, colors: bool = False) -> np.ndarray:
    """The pixels of a label picture: whole numbers (H, W), or uint8 RGBA (H, W, 4).

    Indexed pictures are their numbers, unless ``colors`` are asked for; colours that are all grey are numbers too.
    Numbers of more than 8 bits are uint16 or uint32. ``Problem`` for fractions, negative numbers and several pages.
    """
    if not path.is_file():
        raise Problem(f"There is no label image {path}.")
    try:
        read_header(path)  # bounds the size
        found = _raw(path, colors)
    except Problem as problem:
        why = problem.message[:1].lower() + problem.message[1:]
        raise Problem(f"The label image {path} cannot be read: {why}") from None
    except (OSError, ValueError, KeyError, cv2.error) as error:
        raise Problem(f"The label image {path} cannot be read; save it again as an 8-bit PNG.") from error
    if found.ndim == 3 and found.dtype.kind == "f":
        raise Problem(
            f"The label image {path} has {found.shape[2]} planes of fractions, as probabilities are; export classes."
        )
    if found.ndim == 3 and found.shape[2] in (2, 4):
        found = _without_alpha(found)
    if found.ndim == 3 and (found.shape[2] < 3 or (found.shape[2] == 3 and (np.ptp(found, 2) == 0).all())):
        found = found[..., 0]
    if found.ndim == 2:
        return _whole_numbers(path, found)
    if found.dtype != np.uint8:
        raise Problem(f"The label image {path} has colours of more than 8 bits; save it again as an 8-bit PNG.")
    return found if found.shape[2] == 4 else np.dstack([found, np.full(found.shape[:2], 255, np.uint8)])


def _without_alpha(found: np.ndarray) -> np.ndarray:
    """A picture that is opaque without its alpha, one that is painted in a single grey as the mask of what is painted.

    Other pictures stay as they are (H, W, 4): nothing is known of what is transparent.
    """
    alpha, most = found[..., -1], np.iinfo(found.dtype).max
    if (alpha == most).all():
        return found[..., :-1]
    painted = found[..., :-1][alpha > 0]
    if len(painted) and (painted == painted[0, 0]).all():
        return (alpha > alpha.max() // 2).view(np.uint8) * np.uint8(255)
    return found if found.shape[2] == 4 else np.dstack([found[..., :1]] * 3 + [alpha])


def _unpressed(path: Path, found: np.ndarray) -> np.ndarray:
    """A black and white picture that JPEG has changed; ``Problem`` for one of several greys or of colours."""
    grey = found if found.ndim == 2 else found[..., 0]
    even = found.ndim == 2 or int(np.ptp(found.astype(np.int16), 2).max()) <= JPEG_ERROR
    if even and np.mean((grey > JPEG_ERROR) & (grey < 255 - JPEG_ERROR)) < EDGES:
        return (grey >= 128).view(np.uint8) * np.uint8(255)
    raise Problem("It is a JPEG, which changes the numbers and colours that tell classes; export it as PNG or TIFF.")


def _raw(path: Path, colors: bool) -> np.ndarray:
    """The numbers as the file holds them: neither stretched to all bits nor looked up in its colours."""
    if read_header(path).format == "TIFF":
        import tifffile

        with tifffile.TiffFile(path) as tif:
            pages = len(tif.series[0].pages)
            if pages > 1:
                raise Problem(f"It has {pages} pages, of which one may belong to the image; save that one alone.")
            page = tif.pages[0].aspage()
            if page.photometric == tifffile.PHOTOMETRIC.PALETTE and colors:
                return read_pixels(path)[0]
            pixels = page.asarray()
            if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE and pixels.dtype == bool:
                pixels = ~pixels  # what is white is selected, however it is stored
            return np.moveaxis(pixels, 0, -1) if page.axes.startswith("S") else pixels
    if read_header(path).format == "JPEG":
        return _unpressed(path, read_pixels(path)[0])
    from PIL import Image as Pillow

    with Pillow.open(path, formats=("PNG", "BMP")) as file:
        if file.mode == "P" and not colors:
            return np.asarray(file)
    pixels = read_pixels(path)[0]
    bits = path.open("rb").read(25)[24] if read_header(path).format == "PNG" else 8
    return pixels // np.uint8(255 // (2**bits - 1)) if bits in (2, 4) and pixels.ndim == 2 else pixels


def _whole_numbers(path: Path, found: np.ndarray) -> np.ndarray:
    if found.dtype == bool:
        return found.view(np.uint8) * np.uint8(255)
    if found.dtype == np.uint8:
        return found
    if found.dtype.kind == "f" and not (np.isfinite(found) & (found == np.rint(found))).all():
        raise Problem(f"The label image {path} has fractions, which number no classes or objects; save whole numbers.")
    if found.min() < 0 or found.max() > np.iinfo(np.uint32).max:
        raise Problem(f"The label image {path} has numbers below 0 or too large; save it with numbers from 0.")
    return found.astype(np.uint16 if found.max() <= np.iinfo(np.uint16).max else np.uint32)


def hard_edged(path: Path, picture: np.ndarray) -> tuple[np.ndarray, str]:
    """A label picture without soft edges, and a remark where they were cut.

    Where most of its numbers or colours occur only at edges (none surrounded by its like), they are mixtures that
    smoothing or lossy compression has made. Between black and white they are cut at half; otherwise ``Problem``.
    """
    if picture.ndim == 3 and len(levels := np.unique(picture[..., 3])) > FEW_VALUES:
        even = np.unique(picture[..., 3][_surrounded(picture[..., 3])])
        if len(even) * 2 <= len(levels):  # only the edges of what is painted are half transparent
            cut = picture.copy()
            cut[..., 3] = (picture[..., 3] > levels[-1] // 2).view(np.uint8) * np.uint8(255)
            return hard_edged(path, cut)[0], "Soft edges of what is painted were cut at half."
    codes, painted = (picture, None) if picture.ndim == 2 else _codes(picture)
    values = np.unique(codes if painted is None else codes[painted])
    if len(values) <= (FEW_VALUES if picture.dtype == np.uint8 and len(values) and values[-1] > 200 else MANY_VALUES):
        return picture, ""
    inside = _surrounded(codes)
    hard = np.unique(codes[inside if painted is None else inside & painted])
    if len(hard) * 2 > len(values):
        return picture, ""
    white = int(values[-1])
    ends = (hard < 0.15 * white) | (hard > 0.85 * white)
    if picture.ndim == 2 and picture.dtype == np.uint8 and white > 200 and values[0] == 0 and ends.all():
        return (picture >= white / 2).view(np.uint8) * np.uint8(255), "Soft edges of a mask were cut at half."
    raise Problem(
        f"The label image {path} has soft edges (numbers or colours that only occur between others), so its classes"
        " cannot be told; export it without smoothing and as PNG or TIFF."
    )


def _surrounded(values: np.ndarray) -> np.ndarray:
    """Where a number (H, W) has its like on all sides, bool (H, W)."""
    inside = np.ones(values.shape, bool)
    for here, there in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        alike = values[here] == values[there]
        inside[here] &= alike
        inside[there] &= alike
    return inside


def are_levels(numbers: Sequence[int]) -> bool:
    """Whether the numbers in label pictures, in order, are grey levels and not counted."""
    return len(numbers) > 2 and int(min(np.diff(numbers))) >= LEVELS_APART


def has_unlabelled(numbers: Sequence[int]) -> bool:
    """Whether the last of the numbers in label pictures, in order, is none of a class."""
    return numbers[-1:] == [UNLABELLED] and not are_levels(numbers)


def keys_of(picture: np.ndarray) -> set[str]:
    """What a label picture distinguishes: numbers "0", "1" ..., or colours "#rrggbb" and ``UNPAINTED``."""
    if picture.ndim == 2:
        return {str(v) for v in np.unique(picture).tolist()}
    codes, painted = _codes(picture)
    keys = {f"#{v:06x}" for v in np.unique(codes[painted]).tolist()}
    return keys if painted.all() else keys | {UNPAINTED}


def map_classes(picture: np.ndarray, table: Mapping[str, str], classes: Sequence[PixelClass]) -> ClassMap:
    """The class map of a label picture. ``table`` gives the class name of each number or colour (``keys_of``).

    What the table does not name is unlabelled. Exact: a pixel has the class of its own colour, never a near one.
    """
    index = {c.name: i for i, c in enumerate(classes)}
    pixels = np.full(picture.shape[:2], UNLABELLED, np.uint8)
    codes, painted = _codes(picture) if picture.ndim == 3 else (picture, np.ones(picture.shape, bool))
    for key, name in table.items():
        if key == UNPAINTED:
            pixels[~painted] = index[name]
        elif key.startswith("#") == (picture.ndim == 3):
            code = int(key[1:], 16) if key.startswith("#") else int(key)
            pixels[painted & (codes == code)] = index[name]
    return ClassMap(pixels, classes=tuple(classes))


def read_label_image(path: Path, table: Mapping[str, str]) -> ClassMap:
    """One label picture by a table of its numbers or colours; ``Problem`` where it has one the table does not name."""
    picture = read_picture(path, colors=has_colors(table))
    unknown = keys_of(picture) - set(table) - {UNPAINTED, str(UNLABELLED)}
    if unknown:
        raise Problem(f"The label image {path} has {', '.join(sorted(unknown)[:5])}, which the table of classes lacks.")
    return map_classes(picture, table, palette(dict.fromkeys(table.values())))


def has_colors(table: Mapping[str, str]) -> bool:
    """Whether a table of classes tells colours, not numbers."""
    return any(key.startswith("#") for key in table)


def write_label_image(value: ClassMap, path: Path, *, painted: bool = False) -> dict[str, str]:
    """Write a PNG of class numbers (255 unlabelled), or painted in the classes' colours (transparent unlabelled).

    Returns the table that reads it back.
    """
    if not painted:
        _write_png(value.pixels, path)
        return {str(i): c.name for i, c in enumerate(value.classes)}
    table = {c.color.lower(): c.name for c in value.classes}
    if len(table) < len(value.classes):
        raise Problem("Two classes have the same colour; give each its own, or write class numbers instead.")
    colors = np.zeros((256, 4), np.uint8)
    for i, c in enumerate(value.classes):
        code = int(c.color[1:], 16)
        colors[i] = code & 255, code >> 8 & 255, code >> 16, 255  # OpenCV writes blue first
    _write_png(colors[value.pixels], path)
    return table


def read_binary_masks(paths: Mapping[str, Path]) -> ClassMap:
    """One binary picture a class (by class name); where two claim a pixel the later one has it, else unlabelled."""
    pixels = np.zeros((0, 0), np.uint8)
    for i, path in enumerate(paths.values()):
        picture, _ = hard_edged(path, read_picture(path))
        selected = picture > 0 if picture.ndim == 2 else (picture[..., :3] > 0).any(2) & (picture[..., 3] > 0)
        if len(np.unique(picture[selected], axis=0)) > 1:
            raise Problem(
                f"The mask {path} has several numbers or colours and lies in a folder that is named like one class;"
                " give the folder itself if the pictures in it hold all classes."
            )
        if not i:
            pixels = np.full(selected.shape, UNLABELLED, np.uint8)
        if selected.shape != pixels.shape:
            raise Problem(f"The mask {path} has another size than the masks of the other classes.")
        pixels[selected] = i
    return ClassMap(pixels, classes=palette(paths))


def write_binary_masks(value: ClassMap, paths: Mapping[str, Path]) -> None:
    """Write one black and white PNG a class."""
    names = [c.name for c in value.classes]
    for name, path in paths.items():
        _write_png((value.pixels == names.index(name)).astype(np.uint8) * 255, path)


def _codes(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """0xrrggbb of each pixel, and which are painted: neither transparent nor a shade of grey of the image below.

    A picture that is opaque and has no grey at all is painted all over; black and white are then classes too.
    """
    wide = picture[..., :3].astype(np.int32)
    codes = (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2]
    grey = (picture[..., 0] == picture[..., 1]) & (picture[..., 1] == picture[..., 2])
    opaque = picture[..., 3] > 0
    shades = np.unique(codes[grey & opaque])
    image_shows = bool(opaque.all()) and len(np.setdiff1d(shades, (0, 0xFFFFFF))) > 2
    return codes, opaque & ~grey if image_shows else opaque


def _write_png(pixels: np.ndarray, path: Path) -> None:
    write_atomically(path, cv2.imencode(".png", np.ascontiguousarray(pixels))[1].tobytes())
