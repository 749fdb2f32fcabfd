"""The viewer panel: the viewed output over its micrograph, with zoom, read-out, comparison, measuring and drawing."""

from dataclasses import replace
from math import ceil

import dearpygui.dearpygui as dpg

from graingraph.app.document.content import Feature
from graingraph.app.document.names import output_title
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.viewer import captions
from graingraph.app.gui.viewer.attended_bar import AttendedBar
from graingraph.app.gui.viewer.controls import Controls
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.layers import LayersPopup
from graingraph.app.gui.viewer.lines import LinesLayer
from graingraph.app.gui.viewer.merge_popup import MergePopup
from graingraph.app.gui.viewer.painter import Painter, compare
from graingraph.app.gui.viewer.pixel_size_popup import PixelSizePopup
from graingraph.app.gui.viewer.pointing import Pointing
from graingraph.app.gui.viewer.ruler import Ruler
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.gui.viewer.second_picture import SecondPicture
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.start_page import StartPage
from graingraph.app.gui.viewer.strokes import Strokes
from graingraph.app.gui.viewer.toolbar import Toolbar
from graingraph.app.gui.viewer.words_layer import Words
from graingraph.app.rendering.histogram import histogram_of
from graingraph.engine.declare.injected import PixelBox

SIDE_A = "A: {picture}"
SIDE_B = "B: {picture}"
NO_SIDE_A = "A: press Hold A"

MOST_PIXELS_MOVING = 1_000_000
"""A larger panel is drawn at half its resolution while the picture moves."""


@panel("Viewer", place="viewer", order=10)
class Viewer(Panel):
    """Puts the parts together: what is ``shown``, the ``tool`` that draws on it, and the widgets around the picture."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.shown = Shown(app)
        self.tool = DrawTool(app, self.shown)
        self.second = SecondPicture(app, self.shown)
        self._painter = Painter(lambda: app.post(self._prepared))
        self._second_painter = Painter(lambda: app.post(self._prepared))
        self._second_drawn: tuple[object, ...] = ()
        self._sizes: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._ready = 0
        self._line = self._remarks = ""
        self._coarse = self._starting = False
        app.pin, app.pin_shown = self._pin, self._pin_shown
        self._feature: Feature | None = None

    @property
    def widgets(self) -> dict[str, int | str]:
        """What a test may want to click."""
        bars = (
            self.controls,
            self.attended_bar,
            self.toolbar,
            self.layers,
            self.merging,
            self.pixel_size,
            self.ruler,
            self.start_page,
        )
        return {"viewer": self.screen.drawlist} | {name: item for bar in bars for name, item in bar.widgets.items()}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        shown = self.shown
        view, image, features = shown.viewpoint.view, shown.content.image, shown.content.features
        return {
            "view": [view.zoom, view.x, view.y],
            "node": shown.output.node if shown.output else None,
            "image": image.name if image else None,
            "features": type(features).__name__ if features is not None else None,
            "drawn": bool(self._drawn),
            "chosen": shown.chosen,
            "words": self._line,
            "remarks": self._remarks,
            "lines": len(shown.content.lines),
            "readouts": self.strokes.readouts,
            "attended": self.attended_bar.facts,
            "pinned": list(self.second.pinned) if self.second.pinned else None,
            "second drawn": bool(self._second_drawn),
            "second zoom": self.second.viewpoint.view.zoom,
            "comparing": shown.viewpoint.compare,
            "merging": self.merging.facts,
            "pixel size": self.pixel_size.facts,
            "ruler": self.ruler.facts,
            "scale": str(shown.content.scale) if shown.content.scale else None,
            "scale bar": self._bar_box,
            "drawing": self.tool.facts,
            "key pointer": list(self.pointing.keys.at) if self.pointing.keys.at else None,
        }

    def build(self, parent: int | str) -> None:
        """Make the row of controls and the draw list below it."""
        self._parent = parent
        dpg.configure_item(parent, no_scrollbar=True, no_scroll_with_mouse=True)
        self.controls = Controls(self._app, self.shown, self.second, parent, lambda: self._toggle_ruler())
        self.attended_bar = AttendedBar(self._app, self.shown, self.tool, parent)
        row = dpg.add_group(horizontal=True, parent=parent)
        self.layers = LayersPopup(self._app, self.tool)
        self.toolbar = Toolbar(self._app, self.tool, row, open_layers=lambda: self.layers.toggle(self.screen.corner))
        self.screen = Screen(row, self._app.ui_scale)
        self.lines = LinesLayer(self.shown, self.screen)
        self.strokes = Strokes(self._app, self.shown, self.tool, self.screen)
        self.merging = MergePopup(self._app, self.shown, self.screen)
        self.pixel_size = PixelSizePopup(self._app, self.shown, self.screen)
        self.ruler = Ruler(self._app, self.shown, self.screen, self.pixel_size.toggle)
        self._app.set_pixel_size = self._toggle_pixel_size
        waiting = self.tool.waiting
        self._app.add_waiting, self._app.take_back = waiting.add_all, waiting.take_back
        self._app.would_be_lost = waiting.would_be_lost
        self.start_page = StartPage(self._app, parent)
        self._row = row
        self.pointing = Pointing(
            self._app, self.shown, self.second, self.tool, self.ruler, self.screen, self._toggle_pixel_size
        )
        self._app.point_by_keys = self.pointing.take_up_keys

    def refresh(self) -> None:
        """Follow the session and the mouse, and draw what changed."""
        viewpoint = self.shown.viewpoint
        starting = self.start_page.refresh()
        if starting != self._starting:
            self._starting = starting
            for item in (self.controls.group, self._row):
                dpg.configure_item(item, show=not starting)
        self.attended_bar.refresh()
        self._app.live.look_at(self._in_view())
        self.shown.follow()
        self.second.follow()
        self._resize()
        viewpoint.show(self.shown.content.shape, viewpoint.size)
        self.pointing.refresh()
        self.controls.refresh(round(dpg.get_item_rect_size(self._parent)[0] - 16 * self._app.ui_scale))
        self.tool.follow()
        self.toolbar.refresh()
        self.layers.refresh()
        self.lines.refresh(hidden=self.controls.look.style == "off")
        self.strokes.refresh()
        self.merging.refresh()
        self.pixel_size.refresh()
        self.ruler.refresh()
        if self._app.feature != self._feature:
            self._feature = self._app.feature
            self.shown.bring_in()
        self._draw()
        self._draw_second()
        self._say()

    def _in_view(self) -> PixelBox | None:
        """The part of the image that the panel shows; None where it shows nothing of it."""
        view, (width, height), shape = self.shown.viewpoint.view, self.shown.viewpoint.size, self.shown.content.shape
        if shape is None:
            return None
        first, last = view.to_image((0, 0)), view.to_image((width, height))
        box = PixelBox(
            max(0, int(first.y)), max(0, int(first.x)), min(shape[0], ceil(last.y)), min(shape[1], ceil(last.x))
        )
        return box if box.top < box.bottom and box.left < box.right else None

    def _resize(self) -> None:
        width, height = dpg.get_item_rect_size(self._parent)
        margin = round(8 * self._app.ui_scale)
        left, top = dpg.get_item_pos(self._parent)
        corner, viewpoint = self.screen.corner, self.shown.viewpoint
        whole = (max(64, round(left + width - corner.x) - margin), max(32, round(top + height - corner.y) - margin))
        size = self.second.split(*whole)
        if (whole, size) != self._sizes:
            self._sizes = (whole, size)
            self.screen.resize(*whole)
            viewpoint.show(viewpoint.shape, size)

    def _prepared(self) -> None:
        self._ready += 1

    # drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        shown, viewpoint, controls = self.shown, self.shown.viewpoint, self.controls
        content = shown.content
        if content.shape is None:
            if self._drawn != ():
                self._drawn = ()
                self.screen.show_picture(None, viewpoint.size)
            return
        compared = (viewpoint.compare, viewpoint.wipe, shown.other) if viewpoint.compare != "off" else ()
        view, size, chosen = viewpoint.view, viewpoint.size, shown.chosen
        self._coarse = viewpoint.moving and viewpoint.size[0] * viewpoint.size[1] > MOST_PIXELS_MOVING
        colors, looks = self._app.colors, (controls.look, shown.looks)
        drawn = (content, looks, view, size, self._ready, compared, chosen, self._coarse, colors)
        if drawn == self._drawn:
            return
        if self._coarse:
            view, size = replace(view, zoom=view.zoom / 2), (size[0] // 2, size[1] // 2)
        ground, auto = self._app.colors.canvas[:3], controls.auto
        look = controls.look_for(content, chosen, self.tool.cover)
        picture = self._painter.paint(content, look, view, size, ground, auto=auto)
        if picture is None:
            return
        self._drawn = drawn
        if viewpoint.compare != "off" and shown.other:
            look = controls.look_for(shown.other[0], 0, self.tool.cover)
            other = self._painter.paint(shown.other[0], look, view, size, ground, auto=auto)
            compare(picture, other, viewpoint.compare, viewpoint.wipe)
        self.screen.show_picture(picture, viewpoint.size)

    def _draw_second(self) -> None:
        second, controls = self.second, self.controls
        view, size, left = second.viewpoint.view, second.size, second.left if second.pinned else 0
        looks = (controls.look, controls.auto, self.shown.looks)
        drawn = (second.content, looks, view, size, left, self._ready, self._app.colors) if left else ()
        if drawn == self._second_drawn:
            return
        picture = None
        if left and second.content.shape:
            look = controls.look_for(second.content, 0, self.tool.cover, second=True)
            ground, auto = self._app.colors.canvas[:3], controls.auto
            picture = self._second_painter.paint(second.content, look, view, size, ground, auto=auto)
            if picture is None:
                return
        self._second_drawn = drawn
        self.screen.show_second(picture, left, size, self._app.colors.panel)

    def _say(self) -> None:
        content, viewpoint, other = self.shown.content, self.shown.viewpoint, self.shown.other
        pointed = self.second if self.pointing.in_second else self.shown
        view, pointer = pointed.viewpoint.view, pointed.viewpoint.pointer
        line = self._line = captions.pixel_words(pointed.content, view.to_image(pointer)) if pointer else ""
        measured = captions.distance_words(content, *viewpoint.line) if viewpoint.line else ""
        histogram = histogram_of(content.image) if self.controls.histogram and content.image else None
        here = output_title(self._app.session.recipe, self.shown.output) if self.shown.output else ""
        corners = ("", "")
        if viewpoint.compare != "off":
            held = SIDE_A.format(picture=other[1]) if other else NO_SIDE_A
            corners = (held, SIDE_B.format(picture=here))
        elif self.second.pinned:
            corners = (here, self.second.title)
        brightened = self._painter.brightened
        remarks = self._remarks = captions.remarks(content, loaded=self._loaded, brightened=brightened)
        above = captions.empty_words(self._app.session) if content.shape is None else "" if any(corners) else remarks
        bar = captions.scale_bar(content, viewpoint.view.zoom, viewpoint.size[0])
        left = self.second.left if self.second.pinned and viewpoint.compare == "off" else 0
        beside = self.pointing.other_cursor() if self.second.pinned and self.second.linked else None
        self.screen.show_cursor(self.pointing.keys.at or beside)
        accent = self._app.colors.accent if self.pointing.on_bar or self.pixel_size.is_open else None
        words = Words(line, above, bar, accent, measured, histogram, self.controls.legend, corners, left)
        self.screen.words.show(viewpoint, words)

    @property
    def _loaded(self) -> bool:
        """Whether what is shown was read from the file and is as it was there."""
        recipe, output = self._app.session.recipe, self.shown.output
        declared = recipe.steps[output.node].declared if output and output.node in recipe.steps else None
        return declared is not None and not declared.inputs

    @property
    def _bar_box(self) -> list[float] | None:
        """Where the scale bar is, in pixels of the window."""
        bar, corner = self.screen.words.bar_box, self.screen.corner
        return [bar.left + corner.x, bar.top + corner.y, bar.right + corner.x, bar.bottom + corner.y] if bar else None

    # what keys and buttons do ------------------------------------------------------------------------------------

    def _pin(self, node: str) -> None:
        declared = self._app.session.recipe.steps[node].declared
        if declared and declared.outputs:
            self.second.pin(OutputRef(node, declared.outputs[0].name))

    def _pin_shown(self) -> None:
        """Pin what is shown, or close the second picture."""
        self.second.pin(None if self.second.pinned else self.shown.output)

    def key(self, name: str) -> bool:
        """Take a key that belongs to the picture."""
        return self.pointing.key(name)

    def _toggle_ruler(self) -> None:
        self.pixel_size.close()
        self.ruler.toggle()

    def _toggle_pixel_size(self) -> None:
        self.ruler.close()
        self.pixel_size.toggle()

    def give_up(self) -> bool:
        """Give up the stroke in progress, close a window of the viewer's, or let go of the feature; False for none."""
        self.pointing.keys.down = False
        if self.tool.brush.busy:
            self.tool.brush.give_up()
        elif self.ruler.brush.busy:
            self.ruler.brush.give_up()
        elif self.pixel_size.close() or self.ruler.close():
            return True
        elif self._app.feature is not None and not (self.merging.is_open or self.layers.is_open):
            self._app.feature = None
            self._app.session.revision += 1
        elif not (self.layers.close() or self.merging.close()):
            pointed, self.pointing.keys.at = self.pointing.keys.at, None
            return pointed is not None
        return True
