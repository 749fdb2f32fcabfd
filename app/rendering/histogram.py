"""The grey-level histogram of a micrograph, small enough to be worked out while a frame is drawn."""

from functools import lru_cache

import numpy as np

from graingraph.engine.values import Image
from graingraph.engine.values.wording import short

BINS = 64
MOST_PIXELS = 400_000


class _ById:
    """Wraps an image so that it can be a key; two wraps of one array are equal."""

    def __init__(self, image: Image) -> None:
        self.image = image

    def __hash__(self) -> int:
        return id(self.image.pixels)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.image.pixels is other.image.pixels


def histogram_of(image: Image) -> tuple[tuple[float, ...], str]:
    """Heights (0 to 1) of equal bins between the image's black and white, and the range and mean in words.

    A large image is sampled on a regular grid.
    """
    return _histogram(_ById(image))


@lru_cache(maxsize=4)
def _histogram(key: _ById) -> tuple[tuple[float, ...], str]:
    image = key.image
    step = max(1, int(np.ceil(np.sqrt(image.shape[0] * image.shape[1] / MOST_PIXELS))))
    grey = image.pixels[::step, ::step].astype(np.float32)
    if image.is_color:
        grey = grey @ np.array([0.299, 0.587, 0.114], np.float32)
    low, high = image.range
    counts, _ = np.histogram(grey, BINS, (low, max(high, low + 1e-9)))
    heights = counts / max(counts.max(), 1)
    mean = float(np.nanmean(grey))
    return tuple(float(h) for h in heights), f"{short(low, 6)} to {short(high, 6)}, mean {short(mean, 4)}"
