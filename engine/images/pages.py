"""Pages of a file as images of their own: ``stack.tif [page 3]`` is written and kept like the path of a file."""

import re
from collections.abc import Callable
from pathlib import Path

from graingraph.engine.problem import Problem

MOST_PAGES = 10_000
REDUCED = 1
"""Bit of TIFF tag NewSubfileType: a page that is a smaller copy of another."""


PAGE_READERS: dict[str, Callable[[Path], list[int]]] = {}
"""How the pages of other files than TIFF are told, by how their names end: the numbers of those that are pictures."""


def split_page(path: Path) -> tuple[Path, int]:
    """The file and the page (from 1) that a path means; page 0 where it names none."""
    found = re.fullmatch(r"(.+) \[page (\d{1,6})\]", path.name)
    if found is None or path.exists():
        return path, 0
    return path.with_name(found[1]), int(found[2])


def page_of(path: Path, number: int) -> Path:
    """What means a page (from 1) of a file: the counterpart of ``split_page``."""
    return path.with_name(f"{path.name} [page {number}]")


def pages_of(path: Path) -> list[Path]:
    """Every page of a file that is as large as its first, as the path of an image. ``Problem`` if it has no pages."""
    read = PAGE_READERS.get(path.suffix.lower(), _pages_of_tiff)
    try:
        numbers = read(path)
    except Problem:
        raise
    except Exception:  # whatever a file that has none makes of it
        raise Problem(f"{path} has no pages that can be told; name a TIFF, CZI or OME-Zarr image.") from None
    if len(numbers) > MOST_PAGES:
        raise Problem(f"{path.name} has {len(numbers)} pages, more than {MOST_PAGES}; name those that are wanted.")
    return [page_of(path, number) for number in numbers]


def _pages_of_tiff(path: Path) -> list[int]:
    import tifffile

    with tifffile.TiffFile(path) as tif:
        many = len(tif.pages)
        if many > MOST_PAGES:
            raise Problem(f"{path.name} has {many} pages, more than {MOST_PAGES}; name those that are wanted.")
        pages = [tif.pages[number].aspage() for number in range(many)]
        size = (pages[0].imagewidth, pages[0].imagelength)
        return [
            number
            for number, page in enumerate(pages, 1)
            if (page.imagewidth, page.imagelength) == size and not page.subfiletype & REDUCED
        ]
