"""Rows along an edge of a picture that show no specimen: the data bar of a microscope, or an even mount."""

import numpy as np

from graingraph.engine.values import Image

FLAT = 0.006
"""Share of the range of grey levels within which a blank margin is of one level."""
FILLED, BARE = 0.35, 0.2
"""The least share of a row of a margin that is of its level, and the most of a row of the specimen."""
LEAST, MOST = 1 / 50, 2 / 5
"""Of the image's height, how high a margin is."""
SHARP = 1 / 80
"""Of the image's height, within how many rows a margin ends: a mount may slope a little."""
COLUMNS = 256
"""As many, evenly spaced, show what a row is like."""


def blank_margins(image: Image) -> tuple[slice, ...]:
    """The rows of blank margins along the upper and the lower edge of an image, as far as there are some.

    A margin is as wide as the image, of one level but for what is written in it, and ends in a straight line. Where the
    specimen is much of that level itself, it is not seen.
    """
    height, width = image.shape
    shown = image.pixels[:, :: max(1, width // COLUMNS)]
    flat = FLAT * (image.range[1] - image.range[0])
    above, below = _blank_rows(shown, flat), _blank_rows(shown[::-1], flat)
    return (*([slice(0, above)] if above else []), *([slice(height - below, height)] if below else []))


def _blank_rows(lines: np.ndarray, flat: float) -> int:
    """How many of the first lines (H, W) or (H, W, channels) are blank; 0 where they end in no straight line."""
    height = len(lines)
    sharp, most = max(3, round(height * SHARP)), round(height * MOST)
    least = max(sharp + 1, round(height * LEAST))
    near = lines[: most + least].astype(np.float32)
    near = near.mean(axis=2) if near.ndim == 3 else near
    if most <= least:
        return 0
    level = np.median(near[: least // 2])
    filled = (np.abs(near - level) <= flat).mean(axis=1)
    bare = np.flatnonzero(filled[least : most + 1] < BARE)
    if not len(bare):
        return 0
    end = least + int(bare[0])
    ends_straight = filled[end - sharp] >= FILLED and filled[end : end + least].max() < BARE
    return end if ends_straight and np.mean(filled[:end] >= FILLED) > 0.9 else 0
