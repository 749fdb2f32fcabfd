"""SquarePixels: stretch an image whose pixels are higher than wide, or wider than high."""

from dataclasses import replace

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.values import Image, Scale


@node(
    "SquarePixels",
    category="Input",
    synonyms=(
        "non-square",
        "aspect ratio",
        "anisotropic",
        "resample",
        "tilt",
    ),
)
def square_pixels(image: Image) -> Image:
    """Make pixels that are not square into square ones, so that lengths hold in every direction.

    The image is stretched along the side on which its pixels are coarser, with grey levels interpolated between
    neighbours; nothing is thrown away. Images of square pixels, or of unknown pixel size, stay as they are.
    """
    scale = image.scale
    if scale is None or scale.is_square:
        return image
    side = min(scale.x, scale.y)
    height, width = image.shape
    rows, columns = round(height * scale.y / side), round(width * scale.x / side)
    pixels: np.ndarray = cv2.resize(image.pixels, (columns, rows), interpolation=cv2.INTER_LINEAR)
    stretched = Scale(scale.x * width / columns, scale.origin, scale.y * height / rows, scale.uncertainty)
    return replace(image, pixels=pixels, scale=stretched)
