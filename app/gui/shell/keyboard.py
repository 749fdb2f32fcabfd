"""Mouse and keys as Dear PyGui reports them, passed on to the canvas and the actions."""

import time
from collections.abc import Callable

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.pointer import BUTTONS, pointer
from graingraph.app.gui.canvas.controller import Modifiers
from graingraph.app.gui.shell import actions
from graingraph.app.gui.shell.application import Application, Scope
from graingraph.app.rendering.geometry import Box, Point

DOUBLE_CLICK_S = 0.35
LONGEST_TURN_S = 0.1
"""What a turn of the main loop counts for at most between two clicks: while it is busy, it sees them late."""

_NAMED = {
    dpg.mvKey_Delete: "Delete",
    dpg.mvKey_Back: "Backspace",
    dpg.mvKey_Tab: "Tab",
    dpg.mvKey_Escape: "Escape",
    dpg.mvKey_Left: "Left",
    dpg.mvKey_Right: "Right",
    dpg.mvKey_Up: "Up",
    dpg.mvKey_Down: "Down",
    dpg.mvKey_Return: "Enter",
    dpg.mvKey_NumPadEnter: "Enter",
    dpg.mvKey_Spacebar: "Space",
    dpg.mvKey_Open_Brace - 1: "Equal",  # = and +, where Dear PyGui's own name has a code that never comes
    dpg.mvKey_Add: "Plus",
    dpg.mvKey_Minus: "Minus",
    dpg.mvKey_Subtract: "Minus",
    dpg.mvKey_Home: "Home",
    dpg.mvKey_Home - 2: "PageUp",  # Dear PyGui's own names for these two have codes that never come
    dpg.mvKey_Home - 1: "PageDown",
    dpg.mvKey_Period: "Period",
    dpg.mvKey_Open_Brace: "[",
    dpg.mvKey_Close_Brace: "]",
    dpg.mvKey_F1: "F1",
    dpg.mvKey_F2: "F2",
    dpg.mvKey_F6: "F6",
    dpg.mvKey_F7: "F7",
    dpg.mvKey_F10: "F10",
    dpg.mvKey_Menu: "Menu",
    **{getattr(dpg, f"mvKey_{pad}{digit}"): digit for digit in "123456789" for pad in ("", "NumPad")},
    **{getattr(dpg, f"mvKey_{letter}"): letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
}


_MODIFIERS = {
    dpg.mvKey_LControl: "ctrl",
    dpg.mvKey_RControl: "ctrl",
    dpg.mvKey_LShift: "shift",
    dpg.mvKey_RShift: "shift",
    dpg.mvKey_LAlt: "alt",
    dpg.mvKey_RAlt: "alt",
    dpg.mvKey_Spacebar: "space",
}


def somebody_types() -> bool:
    """Whether a text field (also a slider turned into one) has the keyboard."""
    item = dpg.get_focused_item()
    if not item or not dpg.does_item_exist(item) or "active" not in dpg.get_item_state(item):
        return False
    if not dpg.is_item_active(item):
        return False
    is_text = "mvInput" in dpg.get_item_type(item)
    return is_text or not dpg.is_mouse_button_down(dpg.mvMouseButton_Left)


class InputReader:
    """Polls the mouse every frame and takes keys and the wheel from handlers.

    ``canvas_box`` says where the canvas is, ``over_canvas`` whether nothing lies over it at the pointer, and
    ``intercept`` may take a key before the actions see it (an open palette). ``scope`` is the panel whose keys work.
    """

    def __init__(
        self,
        app: Application,
        canvas_box: Callable[[], Box],
        over_canvas: Callable[[], bool],
        intercept: Callable[[str], bool],
        scope: Callable[[], Scope],
    ) -> None:
        self._app = app
        self._canvas_box, self._over_canvas, self._intercept = canvas_box, over_canvas, intercept
        self._scope = scope
        self._down: dict[int, bool] = dict.fromkeys(BUTTONS, False)
        self._gesture_button: int | None = None
        self._last_click = (-1.0, Point(-99, -99))
        self._clock, self._polled = 0.0, time.monotonic()
        self._space_used = False
        self._keys_down: set[int] = set()
        self._unused: set[int] = set()
        """The modifiers that were pressed for a key which has not come yet."""
        self.keys_seen = 0
        self.last_input = time.monotonic()
        self._last_pointer = Point(-1, -1)
        with dpg.handler_registry():
            dpg.add_mouse_wheel_handler(callback=self._wheel)
            dpg.add_key_press_handler(callback=self._key)
            dpg.add_key_release_handler(callback=self._key_up)

    def poll(self) -> None:
        """Pass on what the mouse did since the last frame."""
        now = time.monotonic()
        elapsed = now - self._polled
        self._clock += min(elapsed, LONGEST_TURN_S)
        self._polled = now
        here = pointer()
        down = {code for code in _MODIFIERS if dpg.is_key_down(code)}
        self._unused &= down | self._keys_down
        self._keys_down = down
        if here != self._last_pointer:
            self._touch()
            self._last_pointer = here
        for button in BUTTONS:
            down = dpg.is_mouse_button_down(button)
            if down != self._down[button]:
                self._touch()
                self._down[button] = down
                (self._press if down else self._release)(button, here)
        if self._gesture_button is not None or self._over_canvas():
            self._app.canvas.move(self._local(here))
            self._app.canvas.scroll_at_edge(elapsed)
        else:
            self._app.canvas.leave(self._local(here))
        if any(self._down.values()):
            self._touch()

    @property
    def _held(self) -> Modifiers:
        """The modifier keys that are down, or were pressed for the key that comes now.

        A turn may see the end of a quick combination already, and it hears of the next key before it hears that a
        modifier of the last one was let go.
        """
        down = self._unused | {code for code in _MODIFIERS if dpg.is_key_down(code)}
        names = {_MODIFIERS[code] for code in down}
        return Modifiers("ctrl" in names, "shift" in names, "alt" in names, "space" in names)

    def _touch(self) -> None:
        self.last_input = time.monotonic()

    def _local(self, here: Point) -> Point:
        box = self._canvas_box()
        return here.moved(-box.left, -box.top)

    def _press(self, button: int, here: Point) -> None:
        if self._gesture_button is not None or not self._over_canvas() or not self._canvas_box().holds(here):
            return
        held = self._held
        self._space_used = held.space
        when, where = self._last_click
        double = button == dpg.mvMouseButton_Left and self._clock - when < DOUBLE_CLICK_S
        if double and where.distance(here) < 5:
            self._last_click = (-1.0, here)
            self._app.canvas.double_click(self._local(here))
            return
        self._last_click = (self._clock if button == dpg.mvMouseButton_Left else -1.0, here)
        self._gesture_button = button
        self._app.canvas.press(BUTTONS[button], self._local(here), held)

    def _release(self, button: int, here: Point) -> None:
        if button == self._gesture_button:
            self._gesture_button = None
            self._app.canvas.release(self._local(here))
        self._app.session.seal()

    def _wheel(self, sender: int, steps: float) -> None:
        self._touch()
        if self._over_canvas():
            self._app.canvas.wheel(steps, self._local(pointer()), self._held)

    def sideways(self, steps: float) -> None:
        """Two fingers or a tilted wheel went across."""
        self._touch()
        if self._over_canvas():
            self._app.canvas.wheel(0, self._local(pointer()), self._held, sideways=steps)

    def _key(self, sender: int, code: int) -> None:
        self._touch()
        if code in _MODIFIERS and code not in self._keys_down:
            self._keys_down.add(code)
            self._unused.add(code)
        name = _NAMED.get(code)
        if name is None:
            return
        self.keys_seen += 1
        self._app.canvas.complaint = ""
        held = self._held
        self._unused.clear()
        prefix = ("Ctrl+" if held.ctrl else "") + ("Shift+" if held.shift else "") + ("Alt+" if held.alt else "")
        if self._intercept(prefix + name):
            return
        scope = self._scope()
        action = actions.for_keys(prefix + name, typing=self._app.typing, scope=scope)
        if action:
            if action.anywhere:
                self._app.commit()
            action.run(self._app)
        elif not self._app.typing and not self._app.panel_key(scope, prefix + name):
            words = actions.elsewhere(prefix + name, locked=self._app.session.recipe.locked)
            if words:
                self._app.session.say(words)

    def _key_up(self, sender: int, code: int) -> None:
        self._keys_down.discard(code)
        self._unused.discard(code)
        if code == dpg.mvKey_Spacebar:
            wanted = self._over_canvas() and self._scope() == "canvas"
            if not self._space_used and not self._app.typing and wanted:
                self._app.canvas.open_palette_here()
            self._space_used = False
