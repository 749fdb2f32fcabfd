"""Scrolling while something is dragged to the edge of the canvas: the further out the pointer, the faster."""

from dataclasses import dataclass, field

from graingraph.app.rendering.geometry import Point

ZONE, REST_S = 8.0, 0.3
"""How wide the edge is inside the panel, pixels at UI scale 1, and how long the pointer has to stay there."""
SLOWEST, FASTER, FASTEST = 80.0, 9.0, 1600.0
"""Pixels a second at the beginning of the edge, gained by each pixel further out, and at most."""
LONGEST_STEP_S = 0.1
"""What counts at most at once, so that a busy machine does not jump."""


@dataclass
class EdgeScroll:
    """The scrolling of one drag that was pressed at a pixel of a panel of this size.

    Outside the panel it scrolls at once; inside, in the edge, only if the pointer rests there, as something may well
    be dropped so near. Where it was pressed in the edge already, the pointer has to leave that first.
    """

    pressed: Point
    size: tuple[float, float]
    ui_scale: float
    _waiting: set[tuple[int, bool]] = field(init=False)
    _rested: float = 0.0

    def __post_init__(self) -> None:
        self._waiting = {side for side, depth in self._depths(self.pressed).items() if depth > 0}

    def step(self, pixel: Point, seconds: float) -> Point:
        """How far to pan, in pixels, for so long a time with the pointer there."""
        depths = self._depths(pixel)
        zone = ZONE * self.ui_scale
        self._waiting = {side for side in self._waiting if 0 < depths[side] <= zone}
        self._rested = self._rested + seconds if max(depths.values()) > 0 else 0.0
        shift = [0.0, 0.0]
        for side, depth in depths.items():
            axis, is_end = side
            if depth > (0 if self._rested > REST_S else zone) and side not in self._waiting:
                speed = min(SLOWEST * self.ui_scale + FASTER * depth, FASTEST * self.ui_scale)
                shift[axis] += (-speed if is_end else speed) * min(seconds, LONGEST_STEP_S)
        return Point(*shift)

    def _depths(self, pixel: Point) -> dict[tuple[int, bool], float]:
        """How deep a pixel is in each edge: by axis, and whether it is the one at the end (right, bottom)."""
        zone = ZONE * self.ui_scale
        starts = {(axis, False): zone - pixel[axis] for axis in (0, 1)}
        return starts | {(axis, True): pixel[axis] - (self.size[axis] - zone) for axis in (0, 1)}
