"""Values with one entry per pixel: images, masks and labelled features, and the size of their pixels."""

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np

from graingraph.engine.values.registry import record, value_type
from graingraph.engine.values.value import Value


@record
@dataclass(frozen=True)
class Scale:
    """Pixel size in micrometres per pixel (square pixels), and where that number came from."""

    um_per_px: float
    origin: Literal["file metadata", "scale bar", "typed"] = "typed"

    def __str__(self) -> str:
        return f"{self.um_per_px:.6g} µm/px ({self.origin})"


@value_type(shape="circle", small=False)
@dataclass(frozen=True, eq=False)
class Raster(Value):
    """A value with one entry per pixel: ``pixels`` (H, W, ...) and the ``scale`` of its pixels, if known."""

    pixels: np.ndarray
    scale: Scale | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def with_pixels(self, pixels: np.ndarray) -> Self:
        """Return a value of the same kind, scale and notes over other pixels."""
        return replace(self, pixels=pixels)


@value_type(pin="#6aa9ff")
@dataclass(frozen=True, eq=False)
class Image(Raster):
    """A micrograph: uint8, uint16 or float32, shape (H, W) grey or (H, W, 3) RGB.

    ``name`` is the name of the image in the tray (unique there). ``range`` is the grey level of black and of white:
    (0, 255), (0, 65535), or for float images the limits found when the file was read.
    """

    name: str = ""
    range: tuple[float, float] = (0.0, 255.0)

    @property
    def is_color(self) -> bool:
        """Whether the pixels are RGB."""
        return self.pixels.ndim == 3


@value_type(pin="#f28b82", shape="diamond")
@dataclass(frozen=True, eq=False)
class Mask(Raster):
    """Selected pixels: bool (H, W). A boundary network is a mask of the boundary pixels."""


@value_type(pin="#81c995", shape="diamond")
@dataclass(frozen=True, eq=False)
class Labels(Raster):
    """Features told apart: int32 (H, W), 0 is background, features are 1..``count`` without gaps."""

    count: int = 0
