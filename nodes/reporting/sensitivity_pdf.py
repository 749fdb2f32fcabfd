"""What moves the number, on A4 pages: a bar each way for every setting and result."""

import math
import time
from collections.abc import Sequence
from typing import NamedTuple

from graingraph.engine.values.wording import short, with_uncertainty
from graingraph.nodes.reporting.pages import MARGIN, WIDTH, Paper

LOWER, HIGHER, INTERVAL = (74, 127, 181), (181, 72, 58), (228, 232, 236)
LINE = 7.0


class Bar(NamedTuple):
    """A setting with its low and high value, and how far each moves the result."""

    label: str
    low: float
    high: float
    shifts: tuple[float, float]
    beyond: bool


class Influence(NamedTuple):
    """A result with half of its interval's width (NaN: not known), and what moves it."""

    quantity: str
    unit: str
    value: float
    half_width: float
    bars: Sequence[Bar]


def build_sensitivity(title: str, influences: Sequence[Influence], remarks: Sequence[str]) -> bytes:
    """The finished PDF. Bars that leave the grey interval move the result by more than it is known to."""
    pdf = Paper(format="A4")
    pdf.footer_text = title
    pdf.set_title(title)
    pdf.set_creator("Graingraph")
    pdf.use_letters_of("\n".join([title, *remarks, *(bar.label for one in influences for bar in one.bars)]))
    pdf.add_page()
    pdf.text_line("What moves the number", 18, bold=True, gap=1)
    pdf.caption(f"{title} · {time.strftime('%Y-%m-%d %H:%M')}")
    for remark in remarks:
        pdf.text_line(remark, 9, gap=1)
    for one in influences:
        pdf.room(18 + LINE * (len(one.bars) + 1))
        pdf.title_line(f"{one.quantity}: {with_uncertainty(one.value, one.half_width, one.unit)}")
        _bars(pdf, one)
    return bytes(pdf.output())


def _bars(pdf: Paper, one: Influence) -> None:
    known = [abs(shift) for bar in one.bars for shift in bar.shifts if math.isfinite(shift)]
    half = one.half_width if math.isfinite(one.half_width) else 0.0
    reach = max([*known, half, 1e-12])
    left, middle, room = MARGIN, MARGIN + 0.66 * WIDTH, 0.2 * WIDTH
    top, bottom = pdf.get_y(), pdf.get_y() + LINE * len(one.bars)
    pdf.set_fill_color(*INTERVAL)
    if half:
        pdf.rect(middle - half / reach * room, top, 2 * half / reach * room, bottom - top, style="F")
    for place, bar in enumerate(one.bars):
        y = top + place * LINE
        pdf.set_font("DejaVu", "B" if bar.beyond else "", 8)
        pdf.text(left, y + 0.65 * LINE, f"{bar.label[:40]}  {short(bar.low, 4)} … {short(bar.high, 4)}")
        for shift, colour in zip(bar.shifts, (LOWER, HIGHER), strict=True):
            if not math.isfinite(shift):
                continue
            pdf.set_fill_color(*colour)
            length = shift / reach * room
            down = 0.0 if colour == LOWER else LINE * 0.36
            pdf.rect(min(middle, middle + length), y + 0.9 + down, max(abs(length), 0.2), LINE * 0.32, style="F")
        said = " / ".join(_signed(shift) for shift in bar.shifts)
        pdf.text(middle + room + 2, y + 0.65 * LINE, f"{said} {one.unit}")
    pdf.line(middle, top, middle, bottom)
    pdf.set_y(bottom + 2)


def _signed(shift: float) -> str:
    return "fails" if math.isnan(shift) else f"{'+' if shift >= 0 else '−'}{short(abs(shift), 2)}"
