"""Texts cut to the room there is."""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence

import dearpygui.dearpygui as dpg

TextWidth = Callable[[str, float], float]
"""The width of a text at a font size, in the same unit as the size."""
AND_MORE = "and {count} more"

SOFT_BREAK = " \n"
LEAST_LETTERS = 5
"""So many letters of a text that is shortened are left in any case."""
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


def at_most(lines: Sequence[str], count: int) -> list[str]:
    """The lines, or the first of them and how many more there are."""
    return [*lines[:count], *([AND_MORE.format(count=len(lines) - count)] if len(lines) > count else ())]


def flowing(text: str, room: float, width_of: Callable[[str], float]) -> str:
    """The text for a field that does not wrap: lines that are too long are broken, behind a blank (as in RFC 3676)."""
    lines = text.split("\n")
    return "\n".join(SOFT_BREAK.join(wrapped(line, room, 1.0, lambda part, _: width_of(part))) for line in lines)


def joined(text: str) -> str:
    """The text of such a field without the breaks that came by its width."""
    return text.replace(SOFT_BREAK, " ")


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


def shortened(text: str, room: float, width_of: Callable[[str], float] = text_width) -> str:
    """The text, or its beginning and end with … in between, so that it fits; files of a series differ at the end."""
    if width_of(text) <= room or len(text) <= LEAST_LETTERS:
        return text

    def of(kept: int) -> str:
        return f"{text[: kept // 2]}…{text[-(kept - kept // 2) :]}"

    fits = bisect_right(range(LEAST_LETTERS, len(text)), room, key=lambda kept: width_of(of(kept)))
    return of(LEAST_LETTERS + max(fits - 1, 0))


def shortened_apart(texts: Sequence[str], room: float, width_of: Callable[[str], float] = text_width) -> Sequence[str]:
    """Each text shortened; those that would then read the same show where they differ, with … before and behind."""
    short = [shortened(text, room, width_of) for text in texts]
    groups: dict[str, set[str]] = {}
    for text, one in zip(texts, short, strict=True):
        groups.setdefault(one, set()).add(text)
    alike = {one: group for one, group in groups.items() if len(group) > 1}
    begins = {one: _common(group) for one, group in alike.items()}
    ends = {one: _common([text[::-1] for text in group]) for one, group in alike.items()}
    return [
        _around(text, begins[one], max(len(text) - ends[one], begins[one] + 1), room, width_of) if one in alike else one
        for text, one in zip(texts, short, strict=True)
    ]


def _common(texts: Collection[str]) -> int:
    """The number of letters with which all of them begin."""
    columns = enumerate(zip(*texts, strict=False))
    return next((place for place, letters in columns if len(set(letters)) > 1), min(map(len, texts)))


def _around(text: str, first: int, last: int, room: float, width_of: Callable[[str], float]) -> str:
    """A part of a text and as much on both sides of it as there is room for; at least its beginning."""

    def with_more(letters: int) -> str:
        left, right = max(0, first - letters // 2), last + (letters + 1) // 2
        return f"{'…' if left else ''}{text[left:right]}{'…' if right < len(text) else ''}"

    fits = bisect_right(range(2 * len(text)), room, key=lambda letters: width_of(with_more(letters)))
    return with_more(fits - 1) if fits else clipped(f"…{text[first:]}", room, 1.0, lambda words, _: width_of(words))
