"""The small map in the corner of the canvas: where things are on it, and the way back."""

from dataclasses import dataclass

from graingraph.app.rendering.geometry import Box, Point

WIDTH, HEIGHT, MARGIN = 180.0, 110.0, 10.0
MOST = 0.28
"""The share of the panel that the map takes at most, either way."""


@dataclass(frozen=True)
class Minimap:
    """A map of a canvas area drawn in a box of the panel (pixels)."""

    area: Box
    box: Box

    @classmethod
    def of(cls, extent: Box, panel: tuple[float, float], ui_scale: float) -> "Minimap":
        """The map of everything, in the lower right corner of a panel of this size."""
        margin = MARGIN * ui_scale
        width, height = min(WIDTH * ui_scale, MOST * panel[0]), min(HEIGHT * ui_scale, MOST * panel[1])
        right, bottom = panel[0] - margin, panel[1] - margin
        return cls(extent.grown(60), Box(right - width, bottom - height, right, bottom))

    @property
    def _scale(self) -> float:
        return min(self.box.width / self.area.width, self.box.height / self.area.height)

    def to_map(self, point: tuple[float, float]) -> Point:
        """The pixel of the panel that stands for a canvas point."""
        centre, middle = self.area.centre, self.box.centre
        return Point(
            middle.x + (point[0] - centre.x) * self._scale,
            middle.y + (point[1] - centre.y) * self._scale,
        )

    def to_canvas(self, pixel: tuple[float, float]) -> Point:
        """The canvas point that a pixel of the panel stands for."""
        centre, middle = self.area.centre, self.box.centre
        return Point(
            centre.x + (pixel[0] - middle.x) / self._scale,
            centre.y + (pixel[1] - middle.y) / self._scale,
        )

    def clipped(self, seen: Box) -> Box:
        """The box of the seen area on the map, cut at the map's border."""
        start, end = self.to_map((seen.left, seen.top)), self.to_map((seen.right, seen.bottom))
        return Box(
            max(start.x, self.box.left),
            max(start.y, self.box.top),
            min(end.x, self.box.right),
            min(end.y, self.box.bottom),
        )

    def needed(self, seen: Box) -> bool:
        """Whether part of the area is out of sight."""
        inner = self.area.grown(-60)
        return not (seen.holds((inner.left, inner.top)) and seen.holds((inner.right, inner.bottom)))
