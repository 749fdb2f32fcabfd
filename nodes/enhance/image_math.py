"""ImageMath: a formula of images, such as the difference from a reference image."""

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
    are partly in colour are computed channel by channel. The result is a floating-point image with the pixel size of
    the first.

    Settings:
        formula: What is computed, with a, b and c for the wired images.
    """
    from graingraph.nodes.imaging.filters.formula import evaluate

    images = {name: image for name, image in (("a", a), ("b", b), ("c", c)) if image is not None}
    for name, image in images.items():
        if image.shape != a.shape:
            raise Problem(
                f"The images differ in size: a has {a.shape[1]} × {a.shape[0]} px and {name} {image.shape[1]} × "
                f"{image.shape[0]}; crop them so that they match."
            )
    in_color = any(image.is_color for image in images.values())
    levels = {name: _unit(image, in_color) for name, image in images.items()}
    try:
        computed = evaluate(formula, levels)
    except ValueError as error:
        raise Problem(f"The formula cannot be computed: {error}.") from None
    within = np.count_nonzero((computed >= 0) & (computed <= 1)) / computed.size
    if within == 1:
        return Image(np.ascontiguousarray(computed, np.float32), a.scale, name=a.name, range=(0.0, 1.0))
    lost = np.count_nonzero(np.isnan(computed)) / computed.size
    if lost == 1:
        raise Problem("The formula gives no number anywhere, as 0 / 0 or the root of a negative number; change it.")
    clipped = np.clip(np.nan_to_num(computed, nan=0.0), 0, 1).astype(np.float32, copy=False)
    result = Image(clipped, a.scale, name=a.name, range=(0.0, 1.0))
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


def _unit(image: Image, in_color: bool) -> np.ndarray:
    levels = unit_levels(image)
    return levels[..., None] if in_color and not image.is_color else levels
