"""Texts cut to the room there is."""

import re
from collections.abc import Callable, Iterable

import dearpygui.dearpygui as dpg

TextWidth = Callable[[str, float], float]
"""The width of a text at a font size, in the same unit as the size."""
LINE = 1.12
"""Height of a line of small words, as a share of their size."""


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
    return text[:low].rstrip(" .…") + "…"


def fitted(
    text: str, room: tuple[float, float], sizes: tuple[float, float], width_of: TextWidth
) -> tuple[float, list[str]]:
    """The size and the lines of a text in a box of this width and height, all of it where that can be.

    ``sizes`` are the wanted size and the smallest; lines break at blanks and at the capitals of names LikeThis, and,
    where the smallest is still too large, anywhere. What even then has no room ends in ….
    """
    size, smallest = sizes
    parts = re.findall(r"\s*(?:[A-Z][^A-Z\s]*|[^A-Z\s]+)", text)
    while size > smallest:
        lines = _lines(parts, room[0], size, width_of)
        if len(lines) * LINE * size <= room[1] and all(width_of(line.strip(), size) <= room[0] for line in lines):
            return size, [line.strip() for line in lines]
        size = max(smallest, 0.94 * size)
    pieces = [piece for part in parts for piece in _broken(part, room[0], size, width_of)]
    lines = _lines(pieces, room[0], size, width_of)
    most = max(1, int(room[1] / (LINE * size)))
    lines[most - 1 :] = ["".join(lines[most - 1 :])] if len(lines) >= most else []
    return size, [clipped(line.strip(), room[0], size, width_of) for line in lines]


def wrapped(text: str, room: float, size: float, width_of: TextWidth) -> list[str]:
    """The lines of a text in this width, broken at blanks; a word that is wider has a line of its own."""
    parts = re.findall(r"\s*\S+", text)
    return [line.strip() for line in _lines(parts, room, size, width_of)] if parts else []


def _lines(parts: Iterable[str], room: float, size: float, width_of: TextWidth) -> list[str]:
    """The parts one after the other, a new line wherever one has no room."""
    lines = [""]
    for part in parts:
        if lines[-1] and width_of((lines[-1] + part).strip(), size) > room:
            lines.append("")
        lines[-1] += part
    return lines


def _broken(part: str, room: float, size: float, width_of: TextWidth) -> Iterable[str]:
    """A part, in letters where it is too long for a line."""
    return [part] if width_of(part.strip(), size) <= room else part


def text_width(text: str, size: float = 1.0) -> float:
    """The width of a text on the screen in pixels, times ``size``; 0 before the first frame."""
    found = dpg.get_text_size(text)
    return size * (found[0] if found else 0.0)


def cut(text: str, room: float) -> str:
    """The text, or as much of it with … as fits into so many pixels of the screen."""
    return clipped(text, room, 1.0, text_width)


def shortened(text: str, room: float) -> str:
    """The text, or its beginning and end with … in between, so that it fits; files of a series differ at the end."""
    for kept in range(len(text), 4, -1):
        short = text if kept == len(text) else f"{text[: kept // 2]}…{text[-(kept - kept // 2) :]}"
        if text_width(short) <= room:
            return short
    return text
