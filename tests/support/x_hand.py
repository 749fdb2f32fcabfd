"""The mouse and keys of an X server, moved and pressed at once: the extension XTEST, which xdotool uses as well."""

import ctypes
import functools
import time
from typing import Any

MODIFIERS = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L", "super": "Super_L"}
"""What keys that change others are called here, as by xdotool; the rest have the names of X."""
WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT = 4, 5, 6, 7
"""The buttons that a turn of the wheel presses."""
ANY_SCREEN = -1
MOST_WAIT_S = 20.0
"""How long is waited for the server, which begins anew when the last one who uses it has gone."""
CLIENT_MESSAGE = 33


class _ClientMessage(ctypes.Structure):
    """``XClientMessageEvent``, as long as any event."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    )


@functools.cache
def _libraries() -> tuple[Any, Any]:
    """Xlib and the extension, with the types of what is called."""
    x11, xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
    x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = [ctypes.c_char_p], ctypes.c_void_p
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    x11.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
    x11.XInternAtom.argtypes, x11.XInternAtom.restype = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], ctypes.c_ulong
    x11.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    x11.XStringToKeysym.argtypes, x11.XStringToKeysym.restype = [ctypes.c_char_p], ctypes.c_ulong
    x11.XKeysymToKeycode.argtypes, x11.XKeysymToKeycode.restype = [ctypes.c_void_p, ctypes.c_ulong], ctypes.c_ubyte
    x11.XkbKeycodeToKeysym.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_int, ctypes.c_int]
    x11.XkbKeycodeToKeysym.restype = ctypes.c_ulong
    xtst.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 3, ctypes.c_ulong]
    xtst.XTestFakeRelativeMotionEvent.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 2, ctypes.c_ulong]
    xtst.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
    xtst.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
    return x11, xtst


class XHand:
    """A hand at the mouse and keys of a server. What it does has reached the server when a call comes back."""

    def __init__(self, display: str) -> None:
        self._x11, self._xtst = _libraries()
        end = time.monotonic() + MOST_WAIT_S
        while not (found := self._x11.XOpenDisplay(display.encode())) and time.monotonic() < end:
            time.sleep(0.05)
        assert found, f"no X server at {display}"
        self._display = found

    def close(self) -> None:
        """Let go of the server, which must still run; the hand is of no use then."""
        self._x11.XCloseDisplay(self._display)

    def move(self, x: int, y: int) -> None:
        """Move the pointer to a pixel."""
        self._xtst.XTestFakeMotionEvent(self._display, ANY_SCREEN, x, y, 0)
        self._arrive()

    def nudge(self) -> None:
        """Move the pointer by a pixel and back."""
        for step in (1, -1):
            self._xtst.XTestFakeRelativeMotionEvent(self._display, step, 0, 0)
        self._arrive()

    def button(self, number: int, *, down: bool) -> None:
        """Press a button of the mouse, or let it go."""
        self._xtst.XTestFakeButtonEvent(self._display, number, down, 0)
        self._arrive()

    def keys(self, *names: str, down: bool) -> None:
        """Press keys, one after the other, or let them go; Shift as well for what is written above another sign."""
        for name in names:
            symbol = self._x11.XStringToKeysym(MODIFIERS.get(name, name).encode())
            code = self._x11.XKeysymToKeycode(self._display, symbol)
            assert code, f"no key is called {name}"
            if self._x11.XkbKeycodeToKeysym(self._display, code, 0, 0) != symbol:
                self.keys("shift", down=down)
            self._xtst.XTestFakeKeyEvent(self._display, code, down, 0)
        self._arrive()

    def ask_to_close(self, window: int) -> None:
        """Ask a window to go, as the desktop does when its cross is pressed."""
        event = _ClientMessage(type=CLIENT_MESSAGE, window=window, format=32)
        event.message_type = self._x11.XInternAtom(self._display, b"WM_PROTOCOLS", 0)
        event.data[0] = self._x11.XInternAtom(self._display, b"WM_DELETE_WINDOW", 0)
        self._x11.XSendEvent(self._display, window, 0, 0, ctypes.byref(event))
        self._arrive()

    def _arrive(self) -> None:
        self._x11.XSync(self._display, 0)
