"""Contrast: black level, white level and gamma, set by hand."""

from typing import Annotated

import cv2
import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import GreyLevel, Label, Range
from graingraph.engine.problem import Problem
from graingraph.engine.values import Image
from graingraph.nodes.reading.pixel_types import through_curve


@node("Contrast", category="Enhance", synonyms=("brightness", "levels", "gamma", "window and level", "stretch"))
def contrast(
    image: Image,
    *,
    black: Annotated[float, Range(0, 1), GreyLevel(of="image"), Label("black level")] = 0.0,
    white: Annotated[float, Range(0, 1), GreyLevel(of="image"), Label("white level")] = 1.0,
    gamma: Annotated[float, Range(0.1, 10, log=True)] = 1.0,
) -> Image:
    """Set which grey level becomes black and which white, and how bright the middle greys are.

    Every pixel p, as a fraction of full scale, becomes ((p − black) / (white − black)) ^ (1 / gamma), cut off at black
    and white; all channels and all images of the tray alike, so that grey levels still compare between images. For
    levels that each image chooses for itself use AutoContrast. An 8-bit image becomes one of 16 bits, so that no
    levels are lost.

    Settings:
        black: Grey level that becomes black, as a fraction of full scale.
        white: Grey level that becomes white; below the black level the image is turned into its negative.
        gamma: Above 1 brightens the middle greys, below 1 darkens them; black and white stay.
    """
    if black == white:
        raise Problem("The black and the white level are equal; choose a white level above the black one.")
    return through_curve(image, lambda unit: _curve(unit, black, white, gamma))


def _curve(unit: np.ndarray, black: float, white: float, gamma: float) -> np.ndarray:
    stretched = np.clip((unit - np.float32(black)) * np.float32(1 / (white - black)), 0, 1)
    return stretched if gamma == 1 else np.asarray(cv2.pow(stretched, 1 / gamma)).reshape(stretched.shape)
