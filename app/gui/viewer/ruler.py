"""The ruler: lengths, distances of edges, angles and radii in the picture, without a node."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.content import images_for
from graingraph.app.document.keep_measurement import keep
from graingraph.app.document.names import title_in
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.viewer import captions
from graingraph.app.gui.viewer.brush import Brush
from graingraph.app.gui.viewer.screen import YELLOW, Screen
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.small_window import SmallWindow
from graingraph.app.gui.viewer.strokes import draw_stroke
from graingraph.app.gui.viewer.tools import TOOLS
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.injected import Mark
from graingraph.nodes.imaging.marks.measured import Measured, measured, window_around

RULER = "Ruler"
SET_PIXEL_SIZE = "Set pixel size"
KEEP = "Keep as measurement"
KEPT = "Kept in {node}."
NO_IMAGE = "There is no image here to measure on."
ANGLE = "{angle:.1f}°"
RADIUS = "R {length}"
NO_EDGE = "No clear edge near both ends: the line is as drawn."

KINDS = ("length", "edges", "angle", "radius")
WIDE, FOR_WORDS = 300, 24
"""Width of the words, and height of what they may take more, at UI scale 1, in pixels."""
OpenPixelSize = Callable[[tuple[Point, Point]], None]
"""Opens the window of the pixel size with a line in the picture."""


class Ruler(SmallWindow):
    """Open until it is closed; meanwhile what is drawn in the picture is measured, and nothing is kept unasked."""

    def __init__(self, app: AppContext, shown: Shown, screen: Screen, open_pixel_size: OpenPixelSize) -> None:
        super().__init__(app)
        self._shown, self._screen, self._open_pixel_size = shown, screen, open_pixel_size
        self.brush = Brush(tool=KINDS[0])
        self._mark: Mark | None = None
        self._found: Measured | None = None
        self._content: object = None
        self._seen: tuple[object, ...] = ()

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        return {"open": self.is_open, "kind": self.brush.tool, "says": self._says}

    def toggle(self) -> None:
        """Take it in hand, or put it away."""
        if self.close() or self._shown.content.shape is None:
            return
        self._shown.viewpoint.mode, self._shown.viewpoint.line = "rule", None
        self._open_window(RULER)
        labels = [TOOLS[kind].label for kind in KINDS]
        with dpg.group(parent=self._window or 0):
            self.widgets["ruler kind"] = dpg.add_radio_button(
                labels, default_value=TOOLS[self.brush.tool].label, horizontal=True, callback=self._set_kind
            )
            with dpg.group(horizontal=True):
                self.widgets["ruler scale"] = dpg.add_button(label=SET_PIXEL_SIZE, callback=lambda: self._calibrate())
                self.widgets["ruler keep"] = dpg.add_button(label=KEEP, callback=lambda: self._keep())
            self._words = dpg.add_text("", wrap=round(WIDE * self._app.ui_scale))  # last: its lines move nothing
        self._seen = ()

    def close(self) -> bool:
        """Put it away; False where it is not in hand."""
        if not super().close():
            return False
        self._forget()
        if self._shown.viewpoint.mode == "rule":
            self._shown.viewpoint.mode = "look"
        return True

    def refresh(self) -> None:
        """Follow what is shown, and draw the line and what it says."""
        if not self.is_open:
            return
        if self._crossed or self._shown.content.shape is None:
            self.close()
            return
        if self._content is not self._shown.content:
            self._content = self._shown.content
            if self._mark is not None:
                self._measure(self._mark)  # another image, or another pixel size
        seen = (self._says, self._mark)
        if seen != self._seen:
            self._seen = seen
            dpg.set_value(self._words, self._says)
            line = self._mark is not None and self.brush.tool in ("length", "edges")
            dpg.configure_item(self.widgets["ruler scale"], enabled=line)
            dpg.configure_item(self.widgets["ruler keep"], enabled=self._mark is not None)
        self._place(self._screen.box, grows=FOR_WORDS)
        self._draw()

    def _draw(self) -> None:
        view, layer = self._shown.viewpoint.view, self._screen.stroke_layer
        points = self.brush.preview(view.zoom) or ([] if self._found is None else self._found.points)
        if not len(points):
            return
        placed = np.array(points, float)
        draw_stroke(layer, self.brush.tool, placed, view, YELLOW, 2.0)
        for point in placed.tolist() if len(placed) < 4 else ():
            dpg.draw_circle(view.to_panel(Point(*point)), 3, color=YELLOW, fill=YELLOW, parent=layer)
        self._screen.words.write(view.to_panel(Point(*placed[-1].tolist())).moved(10, -20), self._short, layer)

    # mouse and keys ----------------------------------------------------------------------------------------------

    def press(self, at: Point) -> None:
        """The left button went down at an image point."""
        if not self.brush.busy:
            self._forget()
        self._take(self.brush.press(at, self._shown.viewpoint.view.zoom))

    def move(self, at: Point) -> None:
        """The pointer moved."""
        self.brush.move(at, self._shown.viewpoint.view.zoom)

    def release(self, at: Point) -> None:
        """The left button went up."""
        self._take(self.brush.release(at, self._shown.viewpoint.view.zoom))

    def key(self, name: str) -> bool:
        """Take a key while the pointer is over the picture; True if it was for the ruler."""
        if not self.is_open:
            return False
        if name == "Enter" and self.brush.busy:
            self._take(self.brush.finish())
        elif name == "Backspace" and self.brush.busy:
            self.brush.step_back()
        elif kind := next((kind for kind in KINDS if TOOLS[kind].key == name), None):
            self._choose(kind)
        else:
            return False
        return True

    def _set_kind(self, sender: int, label: str) -> None:
        self._choose(next(kind for kind in KINDS if TOOLS[kind].label == label))

    def _choose(self, kind: str) -> None:
        self._forget()
        self.brush.take(kind)
        dpg.set_value(self.widgets["ruler kind"], TOOLS[kind].label)

    # what is measured --------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.brush.give_up()
        self._mark, self._found = None, None

    def _take(self, mark: Mark | None) -> None:
        if mark is not None:
            self._measure(mark)

    def _measure(self, mark: Mark) -> None:
        from graingraph.nodes.reading.pixel_types import to_grey

        points, image = np.asarray(mark.points, float), self._shown.content.image
        self._mark = mark
        if mark.tool != "edges" or image is None:
            self._found = measured(mark.tool, points)
            return
        window = window_around(points, image.pixels.shape)
        corner = np.array([window[1].start, window[0].start], float)
        found = measured(mark.tool, points - corner, to_grey(image.pixels[window]).astype(np.float32))
        self._found = found._replace(points=found.points + corner)

    @property
    def _short(self) -> str:
        """What stands beside the line."""
        points = self.brush.preview(self._shown.viewpoint.view.zoom)
        content, found = self._shown.content, self._found
        if points:
            is_line = TOOLS[self.brush.tool].gesture == "span" and len(points) == 2
            return captions.distance_words(content, *points) if is_line else ""
        if found is None:
            return ""
        if np.isfinite(found.length):
            start, end = (Point(*point) for point in found.points.tolist())
            return captions.distance_words(content, start, end)
        if np.isfinite(found.angle):
            return ANGLE.format(angle=found.angle)
        return RADIUS.format(length=captions.length_words(content, found.radius))

    @property
    def _says(self) -> str:
        """What the window says: what is measured, or how to measure."""
        if self._found is None:
            return f"{TOOLS[self.brush.tool].help}."
        said = f"{self._short}."
        return f"{said} {NO_EDGE}" if self._found.missed else said

    # what is made of it ------------------------------------------------------------------------------------------

    def _calibrate(self) -> None:
        found = self._found
        if found is None or not np.isfinite(found.length):
            return
        start, end = (Point(*point) for point in found.points.tolist())
        self.close()
        self._open_pixel_size((start, end))

    def _keep(self) -> None:
        session, viewed, source = self._app.session, self._shown.output, self._app.live.source()
        if self._mark is None or viewed is None or source is None:
            return
        picture = self._picture(viewed)
        if picture is None:
            session.say(NO_IMAGE, "warning")
            return
        mark = self._mark

        def do() -> None:
            edit, node = keep(session, viewed.node, picture, source.drawn_as, mark)
            session.do(edit)
            session.say(KEPT.format(node=title_in(session.recipe, node)))
            self._forget()

        self._app.attempt(do)

    def _picture(self, viewed: OutputRef) -> OutputRef | None:
        """The output whose image is measured on."""
        recipe, image = self._app.session.recipe, self._shown.content.image
        places = [viewed, *images_for(recipe, viewed.node)]
        return next((place for place in places if image is not None and self._app.live.value(*place) is image), None)
