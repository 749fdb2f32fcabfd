"""Whether a window can be shown here: Dear PyGui itself ends the process where none can."""

import ctypes
import os
import sys

from graingraph.app.gui.shell import glfw
from graingraph.engine.problem import Problem

NO_DISPLAY = "There is no display to show the window on; log in at a desktop, or measure without a window: {command}."
UNREACHABLE = (
    "The display {name} cannot be reached; set DISPLAY to one that can, or measure without a window: {command}."
)
NO_OPENGL = (
    "The display {name} cannot draw the window (it has no OpenGL 3); "
    "use another, or measure without a window: {command}."
)
WITHOUT_WINDOW = "graingraph run RECIPE IMAGES -o OUT"

VISIBLE, MAJOR, MINOR = 0x00020004, 0x00022002, 0x00022003
"""Hints of GLFW: whether a window is shown, and the version of OpenGL that it needs."""


def require_display() -> None:
    """Raise ``Problem`` where no window can be shown: no display, a wrong one, or one that cannot draw (OpenGL)."""
    unix = sys.platform not in ("win32", "darwin")
    name = os.environ.get("DISPLAY", "")
    if unix and not name and not os.environ.get("WAYLAND_DISPLAY"):
        raise Problem(NO_DISPLAY.format(command=WITHOUT_WINDOW))
    library = glfw.library()
    if library is None:
        return
    try:
        create, destroy, hint = library.glfwCreateWindow, library.glfwDestroyWindow, library.glfwWindowHint
    except AttributeError:
        return
    create.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p]
    create.restype, destroy.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    if not library.glfwInit():
        raise Problem(UNREACHABLE.format(name=name, command=WITHOUT_WINDOW))
    for what, value in ((VISIBLE, 0), (MAJOR, 3), (MINOR, 0)):
        hint(what, value)
    window = create(16, 16, b"", None, None)
    library.glfwDefaultWindowHints()
    if not window:
        raise Problem(NO_OPENGL.format(name=name, command=WITHOUT_WINDOW))
    destroy(window)


def screen_scale() -> float:
    """How large the desktop wants text and buttons, 1 being usual and where it does not say.

    It is for the program to heed on Linux alone: elsewhere the system enlarges the window itself. After
    ``require_display``.
    """
    library = glfw.library()
    if library is None or sys.platform == "darwin":
        return 1.0
    try:
        library.glfwGetPrimaryMonitor.restype = ctypes.c_void_p
        monitor, across, down = library.glfwGetPrimaryMonitor(), ctypes.c_float(1.0), ctypes.c_float(1.0)
        if monitor:
            library.glfwGetMonitorContentScale(ctypes.c_void_p(monitor), ctypes.byref(across), ctypes.byref(down))
    except AttributeError:
        return 1.0
    return max(across.value, down.value)
