"""Edits of the tray: images that join and leave it; the files stay, and undo brings back what was there."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graingraph.app.document import commands
from graingraph.app.document.edit import Edit, Editable
from graingraph.app.document.node_search import along_the_flow
from graingraph.app.document.session import Session
from graingraph.engine.declare.injected import Source
from graingraph.engine.declare.node import REGISTRY, NodeType
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image
from graingraph.engine.values.wording import counted


@dataclass(frozen=True, eq=False)
class ChangeImages:
    """Other images in the tray, and the one that is looked at before and after."""

    label: str
    before: tuple[Path, ...]
    after: tuple[Path, ...]
    shown_before: Path | None
    shown_after: Path | None
    where: ClassVar[Path | None] = None

    def do(self, document: Editable) -> None:
        """Show the images after the edit."""
        document.show_images(self.after, self.shown_after)

    def undo(self, document: Editable) -> None:
        """Show those before it."""
        document.show_images(self.before, self.shown_before)

    def merged_with(self, later: Edit) -> Edit | None:
        """Never one with another edit."""
        return None


def remove_images(session: Session, paths: Iterable[Path]) -> None:
    """Take images out of the tray; one that was looked at makes room for its neighbour."""
    gone = set(paths).intersection(session.images)
    if not gone:
        return
    kept = tuple(path for path in session.images if path not in gone)
    shown = session.image
    if shown in gone:
        place = session.images.index(shown) if shown else 0
        nearest = (*session.images[place:], *session.images[:place][::-1])
        shown = next((path for path in nearest if path not in gone), None)
    label = f"Remove {counted(len(gone), 'image')}"
    session.do(ChangeImages(label, session.images, kept, session.image, shown))


def add_images(session: Session, paths: Iterable[Path]) -> None:
    """Add images to the tray, each once, and look at the first new one at once, whatever is on the canvas.

    A recipe without any node gets the one that reads images, as every recipe begins with it.
    """
    there = set(session.images)
    new = [path for path in dict.fromkeys(path.absolute() for path in paths) if path not in there]
    if not new:
        return
    label = f"Add {counted(len(new), 'image')}"
    session.do(ChangeImages(label, session.images, (*session.images, *new), session.image, new[0]))
    reader = _reader()
    if not session.recipe.steps and not session.recipe.locked and reader:
        addition = commands.add(session.recipe, reader.name, (0.0, 0.0))
        session.do(addition.change)
    look_at_something(session)


def new_recipe(session: Session) -> None:
    """Start a new recipe; where images are in the tray, it begins with the node that reads them, and shows one."""
    reader = _reader()
    session.new(commands.add(Recipe(), reader.name, (0.0, 0.0)).change.after if session.images and reader else None)
    look_at_something(session)


def look_at_something(session: Session) -> None:
    """View the first node where none is viewed."""
    if session.viewed is None and session.images and session.recipe.order:
        session.view(session.recipe.order[0])


def _reader() -> NodeType | None:
    """The node that a recipe begins with: it makes the image of the file, says its pixel size, and needs no other."""
    types = along_the_flow(REGISTRY.values())
    gives = (kind for kind in types if not kind.inputs and kind.takes(Source) and kind.calibrated and kind.outputs)
    return next((kind for kind in gives if kind.outputs[0].kinds == (Image,)), None)
