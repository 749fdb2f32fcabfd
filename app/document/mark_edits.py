"""Edits of what is drawn: they join the undo history of the recipe, and are on disk as soon as they are made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graingraph.app.document.edit import Change, Edit, Editable
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.drawing import Drawing
from graingraph.engine.problem import Problem

Drawings = Mapping[tuple[str, str], Drawing]
"""What is drawn, by image hash and node."""


class _Alone:
    """An edit that is undone by itself."""

    def merged_with(self, later: Edit) -> Edit | None:
        """Never one with another edit."""
        return None


@dataclass(frozen=True, eq=False)
class Draw(_Alone):
    """One finished stroke on an image for a node. ``image`` is the content hash, ``drawn_on`` of what lies under it.

    ``before`` is what the strokes there were drawn on, where this one says that they hold for what lies under it now.
    """

    image: str
    node: str
    mark: Mark
    drawn_on: str = ""
    where: Path | None = None
    before: str = ""

    @property
    def label(self) -> str:
        """What the Edit menu says."""
        return f"Draw {self.mark.tool}"

    def do(self, document: Editable) -> None:
        """Add the stroke. ``Problem`` if it cannot be kept."""
        document.marks.add(self.image, self.node, self.mark, drawn_on=self.drawn_on)
        if self.before:
            document.marks.accept(self.image, self.node, self.drawn_on)
        document.marks_changed()

    def undo(self, document: Editable) -> None:
        """Take the stroke away."""
        _remove(document, self.image, self.node, self.mark.id)
        if self.before:
            document.marks.accept(self.image, self.node, self.before)
        document.marks_changed()


@dataclass(frozen=True, eq=False)
class Unmark(_Alone):
    """Strokes taken away. ``after`` are the ids that followed each one, so that undo puts it back in its place."""

    image: str
    node: str
    marks: Sequence[Mark]
    after: Sequence[str]
    drawn_on: str = ""
    label: str = "Remove strokes"
    where: Path | None = None

    @classmethod
    def of(
        cls, document: Editable, image: str, node: str, ids: Sequence[str], label: str, where: Path | None = None
    ) -> "Unmark":
        """The removal of the strokes of these ids."""
        drawing = document.marks.load(image, node)
        order = [mark.id for mark in drawing.marks]
        gone = [mark for mark in drawing.marks if mark.id in set(ids)]
        following = [(*order, "")[order.index(mark.id) + 1] for mark in gone]
        return cls(image, node, gone, following, drawing.drawn_on, label, where)

    def do(self, document: Editable) -> None:
        """Take them away."""
        for mark in self.marks:
            _remove(document, self.image, self.node, mark.id)
        document.marks_changed()

    def undo(self, document: Editable) -> None:
        """Put them back, each in front of the one that followed it."""
        for mark, following in zip(reversed(self.marks), reversed(self.after), strict=True):
            present = {known.id for known in document.marks.load(self.image, self.node).marks}
            before = following if following in present else ""
            document.marks.add(self.image, self.node, mark, drawn_on=self.drawn_on, before=before)
        document.marks_changed()


@dataclass(frozen=True, eq=False)
class Review(_Alone):
    """The marks declared to hold for what lies underneath now."""

    image: str
    node: str
    before: str
    now: str
    label: str = "Accept corrections"
    where: Path | None = None

    def do(self, document: Editable) -> None:
        """Accept."""
        document.marks.accept(self.image, self.node, self.now)
        document.marks_changed()

    def undo(self, document: Editable) -> None:
        """They need review again."""
        document.marks.accept(self.image, self.node, self.before)
        document.marks_changed()


@dataclass(frozen=True, eq=False)
class Redraw(_Alone):
    """Drawings exchanged at once. Both sides hold one for each (image hash, node)."""

    before: Drawings
    after: Drawings
    label: str = "Change strokes"
    where: Path | None = None

    def do(self, document: Editable) -> None:
        """Put the new drawings in the place of the old ones."""
        self._exchange(document, self.before, self.after)

    def undo(self, document: Editable) -> None:
        """Put the old ones back."""
        self._exchange(document, self.after, self.before)

    def _exchange(self, document: Editable, now: Drawings, wanted: Drawings) -> None:
        for place, drawing in now.items():
            if document.marks.drawing(*place).marks.keys() != drawing.marks.keys():
                raise Problem("Another program has drawn on these images meanwhile; nothing was changed.")
        for place, drawing in wanted.items():
            document.marks.replace(*place, drawing.copy())
        document.marks_changed()


class NoRoom(Problem):
    """The marks of an image are as many as there may be."""


def in_place_of(document: Editable, stroke: Draw, covered: Collection[str]) -> Redraw:
    """The edit that draws a stroke and takes away those of the ids ``covered``, which it makes superfluous.

    All strokes hold for what it is drawn on. ``NoRoom`` where there is none for it, ``Problem`` for a damaged file.
    """
    place = (stroke.image, stroke.node)
    before = document.marks.drawing(*place).copy()
    after = before.copy()
    for mark_id in after.marks.keys() & set(covered):
        after.remove(mark_id)
    try:
        after.check_room(stroke.mark)
    except ValueError as error:
        raise NoRoom(f"This stroke cannot be kept: {error}; remove others.") from None
    after.add(stroke.mark)
    after.drawn_on = stroke.drawn_on or before.drawn_on
    return Redraw({place: before}, {place: after}, stroke.label, stroke.where)


@dataclass(frozen=True, kw_only=True)
class ChangeWithStrokes(Change):
    """An edit of the recipe together with the strokes that belong to it, as one."""

    redraw: Redraw
    takes_strokes: ClassVar[bool] = True

    def do(self, document: Editable) -> None:
        """Make both."""
        self.redraw.do(document)
        super().do(document)

    def undo(self, document: Editable) -> None:
        """Take both back."""
        self.redraw.undo(document)
        super().undo(document)


def _remove(document: Editable, image: str, node: str, mark_id: str) -> None:
    if mark_id in document.marks.drawing(image, node).marks:  # else somebody else has taken it away already
        document.marks.remove(image, node, mark_id)
