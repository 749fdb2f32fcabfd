"""Drawing on the viewed node: the toolbar, the stroke in progress, and strokes on their way into the document."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.content import Content, content_of
from graingraph.app.document.mark_edits import Draw, Review, Unmark
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.theme import Color, rgb
from graingraph.app.gui.viewer import drawable
from graingraph.app.gui.viewer.layers import LayersPopup
from graingraph.app.gui.viewer.readout import readouts
from graingraph.app.gui.viewer.strokes import DRAWN, ERASED, draw_marks, draw_stroke
from graingraph.app.gui.viewer.toolbar import Toolbar
from graingraph.app.gui.viewer.tools import WIDE, Brush
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.injected import Mark
from graingraph.engine.marks.store import content_hash
from graingraph.engine.values import Raster

if TYPE_CHECKING:
    from graingraph.app.gui.viewer.panel import Viewer


class Drawing:
    """Shown while the viewed node takes marks. ``active`` tools take the left button; other buttons still pan."""

    def __init__(self, viewer: "Viewer", parent: int | str) -> None:
        self.viewer, self.app = viewer, viewer.app
        self.brush = Brush()
        self.node: str | None = None
        self.active = False
        self.readouts: list[str] = []
        self._shown: tuple[Any, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._done: frozenset[str] = frozenset()
        self._content: Content | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._under: tuple[Raster | None, Future[str] | None] = (None, None)
        self.toolbar = Toolbar(self, parent)
        self.layers = LayersPopup(self)

    # following ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the tools of the viewed node, and its strokes."""
        session = self.app.session
        viewed = session.viewed
        node = viewed.node if viewed and drawable.takes_marks(session.recipe, viewed.node) else None
        if node != self.node:
            self.node = node
            self.brush.give_up()
            self.active = node is not None
        accent = self.app.colors.accent
        shown = (node, drawable.tools_for(session.recipe, node), self.classes, accent) if node else ()
        if shown != self._shown:
            if shown and self._shown and shown[0] == self._shown[0]:
                self._keep_layer(self._shown[2], shown[2])
            self._shown = shown
            self.toolbar.rebuild()
        self.layers.refresh()
        if node:
            self._follow_content()
        self._draw()

    @property
    def image(self) -> str | None:
        """The content hash of the image that is drawn on."""
        source = self.app.live.source()
        return source.drawn_as if source else None

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        tool, layer = self.brush.tool, self.brush.layer
        return {"node": self.node, "active": self.active, "tool": tool, "layer": layer, "marks": len(self.marks)}

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is drawn on the image for the node."""
        image = self.image
        return self.app.session.marks.load(image, self.node).marks if image and self.node else ()

    @property
    def classes(self) -> tuple[drawable.TracedClass, ...]:
        """The layers that can be drawn in, as the node's settings say."""
        recipe = self.app.session.recipe
        return drawable.layers_of(recipe, self.node) if self.node else ()

    def _keep_layer(self, before: tuple[drawable.TracedClass, ...], now: tuple[drawable.TracedClass, ...]) -> None:
        """Go on in the same layer after it was given another name."""
        old, new = [one.name for one in before], [one.name for one in now]
        if self.brush.layer in old and self.brush.layer not in new and len(old) == len(new):
            self.brush.layer = new[old.index(self.brush.layer)]

    def _follow_content(self) -> None:
        content = self.viewer.content
        if content is not self._content:
            self._content = content
            self._done = frozenset(mark.id for mark in self.marks)
        place = drawable.lies_under(self.app.session.recipe, self.node or "")
        value = self.app.live.value(*place) if place else None
        if not isinstance(value, Raster):
            self._under = (None, None)
        elif value is not self._under[0]:
            self._under = (value, self._pool.submit(content_hash, value.pixels))

    def choose(self, tool: str) -> None:
        """Take a tool in hand; none is the hand that pans and points."""
        if not tool:
            self._hand()
            return
        self.brush.take(tool)
        self.active = True
        self.viewer.controls.look_again()
        if tool == "livewire":
            self.brush.snap = self._snap
            self._pool.submit(_warm_up)
        self.toolbar.mark_chosen()

    def _hand(self) -> None:
        self.brush.give_up()
        self.active = False
        self.toolbar.mark_chosen()

    def key(self, name: str) -> bool:
        """Take a key while the pointer is over the picture; True if it was for the drawing."""
        if self.node is None:
            return False
        if name == "Enter" and self.brush.busy:
            self._keep(self.brush.finish())
        elif name == "Escape" and self.brush.busy:
            self.brush.give_up()
        elif name == "Backspace" and self.brush.busy:
            self.brush.step_back()
        elif name == "H":
            self._hand()
        elif drawable.KEYS.get(name) in drawable.tools_for(self.app.session.recipe, self.node):
            self.choose(drawable.KEYS[name])
        else:
            return False
        return True

    def resize(self, factor: float) -> None:
        """Make the line wider or thinner."""
        self.brush.resize(factor)
        self.toolbar.show_size(self.brush.size)

    # strokes -----------------------------------------------------------------------------------------------------

    def press(self, at: Point) -> bool:
        """The left button went down at an image point; False where the drawing has no use for it."""
        if not self.active or self.node is None or self.image is None or self.viewer.content.shape is None:
            return False
        layer = self.app.session.marks.layers(self.image, self.node).get(self.brush.layer)
        if layer and layer.locked and self.brush.tool != "eraser":
            self.app.session.say(f"The layer {layer.name} is locked; unlock it under Layers.", "warning")
            return True
        self._keep(self.brush.press(at, self.viewer.viewpoint.view.zoom))
        return True

    def move(self, at: Point | None) -> None:
        """The pointer moved."""
        if self.active and at:
            self.brush.move(at, self.viewer.viewpoint.view.zoom)

    def release(self, at: Point) -> None:
        """The left button went up."""
        self._keep(self.brush.release(at, self.viewer.viewpoint.view.zoom))

    def _keep(self, mark: Mark | None) -> None:
        image = self.image
        if mark is None or image is None or self.node is None:
            return
        under = self._under[1].result() if self._under[1] else ""
        edit = Draw(image, self.node, mark, under)
        self.app.attempt(lambda: self.app.session.do(edit))

    def _snap(self, start: Point, end: Point) -> np.ndarray:
        from graingraph.nodes.imaging.marks.livewire import snap_path

        image = self.viewer.content.image
        if image is None:
            return np.array([start, end], np.float32)
        return snap_path(image.pixels, start, end)

    def clear(self, name: str = "") -> None:
        """Take away every stroke on this image."""
        session, image = self.app.session, self.image
        if image and self.node and self.marks:
            ids = [mark.id for mark in self.marks]
            session.do(Unmark.of(session, image, self.node, ids, "Clear strokes"))

    def accept(self, name: str = "") -> None:
        """Declare that the strokes hold for what lies under them now."""
        session, image = self.app.session, self.image
        if image and self.node and self._under[1] and self.marks:
            before = session.marks.load(image, self.node).drawn_on
            session.do(Review(image, self.node, before, self._under[1].result()))

    def compare_before(self, name: str = "") -> None:
        """Compare with what lies under the strokes."""
        recipe = self.app.session.recipe
        place = drawable.lies_under(recipe, self.node or "")
        if place:
            before = content_of(recipe, OutputRef(*place), self.app.live.value)
            self.viewer.compare_with(before, "before")

    def next_image(self, name: str = "") -> None:
        """Go on with the next image of the tray; in an attended run, continue it."""
        session = self.app.session
        if self.app.attended and self.app.attended.current:
            self.app.go_on()
            return
        if session.image in session.images:
            place = session.images.index(session.image) + 1
            session.show_image(session.images[place % len(session.images)])

    # drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        viewpoint, screen = self.viewer.viewpoint, self.viewer.screen
        session = self.app.session
        marks = self.marks if self.node and self.viewer.content.shape else ()
        drawn = (self.node, self.image, session.marks_revision, viewpoint.view, viewpoint.size, self._content, marks)
        if drawn != self._drawn:
            self._drawn = drawn
            dpg.delete_item(screen.marks_layer, children_only=True)
            pending = frozenset(mark.id for mark in marks) - self._done
            traced = bool(self.classes)
            shown = [mark for mark in marks if mark.id in pending or not traced]
            draw_marks(screen.marks_layer, shown, viewpoint.view, viewpoint.size, self._colors(), pending)
            found = readouts(self.app, self.node, marks) if self.node and marks else []
            self.readouts = [words for _, words in found]
            for at, words in found:
                screen.write(viewpoint.view.to_panel(at).moved(10, -8), words)
        dpg.delete_item(screen.stroke_layer, children_only=True)
        if self.node and self.active:
            self._draw_stroke()

    def _draw_stroke(self) -> None:
        viewpoint, brush = self.viewer.viewpoint, self.brush
        layer = self.viewer.screen.stroke_layer
        color = ERASED if brush.tool == "eraser" else self._colors().get(brush.layer, DRAWN)
        width = max(brush.size * viewpoint.view.zoom, 1.5) if brush.tool in WIDE else 1.5
        points = brush.preview()
        if points:
            draw_stroke(layer, brush.tool, np.array(points), viewpoint.view, color, width)
        if brush.gesture == "paint" and viewpoint.pointer:
            dpg.draw_circle(viewpoint.pointer, width / 2, color=(255, 255, 255, 220), parent=layer)

    def _colors(self) -> dict[str, Color]:
        return {layer.name: rgb(layer.color) for layer in self.classes}


def _warm_up() -> None:
    """Load what the live-wire needs, so that the first click does not wait for it."""
    import skimage.graph  # noqa: F401
