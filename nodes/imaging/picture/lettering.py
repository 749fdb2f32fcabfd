"""Words written into the pixels of a picture, in the letters of the window: µ, °, ² and those of most languages."""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont


@lru_cache(maxsize=32)
def letters(size: int) -> "FreeTypeFont":
    """The letters of so many pixels, set alike on every machine."""
    from PIL import ImageFont

    data = (files("graingraph.assets") / "fonts" / "Inter-Regular.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)


def write(picture: np.ndarray, words: str, at: tuple[int, int], size: int, color: tuple[int, int, int]) -> None:
    """Write words into an RGB picture, uint8 (H, W, 3), in place: ``at`` is where they begin on their base line.

    They are moved so far to the left and up that they lie in the picture.
    """
    from PIL import Image, ImageDraw

    font = letters(size)
    left, top, right, bottom = (round(side) for side in font.getbbox(words, anchor="ls"))
    drawn = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(drawn).text((-left, -top), words, fill=255, font=font, anchor="ls")
    height, width = picture.shape[:2]
    x = max(min(at[0] + left, width - drawn.width), 0)
    y = max(min(at[1] + top, height - drawn.height), 0)
    part = picture[y : y + drawn.height, x : x + drawn.width]
    cover = np.asarray(drawn, np.float32)[: part.shape[0], : part.shape[1], None] / 255
    part[:] = np.rint(part + cover * (np.array(color, np.float32) - part))
