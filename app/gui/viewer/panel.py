"""The viewer panel: the viewed output over its micrograph, with zoom, read-out, comparison and measuring."""

from dataclasses import replace
from pathlib import Path

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.content import Content, Feature, content_of, features_for, needs
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.pointer import BUTTONS, pointer
from graingraph.app.gui.viewer import captions as words
from graingraph.app.gui.viewer.attended_bar import AttendedBar
from graingraph.app.gui.viewer.controls import Controls
from graingraph.app.gui.viewer.draw_tool import Drawing
from graingraph.app.gui.viewer.merge_popup import MergePopup
from graingraph.app.gui.viewer.model import Viewpoint
from graingraph.app.gui.viewer.painter import Painter, compare
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.rendering.geometry import Point
from graingraph.app.rendering.histogram import histogram_of
from graingraph.app.services.live_evaluation import Wanted
from graingraph.engine.values import Labels

MOST_PIXELS_MOVING = 1_000_000
"""A larger panel is drawn at half its resolution while the picture moves."""


class Viewer:
    """Follows ``session.viewed`` and the image of the tray; what is being recomputed stays until it is replaced."""

    title = "Viewer"

    def __init__(self, app: AppContext) -> None:
        self.app = app
        self.viewpoint = Viewpoint()
        self.content = Content()
        self.other: tuple[Content, str] | None = None
        self._painter = Painter(lambda: app.post(self._prepared))
        self._of: tuple[OutputRef | None, object] = (None, None)
        self._seen: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._down: dict[int, bool] = dict.fromkeys(BUTTONS, False)
        self._turn = 0.0
        self._ready = 0
        self._line = ""
        self._draws = self._hovers = self._coarse = False
        self._feature: Feature | None = None

    @property
    def widgets(self) -> dict[str, int | str]:
        """What a test may want to click."""
        bars = (self.controls, self.attended_bar, self.drawing.toolbar, self.drawing.layers, self.merging)
        return {"viewer": self.screen.drawlist} | {name: item for bar in bars for name, item in bar.widgets.items()}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        view, image, features = self.viewpoint.view, self.content.image, self.content.features
        return {
            "view": [view.zoom, view.x, view.y],
            "node": self._of[0].node if self._of[0] else None,
            "image": image.name if image else None,
            "features": type(features).__name__ if features is not None else None,
            "drawn": bool(self._drawn),
            "chosen": self.chosen,
            "words": self._line,
            "readouts": self.drawing.readouts,
            "attended": self.attended_bar.facts,
            "comparing": self.viewpoint.compare,
            "merging": self.merging.facts,
            "drawing": self.drawing.facts,
        }

    def build(self, parent: int | str) -> None:
        """Make the row of controls and the draw list below it."""
        self._parent = parent
        dpg.configure_item(parent, no_scrollbar=True, no_scroll_with_mouse=True)
        self.controls = Controls(self, parent)
        self.attended_bar = AttendedBar(self, parent)
        row = dpg.add_group(horizontal=True, parent=parent)
        self.drawing = Drawing(self, row)
        self.screen = Screen(row, self.app.ui_scale)
        self.merging = MergePopup(self)
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._wheel)
            dpg.add_key_press_handler(dpg.mvKey_Open_Brace, callback=lambda: self._resize_brush(1 / 1.25))
            dpg.add_key_press_handler(dpg.mvKey_Close_Brace, callback=lambda: self._resize_brush(1.25))

    def refresh(self) -> None:
        """Follow the session and the mouse, and draw what changed."""
        self.attended_bar.refresh()
        self._follow()
        self._resize()
        self.viewpoint.show(self.content.shape, self.viewpoint.size)
        self._mouse()
        self.controls.refresh(round(dpg.get_item_rect_size(self._parent)[0] - 16 * self.app.ui_scale))
        self.drawing.refresh()
        self.merging.refresh()
        if self.app.feature != self._feature:
            self._feature = self.app.feature
            self._bring_in()
        self._draw()
        self._say()

    # what is shown -----------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        session, live = self.app.session, self.app.live
        seen = (session.revision, id(live.evaluation))
        if seen == self._seen:
            return
        self._seen = seen
        viewed = session.viewed
        if viewed is None or viewed.node not in session.recipe.steps or session.image is None:
            self._of, self.content = (None, None), Content()
            live.want("viewer", ())
            return
        live.want("viewer", [Wanted(*place) for place in needs(session.recipe, viewed)])
        found = content_of(session.recipe, viewed, live.value)
        if self._of == (viewed, session.image):
            if live.value(*viewed) is None:
                return
        elif found.shape is None and self.content.shape is not None and live.busy:
            return
        self._of, self.content = (viewed, session.image), found

    def _resize(self) -> None:
        width, height = dpg.get_item_rect_size(self._parent)
        margin = round(8 * self.app.ui_scale)
        left, top = dpg.get_item_pos(self._parent)
        corner = self.screen.corner
        size = (max(32, round(left + width - corner.x) - margin), max(32, round(top + height - corner.y) - margin))
        if size != self.viewpoint.size:
            self.screen.resize(*size)
            self.viewpoint.show(self.viewpoint.shape, size)

    def shows(self, image: Path | None, node: str) -> bool:
        """Whether the picture is that of a node for an image file."""
        viewed, shown = self._of
        return image is not None and viewed is not None and (shown, viewed.node) == (image.absolute(), node)

    def hold(self) -> None:
        """Keep what is shown now as the other side of a comparison."""
        viewed, image = self._of
        name = f"{viewed.node}, {getattr(image, 'name', '')}" if viewed else ""
        self.other = (self.content, name) if self.content.shape else None

    def compare_with(self, content: Content, name: str) -> None:
        """Compare what is shown with another content, wiping from one to the other."""
        self.other = (content, name)
        self.viewpoint.compare = "wipe"
        self.controls.show_compare("wipe")

    def stop_comparing(self) -> None:
        """Show one picture again."""
        self.other = None
        self.viewpoint.compare = "off"
        self.controls.show_compare("off")

    def _prepared(self) -> None:
        self._ready += 1

    # drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        content, look, viewpoint = self.content, self.controls.look, self.viewpoint
        if content.shape is None:
            if self._drawn != ():
                self._drawn = ()
                self.screen.show_picture(None, viewpoint.size)
            return
        compared = (viewpoint.compare, viewpoint.wipe, self.other) if viewpoint.compare != "off" else ()
        chosen = self.chosen
        view, size = viewpoint.view, viewpoint.size
        self._coarse = viewpoint.moving and viewpoint.size[0] * viewpoint.size[1] > MOST_PIXELS_MOVING
        drawn = (content, look, viewpoint.view, viewpoint.size, self._ready, compared, chosen, self._coarse)
        if drawn == self._drawn:
            return
        if self._coarse:
            view, size = replace(viewpoint.view, zoom=viewpoint.view.zoom / 2), (size[0] // 2, size[1] // 2)
        ground = self.app.colors.canvas[:3]
        picture = self._painter.paint(content, self.controls, chosen, view, size, ground)
        if picture is None:
            return
        self._drawn = drawn
        if viewpoint.compare != "off" and self.other:
            other = self._painter.paint(self.other[0], self.controls, 0, view, size, ground)
            compare(picture, other, viewpoint.compare, viewpoint.wipe)
        self.screen.show_picture(picture, viewpoint.size)

    # what is said ------------------------------------------------------------------------------------------------

    def _say(self) -> None:
        content, viewpoint = self.content, self.viewpoint
        at = viewpoint.view.to_image(viewpoint.pointer) if viewpoint.pointer else None
        line = self._line = words.pixel_words(content, at) if at else ""
        measured = words.distance_words(content, *viewpoint.line) if viewpoint.line else ""
        histogram = histogram_of(content.image) if self.controls.histogram and content.image else None
        here = f"{self._of[0].node}" if self._of[0] else ""
        corners = (f"A: {self.other[1]}" if self.other else "A: press Hold A", f"B: {here}")
        legend = self.controls.legend
        empty = words.empty_words(self.app.session) if content.shape is None else ""
        bar = words.scale_bar(content, viewpoint.view.zoom, viewpoint.size[0])
        self.screen.show_words(viewpoint, (line,), empty, bar, measured, histogram, corners, legend)

    # the chosen feature ------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> int:
        """The label set off in the picture: the feature that was clicked here or in the table; 0 for none."""
        feature, viewed = self.app.feature, self._of[0]
        if feature is None or viewed is None or feature.image != self.app.session.image:
            return 0
        return feature.label if feature.place == features_for(self.app.session.recipe, viewed) else 0

    def _bring_in(self) -> None:
        """Move to the chosen feature where it is out of sight; a coarse look finds all but the smallest."""
        features, label = self.content.features, self.chosen
        if not label or not isinstance(features, Labels):
            return
        for step in (4, 1):
            rows, columns = np.nonzero(features.pixels[::step, ::step] == label)
            if len(rows):
                self.viewpoint.look_at((float(columns.mean()) * step, float(rows.mean()) * step))
                return

    def _choose(self, at: Point) -> None:
        viewed, image = self._of[0], self.app.session.image
        place = features_for(self.app.session.recipe, viewed) if viewed else None
        label = words.label_at(self.content, at)
        self.app.feature = Feature(image, place, label) if label and place and image else None
        self.app.session.revision += 1

    # the mouse ---------------------------------------------------------------------------------------------------

    def _local(self) -> Point:
        corner = self.screen.corner
        here = pointer()
        return Point(here.x - corner.x, here.y - corner.y)

    @property
    def hovered(self) -> bool:
        """Whether the pointer is over the picture and nothing lies over it; with a button down, as it was before."""
        down = any(dpg.is_mouse_button_down(button) for button in BUTTONS)
        if not down or not any(self._down.values()):
            self._hovers = dpg.is_item_hovered(self.screen.drawlist)
        return self._hovers and self.screen.box.holds(pointer())

    def _mouse(self) -> None:
        at, over = self._local(), self.hovered
        self.viewpoint.move(at if over or self.viewpoint.dragging else None)
        for button, name in BUTTONS.items():
            down = dpg.is_mouse_button_down(button)
            if down != self._down[button]:
                self._down[button] = down
                pan = dpg.is_key_down(dpg.mvKey_Spacebar)
                if not down and button == dpg.mvMouseButton_Left and self._draws:
                    self._draws = False
                    self.drawing.release(self.viewpoint.view.to_image(at))
                elif not down and self.viewpoint.dragging:
                    self.viewpoint.release(at)
                elif down and over and not self.viewpoint.dragging:
                    if name == "left" and not pan and self.viewpoint.free(at):
                        self._draws = self.drawing.press(self.viewpoint.view.to_image(at))
                    if not self._draws:
                        self.viewpoint.press(name, at, pan=pan)
        self.drawing.move(self.viewpoint.view.to_image(at) if over or self._draws else None)
        clicked = self.viewpoint.take_click()
        if clicked:
            self._choose(clicked)

    def key(self, name: str) -> bool:
        """Take a key if the pointer is over the picture and it means something there."""
        if not self.hovered or self.app.typing:
            return False
        if self.drawing.key(name):
            return True
        if name == "F":
            self.viewpoint.fit()
        elif name == "Escape" and self.app.feature is not None:
            self.app.feature = None
        else:
            return False
        return True

    def _resize_brush(self, factor: float) -> None:
        if not self.app.typing:
            self.drawing.resize(factor)

    def _wheel(self, sender: int, steps: float) -> None:
        if self.hovered:
            self.viewpoint.wheel(steps, self._local())
