"""Where the panels of the window are: columns and rows with borders that can be dragged. No display."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from graingraph.app.rendering.geometry import Box, Point

Slot = Literal["left", "viewer", "canvas", "right", "bottom"]
Grip = Literal["left", "right", "viewer", "bottom"]
Foldable = Literal["left", "canvas", "bottom", "right"]
"""The places that can be folded away; the picture takes their room."""
GAP = 4.0
LEAST_LEFT, LEAST_RIGHT = 188.0, 232.0
"""The buttons of the tray and the settings of a node need these widths, in pixels at scale 1."""
LEAST_VIEWER, LEAST_CANVAS, LEAST_BOTTOM, LOW_BOTTOM = 120, 64, 160, 72
"""The row of buttons with some of the picture, a node, the tabs with what is in them, and the tabs with a row of
widgets need these heights, in pixels at scale 1."""
MOST_LEAST = 0.35
"""The bottom row takes no more of a low window unasked."""
LIMITS = {"left": (0.08, 0.4), "right": (0.12, 0.5), "bottom": (0.06, 0.7), "viewer": (0.1, 0.9)}
"""The least and the largest share of the window that a panel can be given."""
OUT_OF_SIGHT = Box(-900, -900, -100, -100)


@dataclass(frozen=True)
class PanelLayout:
    """Shares of the window: widths of the side columns, height of the bottom row, of the viewer beside the canvas.

    The picture comes first: the canvas is below it, or ``beside`` it. What is ``folded`` is out of sight. With ``form``
    (a recipe locked for operators) the canvas is out of sight, too. The bottom row is at least as high as what is in it
    needs, unless it was made ``low``.
    """

    left: float = 0.16
    right: float = 0.24
    bottom: float = 0.25
    viewer: float = 0.65
    form: bool = False
    beside: bool = False
    low: bool = False
    folded: tuple[Foldable, ...] = ()

    @property
    def _out(self) -> tuple[Foldable, ...]:
        """What is folded away; an operator's form is not, as nothing else could be done."""
        return tuple(place for place in self.folded if not (self.form and place == "right"))

    @property
    def _shows_canvas(self) -> bool:
        return not self.form and "canvas" not in self._out

    def boxes(self, area: Box, ui_scale: float = 1.0) -> dict[Slot, Box]:
        """The box of each panel inside the window area below the menu, in pixels."""
        gap = GAP * ui_scale
        x1 = round(area.left + max(area.width * self.left, LEAST_LEFT * ui_scale))
        x2 = round(area.right - max(area.width * self.right, min(LEAST_RIGHT * ui_scale, 0.3 * area.width)))
        least_bottom = min((LOW_BOTTOM if self.low else LEAST_BOTTOM) * ui_scale, MOST_LEAST * area.height)
        y2 = round(area.bottom - max(area.height * self.bottom, least_bottom))
        if "left" in self._out:
            x1 = round(area.left)
        if "right" in self._out:
            x2 = round(area.right + gap)
        if "bottom" in self._out:
            y2 = round(area.bottom + gap)
        viewer = Box(x1, area.top, x2 - gap, y2 - gap)
        canvas = OUT_OF_SIGHT
        if self._shows_canvas and self.beside:
            border = round(x1 + (x2 - x1) * self.viewer)
            viewer, canvas = viewer._replace(right=border - gap), viewer._replace(left=border)
        elif self._shows_canvas:
            height, least = y2 - area.top, LEAST_VIEWER * ui_scale
            most = max(height - LEAST_CANVAS * ui_scale, 0.5 * height)
            border = round(area.top + min(max(height * self.viewer, least), most))
            viewer, canvas = viewer._replace(bottom=border - gap), viewer._replace(top=border)
        found: dict[Slot, Box] = {
            "left": Box(area.left, area.top, x1 - gap, area.bottom),
            "viewer": viewer,
            "canvas": canvas,
            "right": Box(x2, area.top, area.right, min(y2 - gap, area.bottom)),
            "bottom": Box(x1, y2, area.right, area.bottom),
        }
        return found | dict.fromkeys(self._out, OUT_OF_SIGHT)

    def grip_at(self, point: Point, area: Box, ui_scale: float = 1.0) -> Grip | None:
        """The border between panels that a point is on, if any."""
        boxes = self.boxes(area, ui_scale)
        gap = GAP * ui_scale
        canvas, viewer, right, bottom = boxes["canvas"], boxes["viewer"], boxes["right"], boxes["bottom"]
        gaps: dict[Grip, Box] = {}
        if self._shows_canvas and self.beside:
            gaps["viewer"] = Box(viewer.right, viewer.top, canvas.left, viewer.bottom)
        elif self._shows_canvas:
            gaps["viewer"] = Box(viewer.left, viewer.bottom, viewer.right, canvas.top)
        if "left" not in self._out:
            gaps["left"] = Box(viewer.left - gap, area.top, viewer.left, area.bottom)
        if "right" not in self._out:
            gaps["right"] = Box(right.left - gap, area.top, right.left, right.bottom)
        if "bottom" not in self._out:
            gaps["bottom"] = Box(bottom.left, bottom.top - gap, area.right, bottom.top)
        return next((grip for grip, box in gaps.items() if box.grown(1).holds(point)), None)

    def dragged(self, grip: Grip, to: Point, area: Box) -> "PanelLayout":
        """The layout with a border dragged to a point; no panel vanishes."""
        boxes = self.boxes(area)
        low_x, high_x = boxes["viewer"].left, (boxes["canvas"] if self.beside else boxes["viewer"]).right
        low_y, high_y = area.top, area.bottom if "bottom" in self._out else boxes["bottom"].top
        shares: dict[Grip, float] = {
            "left": (to.x - area.left) / area.width,
            "right": (area.right - to.x) / area.width,
            "bottom": (area.bottom - to.y) / area.height,
            "viewer": (to.x - low_x) / (high_x - low_x) if self.beside else (to.y - low_y) / (high_y - low_y),
        }
        low, high = LIMITS[grip]
        changed: dict[str, Any] = {grip: min(max(shares[grip], low), high)}
        return replace(self, **changed, low=self.low or grip == "bottom")

    def turned(self) -> "PanelLayout":
        """With the canvas beside the picture instead of below it, or the other way round, in a good share each."""
        return replace(self, beside=not self.beside, viewer=PanelLayout.viewer if self.beside else 0.54)

    def toggled(self, place: Foldable) -> "PanelLayout":
        """With a place folded away, or unfolded again."""
        folded = (*(one for one in self.folded if one != place), *((place,) if place not in self.folded else ()))
        return replace(self, folded=folded)


LARGE_CANVAS = PanelLayout(bottom=0.1, viewer=0.12, low=True)
LARGE_PICTURE = PanelLayout(bottom=0.1, viewer=0.88, low=True)
LARGE_RESULTS = PanelLayout(bottom=0.6)
