"""Images as they could have been taken and etched a little otherwise, to see what that does to a result."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from graingraph.engine.declare.injected import Source
from graingraph.engine.files import hash_bytes
from graingraph.nodes.reading.pixel_types import bits_used, full_scale
from graingraph.nodes.reading.read_image import read_pixels


def out_of_focus(source: Source, sigma: float) -> Source:
    """The image blurred by a Gaussian of so many px, in the levels of its own kind, as a camera gives them."""
    from graingraph.nodes.imaging.filters.gaussian import gaussian

    def blurred(pixels: np.ndarray) -> np.ndarray:
        if pixels.dtype == np.uint8:
            smooth = gaussian(full_scale(pixels.astype(np.uint16), 255), sigma)
            return np.rint(smooth / 257).astype(np.uint8)
        return gaussian(pixels if pixels.dtype in (np.uint16, np.float32) else pixels.astype(np.float32), sigma)

    return _with(source, blurred, f"blurred {sigma}") if sigma else source


def with_contrast(source: Source, factor: float) -> Source:
    """The image with so many times the contrast about its mean, as if etched or lit more or less; clipped at white."""

    def changed(pixels: np.ndarray) -> np.ndarray:
        numbers = pixels.astype(np.float32)
        middle = numbers.mean(axis=(0, 1))
        numbers = middle + factor * (numbers - middle)
        if pixels.dtype.kind != "u":
            return numbers
        white = 2 ** bits_used(pixels) - 1 if pixels.dtype == np.uint16 else np.iinfo(pixels.dtype).max
        return np.rint(np.clip(numbers, 0, white)).astype(pixels.dtype)

    return _with(source, changed, f"contrast {factor}")


def _with(source: Source, change: Callable[[np.ndarray], np.ndarray], what: str) -> Source:
    """The image with other pixels: under a hash of its own, with what was drawn on it and the size of its pixels."""
    here, um = source.here(), source.um_per_px
    if here.pixels is not None:
        pixels = here.pixels
    else:
        assert here.path is not None
        pixels, header = read_pixels(here.path)
        if um is None and header.scale is not None and header.scale.is_square:
            um = header.scale.x
    digest = hash_bytes(source.hash.encode(), what.encode())
    return replace(here, pixels=change(pixels), um_per_px=um, hash=digest, picture=source.drawn_as)
