"""Selecting several rows of a list: plain click, Ctrl click, Shift click, arrow keys. No display."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Picked:
    """The selected images; ``here`` is the one clicked or reached last, a range goes from ``start`` to it."""

    images: frozenset[Path] = frozenset()
    here: Path | None = None
    start: Path | None = None

    def clicked(self, images: Sequence[Path], path: Path, *, ctrl: bool = False, shift: bool = False) -> "Picked":
        """After a click on an image of the list: only it; with Ctrl it is added or taken out; with Shift a range."""
        if shift and self.start in images and path in images:
            low, high = sorted((images.index(self.start), images.index(path)))
            between = frozenset(images[low : high + 1])
            return Picked(self.images | between if ctrl else between, path, self.start)
        if ctrl:
            return Picked(self.images ^ {path}, path, path)
        return Picked(frozenset({path}), path, path)

    def moved(self, images: Sequence[Path], steps: int, *, shift: bool = False) -> "Picked":
        """After an arrow key: the image so many rows further, kept inside the list; with Shift the range grows."""
        if not images:
            return self
        place = images.index(self.here) if self.here in images else -1 if steps > 0 else len(images)
        path = images[min(max(place + steps, 0), len(images) - 1)]
        return self.clicked(images, path, shift=shift)

    def all_of(self, images: Sequence[Path]) -> "Picked":
        """All of the list."""
        return replace(self, images=frozenset(images))

    def within(self, images: Sequence[Path]) -> "Picked":
        """What is left of the selection after images have gone from the list."""
        kept = frozenset(images)
        here, start = (path if path in kept else None for path in (self.here, self.start))
        return Picked(self.images & kept, here, start)
