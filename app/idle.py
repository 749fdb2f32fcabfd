"""Waiting for input without drawing, so that a window that nobody touches costs nothing."""

import ctypes
import time
from collections.abc import Callable
from functools import cache


@cache
def _library() -> ctypes.CDLL | None:
    """The Dear PyGui library, where it lets its GLFW be called (Linux, macOS); None elsewhere."""
    import dearpygui._dearpygui as extension

    try:
        library = ctypes.CDLL(extension.__file__)
        library.glfwWaitEventsTimeout.argtypes = [ctypes.c_double]
        library.glfwPostEmptyEvent.argtypes = []
    except (OSError, AttributeError):
        return None
    return library


def wait(seconds: float) -> None:
    """Sleep until something happens in the window, ``wake`` is called, or the time is over. Main thread only."""
    library = _library()
    if library:
        library.glfwWaitEventsTimeout(seconds)
    else:
        time.sleep(min(seconds, 0.05))


def waker() -> Callable[[], None]:
    """A function that ends the wait from any thread."""
    library = _library()
    return library.glfwPostEmptyEvent if library else lambda: None
