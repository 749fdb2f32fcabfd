"""A small window at the scale bar: a line is drawn over the burned-in bar, its length typed, for this image or all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import dearpygui.dearpygui as dpg

from graingraph.app.document.pixel_size import (
    Line,
    Told,
    for_all,
    for_image,
    in_words,
    read_length,
    told_otherwise,
    um_per_px,
)
from graingraph.app.gui.base.context import AppContext, Question
from graingraph.app.gui.base.text import shortened
from graingraph.app.gui.base.theme import primary_button
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.small_window import CANCEL, SmallWindow
from graingraph.app.rendering.geometry import Point
from graingraph.engine.images.image_set import printable
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.lock import LOCKED
from graingraph.engine.values import Image
from graingraph.nodes.reading.bar_label import BarLabel

PIXEL_SIZE = "Pixel size"
DRAW = "Drag a line over the scale bar in the picture, and type its length."
FOUND = "The yellow line lies on what looks like the scale bar; drag another where it does not."
READ = "“{text}” was read beside it: is that right? If not, type the length."
YES = "Yes, {text}"
NOT_READ = "No length beside it can be read for sure; type it."
CANNOT_READ = "Type its length, or {install}."
WHAT_TO_TYPE = "200 µm, or 0.42 µm/px"
LENGTH = "The line is {px:.1f} px long."
LENGTH_AND_SIZE = "The line is {px:.1f} px long; a pixel is {side:.4g} µm."
NO_LINE = "No line is drawn yet."
NO_LINE_BUT_SIZE = "No line is drawn yet; a pixel is {side:.4g} µm."
FILE_SAYS = "The file says {scale}."
ALL_IMAGES = "All images"
ONLY = "Only {image}"
SET = "Set"
READING_SIZES = "Reading the pixel sizes of the files"
SET_ANOTHER = "Set another pixel size than files tell?"
SET_ON_ALL = "Set it on all images"
ONLY_ON_THIS = "Only on this image"
IS_ON_ALL = "A pixel is {side:.4g} µm on all images now."
IS_ON_IMAGE = "A pixel is {side:.4g} µm on {image} now."

WIDE, FOR_LABEL = 330, 90
"""Width of the words, and height of what comes when a length was read, at UI scale 1, in pixels."""


class PixelSizePopup(SmallWindow):
    """Open until it is closed; meanwhile a drag in the picture draws the line. Nothing changes before Set."""

    def __init__(self, app: AppContext, shown: Shown, screen: Screen) -> None:
        super().__init__(app)
        self._picture, self._screen = shown, screen
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="scale bar")
        self._seen: tuple[object, ...] = ()
        self._line: Line | None = None
        self._label: BarLabel | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        if not self.is_open:
            return {"open": False}
        return {"open": True, "line": self._line, "says": self._says, "read": self._label and self._label.text}

    def toggle(self, line: tuple[Point, Point] | None = None) -> None:
        """Open beside the scale bar of the viewer, with a line that is drawn already or without; or close."""
        if self.close() or self._picture.content.shape is None:
            return
        if self._app.session.recipe.locked:
            self._app.session.say(LOCKED, "warning")
            return
        viewpoint, wide = self._picture.viewpoint, round(WIDE * self._app.ui_scale)
        viewpoint.mode, viewpoint.line = "measure", line
        self._open_window(PIXEL_SIZE)
        with dpg.group(parent=self._window or 0):
            self._words = dpg.add_text(DRAW, wrap=wide)
            self.widgets["pixel length"] = dpg.add_input_text(
                hint=WHAT_TO_TYPE, width=wide, on_enter=True, callback=lambda: self._set()
            )
            self._result = dpg.add_text("", wrap=wide)
            name = printable(self._picture.image.name) if self._picture.image else ""
            self._for = (ALL_IMAGES, ONLY.format(image=shortened(name, 0.7 * wide)))
            self.widgets["pixel for"] = dpg.add_radio_button(self._for, default_value=self._for[0])
            with dpg.group(horizontal=True):
                self.widgets["set pixel size"] = dpg.add_button(label=SET, callback=lambda: self._set())
                dpg.bind_item_theme(self.widgets["set pixel size"], primary_button(self._app.colors))
                dpg.add_button(label=CANCEL, callback=lambda: self.close())
            # It comes late: at the bottom nothing moves away from under the pointer.
            self._about_label = dpg.add_text("", wrap=wide, show=False)
            self.widgets["take length read"] = dpg.add_button(show=False, callback=lambda: self._take_label())
        dpg.focus_item(self.widgets["pixel length"])
        self._seen = ()
        image = self._picture.content.image
        if image is not None and line is None:
            self._pool.submit(self._look_for_bar, image)

    def close(self) -> bool:
        """Close without a change; False where it is not open."""
        if not super().close():
            return False
        self._line = None
        self._picture.viewpoint.mode, self._picture.viewpoint.line = "look", None
        return True

    def refresh(self) -> None:
        """Follow the line and what is typed."""
        if not self.is_open:
            return
        if self._crossed or self._picture.content.shape is None:
            self.close()
            return
        viewpoint = self._picture.viewpoint
        line = viewpoint.line
        if line and not viewpoint.dragging and self._line != _plain(line):
            self._line = _plain(line)
            dpg.focus_item(self.widgets["pixel length"])
            self._offer(self._line, None, "")
            image = self._picture.content.image
            if image is not None:
                self._pool.submit(self._read_label, image, self._line)
        seen = (self._line, dpg.get_value(self.widgets["pixel length"]))
        if seen != self._seen:
            self._seen = seen
            dpg.configure_item(self._result, default_value=self._says, color=(-255, 0, 0, 255))  # that of other texts
        self._place(self._screen.box, grows=FOR_LABEL)

    @property
    def _says(self) -> str:
        """What the line and the length add up to."""
        text = str(dpg.get_value(self.widgets["pixel length"])).strip()
        px = self._line and Point(*self._line[0]).distance(Point(*self._line[1]))
        try:
            side = um_per_px(read_length(text), self._line) if text else None
        except Problem:
            side = None
        image = self._picture.content.image
        scale = image.scale if image is not None else None
        if px:
            said = (LENGTH_AND_SIZE if side else LENGTH).format(px=px, side=side)
        else:
            said = NO_LINE_BUT_SIZE.format(side=side) if side else NO_LINE
        if scale is not None and scale.origin == "file metadata":
            said = f"{said} {FILE_SAYS.format(scale=scale)}"
        return said

    def _take_label(self) -> None:
        if self._label is not None:
            self._set(Told(self._label.um))

    def _set(self, told: Told | None = None) -> None:
        """Set what is told, or was typed: for one image at once, for all after asking where files tell another size."""
        try:
            told = told or read_length(str(dpg.get_value(self.widgets["pixel length"])))
        except Problem as problem:
            self._complain(problem)
            return
        line, side, images = self._line, um_per_px(told, self._line), self._app.session.images
        if side is None or dpg.get_value(self.widgets["pixel for"]) == self._for[1]:
            self._apply(told, line, alone=side is not None)
            return

        def look() -> Callable[[], object]:
            otherwise = told_otherwise(images, side)
            return partial(self._ask, told, line, in_words(otherwise, len(images)) if otherwise else "")

        self._app.in_thread(self._pool.submit, READING_SIZES, look)

    def _ask(self, told: Told, line: Line | None, otherwise: str) -> None:
        if not otherwise:
            self._apply(told, line, alone=False)
            return
        answers = (
            (SET_ON_ALL, lambda: self._apply(told, line, alone=False)),
            (ONLY_ON_THIS, lambda: self._apply(told, line, alone=True)),
        )
        self._app.ask(Question(SET_ANOTHER, (otherwise,), answers))

    def _apply(self, told: Told, line: Line | None, *, alone: bool) -> None:
        session, viewed = self._app.session, self._picture.output
        source = self._app.live.source()
        if viewed is None or source is None:
            return
        try:
            if alone:
                edit = for_image(session, viewed.node, source.drawn_as, told, line)
            else:
                edit = for_all(session, viewed.node, told, line)
            session.seal()
            session.do(edit)
        except Problem as problem:
            self._complain(problem)
            return
        side = um_per_px(told, line) or 0.0
        if alone and session.image:
            session.say(IS_ON_IMAGE.format(side=side, image=session.image.name))
        else:
            session.say(IS_ON_ALL.format(side=side))
        self.close()

    def _complain(self, problem: Problem) -> None:
        if self.is_open:
            dpg.configure_item(self._result, default_value=problem.message, color=self._app.colors.states["failed"])
        else:
            self._app.session.report(problem)

    # in the thread -----------------------------------------------------------------------------------------------

    def _look_for_bar(self, image: Image) -> None:
        from graingraph.nodes.reading.pixel_types import to_grey
        from graingraph.nodes.reading.scale_bar import find_scale_bar

        bar = find_scale_bar(to_grey(image.pixels))
        if bar is not None:
            line = (Point(bar.x, bar.y + 0.5), Point(bar.x + bar.length, bar.y + 0.5))
            self._app.post(partial(self._propose, image, line))

    def _read_label(self, image: Image, line: Line) -> None:
        from graingraph.nodes.learning.apply.burned_in_text import INSTALL, read_bar_label, reader
        from graingraph.nodes.reading.pixel_types import to_grey
        from graingraph.nodes.reading.scale_bar import ScaleBar

        (x0, y0), (x1, y1) = sorted(line)
        if not reader():
            self._app.post(partial(self._offer, line, None, CANNOT_READ.format(install=INSTALL)))
        elif x1 - x0 >= 1:
            bar = ScaleBar(x1 - x0, round(x0), int((y0 + y1) / 2))
            label = read_bar_label(to_grey(image.pixels), bar)
            self._app.post(partial(self._offer, line, label, NOT_READ))

    def _propose(self, image: Image, line: tuple[Point, Point]) -> None:
        viewpoint = self._picture.viewpoint
        if self.is_open and viewpoint.line is None and self._picture.content.image is image:
            viewpoint.line = line
            dpg.set_value(self._words, FOUND)

    def _offer(self, line: Line, label: BarLabel | None, otherwise: str) -> None:
        """Ask whether what was read beside the line is its length; nothing is set by itself."""
        if not self.is_open or self._line != line:
            return
        self._label = label
        text = READ.format(text=label.text) if label else otherwise
        dpg.configure_item(self._about_label, default_value=text, show=bool(text))
        button = self.widgets["take length read"]
        dpg.configure_item(button, label=YES.format(text=label.text) if label else "", show=label is not None)


def _plain(line: tuple[Point, Point]) -> Line:
    return (line[0].x, line[0].y), (line[1].x, line[1].y)
