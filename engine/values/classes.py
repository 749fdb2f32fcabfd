"""Values that say of every pixel what it belongs to: the classes of a traced or trained segmentation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from graingraph.engine.values.raster import Raster
from graingraph.engine.values.registry import record, value_type

UNLABELLED = 255
"""The class index of a pixel that nobody has traced; it never counts in training or in area fractions."""

CLASS_COLORS = (
    "#9e9e9e",
    "#ff5252",
    "#448aff",
    "#69f0ae",
    "#ffd740",
    "#e040fb",
    "#18ffff",
    "#ff6e40",
    "#b2ff59",
    "#536dfe",
)
"""Colours that are easy to tell apart; the first is for what lies behind."""

Role = Literal["area", "boundary", "core"]
"""What a class is: an area (features, a phase, what lies between), the lines along the outlines of the features of an
area, or the middles of its features."""


@record
@dataclass(frozen=True)
class PixelClass:
    """One class of a trained or traced segmentation: its name, its display colour ``#rrggbb``, and what it is.

    ``of`` is the name of the class whose boundary or core it is; empty for an area, and for a boundary of whatever
    lies beside it. What is done with a class is decided by its role; its name is for people.
    """

    name: str
    color: str = "#ff0000"
    role: Role = "area"
    of: str = ""

    def __post_init__(self) -> None:
        if self.role not in get_args(Role):
            raise ValueError(f"a class is {', '.join(get_args(Role))}, not {self.role!r}")

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue of the colour, 0 to 255."""
        red, green, blue = bytes.fromhex(self.color[1:7])
        return red, green, blue


@value_type(pin="#fdd663")
@dataclass(frozen=True, eq=False)
class ClassMap(Raster):
    """The class of every pixel: uint8 (H, W), index into ``classes``; 255 (``UNLABELLED``) is "nobody said"."""

    pixels: npt.NDArray[np.uint8]
    classes: tuple[PixelClass, ...] = ()


@value_type(pin="#d7aefb")
@dataclass(frozen=True, eq=False)
class Probabilities(Raster):
    """Per-pixel class probabilities: float32 (H, W, C) with the C classes named; they add up to 1 at a pixel."""

    pixels: npt.NDArray[np.float32]
    classes: tuple[PixelClass, ...] = ()


def color_of(number: int) -> str:
    """The colour of a class of which only the number, counted from 0, is known."""
    return CLASS_COLORS[number % len(CLASS_COLORS)]


def boundary_of(name: str, color: str = "#e4572e") -> PixelClass:
    """A new class for the lines along the outlines of a class's features."""
    return PixelClass(f"{name} boundary", color, "boundary", name)


def core_of(name: str, color: str = "#ffd54f") -> PixelClass:
    """A new class for the middles of a class's features."""
    return PixelClass(f"{name} core", color, "core", name)


def boundary_index(classes: Sequence[PixelClass], of: str | None = None) -> int | None:
    """Index of the first boundary class, or of the first that bounds the class ``of``; None where there is none."""
    found = (i for i, item in enumerate(classes) if item.role == "boundary" and of in (None, item.of))
    return next(found, None)


def cores_by_class(classes: Sequence[PixelClass]) -> dict[int, int]:
    """For each class that has a core, by its index, the index of its core."""
    index = {item.name: i for i, item in enumerate(classes)}
    return {index[item.of]: i for i, item in enumerate(classes) if item.role == "core" and item.of in index}


def without_cores(classes: Iterable[PixelClass]) -> tuple[PixelClass, ...]:
    """The classes that were traced; the cores, which a training adds, come behind them."""
    return tuple(item for item in classes if item.role != "core")


def with_roles_of_names(classes: Sequence[PixelClass]) -> tuple[PixelClass, ...]:
    """The classes with the roles that their names meant before classes had roles. Only for reading files.

    Recipes and models from before, and annotation files, which have names only, say it like this: a name with
    "boundar" or "border" in it is a boundary, of the class X if it is "X boundary"; names "X core" behind all others,
    one for each class X that has a boundary, are cores.
    """
    names = [item.name for item in classes]
    bounded = [name for name in names if boundary_of(name).name in names and core_of(name).name in names]
    cores = [core_of(name).name for name in bounded]
    own = len(names) - len(cores) if cores and names[-len(cores) :] == cores else len(names)

    def read(index: int, item: PixelClass) -> PixelClass:
        if index >= own:
            return replace(item, role="core", of=bounded[index - own])
        if "boundar" in item.name.lower() or "border" in item.name.lower():
            of = next((name for name in names[:own] if item.name == boundary_of(name).name), "")
            return replace(item, role="boundary", of=of)
        return replace(item, role="area", of="")

    return tuple(read(index, item) for index, item in enumerate(classes))
