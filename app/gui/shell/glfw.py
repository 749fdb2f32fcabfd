"""What Dear PyGui's own GLFW can be asked where Dear PyGui tells nothing."""

import ctypes
from functools import cache
from typing import Any


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


def call_back(setter: str, ours: Any) -> tuple[bool, int | None]:
    """Have a callback of the shown window called, by the name of GLFW's function that sets it.

    Whether it could be set, and the address of the one that was set before. The caller keeps ``ours``, a ctypes
    callback, or it would be freed while GLFW holds it.
    """
    glfw = library()
    if glfw is None:
        return False, None
    try:
        glfw.glfwGetCurrentContext.restype = ctypes.c_void_p
        set_callback = getattr(glfw, setter)
        set_callback.restype = ctypes.c_void_p
        set_callback.argtypes = [ctypes.c_void_p, type(ours)]
    except AttributeError:
        return False, None
    window = glfw.glfwGetCurrentContext()
    return (True, set_callback(window, ours)) if window else (False, None)
