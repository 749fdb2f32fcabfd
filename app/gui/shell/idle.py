"""Waiting for input without drawing, so that a window that nobody touches costs nothing."""

import time
from collections.abc import Callable

from graingraph.app.gui.shell import glfw


def wait(seconds: float) -> None:
    """Sleep until something happens in the window, ``wake`` is called, or the time is over. Main thread only."""
    library = glfw.library()
    if library:
        library.glfwWaitEventsTimeout(seconds)
    else:
        time.sleep(min(seconds, 0.05))


def waker() -> Callable[[], None]:
    """A function that ends the wait from any thread."""
    library = glfw.library()
    return library.glfwPostEmptyEvent if library else lambda: None
