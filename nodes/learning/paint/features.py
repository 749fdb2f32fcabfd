"""What a pixel classifier knows of a pixel: grey level, edges and ridges near it, and the texture around it.

Most is computed from grey levels as seen against what lies within some sixty pixels; uneven light hardly shows there.
Fine features are there for every pixel: the grey level, the strength of the edge, and the two curvatures at four
scales, which tell particles, and the plain grey level at two, which tells phases however large they are. Texture
features are means over windows of edges, ridges and valleys, and how far their directions agree, on a grid of four
pixels; they tell constituents whose grey levels are alike. (The families of features are those of trainable pixel
classifiers: Arganda-Carreras et al., Bioinformatics 33, 2017; Berg et al., Nature Methods 16, 2019.)

They are written once, in operations that arrays and an ONNX graph both have, so that a recorded model computes what
the live map shows.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import numpy as np

GRID = 4
"""Texture is computed on a grid this many pixels wide; all windows are larger."""

SURROUNDINGS = 60.0
"""Sigma in px of what the grey level of a pixel is seen against."""

SURROUNDINGS_GRID = 16
"""What is that wide is computed on a grid this many pixels wide. Sides of a picture are multiples of it."""

LEAST_VARIANCE = 1e-3
"""Added to the local variance of grey levels (0 to 1), so that an even place is not all noise."""

SCALES = (0.7, 1.5, 3.0, 6.0)
"""Sigma in px of what edges and curvatures are looked for at."""

TEXTURE_SCALES = (0.7, 2.0)
"""Sigma in px of the edges and ridges that texture is made of."""

WINDOWS = (4.0, 12.0, 36.0)
"""Sigma in px of the windows that texture is taken over."""

NEAR = 2.0
"""Sigma in px within which directions agree on a line."""

NEGLIGIBLE = 1e-3
"""Directions of edges much weaker than this mean nothing."""

LEVEL_SCALES = (1.5, 6.0)
"""Sigma in px of what the plain grey level is taken over."""

FINE_COUNT = 4 * len(SCALES) + len(LEVEL_SCALES)
TEXTURE_COUNT = 5 * len(TEXTURE_SCALES) * len(WINDOWS)

REACH = 256
"""How far in px a feature depends on the picture: the surroundings of the grey levels in the widest window."""


class Operations(Protocol):
    """What features are made with. A plane also takes ``+ - * /`` with planes and numbers; borders are repeated."""

    def filtered(self, plane: Any, across: np.ndarray, down: np.ndarray) -> Any:
        """Correlation with a row and a column of odd length."""

    def pooled(self, plane: Any, side: int) -> Any:
        """Means of squares of this side."""

    def grown(self, plane: Any, side: int) -> Any:
        """Larger by this factor, interpolated linearly between the middles of pixels."""

    def root(self, plane: Any) -> Any:
        """The square root."""

    def positive(self, plane: Any) -> Any:
        """What is above 0, else 0."""


class ArrayOperations:
    """The operations on planes float32 (h, w)."""

    def filtered(self, plane: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
        """Correlation with a row and a column."""
        return cv2.sepFilter2D(plane, -1, across, down, borderType=cv2.BORDER_REPLICATE)

    def pooled(self, plane: np.ndarray, side: int) -> np.ndarray:
        """Means of squares; the sides of the plane are multiples of ``side``."""
        height, width = plane.shape
        return cv2.resize(plane, (width // side, height // side), interpolation=cv2.INTER_AREA)

    def grown(self, plane: np.ndarray, side: int) -> np.ndarray:
        """Larger by this factor."""
        height, width = plane.shape
        return cv2.resize(plane, (width * side, height * side), interpolation=cv2.INTER_LINEAR)

    def root(self, plane: np.ndarray) -> np.ndarray:
        """The square root."""
        return np.sqrt(plane)

    def positive(self, plane: np.ndarray) -> np.ndarray:
        """What is above 0."""
        return np.maximum(plane, 0)


def features(grey: Any, operations: Operations) -> tuple[list[Any], list[Any]]:
    """Fine planes of the size of ``grey``, and planes of texture on the grid.

    ``grey`` are grey levels from 0 to 1 with the mean and spread that ``standardised`` gives a picture.
    """
    seen = _against_surroundings(grey, operations)
    fine, texture = [], []
    for scale in SCALES:
        smooth = gaussian(seen, scale, operations)
        edge, ridge, valley, _ = _lines(smooth, scale, operations)
        fine += [smooth, edge, ridge, valley]
    fine += [gaussian(grey, scale, operations) for scale in LEVEL_SCALES]
    for scale in TEXTURE_SCALES:
        texture += _texture(gaussian(seen, scale, operations), scale, operations)
    return fine, texture


def gaussian(plane: Any, sigma: float, operations: Operations) -> Any:
    """A plane blurred by a Gaussian, cut off at three sigma."""
    reach = max(1, int(np.ceil(3 * sigma)))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    return operations.filtered(plane, weights, weights)


def _against_surroundings(grey: Any, operations: Operations) -> Any:
    """Grey levels less the local mean, in local spreads."""

    def around(plane: Any) -> Any:
        coarse = operations.pooled(plane, SURROUNDINGS_GRID)
        smooth = gaussian(coarse, SURROUNDINGS / SURROUNDINGS_GRID, operations)
        return operations.grown(smooth, SURROUNDINGS_GRID)

    centred = grey - around(grey)
    return centred / operations.root(around(centred * centred) + LEAST_VARIANCE)


_SMOOTH = np.array([0.25, 0.5, 0.25], np.float32)
_SLOPE = np.array([-0.5, 0, 0.5], np.float32)
"""Sobel's derivative, across and along it."""
_BEND, _TWIST, _WIDE = np.convolve(_SLOPE, _SLOPE), np.convolve(_SLOPE, _SMOOTH), np.convolve(_SMOOTH, _SMOOTH)
"""The same twice, in one pass, so that borders are alike in both directions."""


def _lines(smooth: Any, scale: float, operations: Operations) -> tuple[Any, Any, Any, tuple[Any, Any, Any]]:
    """Strength of the edge, curvature across a bright line (negative) and across a dark one, whatever their direction,
    all in grey levels per ``scale``; and the direction of the edge as cosine and sine of the doubled angle, and size.
    """
    x, y = operations.filtered(smooth, _SLOPE, _SMOOTH), operations.filtered(smooth, _SMOOTH, _SLOPE)
    xx, yy = operations.filtered(smooth, _BEND, _WIDE), operations.filtered(smooth, _WIDE, _BEND)
    xy = operations.filtered(smooth, _TWIST, _TWIST)
    half = (xx - yy) * 0.5
    mean, spread = (xx + yy) * 0.5, operations.root(half * half + xy * xy)
    size = x * x + y * y
    squared = scale * scale
    direction = (x * x - y * y, x * y * 2.0, size)
    return operations.root(size) * scale, (mean - spread) * squared, (mean + spread) * squared, direction


def _texture(smooth: Any, scale: float, operations: Operations) -> list[Any]:
    """Means over each window of edge, bright lines and dark lines, and how far directions agree near by and over it."""
    edge, ridge, valley, (cosine, sine, size) = _lines(smooth, scale, operations)
    near_cosine, near_sine = (gaussian(plane, NEAR, operations) for plane in (cosine, sine))
    near = operations.root(near_cosine * near_cosine + near_sine * near_sine)
    lines = (edge, operations.positive(ridge * -1.0), operations.positive(valley), cosine, sine, size, near)
    planes = [operations.pooled(plane, GRID) for plane in lines]
    found = []
    for window in WINDOWS:
        *strengths, cosine, sine, size, near = (gaussian(plane, window / GRID, operations) for plane in planes)
        weight = size + NEGLIGIBLE
        found += [*strengths, operations.root(cosine * cosine + sine * sine) / weight, near / weight]
    return found


def feature_planes(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fine features float32 (18, h, w) and texture float32 (30, h / 4, w / 4) of grey levels float32 (h, w), 0 to 1.

    The sides are multiples of ``SURROUNDINGS_GRID`` (see ``padded``).
    """
    fine, texture = features(grey, ArrayOperations())
    return np.stack(fine), np.stack(texture)


def padded(grey: np.ndarray, side: int = SURROUNDINGS_GRID) -> np.ndarray:
    """A plane (h, w) mirrored below and to the right up to multiples of ``side``."""
    height, width = grey.shape
    return cv2.copyMakeBorder(grey, 0, -height % side, 0, -width % side, cv2.BORDER_REFLECT)


def reaches() -> np.ndarray:
    """How far each feature looks around a pixel, float32 (F,), fine ones first: the sigma in px of all its blurs."""
    fine = [scale for scale in SCALES for _ in range(4)] + list(LEVEL_SCALES)
    texture = [np.hypot(scale, window) for scale in TEXTURE_SCALES for window in WINDOWS for _ in range(5)]
    return np.array([*fine, *texture], np.float32)


def names() -> Sequence[str]:
    """What the features are, in words, fine ones first."""
    fine = [f"{what}, {scale:g} px" for scale in SCALES for what in ("grey level", "edge", "bright line", "dark line")]
    fine += [f"plain grey level, {scale:g} px" for scale in LEVEL_SCALES]
    about = ("edges", "bright lines", "dark lines", "direction", "straightness")
    texture = [f"{what} of {s:g} px within {w:g} px" for s in TEXTURE_SCALES for w in WINDOWS for what in about]
    return [*fine, *texture]
