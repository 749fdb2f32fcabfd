"""Scale bars with their length written beside them, in fonts, places and languages of all kinds."""

from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.support.scale_bars import specimen

LABELS = {
    "200 µm": 200.0,
    "1 mm": 1000.0,
    "0,5 µm": 0.5,
    "100µm": 100.0,
    "50 nm": 0.05,
    "20 um": 20.0,
    "0.5 mm": 500.0,
    "2.5 µm": 2.5,
    "10 мкм": 10.0,
}
"""What is written, and the length in µm."""
FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono")


def labelled(seed: int) -> tuple[np.ndarray, tuple[int, int, int], float]:
    """A micrograph uint8 with a labelled bar; its length, left end and row in px; what the label says in µm."""
    rng = np.random.default_rng(seed)
    pixels = specimen(rng)
    height, width = pixels.shape
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    size = int(rng.integers(14, 30))
    font = ImageFont.truetype(str(fonts / f"{rng.choice(FONTS)}.ttf"), size)
    text = str(rng.choice(list(LABELS)))
    level, ground = (255, 10) if rng.integers(2) else (0, 245)
    place = str(rng.choice(["above", "below", "right"]))
    strip = max(60, 3 * size)
    if rng.integers(2):
        pixels[height - strip :] = ground
    length, thick = int(rng.integers(80, 300)), int(rng.integers(2, 8))
    left = int(rng.integers(20, width - length - 150))
    top = {"above": height - 14, "below": height - strip + 8, "right": height - strip // 2}[place]
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((left, top, left + length - 1, top + thick - 1), fill=level)
    at, anchor = {
        "above": ((left + length / 2, top - 6), "ms"),
        "below": ((left + length / 2, top + thick + 6), "ma"),
        "right": ((left + length + 10, top + thick / 2), "lm"),
    }[place]
    draw.text(at, text, font=font, fill=level, anchor=anchor)
    stored = np.array(picture)
    if rng.integers(2):
        stored = cv2.imdecode(cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], 0)
    return stored, (length, left, top + thick // 2), LABELS[text]
