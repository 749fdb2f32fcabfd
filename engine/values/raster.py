"""Values with one entry per pixel: images, masks and labelled features, and the size of their pixels."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from graingraph.engine.problem import Problem
from graingraph.engine.values.registry import record, value_type
from graingraph.engine.values.value import Value

NEARLY_SQUARE = 0.005
"""By how much of their width pixels may be higher or lower and still be taken for square: files round their sizes."""


@record
@dataclass(frozen=True)
class Scale:
    """Pixel size in micrometres: width ``x`` and height ``y`` of a pixel, how well it is known, where it came from.

    ``y`` is ``x`` where it is not given. ``uncertainty`` is the relative standard uncertainty (k = 1) of both, None
    where nobody stated one.
    """

    x: float
    origin: Literal["file metadata", "scale bar", "typed"] = "typed"
    y: float = 0.0
    uncertainty: float | None = None

    def __post_init__(self) -> None:
        if not self.y or abs(self.y / self.x - 1) <= NEARLY_SQUARE:
            side = math.sqrt(self.x * self.y) if self.y and self.y != self.x else self.x
            object.__setattr__(self, "x", side)
            object.__setattr__(self, "y", side)

    @property
    def is_square(self) -> bool:
        """Whether a pixel is as high as it is wide."""
        return self.x == self.y

    @property
    def um_per_px(self) -> float:
        """The side of a square pixel. ``Problem`` for others: no length holds in every direction there."""
        if not self.is_square:
            raise Problem(
                f"The pixels are not square ({self.x:.6g} × {self.y:.6g} µm), so lengths in px are none in µm; wire the"
                " node SquarePixels after Load, or set the size of a pixel with SetScale."
            )
        return self.x

    @property
    def pixel_area(self) -> float:
        """The area of a pixel in µm², square or not."""
        return self.x * self.y

    def __str__(self) -> str:
        size = f"{self.x:.6g} µm/px" if self.is_square else f"{self.x:.6g} × {self.y:.6g} µm/px"
        known = f" ± {100 * self.uncertainty:.2g} %" if self.uncertainty else ""
        return f"{size}{known} ({self.origin})"


@value_type(shape="circle", small=False)
@dataclass(frozen=True, eq=False)
class Raster(Value):
    """A value with one entry per pixel: ``pixels`` (H, W, ...) and the ``scale`` of its pixels, if known."""

    pixels: npt.NDArray[Any]
    scale: Scale | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def with_pixels(self, pixels: npt.NDArray[Any]) -> Self:
        """Return a value of the same kind, scale and notes over other pixels."""
        return replace(self, pixels=pixels)


@value_type(pin="#6aa9ff")
@dataclass(frozen=True, eq=False)
class Image(Raster):
    """A micrograph: uint8, uint16 or float32, shape (H, W) grey or (H, W, 3) RGB.

    ``name`` is the name of the image in the tray (unique there). ``range`` is the grey level of black and of white:
    (0, 255), (0, 65535), or for float images what was found when the file was read.
    """

    pixels: npt.NDArray[np.uint8 | np.uint16 | np.float32]
    name: str = ""
    range: tuple[float, float] = (0.0, 255.0)

    @property
    def levels(self) -> int:
        """How many whole grey levels there are, 256 or 65 536; 0 where the pixels are floating-point numbers."""
        return {"B": 256, "H": 65536}.get(self.pixels.dtype.char, 0)

    @property
    def is_color(self) -> bool:
        """Whether the pixels are RGB."""
        return self.pixels.ndim == 3


@value_type(pin="#f28b82", shape="diamond")
@dataclass(frozen=True, eq=False)
class Mask(Raster):
    """Selected pixels: bool (H, W). A boundary network is a mask of the boundary pixels.

    ``whole_at`` are the sides of the image (top, bottom, left, right) at which features that it cuts are left out;
    ``cut`` says how many were.
    """

    whole_at: tuple[str, ...] = ()
    cut: int = 0

    pixels: npt.NDArray[np.bool_]


@value_type(pin="#81c995", shape="diamond")
@dataclass(frozen=True, eq=False)
class Labels(Raster):
    """Features told apart: int32 (H, W), 0 is background, features are 1..``count`` without gaps.

    ``whole_at`` are the sides of the image (top, bottom, left, right) at which features that it cuts are left out;
    ``cut`` says how many were.
    """

    pixels: npt.NDArray[np.int32]
    count: int = 0
    whole_at: tuple[str, ...] = ()
    cut: int = 0
