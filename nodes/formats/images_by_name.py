"""The images that annotations are looked up for: by a name that may be written otherwise, and with their size."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from graingraph.engine.images.pages import split_page
from graingraph.engine.problem import Problem
from graingraph.nodes.reading.read_image import read_header


def name_key(name: str) -> str:
    """Names that are one: composed and decomposed letters (macOS), capitals and small ones."""
    return unicodedata.normalize("NFC", name).casefold()


def name_before_export(stem: str) -> str:
    """The name of an image, without its ending, before Label Studio or Roboflow made it a name of their own."""
    found = re.fullmatch(r"[0-9a-f]{8}-(.+)|(.+)_(?:png|jpe?g|tiff?|bmp)\.rf\.\w{16,}", stem, re.IGNORECASE)
    return found[1] or found[2] if found else stem


class ImagesByName:
    """Images whose annotations are wanted."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = list(paths)
        self._sizes: dict[Path, tuple[int, int]] = {}

    def named(self, name: str) -> Path | None:
        """The image of this file name, or else the only one of this name without its ending."""
        whole = self._by_name.get(name_key(name))
        return whole or self.with_stem(Path(name).stem) or self.with_stem(name_before_export(Path(name).stem))

    def with_stem(self, stem: str) -> Path | None:
        """The image of this name without ending; ``Problem`` where several of different endings are."""
        found = self._by_stem.get(name_key(stem), [])
        if len({name_key(path.name) for path in found}) > 1:
            raise Problem(
                f"The annotation of {stem} may be of {found[0].name} or of {found[1].name}; rename one of them and its"
                " annotation, or take one at a time."
            )
        return found[0] if found else None

    def pages_with_stem(self, stem: str) -> list[Path]:
        """The image of this name without ending, or all the pages of a file of it that are images of their own."""
        found = self._by_stem.get(name_key(stem), [])
        if len({split_page(path)[0] for path in found}) == 1 and all(split_page(path)[1] for path in found):
            return found
        image = self.with_stem(stem)
        return [image] if image else []

    def shape(self, path: Path) -> tuple[int, int]:
        """Height and width of an image as it is seen."""
        if path not in self._sizes:
            header = read_header(path)
            self._sizes[path] = header.height, header.width
        return self._sizes[path]

    def check_shape(self, path: Path, shape: tuple[int, int]) -> None:
        """``Problem`` where an annotation was made on a picture of another size."""
        if shape != self.shape(path):
            (height, width), (seen_height, seen_width) = shape, self.shape(path)
            raise Problem(
                f"Its annotation is for {width} × {height} pixels and the image has {seen_width} × {seen_height}; "
                "give the image that was annotated. Nothing was imported.",
                image=path.name,
            )

    @cached_property
    def _by_name(self) -> dict[str, Path]:
        return {name_key(path.name): path for path in reversed(self.paths)}

    @cached_property
    def _by_stem(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in self.paths:
            found.setdefault(name_key(path.stem), []).append(path)
        return found
