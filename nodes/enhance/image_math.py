"""ImageMath: a formula of images, such as the difference from a reference image."""

from collections.abc import Collection
from functools import partial
from typing import Annotated

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import NotEmpty
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.engine.values.wording import short
from graingraph.nodes.reading.pixel_types import unit_levels


@node(
    "ImageMath",
    category="Enhance",
    version=2,  # 1 made every result a floating-point image
    synonyms=("subtract", "difference", "reference image", "divide", "ratio", "blank field", "flat field", "formula"),
)
def image_math(
    a: Image, b: Image | None = None, c: Image | None = None, *, formula: Annotated[str, NotEmpty()] = "a - b + 0.5"
) -> Image:
    """Compute a new image from one, two or three images of one size, pixel by pixel.

    In the formula a, b and c are grey levels from 0 (black) to 1 (white), whatever the depth of the files, and so is
    the result; what lies beyond is cut off, what is no number (0 / 0) becomes black, and both are said. Known
    are + - * / ^ ( ), abs, sqrt, exp, log, min(x, y), max(x, y) and mean(x), the mean over the whole image.
    "a / b * mean(b)" takes the lighting of a blank field b out, "abs(a - b)" shows where two images differ. Images that
    are partly in colour are computed channel by channel. The result has the pixel size of the first. It is a
    floating-point image, but where images of 8 or of 16 bits give nothing but levels of theirs, by abs(x - y), min, max
    and 1 - x alone, it keeps their bits.

    Settings:
        formula: What is computed, with a, b and c for the wired images.
    """
    from graingraph.nodes.imaging.filters.formula import Formula
    from graingraph.nodes.imaging.filters.parallel import in_parallel, strips

    images = {name: image for name, image in (("a", a), ("b", b), ("c", c)) if image is not None}
    for name, image in images.items():
        if image.shape != a.shape:
            raise Problem(
                f"The images differ in size: a has {a.shape[1]} × {a.shape[0]} px and {name} {image.shape[1]} × "
                f"{image.shape[0]}; crop them so that they match."
            )
    in_color = any(image.is_color for image in images.values())
    try:
        read = Formula(formula)
        pixels: dict[str, np.ndarray] = {name: image.pixels for name, image in images.items()}
        all_alike = {image.levels for image in images.values()} in ({256}, {65536})
        levels = read.on_levels(pixels) if all_alike else None
        if levels is not None:
            return Image(levels, a.scale, name=a.name, range=a.range)
        parts = strips(0, *a.shape)

        def unit(rows: slice, names: Collection[str] = tuple(images)) -> dict[str, np.ndarray]:
            return {name: _unit(image, in_color, rows) for name, image in images.items() if name in names}

        read.take_means([partial(unit, rows) for rows in parts])
        computed = np.empty((*a.shape, 3) if in_color else a.shape, np.float32)
        counted = np.zeros((len(parts), 2), np.int64)

        def compute(begin: int, end: int) -> None:
            for k in range(begin, end):
                found = read.of(unit(parts[k]))
                counted[k] = found.size, 0
                if not (found.min() >= 0 and found.max() <= 1):  # no number is neither
                    counted[k] = np.count_nonzero((found >= 0) & (found <= 1)), np.count_nonzero(np.isnan(found))
                    found = np.clip(np.nan_to_num(found, nan=0.0), 0, 1)
                computed[parts[k]] = found

        in_parallel(len(parts), compute, least=1)
    except ValueError as error:
        raise Problem(f"The formula cannot be computed: {error}.") from None
    result = Image(computed, a.scale, name=a.name, range=(0.0, 1.0))
    within, lost = counted.sum(axis=0) / computed.size
    if lost == 1:
        raise Problem("The formula gives no number anywhere, as 0 / 0 or the root of a negative number; change it.")
    beyond = 1 - lost - within
    if beyond > 0.001:
        result = result.with_note(
            f"{100 * beyond:.1f} % of the result lies below black or above white and was cut off; add to the formula"
            " or multiply it so that it fits."
        )
    if lost:
        share = short(100 * lost, 2)
        result = result.with_note(f"{share} % of the result is no number, as 0 / 0 is none, and became black.")
    return result


def _unit(image: Image, in_color: bool, rows: slice) -> np.ndarray:
    levels = unit_levels(image, rows)
    return levels[..., None] if in_color and not image.is_color else levels
