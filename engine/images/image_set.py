"""The tray: the images a recipe is evaluated over, each under a name of its own, known by its content."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from graingraph.engine import cpu
from graingraph.engine.declare.injected import Source
from graingraph.engine.files import hash_bytes, without_signs
from graingraph.engine.images.files import hashes_of, stamps
from graingraph.engine.images.remote import RemoteImage, remembered_hashes
from graingraph.engine.problem import Problem


@dataclass(frozen=True)
class ImageSet(Mapping[str, Source]):
    """Images by unique name, in the order given."""

    sources: Mapping[str, Source] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Source:
        return self.sources[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)

    @cached_property
    def hashes(self) -> Mapping[str, str]:
        """The content hash of every image by its name: made once, as every image of a batch asks for all of them."""
        return {name: source.hash for name, source in self.sources.items()}

    @cached_property
    def stems(self) -> Mapping[str, str]:
        """For every image a file name of its own, without ending, that any file system takes."""
        plain = {name: _file_stem(name) for name in self.sources}
        count = Counter(stem.casefold() for stem in plain.values())
        return {
            name: stem if count[stem.casefold()] == 1 else f"{stem}_{hash_bytes(name.encode())[:8]}"
            for name, stem in plain.items()
        }

    @classmethod
    def of_files(cls, files: Iterable[Path | RemoteImage]) -> "ImageSet":
        """A tray of image files, here or under URLs; files of the same name are told apart by their folder."""
        each = list(dict.fromkeys(file if isinstance(file, RemoteImage) else Path(file) for file in files))
        names = _unique_names([file.named if isinstance(file, RemoteImage) else file for file in each])
        elsewhere = [file for file in each if isinstance(file, RemoteImage)]
        known = remembered_hashes(elsewhere) if elsewhere else {}
        before = {path: stamps(path) for path in each if isinstance(path, Path)}
        # ... so that what is written while it is hashed is noticed when it is read
        with ThreadPoolExecutor(max(1, cpu.threads() - 1)) as pool:  # beside what works on images already
            hashes = dict(zip(before, pool.map(hashes_of, before), strict=True))
        sources = {}
        for name, file in zip(names, each, strict=True):
            if isinstance(file, RemoteImage):
                digest, picture = known[file]
                sources[name] = Source(name, digest, file.path, picture=picture, origin=file)
            else:
                digest, picture = hashes[file]
                sources[name] = Source(name, digest, file, picture=picture, stamps=before[file])
        return cls(sources)

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray], um_per_px: float | None = None) -> "ImageSet":
        """A tray of arrays (uint8, uint16 or float32, grey or RGB), for use from Python.

        ``Problem`` names the array that is no image.
        """
        return cls({name: _array_source(name, np.asarray(array), um_per_px) for name, array in arrays.items()})


def _array_source(name: str, array: np.ndarray, um_per_px: float | None) -> Source:
    _require_picture(name, array)
    contiguous = np.array(array, order="C")  # a copy: the caller may go on changing the array, the results may not
    digest = hash_bytes(str((contiguous.shape, contiguous.dtype.str)).encode(), contiguous.data.cast("B"))
    return Source(name, digest, pixels=contiguous, um_per_px=um_per_px)


def _require_picture(name: str, array: np.ndarray) -> None:
    """Raise the ``Problem`` that Load would, before an array is hashed: what is wrong is then known without a run."""
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] > 4):
        raise Problem(
            f"The array has the shape {array.shape}, which is no image; give it as rows × columns, or × 3 for RGB.",
            image=name,
        )
    if array.dtype.kind not in "biuf":
        raise Problem(f"The pixels are of the type {array.dtype}; give them as numbers.", image=name)
    if array.dtype.kind == "f" and not np.isfinite(array).any():
        raise Problem("No pixel of the array is a number (all are NaN or infinite); make it again.", image=name)


def _unique_names(paths: list[Path]) -> list[str]:
    """The file names; where one repeats, with as many of its folders in front as it takes, and in the end a number."""
    names = [printable(path.name) for path in paths]
    for depth in range(2, max((len(path.parts) for path in paths), default=0) + 1):
        count = Counter(names)
        if len(count) == len(names):
            return names
        names = [
            "/".join(map(printable, path.parts[-depth:])) if count[name] > 1 else name
            for name, path in zip(names, paths, strict=True)
        ]
    count, seen = Counter(names), Counter[str]()
    for place, name in enumerate(names):
        seen[name] += 1
        if count[name] > 1:
            names[place] = f"{name} ({seen[name]})"
    return names


def _file_stem(name: str) -> str:
    stem = Path(without_signs(name)).stem
    return stem.encode()[:150].decode(errors="ignore") or "image"


def printable(text: str) -> str:
    """A file name as one line: what is no text (a name from another system) or ends a line as question marks.

    Letters with accents are one sign each, whichever way the system that named the file writes them.
    """
    plain = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", "?", plain)
