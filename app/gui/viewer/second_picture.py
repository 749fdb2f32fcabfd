"""A second picture beside the first: pinned to an output, so that a step can be looked at beside another one."""

from dataclasses import replace

from graingraph.app.document.content import Content, content_of, needs
from graingraph.app.document.names import output_title
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.viewpoint import PICTURE_GAP, Viewpoint
from graingraph.app.rendering.geometry import Point
from graingraph.app.services.live_evaluation import Wanted

PINNED = "Pinned: {output}"

PIN = "second picture"


class SecondPicture:
    """Follows its output through edits and from image to image. ``linked`` moves and zooms both pictures as one."""

    def __init__(self, app: AppContext, shown: Shown) -> None:
        self._app, self._shown = app, shown
        self.pinned: OutputRef | None = None
        self.linked = True
        self.content = Content()
        self.size = (0, 0)
        self.left = 0
        """Where it begins in the draw list, in pixels."""
        self._own = Viewpoint()
        self._seen: tuple[object, ...] = ()

    @property
    def viewpoint(self) -> Viewpoint:
        """Where it looks: where the first picture does, if they are linked."""
        return self._shown.viewpoint if self.linked else self._own

    @property
    def title(self) -> str:
        """What it is of."""
        return PINNED.format(output=output_title(self._app.session.recipe, self.pinned)) if self.pinned else ""

    def pin(self, output: OutputRef | None) -> None:
        """Stay with an output; None closes the picture."""
        self.pinned, self.content, self._seen = output, Content(), ()
        self._app.session.revision += 1

    def link(self, linked: bool) -> None:
        """Move and zoom with the first picture, or apart from it, from where both are now."""
        if self.linked and not linked:
            main = self._shown.viewpoint
            self._own = replace(main, size=self.size, line=None, clicked=None, mode="look", compare="off")
        self.linked = linked

    def split(self, width: int, height: int) -> tuple[int, int]:
        """Share a draw list of this size; gives the size of the first picture."""
        if self.pinned is None:
            return width, height
        first = (width - PICTURE_GAP) // 2
        self.left, self.size = first + PICTURE_GAP, (width - first - PICTURE_GAP, height)
        if not self.linked:
            self._own.show(self.content.shape, self.size)
        return first, height

    def follow(self) -> None:
        """Take up what its output is now."""
        session, live = self._app.session, self._app.live
        seen = (session.revision, id(live.evaluation), self.pinned)
        if seen == self._seen:
            return
        self._seen = seen
        if self.pinned and self.pinned.node not in session.recipe.steps:
            self.pinned = None
        if self.pinned is None or session.image is None:
            live.want(PIN, ())
            self.content = Content()
            return
        live.want(PIN, [Wanted(*place) for place in needs(session.recipe, self.pinned)])
        if live.value(*self.pinned) is not None or not live.busy:
            self.content = content_of(session.recipe, self.pinned, live.value)

    def holds(self, at: Point) -> bool:
        """Whether a pixel of the draw list is in it."""
        return self.pinned is not None and at.x >= self.left

    def local(self, at: Point) -> Point:
        """A pixel of the draw list, counted from its corner."""
        return Point(at.x - self.left, at.y)
