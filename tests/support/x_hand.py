"""The mouse and keys of an X server, moved and pressed at once: the extension XTEST."""

import ctypes
import functools
import time
from typing import Any

MODIFIERS = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L", "super": "Super_L"}
"""What keys that change others are called here; the rest have the names of X."""
WHEEL_UP, WHEEL_DOWN, WHEEL_LEFT, WHEEL_RIGHT = 4, 5, 6, 7
"""The buttons that a turn of the wheel presses."""
ANY_SCREEN = -1
MOST_WAIT_S = 20.0
"""How long is waited for the server, which begins anew when the last one who uses it has gone."""
CLIENT_MESSAGE = 33
UNICODE = 0x01000000
"""What is added to the number of a sign that is not in Latin 1."""


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


class _TextProperty(ctypes.Structure):
    """``XTextProperty``: a text in one of several encodings."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("encoding", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("items", ctypes.c_ulong),
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
    x11.XDefaultRootWindow.argtypes, x11.XDefaultRootWindow.restype = [ctypes.c_void_p], ctypes.c_ulong
    found = [ctypes.POINTER(ctypes.c_ulong), ctypes.POINTER(ctypes.c_ulong)]
    listed = [ctypes.POINTER(ctypes.POINTER(ctypes.c_ulong)), ctypes.POINTER(ctypes.c_uint)]
    x11.XQueryTree.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *found, *listed]
    x11.XGetWMName.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(_TextProperty)]
    x11.XFree.argtypes = [ctypes.c_void_p]
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

    def hold(self, keys: str) -> None:
        """Press keys and hold them, one after the other: ``ctrl+z``."""
        for key in keys.split("+"):
            self._key(self._symbol(key), down=True)
        self._arrive()

    def let_go(self, keys: str) -> None:
        """Let keys go that are held, the last one first."""
        for key in reversed(keys.split("+")):
            self._key(self._symbol(key), down=False)
        self._arrive()

    def type(self, sign: str) -> None:
        """Press and let go the key that writes a sign."""
        symbol = ord(sign) if ord(sign) < 0x100 else UNICODE + ord(sign)
        for down in (True, False):
            self._key(symbol, down=down)
        self._arrive()

    def ask_to_close(self, title: str) -> None:
        """Ask the window with this in its title to go, as the desktop does when its cross is pressed."""
        window = next(number for number, name in self._windows() if title in name)
        event = _ClientMessage(type=CLIENT_MESSAGE, window=window, format=32)
        event.message_type = self._x11.XInternAtom(self._display, b"WM_PROTOCOLS", 0)
        event.data[0] = self._x11.XInternAtom(self._display, b"WM_DELETE_WINDOW", 0)
        self._x11.XSendEvent(self._display, window, 0, 0, ctypes.byref(event))
        self._arrive()

    def _symbol(self, key: str) -> int:
        symbol = self._x11.XStringToKeysym(MODIFIERS.get(key, key).encode())
        assert symbol, f"no key is called {key}"
        return int(symbol)

    def _key(self, symbol: int, *, down: bool) -> None:
        """Press the key of a symbol or let it go; Shift as well for what is written above another sign."""
        code = self._x11.XKeysymToKeycode(self._display, symbol)
        assert code, f"no key of this server gives {symbol:#x}"
        shifted = self._x11.XkbKeycodeToKeysym(self._display, code, 0, 0) != symbol
        keys = [self._x11.XKeysymToKeycode(self._display, self._symbol("shift")), code] if shifted else [code]
        for one in keys if down else reversed(keys):
            self._xtst.XTestFakeKeyEvent(self._display, one, down, 0)

    def _windows(self) -> list[tuple[int, str]]:
        """The windows on the screen, the uppermost first, and their titles."""
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        whole = self._x11.XDefaultRootWindow(self._display)
        self._x11.XQueryTree(self._display, whole, *map(ctypes.byref, (root, parent, children, count)))
        found = [(children[k], self._title(children[k])) for k in reversed(range(count.value))]
        if children:
            self._x11.XFree(children)
        return found

    def _title(self, window: int) -> str:
        """Its title, of which only ASCII is read: in the encoding of X it is itself."""
        found = _TextProperty()
        if not self._x11.XGetWMName(self._display, window, ctypes.byref(found)) or not found.value:
            return ""
        title = ctypes.string_at(found.value, found.items).decode("ascii", "replace")
        self._x11.XFree(found.value)
        return title

    def _arrive(self) -> None:
        self._x11.XSync(self._display, 0)
