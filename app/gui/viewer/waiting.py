"""Strokes on their way into the document: blocks that wait for what is right in them, and what cannot be kept yet."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from graingraph.app.document.mark_edits import Draw, NoRoom, in_place_of
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.nouns import STROKE
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.values import Mask
from graingraph.engine.values.wording import counted

NO_ROOM_TO_KEEP = (
    "The block is marked as complete, but there is no room to keep the boundaries in it: what a model finds later "
    "counts as right there. Remove blocks that this one covers, or mark smaller ones."
)
NOT_COMPUTED = (
    "The block on {image} is marked as complete without the boundaries in it, which were not computed by then: what a "
    "model finds there later counts as right. To keep them, remove the block and mark it again."
)
STILL_HERE = "{why} The stroke stays in the picture; it is tried again with the next one, and when you save or quit."
UNKEPT = "{strokes} cannot be kept. {why}"


@dataclass(frozen=True)
class Drawn:
    """A stroke and what it was drawn for: a document by its number, and the marks of it.

    ``settles`` says that all strokes on the image hold for what lies under them now. ``covers`` are the ids of blocks
    that this one makes superfluous.
    """

    stroke: Draw
    document: int
    marks: MarkStore
    settles: bool = False
    covers: Collection[str] = ()

    @property
    def place(self) -> tuple[int, str, str]:
        """Where it was drawn: document, image and node."""
        return self.document, self.stroke.image, self.stroke.node


@dataclass
class Waiting:
    """Adds strokes to the document, each when its time has come; ``here`` is the image and the node that are shown.

    What a damaged file or a full disk refuses is not lost: it waits, too.
    """

    app: AppContext
    here: Callable[[], tuple[str | None, str | None]]
    _why: str = ""
    _to_confirm: list[Drawn] = field(default_factory=list)
    _unkept: list[Drawn] = field(default_factory=list)

    @property
    def unkept(self) -> tuple[Mark, ...]:
        """The strokes on what is shown that could not be kept."""
        here = (self.app.session.document, *self.here())
        return tuple(drawn.stroke.mark for drawn in self._unkept if drawn.place == here)

    def add(self, drawn: Drawn) -> None:
        """Add a stroke behind those that could not be kept before."""
        self.try_again()
        self._add(drawn)

    def confirm(self, drawn: Drawn) -> None:
        """Add a block once what is right in it is known."""
        self._to_confirm.append(drawn)
        self.follow()

    def follow(self) -> None:
        """Add the blocks that were said to be right, with what is right in them, once all drawn before is computed.

        Where that never comes, or something else is looked at by then, one is added without: what a model finds there
        later counts as right.
        """
        waiting, self._to_confirm = self._to_confirm, []
        live, here = self.app.live, (self.app.session.document, *self.here())
        for drawn in waiting:
            shown = live.value(drawn.stroke.node) if drawn.place == here and live.current else None
            if isinstance(shown, Mask):
                self.add(self._confirmed(drawn, shown))
            elif drawn.place == here and live.coming:
                self._to_confirm.append(drawn)
            else:
                self._add_unconfirmed(drawn)

    def add_all(self) -> None:
        """Add everything that waits, without what is right in it: something else comes first."""
        self.try_again()
        waiting, self._to_confirm = self._to_confirm, []
        for drawn in waiting:
            self._add_unconfirmed(drawn)

    def try_again(self) -> None:
        """Add the strokes that could not be kept before, those that can be now."""
        waiting, self._unkept = self._unkept, []
        for drawn in waiting:
            self._add(drawn)

    def drop(self, ids: Collection[str]) -> bool:
        """Give up strokes that could not be kept; whether there was one of these ids."""
        before = len(self._unkept)
        self._unkept = [drawn for drawn in self._unkept if drawn.stroke.mark.id not in ids]
        return len(self._unkept) < before

    def take_back(self) -> str:
        """Give up the last stroke that could not be kept; what it is called, or nothing where there is none."""
        return self._unkept.pop().stroke.label if self._unkept else ""

    def would_be_lost(self) -> str:
        """What quitting would lose, in words; empty for nothing."""
        strokes = counted(len(self._unkept), STROKE)
        return UNKEPT.format(strokes=strokes, why=self._why) if self._unkept else ""

    def _add_unconfirmed(self, drawn: Drawn) -> None:
        self.add(drawn)
        image = drawn.stroke.where.name if drawn.stroke.where else drawn.stroke.image
        self.app.session.say(NOT_COMPUTED.format(image=image), "warning", until_edit=True)

    def _add(self, drawn: Drawn) -> None:
        """Add a stroke to the marks that it was drawn for; those of a recipe left since have no undo any more."""
        session, stroke = self.app.session, drawn.stroke
        ours = drawn.document == session.document
        marks = session.marks if ours else drawn.marks
        try:
            if stroke.mark.id in marks.drawing(stroke.image, stroke.node).marks:
                return  # it was there already when the disk refused what comes behind it
            if drawn.settles:
                stroke = replace(stroke, before=marks.load(stroke.image, stroke.node).drawn_on)
            if ours and drawn.covers:
                session.do(in_place_of(session, stroke, drawn.covers))
            elif ours:
                session.do(stroke)
            else:
                marks.add(stroke.image, stroke.node, stroke.mark, drawn_on=stroke.drawn_on)
        except Problem as problem:
            self._unkept.append(drawn)
            self._why = problem.message
            session.report(Problem(STILL_HERE.format(why=problem.message)), until_edit=True)

    def _confirmed(self, drawn: Drawn, shown: Mask) -> Drawn:
        """The block with what is right in it; as it is where the marks of the image have no room for that.

        One of the whole image takes the place of those before it, or some rounds of learning and looking would use up
        the room that there is.
        """
        from graingraph.nodes.imaging.boundaries.boundary_edits import confirmed, superfluous

        session, stroke = self.app.session, drawn.stroke
        mark, covers = confirmed(shown.pixels, stroke.mark), list[str]()
        try:
            covers = superfluous(session.marks.load(stroke.image, stroke.node).marks, mark, shown.shape)
            in_place_of(session, replace(stroke, mark=mark), covers)
        except NoRoom:
            session.say(NO_ROOM_TO_KEEP, "warning", until_edit=True)
            return drawn
        except Problem:
            pass  # it waits until the file can be read, with what is right in it now
        return replace(drawn, stroke=replace(stroke, mark=mark), covers=covers)
