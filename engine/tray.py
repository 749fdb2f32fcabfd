"""The tray: the images a recipe is evaluated over, each under a name of its own, known by its content."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.context import Source
from engine.files import hash_bytes, hash_file
from engine.problem import Problem

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
_hashes: dict[tuple[str, int, int], str] = {}


@dataclass(frozen=True)
class Tray(Mapping[str, Source]):
    """Images by unique name, in the order given."""

    sources: Mapping[str, Source] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Source:
        return self.sources[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    @classmethod
    def of_files(cls, paths: Iterable[Path]) -> "Tray":
        """A tray of image files; files of the same name are told apart by their folder."""
        paths = list(dict.fromkeys(Path(path) for path in paths))
        names = _unique_names(paths)
        return cls({name: Source(name, content_hash(path), path) for name, path in zip(names, paths, strict=True)})

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray], um_per_px: float | None = None) -> "Tray":
        """A tray of arrays (uint8, uint16 or float32, grey or RGB), for use from Python."""
        return cls({name: _array_source(name, np.asarray(array), um_per_px) for name, array in arrays.items()})


def find_images(places: Iterable[str]) -> list[Path]:
    """Files, folders (their image files, by name) and globs, as paths. ``Problem`` if one matches nothing."""
    found: list[Path] = []
    for place in places:
        path = Path(place)
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
            if not inside:
                raise Problem(f"The folder {path} has no image ({', '.join(SUFFIXES)}); choose another.")
            found += inside
        elif any(letter in place for letter in "*?[") and not path.exists():
            matches = sorted(Path(path.anchor or ".").glob(str(path.relative_to(path.anchor) if path.anchor else path)))
            if not matches:
                raise Problem(f"No file matches {place}; check the pattern.")
            found += [match for match in matches if match.is_file()]
        else:
            found.append(path)
    return found


def content_hash(path: Path) -> str:
    """The hash of an image file's bytes, and of the text file beside it in which some microscopes note the pixel size.

    Remembered while size and time stay. For a file that cannot be read, a hash of its name.
    """
    try:
        sidecar = path.with_suffix(".txt")
        if sidecar != path and sidecar.is_file() and sidecar.stat().st_size < 100_000:
            return hash_bytes(_file_hash(path).encode(), _file_hash(sidecar).encode())
        return _file_hash(path)
    except OSError:
        return hash_bytes(b"unreadable", str(path).encode())


def _file_hash(path: Path) -> str:
    status = path.stat()
    known = (str(path.absolute()), status.st_size, status.st_mtime_ns)
    if known not in _hashes:
        _hashes[known] = hash_file(path)
    return _hashes[known]


def _array_source(name: str, array: np.ndarray, um_per_px: float | None) -> Source:
    contiguous = np.ascontiguousarray(array)
    digest = hash_bytes(str((contiguous.shape, contiguous.dtype.str)).encode(), contiguous.data.cast("B"))
    return Source(name, digest, pixels=contiguous, um_per_px=um_per_px)


def _unique_names(paths: list[Path]) -> list[str]:
    names = [path.name for path in paths]
    for depth in range(2, 12):
        if len(set(names)) == len(names):
            break
        repeated = {name for name in names if names.count(name) > 1}
        names = ["/".join(p.parts[-depth:]) if n in repeated else n for n, p in zip(names, paths, strict=True)]
    return names
