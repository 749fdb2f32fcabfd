"""Texts cut to the room there is."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

TextWidth = Callable[[str, float], float]
"""The width of a text at a font size, in the same unit as the size."""


def clipped(text: str, room: float, size: float, width_of: TextWidth) -> str:
    """The text, or as much of it with … as fits into this width."""
    if width_of(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle] + "…", size) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…"


def shortened(text: str, room: float) -> str:
    """The text, or its beginning and end with … in between, so that it fits; files of a series differ at the end."""
    for kept in range(len(text), 4, -1):
        short = text if kept == len(text) else f"{text[: kept // 2]}…{text[-(kept - kept // 2) :]}"
        size = dpg.get_text_size(short)
        if not size or size[0] <= room:
            return short
    return text
