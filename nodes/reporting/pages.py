"""A4 pages with running feet, lists and tables of which no page holds a line or two alone."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import cast

import numpy as np
import pandas as pd
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from graingraph.engine.values.wording import cell
from graingraph.nodes.reporting.font_subset import write_subset
from graingraph.nodes.reporting.fonts import dejavu, lacking, others_for

MARGIN, WIDTH, HEIGHT = 16.0, 210.0 - 2 * 16.0, 297.0
BELOW = 18.0
"""What of a page, in mm, is left below its text, for the foot."""
INK, FAINT = (25, 25, 25), (110, 110, 110)
TOGETHER = 4
"""So many last lines of a list or table stay together, so that no page holds only one or two."""
ROW, PADDING, CAPTION = 4.4, 0.6, 8.0
"""In mm: a line of a table, the space around a cell's text, and a remark below a table."""


class Paper(FPDF):
    """A4 paper in DejaVu Sans with page numbers."""

    footer_text = ""
    unprintable: Mapping[int, str] = MappingProxyType({})
    """Letters that no font has, by number, and what is printed in their place."""
    _few: TemporaryDirectory[str] | None = None
    """The fonts of a few letters, which have to be there until the pages are put out."""

    def __init__(self, format: str) -> None:
        super().__init__(format=format)
        logging.getLogger("fpdf").setLevel(logging.ERROR)  # which remarks on fonts that it makes smaller
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, BELOW)
        self.add_font("DejaVu", "", dejavu())
        self.add_font("DejaVu", "B", dejavu(bold=True))
        self.set_font("DejaVu", size=9)
        self.set_text_color(*INK)

    def use_letters_of(self, text: str) -> str:
        """Add fonts for what is in the text and not in DejaVu; returns the letters that no font has.

        Those are printed by their number, so that names that differ stay different.
        """
        letters = lacking(text) - frozenset(range(32))
        fonts = others_for(letters)
        for place, font in enumerate(fonts):
            if self._few is None:
                self._few = TemporaryDirectory(prefix="graingraph-fonts-")
            few = Path(self._few.name) / f"other{place}.ttf"
            write_subset(font.path, font.number, font.letters, few)
            for style in ("", "B"):
                self.add_font(f"other{place}", style, few)
            letters -= font.letters
        self.set_fallback_fonts([f"other{place}" for place in range(len(fonts))])
        self.unprintable = {letter: f"<{letter:X}>" for letter in letters}
        return "".join(map(chr, sorted(letters)))

    def normalize_text(self, text: str) -> str:
        """What FPDF prints for a text."""
        return super().normalize_text(text.translate(self.unprintable))

    def last_line(self, text: str) -> None:
        """Print the line that ends the last page; on a full page above its foot, never alone on one more."""
        self.set_auto_page_break(False)
        self.set_y(min(self.get_y() + 3, self.h - BELOW))
        self.text_line(text, 8, bold=True)

    def footer(self) -> None:
        """Print title, recipe and page number below every page."""
        self.set_y(-13)
        self.set_font("DejaVu", size=7)
        self.set_text_color(*FAINT)
        self.cell(WIDTH - 30, 5, self.footer_text)
        self.cell(30, 5, f"page {self.page_no()} of {{nb}}", align="R")
        self.set_text_color(*INK)

    def text_line(self, text: str, size: float = 9, bold: bool = False, gap: float = 1.0) -> None:
        """A paragraph over the whole width."""
        self.set_font("DejaVu", "B" if bold else "", size)
        self.multi_cell(WIDTH, size * 0.52, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.ln(gap)

    def title_line(self, text: str) -> None:
        """The title of a section."""
        self.room(30)
        self.ln(3)
        self.text_line(text, 12, bold=True, gap=1.5)

    def caption(self, text: str) -> None:
        """A line below a picture; names of files may hold line breaks, a line may not."""
        self.set_text_color(*FAINT)
        self.text_line(" ".join(text.split()), 8, gap=2)
        self.set_text_color(*INK)

    def room(self, height: float) -> None:
        """Start a new page unless this height (mm) is still free."""
        if height > self.left:
            self.add_page()

    def list_of(self, texts: list[str], size: float, *, below: float = 0.0) -> None:
        """Texts in as many columns as they fit in, the last lines together with what takes this room ``below``."""
        self.set_font("DejaVu", size=size)
        widest = max((self.get_string_width(text) for text in texts), default=WIDTH)
        columns = max(1, int(WIDTH // (widest + 6)))
        lines = [texts[start : start + columns] for start in range(0, len(texts), columns)]
        for place, line in enumerate(lines):
            if len(lines) - place == TOGETHER:
                self.room(TOGETHER * 0.55 * size + below)
            for text in line[:-1]:
                self.cell(WIDTH / columns, size * 0.52, text)
            self.multi_cell(0, size * 0.52, line[-1], new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
            self.ln(0.03 * size)

    @property
    def left(self) -> float:
        """How much of the page is free (mm)."""
        return HEIGHT - 20 - self.get_y()


def print_table(
    pdf: Paper, frame: pd.DataFrame, title: str, below: float, *, widths: Sequence[float] = (), left: int = 1
) -> None:
    """Print rows under a title and headings, on as many pages as it takes; the first and last few stay together.

    ``below`` is the height (mm) of what belongs below the last row. ``widths`` are the shares of the columns, all the
    same if left out; so many columns on the ``left`` are texts, the others numbers. Where all are, there is no heading.
    """
    columns = len(frame.columns)
    shares = [width / sum(widths) for width in widths] or [1 / columns] * columns
    pdf.set_font("DejaVu", "B", 7.5)
    heading = 0.0 if left == columns else _height(pdf, [str(column) for column in frame.columns], shares)
    pdf.set_font("DejaVu", size=7.5)
    heights = [_height(pdf, [cell(value) for value in values], shares) for values in frame.itertuples(index=False)]
    heights[-1] += below
    pdf.room(12 + heading + sum(heights if len(heights) < 2 * TOGETHER else heights[:TOGETHER]))
    if title:
        pdf.title_line(title)
    start = 0
    while start < len(frame):
        count = max(_rows_that_fit(heights[start:], pdf.left - heading), 1)
        _part(pdf, frame.iloc[start : start + count], shares, left)
        start += count
        if start < len(frame):
            pdf.add_page()
    pdf.ln(2)


def _rows_that_fit(heights: list[float], free: float) -> int:
    """How many of these rows go on a page; fewer than would fit where else only one or two were left for the next."""
    count = int(np.searchsorted(np.cumsum(heights), free, side="right"))
    return count if count == len(heights) else min(count, max(len(heights) - TOGETHER, 0))


def _height(pdf: Paper, texts: list[str], shares: Sequence[float]) -> float:
    """The height of a row of cells, the longest text broken into lines."""
    rooms = [WIDTH * share - 2 * PADDING - 2 * pdf.c_margin for share in shares]
    lines = [
        len(cast("list[str]", pdf.multi_cell(room, ROW, text, dry_run=True, output="LINES")))
        for text, room in zip(texts, rooms, strict=True)
        if pdf.get_string_width(text) > 0.9 * room
    ]
    return max(lines, default=1) * ROW + 2 * PADDING


def _part(pdf: Paper, frame: pd.DataFrame, shares: Sequence[float], left: int) -> None:
    pdf.set_font("DejaVu", size=7.5)
    pdf.set_fill_color(255, 255, 255)
    with pdf.table(
        width=round(WIDTH),
        line_height=ROW,
        text_align=("LEFT",) * left + ("RIGHT",) * (len(frame.columns) - left),
        col_widths=[1000 * share for share in shares],
        first_row_as_headings=left < len(frame.columns),
        headings_style=FontFace(emphasis="BOLD", fill_color=(235, 235, 235)),
        borders_layout="HORIZONTAL_LINES",
        padding=PADDING,
    ) as printed:
        if left < len(frame.columns):
            printed.row([str(column) for column in frame.columns])
        for values in frame.itertuples(index=False):
            printed.row([cell(value) for value in values])
