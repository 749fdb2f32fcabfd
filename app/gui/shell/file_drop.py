"""Files dropped on the window from the desktop, which Dear PyGui does not tell: asked of its GLFW."""

import ctypes
from collections.abc import Callable
from pathlib import Path

from graingraph.app.gui.shell import glfw

_Callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p))


class FileDrop:
    """Hands on the paths that were dropped. Main thread only; hears of none where there is no GLFW (Windows)."""

    def __init__(self, dropped: Callable[[list[Path]], object]) -> None:
        self._dropped = dropped
        self._ours = _Callback(self._take)  # kept, or it would be freed while GLFW holds it

    def listen(self) -> None:
        """Begin, once the window is shown."""
        glfw.call_back("glfwSetDropCallback", self._ours)

    def _take(self, window: int, count: int, names: "ctypes.Array[ctypes.c_char_p]") -> None:
        self._dropped([Path((names[i] or b"").decode("utf-8", "replace")) for i in range(count)])
