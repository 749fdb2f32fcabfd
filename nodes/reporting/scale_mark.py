"""A scale bar of a round length, on a page beside the words that tell it."""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF


def round_length(longest: float) -> float:
    """The longest of 1, 2 and 5 times a power of ten that is not above ``longest``."""
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest * (1 + 1e-9))


def length_text(um: float) -> str:
    """A length in the unit that reads best: ``200 µm``, ``2 mm``, ``500 nm``."""
    if um >= 1000:
        return f"{um / 1000:g} mm"
    return f"{um:g} µm" if um >= 1 else f"{um * 1000:g} nm"


def draw_scale_mark(pdf: "FPDF", um: float, x: float, y: float, width: float, height: float) -> None:
    """Draw a scale bar of about a fifth of the width into the lower right corner of a picture on the page.

    The picture's box is given in mm; ``um`` is its width in µm. One too small to be read gets none.
    """
    if width < 20 or height < 12:
        return
    length_um = round_length(max(0.22 * um, 1e-6))
    length, text, pad = length_um / um * width, length_text(length_um), 1.0
    pdf.set_font_size(8)
    text_width, text_height, bar = pdf.get_string_width(text), 3.2, 0.6
    box_width, box_height = max(length, text_width) + 2 * pad, text_height + bar + 2.5 * pad
    left, top = x + width - box_width - pad, y + height - box_height - pad
    with pdf.local_context(fill_color=(255, 255, 255)):
        pdf.rect(left, top, box_width, box_height, style="F")
    with pdf.local_context(fill_color=(0, 0, 0)):
        pdf.rect(left + (box_width - length) / 2, top + box_height - pad - bar, length, bar, style="F")
        pdf.text(left + (box_width - text_width) / 2, top + pad + 0.85 * text_height, text)
