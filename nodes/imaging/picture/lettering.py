"""Words written into the pixels of a picture, in the letters of the window: µ, °, ², Latin, Greek and Cyrillic."""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

RIM = (20, 20, 20)


@lru_cache(maxsize=32)
def letters(size: int) -> "FreeTypeFont":
    """The letters of so many pixels, set alike on every machine."""
    from PIL import ImageFont

    data = (files("graingraph.assets") / "fonts" / "Inter-Regular.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)


def write(picture: np.ndarray, words: str, at: tuple[int, int], size: int, color: tuple[int, int, int]) -> None:
    """Write words into an RGB picture, uint8 (H, W, 3), in place: ``at`` is where they begin on their base line.

    They have a dark rim, by which they can be read on bright metal too, and are moved so far to the left and up that
    they lie in the picture.
    """
    font, rim = letters(size), max(1, size // 10)
    left, top, right, bottom = (round(side) for side in font.getbbox(words, anchor="ls", stroke_width=rim))
    height, width = picture.shape[:2]
    x = max(min(at[0] + left, width - (right - left)), 0)
    y = max(min(at[1] + top, height - (bottom - top)), 0)
    part = picture[y : y + bottom - top, x : x + right - left]
    for thick, shade in ((rim, RIM), (0, color)):
        cover = _cover(words, font, (left, top, right, bottom), thick)[: part.shape[0], : part.shape[1], None]
        part[:] = np.rint(part + cover * (np.array(shade, np.float32) - part))


def _cover(words: str, font: "FreeTypeFont", box: tuple[int, int, int, int], rim: int) -> np.ndarray:
    """How far words, and a rim of so many pixels around them, cover each pixel of a box: float32 (h, w), 0 to 1."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = box
    drawn = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(drawn).text((-left, -top), words, fill=255, font=font, anchor="ls", stroke_width=rim)
    return np.asarray(drawn, np.float32) / 255
