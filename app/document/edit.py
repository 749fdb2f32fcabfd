"""What the undo history holds: edits with a name, do, undo and merge, and the most frequent one, of the recipe."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Protocol

from graingraph.engine.marks.store import MarkStore
from graingraph.engine.recipe.recipe import Recipe


class Editable(Protocol):
    """What an edit changes."""

    @property
    def marks(self) -> MarkStore:
        """What is drawn; whoever changes it says so with ``marks_changed``."""

    def show_recipe(self, recipe: Recipe) -> None:
        """Put a recipe in the place of the current one."""

    def marks_changed(self) -> None:
        """Have what depends on marks computed anew."""

    def show_images(self, images: tuple[Path, ...], shown: Path | None) -> None:
        """Put other images into the tray, and look at one of them."""


class Edit(Protocol):
    """What the undo history holds."""

    @property
    def label(self) -> str:
        """What the Edit menu says: "Undo *label*"."""

    @property
    def where(self) -> Path | None:
        """The image that it is about, if it is about one."""

    def do(self, document: Editable) -> None:
        """Make the edit (also for redo)."""

    def undo(self, document: Editable) -> None:
        """Take it back exactly."""

    def merged_with(self, later: "Edit") -> "Edit | None":
        """One edit that does this one and then the later one, if a person would call the two one edit."""


@dataclass(frozen=True)
class Change:
    """An edit of the recipe. Changes in a row with the same non-empty ``merge`` become one (a slider drag)."""

    label: str
    before: Recipe
    after: Recipe
    merge: str = ""
    takes_strokes: ClassVar[bool] = False
    """Whether strokes are exchanged with it, which the journal does not hold."""
    where: ClassVar[Path | None] = None

    def do(self, document: Editable) -> None:
        """Show the recipe after the change."""
        document.show_recipe(self.after)

    def undo(self, document: Editable) -> None:
        """Show the recipe before the change."""
        document.show_recipe(self.before)

    def merged_with(self, later: Edit) -> "Change | None":
        """Both changes as one, where both carry the same merge key."""
        if self.merge and isinstance(later, Change) and later.merge == self.merge:
            return replace(later, before=self.before)
        return None
