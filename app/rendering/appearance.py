"""How each kind of raster looks over the micrograph: its colours, what they can show, and what is said of a pixel.

An ``Appearance`` is declared for a value type and found by it, or by the nearest type it derives from. A value type of
a plug-in that is no raster shows itself as rasters and lines that are known here (``views.layers``).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import cv2
import numpy as np

from graingraph.app.rendering.palettes import measured_palette, place_palette
from graingraph.app.rendering.resample import LINE_LEVEL, ClassPyramid, Nearest, Pyramid, Sampled
from graingraph.app.rendering.view import View
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, Mask, Probabilities, Raster, Table
from graingraph.engine.values.classes import boundary_index, without_cores
from graingraph.engine.values.registry import ByType
from graingraph.engine.values.wording import short
from graingraph.nodes.imaging.picture.overlay import class_palette, draw_outlines, tint_classes

Style = Literal["fill", "outline", "off"]
EACH = "each its own"
Prepared = Pyramid | ClassPyramid | Nearest
Cover = Callable[[ClassMap], np.ndarray | None]


@dataclass(frozen=True, eq=False)
class RenderStyle:
    """How features are laid over the micrograph.

    ``palette`` uint8 (n + 1, 3) colours labels by something measured; without one each label has a colour of its own.
    ``cover`` uint8 (256,) is how strongly each class is shown. ``chosen`` is a label to set off. ``levels`` are the
    grey levels of black and white; None takes the image's range.
    """

    style: Style = "fill"
    opacity: float = 0.45
    color: tuple[int, int, int] = (255, 90, 80)
    palette: np.ndarray | None = None
    chosen: int = 0
    levels: tuple[float, float] | None = None
    plane: int = -1
    alone: bool = False
    cover: np.ndarray | None = None


class Painted(NamedTuple):
    """``colors`` uint8 (h, w, 3) for a box of the panel, and its ``cover``: bool, or uint8 where it varies.

    ``sampled`` has the box and what is there; ``opaque`` says that it is not mixed with the micrograph.
    """

    sampled: Sampled
    colors: np.ndarray
    cover: np.ndarray
    opaque: bool


class Legend(NamedTuple):
    """What a scale of colours shows, and its ends, in words."""

    title: str
    low: str
    high: str


R = TypeVar("R", bound=Raster)


class Appearance(Generic[R]):
    """How a raster looks: as this class has it, a plane of numbers from 0 to 1 in a scale of colours."""

    def prepare(self, value: R, plane: int) -> Prepared:
        """What parts of the raster are painted from."""
        return Pyramid(value.pixels if value.pixels.ndim == 2 else np.ascontiguousarray(value.pixels[..., plane]))

    def paint(
        self, value: R, prepared: Prepared, style: RenderStyle, view: View, size: tuple[int, int]
    ) -> Painted | None:
        """The part of a panel of ``size`` (width, height) that the raster covers; None where none of it is seen."""
        sampled = prepared.sample(view, size)
        if sampled is None:
            return None
        level = np.clip(sampled.pixels * 255, 0, 255).astype(np.uint8)
        heat = cv2.cvtColor(cv2.applyColorMap(level, cv2.COLORMAP_VIRIDIS), cv2.COLOR_BGR2RGB)
        return Painted(sampled, heat, np.ones(level.shape, bool), style.style == "outline")

    def colorings(self, value: R, table: Table | None) -> tuple[str, ...]:
        """What its colours can show; the table's rows are its features."""
        return (EACH,)

    def first_coloring(self, value: R, colorings: tuple[str, ...]) -> str:
        """What they show at first."""
        return colorings[0]

    def styled(
        self, style: RenderStyle, value: R, table: Table | None, by: str, cover: Cover
    ) -> tuple[RenderStyle, Legend | None]:
        """The style with what colouring ``by`` needs; ``cover`` says how strongly classes are shown."""
        return style, None

    def words(self, value: R, row: int, column: int) -> str:
        """What is said of a pixel."""
        return f"{value.pixels[row, column]:.4g}" if value.pixels.ndim == 2 else ""

    def drawn(self, rgb: np.ndarray, value: R) -> np.ndarray | None:
        """The raster over the whole micrograph, uint8 (H, W, 3), for a batch; None where it is not to be drawn."""
        return None


APPEARANCES: ByType[Appearance[Any]] = ByType("appearance")


def appearance_of(kind: type[Raster]) -> Appearance[Any]:
    """How rasters of this type look."""
    found = APPEARANCES.of(kind)
    assert found is not None, kind  # all derive from Raster
    return found


class _ImageAppearance(Appearance[Image]):
    """The micrograph itself."""

    def prepare(self, value: Image, plane: int) -> Pyramid:
        return Pyramid(value.pixels)


class _Numbered(Appearance[R]):
    """Pixels that hold numbers of things with a colour each; ``background`` is the number of nothing."""

    background = 0

    def palette(self, value: R, prepared: Prepared, style: RenderStyle) -> np.ndarray:
        """The colour of each number: uint8 (n, 3)."""
        raise NotImplementedError

    def paint(
        self, value: R, prepared: Prepared, style: RenderStyle, view: View, size: tuple[int, int]
    ) -> Painted | None:
        """Each thing in its colour, or the lines between them."""
        sampled = prepared.sample(view, size)
        if sampled is None:
            return None
        numbers = sampled.pixels
        shown = numbers != self.background
        if style.style == "outline":
            shown &= edges(numbers)
        colors = _looked_up(self.palette(value, prepared, style), numbers)
        return Painted(sampled, colors, self.cover(style, numbers, shown), style.style == "outline")

    def cover(self, style: RenderStyle, numbers: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """How far each pixel is covered."""
        return shown


class ColoredLabels(Nearest):
    """Labels, and the colour that each has of its own: ``palette`` uint8 (count + 1, 3)."""

    def __init__(self, value: Labels) -> None:
        super().__init__(value.pixels)
        self.palette = place_palette(value.pixels, value.count)


class _LabelsAppearance(_Numbered[Labels]):
    """Features, each in a colour of its own or by what was measured on it."""

    def __init__(self) -> None:
        self._measured: tuple[object, np.ndarray, tuple[float, float]] | None = None

    def prepare(self, value: Labels, plane: int) -> ColoredLabels:
        return ColoredLabels(value)

    def palette(self, value: Labels, prepared: Prepared, style: RenderStyle) -> np.ndarray:
        if style.palette is not None and len(style.palette) == value.count + 1:
            return style.palette
        assert isinstance(prepared, ColoredLabels)
        return prepared.palette

    def colorings(self, value: Labels, table: Table | None) -> tuple[str, ...]:
        return (EACH, *table.quantities) if table is not None and "Label" in table.columns else (EACH,)

    def styled(
        self, style: RenderStyle, value: Labels, table: Table | None, by: str, cover: Cover
    ) -> tuple[RenderStyle, Legend | None]:
        if table is None or by not in table.columns:
            return style, None
        key = (value, table, by)
        if self._measured is None or self._measured[0] != key:
            values = table.columns[by].astype(float)
            self._measured = (key, *measured_palette(table.columns["Label"], values, value.count))
        _, palette, (low, high) = self._measured
        return replace(style, palette=palette), Legend(table.heading(by), short(low, 4), short(high, 4))

    def words(self, value: Labels, row: int, column: int) -> str:
        label = value.pixels[row, column]
        return f"label {label}" if label else "background"

    def drawn(self, rgb: np.ndarray, value: Labels) -> np.ndarray:
        return draw_outlines(rgb, value.pixels)


class _ClassesAppearance(_Numbered[ClassMap]):
    """Classes in their colours, as strongly as their layers are shown."""

    background = UNLABELLED

    def prepare(self, value: ClassMap, plane: int) -> ClassPyramid:
        return ClassPyramid(value.pixels)

    def palette(self, value: ClassMap, prepared: Prepared, style: RenderStyle) -> np.ndarray:
        return class_palette([kind.rgb for kind in value.classes])

    def cover(self, style: RenderStyle, numbers: np.ndarray, shown: np.ndarray) -> np.ndarray:
        return shown if style.cover is None else np.where(shown, style.cover[numbers], np.uint8(0))

    def styled(
        self, style: RenderStyle, value: ClassMap, table: Table | None, by: str, cover: Cover
    ) -> tuple[RenderStyle, Legend | None]:
        return replace(style, cover=cover(value)), None

    def words(self, value: ClassMap, row: int, column: int) -> str:
        index = value.pixels[row, column]
        return "unlabelled" if index == UNLABELLED else f"class {value.classes[index].name}"

    def drawn(self, rgb: np.ndarray, value: ClassMap) -> np.ndarray:
        return tint_classes(rgb, value.pixels, [kind.rgb for kind in value.classes])


class _MaskAppearance(Appearance[Mask]):
    """What is selected, in one colour; thin lines at full strength however far away."""

    def paint(
        self, value: Mask, prepared: Prepared, style: RenderStyle, view: View, size: tuple[int, int]
    ) -> Painted | None:
        sampled = prepared.sample(view, size)
        if sampled is None:
            return None
        colors = np.empty((*sampled.pixels.shape, 3), np.uint8)
        colors[:] = style.color
        if isinstance(prepared, Pyramid) and prepared.lines:
            return Painted(sampled, colors, sampled.pixels > LINE_LEVEL, True)
        outlined = style.style == "outline"
        if outlined and view.zoom > 0.5:
            return Painted(sampled, colors, edges(sampled.pixels > 127), True)
        return Painted(sampled, colors, sampled.pixels > 127 if view.zoom >= 1 else sampled.pixels, outlined)

    def words(self, value: Mask, row: int, column: int) -> str:
        return "in the mask" if value.pixels[row, column] else "not in the mask"

    def drawn(self, rgb: np.ndarray, value: Mask) -> np.ndarray:
        return draw_outlines(rgb, value.pixels)


class _ProbabilitiesAppearance(Appearance[Probabilities]):
    """The probability of one class."""

    def colorings(self, value: Probabilities, table: Table | None) -> tuple[str, ...]:
        return tuple(one.name for one in value.classes) or (EACH,)

    def first_coloring(self, value: Probabilities, colorings: tuple[str, ...]) -> str:
        return colorings[telling_plane(value)]

    def styled(
        self, style: RenderStyle, value: Probabilities, table: Table | None, by: str, cover: Cover
    ) -> tuple[RenderStyle, Legend | None]:
        names = [one.name for one in value.classes]
        return replace(style, plane=names.index(by) if by in names else telling_plane(value)), None

    def words(self, value: Probabilities, row: int, column: int) -> str:
        shares = value.pixels[row, column]
        return ", ".join(f"{one.name} {p:.2f}" for one, p in zip(value.classes, shares, strict=False))


for _kind, _appearance in (
    (Raster, Appearance[Raster]()),
    (Image, _ImageAppearance()),
    (Labels, _LabelsAppearance()),
    (ClassMap, _ClassesAppearance()),
    (Mask, _MaskAppearance()),
    (Probabilities, _ProbabilitiesAppearance()),
):
    APPEARANCES.declare(_kind, _appearance, __name__)


def telling_plane(value: Probabilities) -> int:
    """The class to show first: boundaries where there are any, else the last one that was traced; -1 without names."""
    line = boundary_index(value.classes)
    return len(without_cores(value.classes)) - 1 if line is None else line


def edges(numbers: np.ndarray, *, around: bool = False) -> np.ndarray:
    """Panel pixels whose right or lower neighbour has another number (``around``: any neighbour on either side)."""
    edge = np.zeros(numbers.shape, bool)
    down, right = numbers[1:] != numbers[:-1], numbers[:, 1:] != numbers[:, :-1]
    edge[:-1] |= down
    edge[:, :-1] |= right
    if around:
        edge[1:] |= down
        edge[:, 1:] |= right
    return edge


def _looked_up(palette: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The colour of each number: uint8 (h, w, 3). Four bytes are fetched at once, which is many times faster."""
    packed = np.zeros((len(palette), 4), np.uint8)
    packed[:, :3] = palette
    found = packed.view(np.uint32)[:, 0].take(numbers)
    return cv2.cvtColor(found.view(np.uint8).reshape(*numbers.shape, 4), cv2.COLOR_RGBA2RGB)
