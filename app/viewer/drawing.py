"""Drawing on the viewed node: the toolbar, the stroke in progress, and strokes on their way into the document."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import zip_longest
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from app.canvas.geometry import Point
from app.mark_edits import Draw, Review, Unmark
from app.session import Viewed
from app.theme import Color, rgb
from app.viewer import drawable
from app.viewer.content import Content, content_of
from app.viewer.layers import LayersPopup
from app.viewer.readout import readouts
from app.viewer.strokes import DRAWN, ERASED, draw_marks, draw_stroke
from app.viewer.tools import LEAST_SIZE, MOST_SIZE, WIDE, Brush
from engine.context import Mark
from engine.marks import content_hash
from engine.values import Raster

if TYPE_CHECKING:
    from app.viewer.panel import Viewer


WIDTH = 142


class Drawing:
    """Shown while the viewed node takes marks. ``active`` tools take the left button; other buttons still pan."""

    def __init__(self, viewer: "Viewer", parent: int | str) -> None:
        self._viewer, self._desk = viewer, viewer.desk
        self.brush = Brush()
        self.node: str | None = None
        self.active = False
        self.readouts: list[str] = []
        self._shown: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._done: frozenset[str] = frozenset()
        self._content: Content | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._under: tuple[Raster | None, Future[str] | None] = (None, None)
        self.widgets: dict[str, int | str] = {}
        self._group = dpg.add_child_window(parent=parent, show=False, width=WIDTH * self._desk.ui_scale, border=False)
        self.layers = LayersPopup(self)
        with dpg.theme() as self._chosen_theme, dpg.theme_component(dpg.mvButton):
            dpg.add_theme_color(dpg.mvThemeCol_Button, self._desk.colors.accent)
            dpg.add_theme_color(dpg.mvThemeCol_ButtonHovered, self._desk.colors.accent)

    # following ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the tools of the viewed node, and its strokes."""
        session = self._desk.session
        viewed = session.viewed
        node = viewed.node if viewed and drawable.takes_marks(session.recipe, viewed.node) else None
        if node != self.node:
            self.node = node
            self.brush.give_up()
            self.active = node is not None
        shown = (node, drawable.tools_for(session.recipe, node), self._layers()) if node else ()
        if shown != self._shown:
            self._shown = shown
            self._rebuild()
        self.layers.refresh()
        if node:
            self._follow_content()
        self._draw()

    @property
    def image(self) -> str | None:
        """The content hash of the image that is drawn on."""
        source = self._desk.live.source()
        return source.hash if source else None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is drawn on the image for the node."""
        image = self.image
        return self._desk.session.marks.load(image, self.node).marks if image and self.node else ()

    def _layers(self) -> tuple[drawable.TracedClass, ...]:
        recipe = self._desk.session.recipe
        return drawable.layers_of(recipe, self.node) if self.node else ()

    def _follow_content(self) -> None:
        content = self._viewer.content
        if content is not self._content:
            self._content = content
            self._done = frozenset(mark.id for mark in self.marks)
        place = drawable.lies_under(self._desk.session.recipe, self.node or "")
        value = self._desk.live.value(*place) if place else None
        if isinstance(value, Raster) and value is not self._under[0]:
            self._under = (value, self._pool.submit(content_hash, value.pixels))

    # the toolbar -------------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        dpg.delete_item(self._group, children_only=True)
        self.widgets.clear()
        dpg.configure_item(self._group, show=self.node is not None)
        if self.node is None:
            return
        tools = drawable.tools_for(self._desk.session.recipe, self.node)
        if self.brush.tool not in tools:
            self.brush.take(tools[0])
        wide = round((WIDTH / 2 - 8) * self._desk.ui_scale)
        for pair in zip_longest(*[iter((*tools, ""))] * 2):
            with dpg.group(horizontal=True, horizontal_spacing=3, parent=self._group):
                for tool in (tool for tool in pair if tool is not None):
                    self._button(tool, drawable.NAMES[tool], drawable.HELP[tool], wide, self.choose)
        with dpg.group(parent=self._group):
            if any(tool in WIDE for tool in tools):
                self._add_size()
            self._layer_choice()
            self._button("before", "Before", "Compare with what lies under the strokes", -1, self._compare_before)
            self._button("accept", "Accept", "The strokes hold for what lies under them now", -1, self._accept)
            self._button("clear", "Clear", "Take away every stroke on this image (can be undone)", -1, self._clear)
            self._button("next", "Next image", "Go on with the next image of the tray", -1, self._next_image)
        self._mark_chosen()

    def _add_size(self) -> None:
        self.widgets["size"] = dpg.add_slider_float(
            default_value=self.brush.size,
            min_value=LEAST_SIZE,
            max_value=100.0,
            format="%.0f px",
            width=-1,
            callback=lambda sender, value: setattr(self.brush, "size", min(max(value, 1.0), MOST_SIZE)),
        )
        with dpg.tooltip(self.widgets["size"]):
            dpg.add_text("Width of the line in image pixels: [ and ]")

    def _layer_choice(self) -> None:
        names = [layer.name for layer in self._layers()]
        if not names:
            self.brush.layer = ""
            return
        if self.brush.layer not in names:
            self.brush.layer = names[0]
        self.widgets["layer"] = dpg.add_combo(
            names,
            default_value=self.brush.layer,
            width=-1,
            callback=lambda sender, value: setattr(self.brush, "layer", value),
        )
        self._button("layers", "Layers", "Names, colours, order, visibility, locks", -1, self.layers.toggle)

    def _button(self, name: str, label: str, tip: str, width: int, act: Callable[[str], object]) -> None:
        button = dpg.add_button(
            label=label, user_data=name, width=width, callback=lambda sender, value, chosen: act(chosen)
        )
        self.widgets[f"tool {name}" if name in drawable.NAMES else name] = button
        with dpg.tooltip(button):
            dpg.add_text(tip)

    def _mark_chosen(self) -> None:
        for tool in drawable.NAMES:
            button = self.widgets.get(f"tool {tool}")
            if button:
                chosen = tool == (self.brush.tool if self.active else "")
                dpg.bind_item_theme(button, self._chosen_theme if chosen else 0)

    def choose(self, tool: str) -> None:
        """Take a tool in hand; none is the hand that pans and points."""
        if not tool:
            self._hand()
            return
        self.brush.take(tool)
        self.active = True
        self._viewer.controls.look_again()
        if tool == "livewire":
            self.brush.snap = self._snap
            self._pool.submit(_warm_up)
        self._mark_chosen()

    def _hand(self) -> None:
        self.brush.give_up()
        self.active = False
        self._mark_chosen()

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
        elif drawable.KEYS.get(name) in drawable.tools_for(self._desk.session.recipe, self.node):
            self.choose(drawable.KEYS[name])
        else:
            return False
        return True

    def resize(self, factor: float) -> None:
        """Make the line wider or thinner."""
        self.brush.resize(factor)
        if "size" in self.widgets:
            dpg.set_value(self.widgets["size"], self.brush.size)

    # strokes -----------------------------------------------------------------------------------------------------

    def press(self, at: Point) -> bool:
        """The left button went down at an image point; False where the drawing has no use for it."""
        if not self.active or self.node is None or self.image is None or self._viewer.content.shape is None:
            return False
        layer = self._desk.session.marks.layers(self.image, self.node).get(self.brush.layer)
        if layer and layer.locked and self.brush.tool != "eraser":
            self._desk.session.say(f"The layer {layer.name} is locked; unlock it under Layers.", "warning")
            return True
        self._keep(self.brush.press(at, self._viewer.viewpoint.view.zoom))
        return True

    def move(self, at: Point | None) -> None:
        """The pointer moved."""
        if self.active and at:
            self.brush.move(at, self._viewer.viewpoint.view.zoom)

    def release(self, at: Point) -> None:
        """The left button went up."""
        self._keep(self.brush.release(at, self._viewer.viewpoint.view.zoom))

    def _keep(self, mark: Mark | None) -> None:
        image = self.image
        if mark is None or image is None or self.node is None:
            return
        under = self._under[1].result() if self._under[1] else ""
        edit = Draw(image, self.node, mark, under)
        self._desk.attempt(lambda: self._desk.session.do(edit))

    def _snap(self, start: Point, end: Point) -> np.ndarray:
        from nodes.kernels.livewire import snap_path

        image = self._viewer.content.image
        if image is None:
            return np.array([start, end], np.float32)
        return snap_path(image.pixels, start, end)

    def _clear(self, name: str = "") -> None:
        session, image = self._desk.session, self.image
        if image and self.node and self.marks:
            ids = [mark.id for mark in self.marks]
            session.do(Unmark.of(session, image, self.node, ids, "Clear strokes"))

    def _accept(self, name: str = "") -> None:
        session, image = self._desk.session, self.image
        if image and self.node and self._under[1] and self.marks:
            before = session.marks.load(image, self.node).drawn_on
            session.do(Review(image, self.node, before, self._under[1].result()))

    def _compare_before(self, name: str = "") -> None:
        recipe = self._desk.session.recipe
        place = drawable.lies_under(recipe, self.node or "")
        if place:
            before = content_of(recipe, Viewed(*place), self._desk.live.value)
            self._viewer.compare_with(before, "before")

    def _next_image(self, name: str = "") -> None:
        session = self._desk.session
        if session.image in session.images:
            place = session.images.index(session.image) + 1
            session.show_image(session.images[place % len(session.images)])

    # drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        viewpoint, screen = self._viewer.viewpoint, self._viewer.screen
        session = self._desk.session
        marks = self.marks if self.node and self._viewer.content.shape else ()
        drawn = (self.node, self.image, session.marks_revision, viewpoint.view, viewpoint.size, self._content, marks)
        if drawn != self._drawn:
            self._drawn = drawn
            dpg.delete_item(screen.marks_layer, children_only=True)
            pending = frozenset(mark.id for mark in marks) - self._done
            traced = bool(self._layers())
            shown = [mark for mark in marks if mark.id in pending or not traced]
            draw_marks(screen.marks_layer, shown, viewpoint.view, viewpoint.size, self._colors(), pending)
            found = readouts(self._desk, self.node, marks) if self.node and marks else []
            self.readouts = [words for _, words in found]
            for at, words in found:
                screen.write(viewpoint.view.to_panel(at).moved(10, -8), words)
        dpg.delete_item(screen.stroke_layer, children_only=True)
        if self.node and self.active:
            self._draw_stroke()

    def _draw_stroke(self) -> None:
        viewpoint, brush = self._viewer.viewpoint, self.brush
        layer = self._viewer.screen.stroke_layer
        color = ERASED if brush.tool == "eraser" else self._colors().get(brush.layer, DRAWN)
        width = max(brush.size * viewpoint.view.zoom, 1.5) if brush.tool in WIDE else 1.5
        points = brush.preview()
        if points:
            draw_stroke(layer, brush.tool, np.array(points), viewpoint.view, color, width)
        if brush.gesture == "paint" and viewpoint.pointer:
            dpg.draw_circle(viewpoint.pointer, width / 2, color=(255, 255, 255, 220), parent=layer)

    def _colors(self) -> dict[str, Color]:
        return {layer.name: rgb(layer.color) for layer in self._layers()}


def _warm_up() -> None:
    """Load what the live-wire needs, so that the first click does not wait for it."""
    import skimage.graph  # noqa: F401
