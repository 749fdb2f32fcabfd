"""The pixel size that a model learnt at, and bringing an image to it.

A network knows features by their size in pixels: a micrograph taken at half the magnification is another thing to it.
"""

from collections.abc import Iterable

from graingraph.engine.values import Scale
from graingraph.engine.values.notes import Note

SAME = 0.02
"""Pixel sizes that differ by less are the same."""

MOST = 8.0
"""An image is made larger or smaller by this factor at most: beyond it, one of the pixel sizes is wrong."""


def common_pixel_size(scales: Iterable[Scale | None]) -> float | None:
    """The pixel size in µm that images are learnt at together, the middle one; None unless all of them are known.

    Pixels that are not square have none.
    """
    sizes = [pixel_size(scale) for scale in scales]
    known = sorted(size for size in sizes if size is not None)
    return known[len(known) // 2] if known and len(known) == len(sizes) else None


def to_learnt_size(scale: Scale | None, learnt_at: float | None) -> tuple[float, tuple[Note, ...]]:
    """The factor that brings an image of this scale to the pixel size of a model, and what to say of it.

    ``learnt_at`` is in µm, None where the model does not know. The factor is 1 where one of the two is unknown.
    """
    size = pixel_size(scale)
    if learnt_at is None or size is None:
        if learnt_at is None and size is None:
            return 1.0, ()
        whose = "of the training images" if learnt_at is None else "of this image"
        return 1.0, (
            Note(
                "advice", f"The pixel size {whose} is unknown, so the image was not brought to what the model learnt."
            ),
        )
    factor = size / learnt_at
    if abs(factor - 1) <= SAME:
        return 1.0, ()
    sizes = f"{size:.4g} µm a pixel, and the model learnt at {learnt_at:.4g}"
    if not 1 / MOST <= factor <= MOST:
        far = f"This image has {sizes}: too far apart to bring one to the other. Check the pixel size."
        return 1.0, (Note("not reportable", far, about="network"),)
    return factor, (Note("advice", f"This image has {sizes}: the network saw it {factor:.3g} times as large."),)


def pixel_size(scale: Scale | None) -> float | None:
    """The side of a square pixel in µm; None where it is unknown or not square."""
    return scale.um_per_px if scale is not None and scale.is_square else None
