"""Mouse and keys over the pictures: where they point, and whose a press, a stroke or a key is."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.pointer import BUTTONS, Button, pointer
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.key_pointer import ARROWS, KeyPointer
from graingraph.app.gui.viewer.ruler import Ruler
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.gui.viewer.second_picture import SecondPicture
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.tools import REMOVE_KEY
from graingraph.app.rendering.geometry import Point

RESIZES = {"[": 1 / 1.25, "]": 1.25}
"""Keys that make the drawn line thinner and wider."""
ZOOMS = {"Plus": 1, "Equal": 1, "Minus": -1}
"""Keys that zoom, and by how many steps of the wheel."""
HELD = ("paint", "box", "span")
"""Gestures of tools whose button is held while the pointer moves."""


class Pointing:
    """Looks at the mouse in every turn, and hears of keys; what they mean goes to a picture, the tool or the ruler.

    ``keys`` is the pointer that keys move; ``press_bar`` is called by a click on the scale bar.
    """

    def __init__(
        self,
        app: AppContext,
        shown: Shown,
        second: SecondPicture,
        tool: DrawTool,
        ruler: Ruler,
        screen: Screen,
        press_bar: Callable[[], None],
    ) -> None:
        self._app, self._shown, self._second, self._tool, self._ruler = app, shown, second, tool, ruler
        self._screen, self._press_bar = screen, press_bar
        self.keys = KeyPointer()
        self.in_second = False
        """Whether the pointer is in the second picture, or went down there."""
        self._down: dict[int, bool] = dict.fromkeys(BUTTONS, False)
        self._draws = self._hovers = False
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._wheel)

    @property
    def on_bar(self) -> bool:
        """Whether the pointer is on the scale bar, a click on which sets the pixel size."""
        bar, at = self._screen.words.bar_box, self._shown.viewpoint.pointer
        return bool(bar and at and bar.holds(at))

    @property
    def _hovered(self) -> bool:
        """Whether the pointer is over the picture and nothing lies over it; with a button down, as it was before."""
        down = any(dpg.is_mouse_button_down(button) for button in BUTTONS)
        if not down or not any(self._down.values()):
            self._hovers = dpg.is_item_hovered(self._screen.drawlist)
        return self._hovers and self._screen.box.holds(pointer())

    def other_cursor(self) -> Point | None:
        """Where the pointer would be in the picture that it is not in, in pixels of the draw list."""
        at = self._shown.viewpoint.pointer
        return at.moved(0 if self.in_second else self._second.left, 0) if at else None

    def _local(self) -> Point:
        corner = self._screen.corner
        here = pointer()
        return Point(here.x - corner.x, here.y - corner.y)

    # the mouse ---------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Follow the mouse, or the keys in its place."""
        mouse, keys = self._local(), self.keys
        at, over = (keys.at, True) if keys.at else (mouse, self._hovered)
        self._point(at, over=over)
        keys.turn(mouse)

    def _is_down(self, button: int) -> bool:
        """Whether a button is down, of the mouse or the one of the keys."""
        return dpg.is_mouse_button_down(button) or (button == dpg.mvMouseButton_Left and self.keys.down)

    def _point(self, at: Point, *, over: bool) -> None:
        """The pointer is at a pixel of the panel, and ``over`` what is shown there."""
        viewpoint = self._shown.viewpoint
        if not (viewpoint.dragging or self._second.viewpoint.dragging or self._draws):
            self.in_second = self._second.holds(at)
        if self.in_second:
            self._mouse_in_second(self._second.local(at), over=over)
            return
        viewpoint.move(at if over or viewpoint.dragging else None)
        for button in BUTTONS:
            down = self._is_down(button)
            if down != self._down[button]:
                self._down[button] = down
                if down and over and not viewpoint.dragging:
                    self._press(BUTTONS[button], at)
                elif not down:
                    self._release(BUTTONS[button], at)
        self._tool.move(viewpoint.view.to_image(at) if over or self._draws else None)
        if self._ruler.is_open and (over or self._draws):
            self._ruler.move(viewpoint.view.to_image(at))
        clicked = viewpoint.take_click()
        if clicked:
            self._shown.choose(clicked)

    def _press(self, button: Button, at: Point) -> None:
        """A button went down over the first picture: on the scale bar, to draw, or to look around."""
        viewpoint = self._shown.viewpoint
        pan = self.keys.at is None and dpg.is_key_down(dpg.mvKey_Spacebar)
        if button == "left" and self.on_bar:
            self._press_bar()
            return
        if button == "left" and not pan and viewpoint.rules(at):
            self._draws = True
            self._ruler.press(viewpoint.view.to_image(at))
            return
        if button == "left" and not pan and viewpoint.free(at):
            self._draws = self._tool.press(viewpoint.view.to_image(at))
        if not self._draws:
            viewpoint.press(button, at, pan=pan)

    def _release(self, button: Button, at: Point) -> None:
        """A button went up."""
        viewpoint = self._shown.viewpoint
        if button == "left" and self._draws:
            self._draws = False
            (self._ruler if self._ruler.is_open else self._tool).release(viewpoint.view.to_image(at))
        elif viewpoint.dragging:
            viewpoint.release(at)
            if viewpoint.asks_for_menu:
                self._app.open_menu("picture")

    def _mouse_in_second(self, at: Point, *, over: bool) -> None:
        """Pan the second picture; nothing is drawn there."""
        self._tool.move(None)
        viewpoint = self._second.viewpoint
        viewpoint.move(at if over or viewpoint.dragging else None)
        for button, name in BUTTONS.items():
            down = self._is_down(button)
            if down != self._down[button]:
                self._down[button] = down
                if not down and viewpoint.dragging:
                    viewpoint.release(at)
                elif down and over and not viewpoint.dragging:
                    viewpoint.press(name, at, pan=viewpoint.mode in ("measure", "rule"))
        viewpoint.take_click()

    def _wheel(self, sender: int, steps: float) -> None:
        if self._hovered:
            second, at = self._second, self._local()
            inside = second.holds(at)
            (second.viewpoint if inside else self._shown.viewpoint).wheel(steps, second.local(at) if inside else at)

    # keys --------------------------------------------------------------------------------------------------------

    def key(self, name: str) -> bool:
        """Take a key that belongs to the picture."""
        if name == "F":
            self._shown.viewpoint.fit()
        elif name in RESIZES:
            self._tool.brush.resize(RESIZES[name])
        elif steps := ZOOMS.get(name.removeprefix("Shift+")):
            self._shown.viewpoint.wheel(steps, self._pointed_at)
        elif name == REMOVE_KEY and self._tool.node and not self._tool.brush.busy and not self.in_second:
            self._tool.remove_at(self._shown.viewpoint.view.to_image(self._pointed_at))
        elif name == "Enter" and self.keys.down:
            self.keys.press(holds=True)
        elif name.removeprefix("Shift+") in ARROWS or (name == "Space" and self.keys.at):
            return self._point_by_key(name)
        else:
            return self._ruler.key(name) or self._tool.key(name)
        return True

    @property
    def _pointed_at(self) -> Point:
        """Where the keys or the mouse point in the panel; its middle where the mouse is elsewhere."""
        width, height = self._shown.viewpoint.size
        return self.keys.at or self._shown.viewpoint.pointer or Point(width / 2, height / 2)

    def take_up_keys(self) -> None:
        """Have keys move the pointer from where the mouse points."""
        if self._shown.content.shape is not None:
            self.keys.take_up(self._pointed_at, self._local())

    def _point_by_key(self, name: str) -> bool:
        """Move the pointer in the picture by a key, from where the mouse is, or press; False where there is none."""
        viewpoint, keys = self._shown.viewpoint, self.keys
        if self._shown.content.shape is None:
            return False
        if name == "Space":
            brush = self._ruler.brush if self._ruler.is_open else self._tool.brush
            draws = self._ruler.is_open or (self._tool.active and self._tool.node is not None)
            keys.press(holds=viewpoint.mode == "measure" or (draws and brush.gesture in HELD))
            return True
        if keys.at is None:
            self.take_up_keys()
        width = self._second.left + self._second.size[0] if self._second.pinned else viewpoint.size[0]
        beyond = keys.move(name, self._app.ui_scale, (width, viewpoint.size[1]))
        if beyond and any(beyond):
            viewpoint.scroll(beyond)
        return True
