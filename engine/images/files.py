"""Finding image files, and telling by their content whether they are the same."""

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from graingraph.engine.declare.injected import Source
from graingraph.engine.files import hash_bytes, remembered_hash, stamp
from graingraph.engine.images.pages import pages_of, split_page
from graingraph.engine.problem import Problem

EVERY_PAGE = " [pages]"
MAX_TEXT_BYTES = 2_000_000
"""A larger file beside an image is no note on how it was taken."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".czi", ".zarr.zip", ".ozx")
ZARR = ".zarr"
"""How folders end that are one image, in pieces."""
ENDINGS = (*SUFFIXES, ZARR)
"""How the names of images end, files and folders."""


def find_images(places: Iterable[str]) -> list[Path]:
    """Files, folders (their image files, by name) and globs, as paths. ``Problem`` if one matches nothing.

    ``a.tif [page 3]`` is one page of a file, ``a.tif [pages]`` every one, each an image of its own.
    """
    found: list[Path] = []
    for place in places:
        try:
            found += _images_at(place)
        except (OSError, ValueError, NotImplementedError) as error:  # no permission, a pattern or name that cannot be
            reason = error.strerror if isinstance(error, OSError) else error
            raise Problem(f"{place[:200]} cannot be looked at ({reason}); check the name.") from None
    return found


def images_in(folder: Path) -> list[Path]:
    """The image files that lie directly in a folder, by name. ``OSError`` where it cannot be looked into."""
    return sorted(filter(_is_one, folder.iterdir()))


def has_images(folder: Path) -> bool:
    """Whether there is such a file; no more are looked at than it takes. ``OSError`` as above."""
    return any(map(_is_one, folder.iterdir()))


def _is_one(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and is_image(path)


def is_image(path: Path) -> bool:
    """Whether something by that name is there that can be one image: a file, or a folder of OME-Zarr; none hidden."""
    return (path.is_file() or is_zarr_folder(path)) and not is_hidden(path)


def is_zarr_folder(path: Path) -> bool:
    """Whether this is an OME-Zarr, a folder that is one image: by its name, or by what is in it."""
    return path.is_dir() and (
        path.suffix.lower() == ZARR or any((path / name).is_file() for name in (".zattrs", ".zgroup", "zarr.json"))
    )


def parts_of(image: Path) -> list[Path]:
    """The files that an image is made of, by name: itself, or all that lie in the folder. ``OSError`` for a link in it,
    which could lead out of the folder."""
    if not image.is_dir():
        return [image]
    found = []
    for top, folders, files in os.walk(image):
        for name in (*folders, *files):
            if stat.S_ISLNK(os.lstat(f"{top}/{name}").st_mode):
                raise OSError(f"{name} in {image} is a link")
        found += [Path(top, name) for name in files]
    return sorted(found)


def stored_bytes(image: Path) -> int:
    """How much an image takes on the disk."""
    return sum(part.stat().st_size for part in parts_of(image))


def _images_at(place: str) -> list[Path]:
    if not place.strip():
        raise Problem("A name of an image or folder is empty; give one, or . for the current folder.")
    path = Path(place)
    if place.endswith(EVERY_PAGE) and not path.exists():
        return pages_of(Path(place.removesuffix(EVERY_PAGE)))
    if split_page(path)[1]:
        return [path]
    if path.is_dir() and not is_zarr_folder(path):
        inside = images_in(path)
        if not inside:
            raise Problem(f"The folder {path} has no image ({', '.join(ENDINGS)}) of its own; choose another.")
        return inside
    if any(letter in place for letter in "*?[") and not path.exists():
        matches = [match for match in _matching(path) if is_image(match)]
        if not matches:
            raise Problem(f"No file matches {place}; check the pattern.")
        return matches
    return [path]


def is_hidden(path: Path) -> bool:
    """Whether a file is one that systems hide: what macOS leaves beside an image (``._a.png``) is none."""
    return path.name.startswith(".")


def _matching(pattern: Path) -> list[Path]:
    """The files that a pattern means; a folder of that very name is that folder, whatever signs are in its name."""
    base, rest = Path(pattern.anchor), list(pattern.parts[1 if pattern.anchor else 0 :])
    while len(rest) > 1 and (base / rest[0]).is_dir():
        base /= rest.pop(0)
    return sorted(base.glob("/".join(rest)))


def content_hash(path: Path) -> str:
    """The hash of an image file's bytes, and of the files beside it in which some microscopes note the pixel size.

    Remembered while its stamp stays. For a file that cannot be read, a hash of its name.
    """
    return hashes_of(path)[0]


def hashes_of(path: Path) -> tuple[str, str]:
    """``content_hash`` and ``picture_hash`` of an image, which is read once for both."""
    alone = picture_hash(path)
    try:
        beside = [remembered_hash(text).encode() for text in texts_beside(path)]
    except OSError:
        return alone, alone
    return hash_bytes(alone.encode(), *beside) if beside else alone, alone


def texts_beside(image: Path) -> list[Path]:
    """The text and XML files that microscopes write beside an image, as far as they are there and not too large.

    ``a.txt`` (Hitachi, JEOL), ``a.hdr`` and ``a-png.hdr`` (TESCAN), ``a_metadata.xml`` and the like (Zeiss, Leica).
    """
    image = split_page(image)[0]
    found: dict[tuple[int, int], Path] = {}
    for path in (image.with_name(name) for name in names_of_texts(image.name)):
        try:
            state = path.stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(state.st_mode) and state.st_size < MAX_TEXT_BYTES and path != image:
            found.setdefault((state.st_dev, state.st_ino), path)  # once where upper and lower case are one name
    return list(found.values())


def names_of_texts(name: str) -> list[str]:
    """What the texts may be called that microscopes write beside an image of this name."""
    stem, ending = Path(name).stem, Path(name).suffix.lstrip(".")
    names = [f"{stem}.{suffix}" for suffix in ("txt", "TXT", "hdr", "HDR", "xml", "XML")]
    names += [f"{stem}-{ending}.hdr", f"{name}.hdr", f"{name}.txt"]
    names += [f"{start}_{what}.xml" for start in (stem, name) for what in ("metadata", "meta", "info", "Properties")]
    return [one for one in names if one != name]


def stamps(path: Path) -> tuple[tuple[int, ...], ...]:
    """The stamps of an image's files and of the texts beside it; empty where one is too young to have one."""
    try:
        found = [stamp(file) for file in (*parts_of(split_page(path)[0]), *texts_beside(path))]
    except (OSError, ValueError):
        return ()
    return tuple(found) if all(found) else ()


def require_unchanged(source: Source) -> None:
    """Raise a ``Problem`` where an image file is not the one that was hashed; call it after the file was read.

    What was read is then what the hash stands for. The file is read again only where its stamp has changed.
    """
    if source.path is None or source.pixels is not None or (source.stamps and stamps(source.path) == source.stamps):
        return
    if content_hash(source.path) != source.hash:
        raise Problem("The file was changed or replaced after the run had begun; run it again.", image=source.name)


def picture_hash(path: Path) -> str:
    """The hash of an image's own bytes alone: the marks on it stay with it, whether or not the text comes along.

    Of a folder that is one image, of the names and bytes of all files in it.
    """
    try:
        file, page = split_page(path)
        if is_zarr_folder(file):
            parts = [f"{part.relative_to(file).as_posix()} {remembered_hash(part)}" for part in parts_of(file)]
            digest = hash_bytes(*(part.encode() for part in parts))
        elif file.is_file():
            digest = remembered_hash(file)
        else:  # a pipe or a device may go on for ever
            raise OSError
        return hash_bytes(digest.encode(), str(page).encode()) if page else digest
    except (OSError, ValueError):
        return hash_bytes(b"unreadable", os.fsencode(path))


def same_content(hashes: Mapping[str, str]) -> list[str]:
    """A remark for each group of images (name → hash) that are one picture: statistics take them as independent."""
    alike: dict[str, list[str]] = {}
    for name, digest in hashes.items():
        alike.setdefault(digest, []).append(name)
    return [
        f"These images have the same content, so they are not independent fields: {', '.join(names)}."
        for names in alike.values()
        if len(names) > 1
    ]
