"""Values that say of every pixel what it belongs to: the classes of a traced or trained segmentation."""

from dataclasses import dataclass

from graingraph.engine.values.raster import Raster
from graingraph.engine.values.registry import record, value_type

UNLABELLED = 255
"""The class index of a pixel that nobody has traced; it never counts in training or in area fractions."""


@record
@dataclass(frozen=True)
class PixelClass:
    """One class of a trained or traced segmentation: its name and display colour ``#rrggbb``."""

    name: str
    color: str = "#ff0000"

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue of the colour, 0 to 255."""
        red, green, blue = bytes.fromhex(self.color[1:7])
        return red, green, blue


@value_type(pin="#fdd663")
@dataclass(frozen=True, eq=False)
class ClassMap(Raster):
    """The class of every pixel: uint8 (H, W), index into ``classes``; 255 (``UNLABELLED``) is "nobody said"."""

    classes: tuple[PixelClass, ...] = ()


@value_type(pin="#d7aefb")
@dataclass(frozen=True, eq=False)
class Probabilities(Raster):
    """Per-pixel class probabilities: float32 (H, W, C) with the C classes named; they add up to 1 at a pixel."""

    classes: tuple[PixelClass, ...] = ()
