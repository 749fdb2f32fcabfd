"""Waiting for input without drawing, so that a window that nobody touches costs nothing."""

import ctypes
import time
from collections.abc import Callable
from functools import cache


@cache
def library() -> ctypes.CDLL | None:
    """The Dear PyGui library, where it lets its GLFW be called (Linux, macOS); None elsewhere."""
    import dearpygui._dearpygui as extension

    try:
        glfw = ctypes.CDLL(extension.__file__)
        glfw.glfwWaitEventsTimeout.argtypes = [ctypes.c_double]
        glfw.glfwPostEmptyEvent.argtypes = []
        glfw.glfwGetClipboardString.argtypes = [ctypes.c_void_p]
        glfw.glfwGetClipboardString.restype = ctypes.c_char_p
    except (OSError, AttributeError):
        return None
    return glfw


def wait(seconds: float) -> None:
    """Sleep until something happens in the window, ``wake`` is called, or the time is over. Main thread only."""
    glfw = library()
    if glfw:
        glfw.glfwWaitEventsTimeout(seconds)
    else:
        time.sleep(min(seconds, 0.05))


def waker() -> Callable[[], None]:
    """A function that ends the wait from any thread."""
    glfw = library()
    return glfw.glfwPostEmptyEvent if glfw else lambda: None
