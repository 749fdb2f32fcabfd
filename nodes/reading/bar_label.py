"""The length that is written beside a scale bar: which of the texts of a picture it is, and what it says."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from graingraph.nodes.reading.pixel_size import micrometres
from graingraph.nodes.reading.scale_bar import ScaleBar

SURE = 0.5
"""How sure the reader has to be of the least sure of the letters."""
NEAR, BESIDE = 2.0, 6.0
"""Heights of the text within which a label stands above or below its bar, and beside one of its ends."""
ALONE = 2.0
"""Another length has to be so many times as far from the bar."""
_UNITS = {
    "мкм": "µm",
    "mkm": "µm",
    "мм": "mm",
    "нм": "nm",
    "см": "cm",
    "微米": "µm",
    "毫米": "mm",
    "纳米": "nm",
}
"""Spellings that files do not use, but microscopes write into pictures."""
_LENGTH = re.compile(r"[HT]?(\d{1,5}(?:[.,]\d{1,4})?)([a-zµμмкнс微米毫纳]{1,3})", re.IGNORECASE)
_DRAWN = " \t-–—_|:[](){}<>←→↔=~.,'\"`"
"""What a bar, its ticks and arrows are read as, where they touch the text; an end with ticks is an H or T as well."""


class TextLine(NamedTuple):
    """A line of text in a picture: what it says, how sure the least sure letter is (0..1), and its box in px."""

    text: str
    sureness: float
    left: float
    top: float
    right: float
    bottom: float


class BarLabel(NamedTuple):
    """What is written beside a scale bar, and its length in µm."""

    text: str
    um: float


def length_in(text: str) -> float | None:
    """The length in µm that a text says and nothing else: ``200 µm``, ``0,5um``, ``1 mm``; None for any other text.

    Three decimals may be thousands (``1,000 µm``) and are refused, but after a 0.
    """
    found = _LENGTH.fullmatch("".join(text.strip(_DRAWN).split()))
    if found is None:
        return None
    number, unit = found[1], found[2].casefold()
    if re.fullmatch(r"[1-9]\d*[.,]\d{3}", number) or re.fullmatch(r"0\d+.*", number):
        return None
    um = micrometres(number, _UNITS.get(unit, unit))
    return um if um and unit not in ("pm", "m", "a", "in") else None


def label_of(bar: ScaleBar, lines: Sequence[TextLine]) -> BarLabel | None:
    """The label of a bar among lines of text; None where none is near, is sure, or is the only one.

    The text nearest to the bar that holds a digit has to be a length, and every other length has to be farther away.
    """
    placed = sorted((_distance(bar, line), line) for line in lines if any(sign.isdigit() for sign in line.text))
    if not placed:
        return None
    near, label = placed[0]
    um = length_in(label.text)
    height = label.bottom - label.top
    beside = label.left > bar.x + bar.length or label.right < bar.x
    if um is None or label.sureness < SURE or near > (BESIDE if beside else NEAR) * height:
        return None
    others = [away for away, line in placed[1:] if length_in(line.text) not in (None, um)]
    if any(away < ALONE * near + height for away in others):
        return None
    return BarLabel(label.text.strip(_DRAWN), um)


def _distance(bar: ScaleBar, line: TextLine) -> float:
    """Pixels between the bar and the box of a text; 0 where the text stands in it."""
    across = max(line.left - (bar.x + bar.length), bar.x - line.right, 0.0)
    down = max(line.top - bar.y, bar.y - line.bottom, 0.0)
    return float(across + down)
