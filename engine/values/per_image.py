"""The value of every image of the tray, for a node that gathers."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from graingraph.engine.problem import Problem
from graingraph.engine.values.value import Value
from graingraph.engine.values.wording import named

T = TypeVar("T", bound=Value)


class PerImage(Mapping[str, T]):
    """The value of *every* image of the tray, by image name, in tray order; asked for one at a time.

    A value is computed when it is asked for, so a node that shows one representative image costs one image. Asking
    for an image that failed raises its ``Problem``; ``good()`` skips it and remembers it in ``failures``.

    ``undrawn`` are images of which the value says nothing, because nobody has drawn on them yet.
    """

    def __init__(self, names: Sequence[str], get: Callable[[str], T], undrawn: Collection[str] = ()) -> None:
        self._names = dict.fromkeys(names)
        self.undrawn = frozenset(undrawn)
        self._get = get
        self.failures: dict[str, Problem] = {}

    def __getitem__(self, name: str) -> T:
        self._names[name]
        return self._get(name)

    def __contains__(self, name: object) -> bool:  # what Mapping has would compute the value
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def good(self) -> Iterator[tuple[str, T]]:
        """Name and value of each image that could be computed, in tray order."""
        for name in self._names:
            try:
                value = self._get(name)
            except Problem as problem:
                self.failures[name] = problem
            else:
                yield name, value

    def reasons(self) -> list[str]:
        """Why images failed: each reason once, after the images and the node that it is about."""
        alike: dict[tuple[str | None, str], list[str]] = {}
        for name, problem in self.failures.items():
            alike.setdefault((problem.node, problem.message), []).append(problem.image or name)
        return [str(Problem(said, node=node, image=named(names))) for (node, said), names in alike.items()]
