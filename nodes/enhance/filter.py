"""Filter: smooth noise away, or sharpen."""

from typing import Annotated, Literal

import cv2
import numpy as np

from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Label, Range, Unit, When
from graingraph.engine.values import Image
from graingraph.nodes.imaging.filters.denoise import bilateral, median, non_local_means
from graingraph.nodes.reading.pixel_types import at_16_bits


@node(
    "Filter",
    category="Enhance",
    version=3,  # 1 rounded the result of 8-bit images to 8 bits, 2 took OpenCV's Gaussian: a 65,535th to either side
    synonyms=("blur", "smooth", "denoise", "sharpen", "gaussian", "median", "noise"),
)
def filter_image(
    image: Image,
    *,
    method: Literal["gaussian", "median", "bilateral", "non-local means", "unsharp"] = "gaussian",
    sigma: Annotated[
        float, Range(0.1, 200, log=True), Unit("px"), Label("σ"), When(method=("gaussian", "bilateral", "unsharp"))
    ] = 1.0,
    size: Annotated[int, Range(3, 201), Unit("px"), When(method="median")] = 5,
    contrast: Annotated[float, Range(0.001, 1), When(method="bilateral")] = 0.1,
    strength: Annotated[float, Range(0.001, 0.5), When(method="non-local means")] = 0.04,
    patch: Annotated[int, Range(3, 21), Unit("px"), When(method="non-local means")] = 7,
    search: Annotated[int, Range(5, 51), Unit("px"), When(method="non-local means")] = 21,
    amount: Annotated[float, Range(0, 10), When(method="unsharp")] = 1.0,
    context: Context,
) -> Image:
    """Smooth noise away, or sharpen.

    Gaussian blurs everything. Median removes specks and keeps edges. Bilateral and non-local means smooth noise and
    keep edges, at more cost. Unsharp adds back what a Gaussian removes. An 8-bit image becomes one of 16 bits, but by
    the median, so that a picture is measured alike in every depth. A median wider than 5 px is slower for more bits.

    Settings:
        method: Which filter.
        sigma: Standard deviation of the Gaussian; features smaller than this fade.
        size: Side of the square whose median is taken; an even number counts as the next odd one.
        contrast: Steps of grey much larger than this fraction of full scale are kept as edges.
        strength: Noise to remove, as a fraction of full scale; about the standard deviation of the noise.
        patch: Side of the squares that are compared; an even number counts as the next odd one.
        search: Side of the square in which similar patches are looked for; even counts as the next odd.
        amount: How much of the detail is added; 0 changes nothing.
    """
    from graingraph.nodes.imaging.filters.gaussian import gaussian

    if method == "median":  # which makes no new levels
        return image.with_pixels(median(image.pixels, size | 1, context.check))
    image = at_16_bits(image)
    pixels: np.ndarray = image.pixels
    full_scale = image.range[1] - image.range[0]
    if method == "gaussian":
        result: np.ndarray = gaussian(pixels, sigma)
    elif method == "bilateral":
        result = bilateral(pixels, sigma, contrast * full_scale, context.check)
    elif method == "non-local means":
        result = non_local_means(pixels, image.range, strength, patch | 1, search | 1, context.check)
    else:
        result = cv2.addWeighted(pixels, 1 + amount, gaussian(pixels, sigma), -amount, 0)
    return image.with_pixels(np.asarray(result, pixels.dtype))
