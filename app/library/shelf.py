"""What a library held when it was looked at."""

from dataclasses import dataclass

from graingraph.app.library.versions import Library, Version


@dataclass(frozen=True, eq=False)
class Shelf:
    """The histories of a library by name, each with its oldest version first."""

    library: Library
    histories: dict[str, list[Version]]

    @classmethod
    def of(cls, library: Library) -> "Shelf":
        """What the library holds now. ``Problem`` where it cannot be read."""
        histories: dict[str, list[Version]] = {}
        for version in library.versions():
            histories.setdefault(version.name, []).append(version)
        return cls(library, histories)

    def holding(self, words: str) -> list[Version]:
        """The newest versions that hold these words."""
        last = [history[-1] for history in self.histories.values()]
        found = (version for version in last if version.holds(words.split()))
        return sorted(found, key=lambda version: version.name.casefold())
