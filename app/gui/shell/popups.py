"""The popups that Dear PyGui opens by itself: menus, drop-down lists, small menus behind buttons.

Dear PyGui does not tell whether one is open, and does not close it with Escape; the library below it (Dear ImGui) does
both where its functions can be called (Linux, macOS). Elsewhere a click beside a popup closes it.
"""

import ctypes

from graingraph.app.gui.shell import idle

ANY = 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11
"""``ImGuiPopupFlags_AnyPopup`` of older and of newer versions; each ignores the bits of the other."""
BY_KEYS = 1
"""``ImGuiConfigFlags_NavEnableKeyboard``: keys go to the popup, and Escape closes it."""


class Popups:
    """Whether a popup is open; while one is, the keys are for it alone."""

    def __init__(self) -> None:
        self.open = False
        self._is_open = None
        self._flags: ctypes.c_int | None = None
        library = idle.library()
        try:
            if library:
                self._is_open = library._ZN5ImGui11IsPopupOpenEji
                self._is_open.argtypes, self._is_open.restype = [ctypes.c_uint, ctypes.c_int], ctypes.c_bool
                settings = library._ZN5ImGui5GetIOEv
                settings.argtypes, settings.restype = [], ctypes.c_void_p
                self._settings = settings
        except AttributeError:
            self._is_open = None

    def refresh(self) -> None:
        """Look whether one is open, between two frames."""
        if self._is_open is None:
            return
        self.open = bool(self._is_open(0, ANY))
        if self._flags is None:
            self._flags = ctypes.c_int.from_address(self._settings())  # the first member of ImGuiIO
        self._flags.value = self._flags.value | BY_KEYS if self.open else self._flags.value & ~BY_KEYS
