"""A scale bar of a round length, drawn into a picture."""

import math

import cv2
import numpy as np


def round_length(longest: float) -> float:
    """The longest of 1, 2 and 5 times a power of ten that is not above ``longest``."""
    power = 10.0 ** math.floor(math.log10(longest))
    return max(step * power for step in (1, 2, 5) if step * power <= longest * (1 + 1e-9))


def length_text(um: float) -> str:
    """A length in the unit that reads best: ``200 µm``, ``2 mm``, ``500 nm``."""
    if um >= 1000:
        return f"{um / 1000:g} mm"
    return f"{um:g} µm" if um >= 1 else f"{um * 1000:g} nm"


def draw_scale_mark(rgb: np.ndarray, um_per_px: float) -> np.ndarray:
    """Draw a scale bar of about a fifth of the width into the lower right corner of uint8 RGB (a copy).

    OpenCV's font has no µ; a plain u with a tail is how microscopes print it, so ``um`` is written.
    """
    height, width = rgb.shape[:2]
    um = round_length(max(0.22 * width * um_per_px, 1e-6))
    length = round(um / um_per_px)
    size = max(0.4, width / 1400)
    text = length_text(um).replace("µ", "u")
    (text_width, text_height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    if width < 80 or height < 60:
        return rgb
    drawn = rgb.copy()
    pad = max(4, width // 100)
    box_width = max(length, text_width) + 2 * pad
    top = height - pad - text_height - 4 * pad
    cv2.rectangle(drawn, (width - pad - box_width, top), (width - pad, height - pad), (255, 255, 255), -1)
    left = width - pad - box_width // 2 - length // 2
    bar = max(2, width // 300)
    cv2.rectangle(drawn, (left, height - 2 * pad - bar), (left + length, height - 2 * pad), (0, 0, 0), -1)
    at = (width - pad - box_width // 2 - text_width // 2, height - 3 * pad - bar)
    cv2.putText(drawn, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), max(1, round(size * 1.5)), cv2.LINE_AA)
    return drawn
