"""Scrolling across (a tilted wheel, two fingers on a trackpad), which Dear PyGui does not tell: asked of its GLFW."""

import ctypes
from collections.abc import Callable

from graingraph.app.gui.shell import glfw

_Callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_double, ctypes.c_double)


class Sideways:
    """Counts steps to the side. Main thread only; counts nothing where Dear PyGui has no GLFW (Windows).

    The window's own scroll callback is called as before.
    """

    def __init__(self, scrolled: Callable[[float], None]) -> None:
        self._scrolled = scrolled
        self._before: Callable[..., None] | None = None
        self._ours = _Callback(self._scroll)  # kept, or it would be freed while GLFW holds it

    def listen(self) -> bool:
        """Begin, once the window is shown; False where that cannot be."""
        listening, before = glfw.call_back("glfwSetScrollCallback", self._ours)
        self._before = _Callback(before) if before else None
        return listening

    def _scroll(self, window: int, across: float, along: float) -> None:
        if self._before is not None:
            self._before(window, across, along)
        if across:
            self._scrolled(across)
