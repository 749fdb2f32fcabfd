"""Blurring, and grey levels as seen against what lies around them."""

import cv2
import numpy as np


def blur(plane: np.ndarray, sigma: float) -> np.ndarray:
    """A plane float32 (h, w) blurred by a Gaussian of ``sigma`` px."""
    return cv2.GaussianBlur(plane, (0, 0), sigma)


def local_contrast(grey: np.ndarray, sigma: float, least: float) -> np.ndarray:
    """Grey float32 (h, w) less its local mean, in local spreads, both over a Gaussian of ``sigma`` px.

    ``least`` is added to the variance, so that an even place is not all noise.
    """
    centred = grey - blur(grey, sigma)
    return np.asarray(centred / np.sqrt(blur(centred * centred, sigma) + least))
