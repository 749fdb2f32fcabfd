"""Where the panels of the window are: columns and rows with borders that can be dragged. No display."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from graingraph.app.rendering.geometry import Box, Point

Slot = Literal["left", "viewer", "canvas", "right", "bottom"]
Grip = Literal["left", "right", "viewer", "bottom"]
GAP = 4.0
LEAST_LEFT = 188.0
"""The tray's buttons need this width, in pixels at scale 1."""
LIMITS = {"left": (0.08, 0.4), "right": (0.12, 0.5), "bottom": (0.06, 0.7), "viewer": (0.1, 0.9)}
"""The least and the largest share of the window that a panel can be given."""


@dataclass(frozen=True)
class PanelLayout:
    """Shares of the window: widths of the side columns, height of the bottom row, of the viewer above the canvas.

    With ``form`` the viewer takes the canvas's place too, and the canvas is out of sight.
    """

    left: float = 0.16
    right: float = 0.24
    bottom: float = 0.25
    viewer: float = 0.53
    form: bool = False

    def boxes(self, area: Box, ui_scale: float = 1.0) -> dict[Slot, Box]:
        """The box of each panel inside the window area below the menu, in pixels."""
        gap = GAP * ui_scale
        x1 = round(area.left + max(area.width * self.left, LEAST_LEFT * ui_scale))
        x2 = round(area.right - area.width * self.right)
        y2 = round(area.bottom - area.height * self.bottom)
        y1 = round(area.top + (y2 - area.top) * self.viewer) if not self.form else y2
        canvas = Box(x1, y1, x2 - gap, y2 - gap) if not self.form else Box(-900, -900, -100, -100)
        return {
            "left": Box(area.left, area.top, x1 - gap, area.bottom),
            "viewer": Box(x1, area.top, x2 - gap, y1 - gap),
            "canvas": canvas,
            "right": Box(x2, area.top, area.right, y2 - gap),
            "bottom": Box(x1, y2, area.right, area.bottom),
        }

    def grip_at(self, point: Point, area: Box, ui_scale: float = 1.0) -> Grip | None:
        """The border between panels that a point is on, if any."""
        boxes = self.boxes(area, ui_scale)
        gap = GAP * ui_scale
        viewer, right, bottom = boxes["viewer"], boxes["right"], boxes["bottom"]
        gaps: dict[Grip, Box] = {
            "left": Box(viewer.left - gap, area.top, viewer.left, area.bottom),
            "right": Box(viewer.right, area.top, right.left, right.bottom),
            "bottom": Box(bottom.left, bottom.top - gap, area.right, bottom.top),
        }
        if not self.form:
            gaps["viewer"] = Box(viewer.left, viewer.bottom, viewer.right, boxes["canvas"].top)
        return next((grip for grip, box in gaps.items() if box.grown(1).holds(point)), None)

    def dragged(self, grip: Grip, to: Point, area: Box) -> "PanelLayout":
        """The layout with a border dragged to a point; no panel vanishes."""
        shares: dict[Grip, float] = {
            "left": (to.x - area.left) / area.width,
            "right": (area.right - to.x) / area.width,
            "bottom": (area.bottom - to.y) / area.height,
            "viewer": (to.y - area.top) / (area.height * (1 - self.bottom)),
        }
        low, high = LIMITS[grip]
        changed: dict[str, Any] = {grip: min(max(shares[grip], low), high)}
        return replace(self, **changed)


LARGE_CANVAS = PanelLayout(bottom=0.1, viewer=0.12)
LARGE_PICTURE = PanelLayout(bottom=0.1, viewer=0.88)
LARGE_RESULTS = PanelLayout(bottom=0.6)
