"""Which files a document may be saved to unasked: its own, never a report or what came with the program."""

from pathlib import Path

from graingraph import assets, graphs

INSTALLED = tuple(Path(place).resolve() for part in (graphs, assets) for place in part.__path__)
REPORT = ".pdf"


def is_own(path: Path) -> bool:
    """Whether what is opened from this file is saved there again.

    A report holds a recipe, and what came with the program shows one: each is opened as a copy without a file.
    """
    return path.suffix.lower() != REPORT and not is_installed(path)


def is_installed(path: Path) -> bool:
    """Whether a file came with the program."""
    return any(path.resolve().is_relative_to(folder) for folder in INSTALLED)
