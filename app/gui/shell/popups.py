"""The popups that Dear PyGui opens by itself: menus, drop-down lists, small menus behind buttons.

Dear PyGui does not tell whether one is open. The library below it (Dear ImGui) does where its functions can be called
(Linux, macOS), and lets the arrow keys choose there. Elsewhere one is taken to be open while no window has the focus,
which is so a little longer: enough to know whom Escape is for. What is open closes as another window gets the focus.
"""

import ctypes

import dearpygui.dearpygui as dpg

from graingraph.app.gui.shell import glfw

ANY = 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11
"""``ImGuiPopupFlags_AnyPopup`` of older and of newer versions; each ignores the bits of the other."""
BY_KEYS = 1
"""``ImGuiConfigFlags_NavEnableKeyboard``: keys go to the popup, or to the widgets of the window that has the focus."""


class Popups:
    """Whether a popup is open (``open``); while one is, the keys are for it alone.

    ``beside`` is a window that is always there.
    """

    def __init__(self, beside: int | str) -> None:
        self.open = False
        self._beside = beside
        self._is_open = None
        self._flags: ctypes.c_int | None = None
        library = glfw.library()
        try:
            if library:
                self._is_open = library._ZN5ImGui11IsPopupOpenEji
                self._is_open.argtypes, self._is_open.restype = [ctypes.c_uint, ctypes.c_int], ctypes.c_bool
                settings = library._ZN5ImGui5GetIOEv
                settings.argtypes, settings.restype = [], ctypes.c_void_p
                self._settings = settings
                self._show_cursor = library._ZN5ImGui19SetNavCursorVisibleEb
                self._show_cursor.argtypes, self._show_cursor.restype = [ctypes.c_bool], None
        except AttributeError:
            self._is_open = None

    def refresh(self, *, by_keys: bool = False, at_once: bool = False) -> None:
        """Look whether one is open, between two frames; ``by_keys`` lets the keys choose among widgets as well.

        Space and Enter press one only after an arrow key, or ``at_once``.
        """
        if self._is_open is None:
            return
        self.open = bool(self._is_open(0, ANY))
        if self._flags is None:
            self._flags = ctypes.c_int.from_address(self._settings())  # the first member of ImGuiIO
        if by_keys and at_once:
            self._show_cursor(True)
        on = self.open or by_keys
        self._flags.value = self._flags.value | BY_KEYS if on else self._flags.value & ~BY_KEYS

    @property
    def may_be_open(self) -> bool:
        """Whether one is open, or that cannot be told and no window but a popup has the focus."""
        if self._is_open is not None:
            return self.open
        focused = (window for window in dpg.get_windows() if dpg.get_item_state(window).get("focused"))
        return all(dpg.get_item_configuration(window)["popup"] for window in focused)

    def close(self) -> None:
        """Close all that are open."""
        dpg.focus_item(self._beside)
