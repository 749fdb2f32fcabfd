"""Annotations as pictures: class numbers, classes painted in colours over the image, or one binary mask a class."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, PixelClass
from graingraph.nodes.formats.regions import MAX_PIXELS, palette, read_bytes

UNPAINTED = "rest"
"""The key of a colour table for what nobody painted: grey or transparent pixels of a painted picture."""


def read_picture(path: Path) -> np.ndarray:
    """The pixels of a label picture: integers (H, W), or uint8 RGBA (H, W, 4)."""
    data = np.frombuffer(read_bytes(path), np.uint8)
    try:
        found = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if len(data) else None
    except cv2.error:
        found = None
    if found is None or found.dtype.kind != "u" or found.shape[0] * found.shape[1] > MAX_PIXELS:
        raise Problem(f"The label image {path} cannot be read; save it again as an 8-bit PNG.")
    if found.ndim == 2:
        return found
    if found.dtype != np.uint8:
        raise Problem(f"The label image {path} has colours of more than 8 bits; save it again as an 8-bit PNG.")
    return cv2.cvtColor(found, cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGBA)


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
    picture = read_picture(path)
    unknown = keys_of(picture) - set(table) - {UNPAINTED, str(UNLABELLED)}
    if unknown:
        raise Problem(f"The label image {path} has {', '.join(sorted(unknown)[:5])}, which the table of classes lacks.")
    return map_classes(picture, table, palette(dict.fromkeys(table.values())))


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
        picture = read_picture(path)
        selected = picture > 0 if picture.ndim == 2 else (picture[..., :3] > 0).any(2) & (picture[..., 3] > 0)
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
