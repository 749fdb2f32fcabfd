"""What flows along the wires: small frozen records over read-only arrays.

Every raster value is indexed ``[row, column]`` with the origin in the top left corner. Pixel size travels in the
value (``scale``) so that a length can never lose its unit. ``notes`` are sentences that tell a reader how far to trust
the value; the evaluation passes them on to everything computed from it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

import numpy as np

from graingraph.engine.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

UNLABELLED = 255
"""The class index of a pixel that nobody has traced; it never counts in training or in area fractions."""


@dataclass(frozen=True)
class Scale:
    """Pixel size in micrometres per pixel (square pixels), and where that number came from."""

    um_per_px: float
    origin: Literal["file metadata", "scale bar", "typed"] = "typed"

    def __str__(self) -> str:
        return f"{self.um_per_px:.6g} µm/px ({self.origin})"


@dataclass(frozen=True, eq=False)
class Value:
    """Common base: sentences about trust that travel with the value. ``pin_color`` is its colour in the editor."""

    notes: tuple[str, ...] = field(default=(), kw_only=True)
    pin_color: ClassVar[str] = "#9aa0a6"

    def with_note(self, *sentences: str) -> Self:
        """Return this value with more remarks on how far it can be trusted, each said once."""
        notes = tuple(dict.fromkeys((*self.notes, *sentences)))
        return self if notes == self.notes else replace(self, notes=notes)

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays of this value, in bytes; the cache budgets with it."""
        return 64 + sum(item.nbytes for item in vars(self).values() if isinstance(item, np.ndarray))


@dataclass(frozen=True, eq=False)
class Raster(Value):
    """A value with one entry per pixel: ``pixels`` (H, W, ...) and the ``scale`` of its pixels, if known."""

    pixels: np.ndarray
    scale: Scale | None = None

    def __post_init__(self) -> None:
        self.pixels.flags.writeable = False

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def with_pixels(self, pixels: np.ndarray) -> Self:
        """Return a value of the same kind, scale and notes over other pixels."""
        return replace(self, pixels=pixels)


@dataclass(frozen=True, eq=False)
class Image(Raster):
    """A micrograph: uint8, uint16 or float32, shape (H, W) grey or (H, W, 3) RGB.

    ``name`` is the name of the image in the tray (unique there). ``range`` is the grey level of black and of white:
    (0, 255), (0, 65535), or for float images the limits found when the file was read.
    """

    name: str = ""
    range: tuple[float, float] = (0.0, 255.0)
    pin_color: ClassVar[str] = "#6aa9ff"

    @property
    def is_color(self) -> bool:
        """Whether the pixels are RGB."""
        return self.pixels.ndim == 3


@dataclass(frozen=True, eq=False)
class Mask(Raster):
    """Selected pixels: bool (H, W). A boundary network is a mask of the boundary pixels."""

    pin_color: ClassVar[str] = "#f28b82"


@dataclass(frozen=True, eq=False)
class Labels(Raster):
    """Features told apart: int32 (H, W), 0 is background, features are 1..``count`` without gaps."""

    count: int = 0
    pin_color: ClassVar[str] = "#81c995"


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


@dataclass(frozen=True, eq=False)
class ClassMap(Raster):
    """The class of every pixel: uint8 (H, W), index into ``classes``; 255 (``UNLABELLED``) is "nobody said"."""

    classes: tuple[PixelClass, ...] = ()
    pin_color: ClassVar[str] = "#fdd663"


@dataclass(frozen=True, eq=False)
class Probabilities(Raster):
    """Per-pixel class probabilities: float32 (H, W, C) with the C classes named; they add up to 1 at a pixel."""

    classes: tuple[PixelClass, ...] = ()
    pin_color: ClassVar[str] = "#d7aefb"


@dataclass(frozen=True, eq=False)
class Table(Value):
    """Measurements: columns by name, the unit of each column, and what a row stands for.

    ``columns`` are arrays of one length (rows,): numbers, bool, or object for texts and mixed things, where None is
    missing; a missing number is NaN. ``rows`` is "features" (one row a grain, pool, nodule ...; column ``Label`` is the
    feature's number in its labels), "fields" (one row an image) or "statistics". Columns named in ``units`` carry that
    unit ("µm", "µm²", "px", "%", "°", "" for a pure number). ``headline`` is the short answer shown on the node, such
    as "mean 41.3 µm (n = 312)".
    """

    columns: Mapping[str, np.ndarray]
    units: Mapping[str, str]
    rows: Literal["features", "fields", "statistics"] = "features"
    headline: str = ""
    pin_color: ClassVar[str] = "#ffb74d"

    def __post_init__(self) -> None:
        if len({column.shape for column in self.columns.values()} | {(self.count,)}) > 1:
            raise ValueError("the columns of a table have one dimension and the same length")
        for column in self.columns.values():
            column.flags.writeable = False

    @classmethod
    def of_frame(cls, frame: "pd.DataFrame", units: Mapping[str, str], **others: Any) -> Self:
        """A table of a data frame's columns; ``others`` are the other fields of the table."""
        return cls({str(name): _array(column) for name, column in frame.items()}, units, **others)

    @cached_property
    def frame(self) -> "pd.DataFrame":
        """The columns as a data frame, for work that pandas makes easier; importing pandas takes half a second."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))

    @property
    def count(self) -> int:
        """The number of rows."""
        return next((len(column) for column in self.columns.values()), 0)

    @property
    def quantities(self) -> list[str]:
        """The names of the columns of numbers, without ``Label``, whose numbers are names."""
        return [name for name, column in self.columns.items() if column.dtype.kind in "iuf" and name != "Label"]

    @property
    def nbytes(self) -> int:
        """Memory held by the columns, in bytes."""
        return 256 + sum(column.nbytes for column in self.columns.values())

    def heading(self, column: str) -> str:
        """The column's name with its unit, as printed above a column: ``Diameter (µm)``."""
        unit = self.units.get(column, "")
        return f"{column} ({unit})" if unit else column


def _array(column: "pd.Series[Any]") -> np.ndarray:
    """A column of a data frame as a table keeps it."""
    if column.dtype.kind not in "biuf":
        return column.astype(object).where(column.notna(), None).to_numpy()
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.to_numpy(float, na_value=np.nan)


@dataclass(frozen=True, eq=False)
class Model(Value):
    """A trained network: one ONNX file, known by the blake2b hash of its bytes."""

    path: Path
    hash: str
    pin_color: ClassVar[str] = "#c58af9"


@dataclass(frozen=True, eq=False)
class Series:
    """One curve or set of bars of a plot: ``x`` (n,) and ``y`` (n,); for bars ``x`` has the n + 1 bin edges."""

    name: str
    x: np.ndarray
    y: np.ndarray
    kind: Literal["bars", "line", "points"] = "line"


@dataclass(frozen=True, eq=False)
class Plot(Value):
    """A diagram as data, so that the window and the report each draw it their own way."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    pin_color: ClassVar[str] = "#4dd0e1"

    @property
    def nbytes(self) -> int:
        """Memory held by the curves, in bytes."""
        return 64 + sum(one.x.nbytes + one.y.nbytes for one in self.series)


@dataclass(frozen=True, eq=False)
class Document(Value):
    """A finished file: its name (no folder) and its bytes. A batch writes it; the window offers to save or open it."""

    name: str
    data: bytes
    pin_color: ClassVar[str] = "#e6c9a8"

    @property
    def nbytes(self) -> int:
        """Size of the file, in bytes."""
        return len(self.data)


T = TypeVar("T", bound=Value)


class PerImage(Mapping[str, T]):
    """The value of *every* image of the tray, by image name, in tray order; asked for one at a time.

    A value is computed when it is asked for, so a node that shows one representative image costs one image. Asking
    for an image that failed raises its ``Problem``; ``good()`` skips it and remembers it in ``failures``.
    """

    def __init__(self, names: Sequence[str], get: Callable[[str], T]) -> None:
        self._names = dict.fromkeys(names)
        self._get = get
        self.failures: dict[str, Problem] = {}

    def __getitem__(self, name: str) -> T:
        self._names[name]
        return self._get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def good(self) -> Iterator[tuple[str, T]]:
        """Name and value of each image that could be computed, in tray order."""
        for name in self._names:
            try:
                value = self._get(name)
            except Problem as problem:
                self.failures[name] = problem
            else:
                yield name, value


VALUE_TYPES: Mapping[str, type[Value]] = {
    kind.__name__: kind for kind in (Image, Mask, Labels, ClassMap, Probabilities, Table, Model, Plot, Document)
}
