"""The edits of a document that were made and taken back, in their order."""

from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile

from graingraph.app.document.edit import Change, Edit
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe

LIMIT = 1000
"""So many edits can be taken back."""


class History:
    """What undo takes back and redo makes again. It keeps the edits; whoever holds it does and undoes them."""

    def __init__(self) -> None:
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._sealed = True

    @property
    def last(self) -> Edit | None:
        """The edit that undo would take back."""
        return self._done[-1] if self._done else None

    @property
    def next(self) -> Edit | None:
        """The edit that redo would make again."""
        return self._undone[-1] if self._undone else None

    def add(self, edit: Edit) -> None:
        """Remember an edit that was made; it merges into the last one where both are one in a person's eyes."""
        merged = self._done[-1].merged_with(edit) if self._done and not self._sealed else None
        if merged:
            self._done[-1] = merged
        else:
            self._done.append(edit)
        del self._done[:-LIMIT]
        self._undone.clear()
        self._sealed = False

    def seal(self) -> None:
        """End the current row of merging edits."""
        self._sealed = True

    def step_back(self) -> None:
        """The last edit was taken back."""
        self._undone.append(self._done.pop())
        self._sealed = True

    def step_forward(self) -> None:
        """The next edit was made again."""
        self._done.append(self._undone.pop())
        self._sealed = True

    def recipes(self, now: Recipe) -> tuple[list[str], list[Recipe], int]:
        """The recipes that can be gone back and forward to around the one of now, and its position among them.

        The first list names the edit that led to each; the first recipe's is empty. They end, on both sides, at the
        first edit that changes more than the recipe.
        """
        done = _of_recipe_alone(reversed(self._done))[::-1]
        changes = [*done, *_of_recipe_alone(reversed(self._undone))]
        first = changes[0].before if changes else now
        return ["", *(change.label for change in changes)], [first, *(change.after for change in changes)], len(done)

    @classmethod
    def of_recipes(cls, labels: Sequence[str], recipes: Sequence[Recipe], position: int) -> "History":
        """The history that gave these ``recipes``."""
        changes = [
            Change(label, with_places(before), with_places(after))
            for label, (before, after) in zip(labels[1:], pairwise(recipes), strict=True)
        ]
        history = cls()
        history._done = list(changes[:position])
        history._undone = list(reversed(changes[position:]))
        return history


def _of_recipe_alone(edits: Iterable[Edit]) -> list[Change]:
    """The changes of the recipe, up to the first that takes strokes along."""
    changes = (edit for edit in edits if isinstance(edit, Change))
    return list(takewhile(lambda change: not change.takes_strokes, changes))
