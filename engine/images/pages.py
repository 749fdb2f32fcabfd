"""Pages of a file as images of their own: ``stack.tif [page 3]`` is written and kept like the path of a file."""

import re
from pathlib import Path

from graingraph.engine.problem import Problem

MOST_PAGES = 10_000
REDUCED = 1
"""Bit of TIFF tag NewSubfileType: a page that is a smaller copy of another."""


def split_page(path: Path) -> tuple[Path, int]:
    """The file and the page (from 1) that a path means; page 0 where it names none."""
    found = re.fullmatch(r"(.+) \[page (\d{1,6})\]", path.name)
    if found is None or path.exists():
        return path, 0
    return path.with_name(found[1]), int(found[2])


def pages_of(path: Path) -> list[Path]:
    """Every page of a TIFF that is as large as its first, as the path of an image. ``Problem`` if it has no pages."""
    import tifffile

    try:
        with tifffile.TiffFile(path) as tif:
            many = len(tif.pages)
            if many > MOST_PAGES:
                raise Problem(f"{path.name} has {many} pages, more than {MOST_PAGES}; name those that are wanted.")
            pages = [tif.pages[number].aspage() for number in range(many)]
    except Problem:
        raise
    except Exception:  # whatever a file that is no TIFF makes of it
        raise Problem(f"{path} has no pages that can be told; name a TIFF.") from None
    size = (pages[0].imagewidth, pages[0].imagelength)
    return [
        path.with_name(f"{path.name} [page {number}]")
        for number, page in enumerate(pages, 1)
        if (page.imagewidth, page.imagelength) == size and not page.subfiletype & REDUCED
    ]
