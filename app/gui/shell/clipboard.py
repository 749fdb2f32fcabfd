"""The text on the clipboard; Dear PyGui ends the process where there is none (a picture, nothing at all)."""

import ctypes
import sys

import dearpygui.dearpygui as dpg

from graingraph.app.gui.shell import glfw

UNICODE_TEXT = 13
"""``CF_UNICODETEXT`` of Windows."""


def text() -> str:
    """The text on the clipboard, empty where there is no text. Main thread only."""
    library = glfw.library()
    if library:
        found = library.glfwGetClipboardString(None)
        return found.decode("utf-8", "replace") if found else ""
    if sys.platform == "win32" and ctypes.windll.user32.IsClipboardFormatAvailable(UNICODE_TEXT):
        return str(dpg.get_clipboard_text())
    return ""
