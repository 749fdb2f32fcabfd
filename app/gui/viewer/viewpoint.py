"""The state of the viewer and what the mouse does to it. No display: the panel passes events on and draws the rest."""

import time
from dataclasses import dataclass, field
from typing import Literal

from graingraph.app.gui.base.pointer import Button
from graingraph.app.rendering.geometry import Point
from graingraph.app.rendering.view import View, fit

Mode = Literal["look", "rule", "measure", "draw"]
"""In "rule" the ruler takes the left button, in "measure" a drag is the line at which the pixel size is set."""
Compare = Literal["off", "wipe", "difference"]
WHEEL_STEP = 1.2
CLICK_PX = 4.0
GRIP_PX = 7.0
SETTLE_S = 0.25
PICTURE_GAP = 6
"""Between two pictures side by side, in pixels."""


@dataclass
class Viewpoint:
    """Where the viewer looks and how it reacts to the mouse; ``size`` is the panel's (width, height) in pixels.

    ``clicked`` holds the image point of a click that was no drag, until it is taken. ``line`` is the distance being
    measured, in image coordinates. ``wipe`` is where the two pictures of a comparison meet, as a share of the width.
    """

    view: View = field(default_factory=View)
    size: tuple[int, int] = (0, 0)
    shape: tuple[int, int] | None = None
    mode: Mode = "look"
    compare: Compare = "off"
    wipe: float = 0.5
    pointer: Point | None = None
    clicked: Point | None = None
    line: tuple[Point, Point] | None = None
    _drag: tuple[str, Point, View] | None = None
    _fits: bool = True
    _wheeled: float = 0.0
    asks_for_menu: bool = False
    """Whether the button that went up last was a right click, no drag."""

    def show(self, shape: tuple[int, int] | None, size: tuple[int, int]) -> None:
        """An image of this shape in a panel of this size; another shape, or a view never moved, is fitted anew."""
        changed = shape != self.shape
        grown = size != self.size
        self.size = size
        if shape is not None and (changed or (grown and self._fits)):
            self.shape = shape
            self.fit()

    def fit(self) -> None:
        """Show the whole image."""
        if self.shape:
            self.view = fit(self.shape, self.size)
            self._fits = True

    def actual_size(self) -> None:
        """One panel pixel per image pixel, about the middle of the panel."""
        self.view = self.view.at_zoom(1.0, (self.size[0] / 2, self.size[1] / 2))
        self._fits = False

    def scroll(self, by: tuple[float, float]) -> None:
        """Show what lies so many panel pixels further to the right and down."""
        self.view = self.view.panned(-by[0], -by[1])
        self._fits = False

    def look_at(self, at: tuple[float, float]) -> None:
        """Bring an image point into the panel if it is not."""
        seen = self.view.to_panel(at)
        if not (0 <= seen.x < self.size[0] and 0 <= seen.y < self.size[1]):
            self.view = self.view.centred_on(at, self.size)
            self._fits = False

    def centre_on(self, at: tuple[float, float]) -> None:
        """Bring an image point to the middle of the panel."""
        self.view = self.view.centred_on(at, self.size)
        self._fits = False

    def look_closely(self, low: tuple[float, float], high: tuple[float, float]) -> None:
        """Show a box of the image in the middle half of the panel, no closer than four panel pixels an image pixel."""
        width, height = (max(b - a, 1.0) for a, b in zip(low, high, strict=True))
        zoom = min(self.size[0] / width / 2, self.size[1] / height / 2, 4.0)
        middle = ((low[0] + high[0]) / 2, (low[1] + high[1]) / 2)
        self.view = self.view.at_zoom(zoom, (0, 0)).centred_on(middle, self.size)
        self._fits = False

    def wheel(self, steps: float, at: Point) -> None:
        """Zoom about a panel pixel."""
        self.view = self.view.zoomed(WHEEL_STEP**steps, at)
        self._wheeled = time.monotonic()
        self._fits = False

    def press(self, button: Button, at: Point, *, pan: bool = False) -> None:
        """A button went down at a panel pixel; ``pan`` (a held key) makes any button pan."""
        if button == "left" and not pan and self._on_wipe(at):
            self._drag = ("wipe", at, self.view)
        elif button == "left" and not pan and self.mode == "measure":
            point = self.view.to_image(at)
            self.line = (point, point)
            self._drag = ("measure", at, self.view)
        else:
            self._drag = (
                "right" if button == "right" else "pan" if button == "middle" or pan else "look",
                at,
                self.view,
            )

    def free(self, at: Point) -> bool:
        """Whether a left press there is neither for the wipe line nor for measuring, so that it may draw."""
        return self.mode == "look" and not self._on_wipe(at)

    def rules(self, at: Point) -> bool:
        """Whether a left press there is for the ruler."""
        return self.mode == "rule" and not self._on_wipe(at)

    def _on_wipe(self, at: Point) -> bool:
        return self.compare == "wipe" and abs(at.x - self.wipe * self.size[0]) < GRIP_PX

    def move(self, at: Point | None) -> None:
        """The pointer is at a panel pixel now, or has left the panel."""
        self.pointer = at
        if self._drag is None or at is None:
            return
        kind, start, view = self._drag
        if kind == "wipe":
            self.wipe = min(max(at.x / max(self.size[0], 1), 0.0), 1.0)
        elif kind == "measure" and self.line:
            self.line = (self.line[0], self.view.to_image(at))
        elif kind in ("pan", "look", "right") and start.distance(at) >= CLICK_PX:
            self._drag = ("pan", start, view)
            self.view = view.panned(at.x - start.x, at.y - start.y)
            self._fits = False
        elif kind == "pan":
            self.view = view.panned(at.x - start.x, at.y - start.y)

    def release(self, at: Point) -> None:
        """The button went up."""
        self.asks_for_menu = bool(self._drag and self._drag[0] == "right" and self._drag[1].distance(at) < CLICK_PX)
        if self._drag and self._drag[0] == "look":
            self.clicked = self.view.to_image(at)
        if self._drag and self._drag[0] == "measure" and self.line and self.line[0] == self.line[1]:
            self.line = None
        self._drag = None

    @property
    def moving(self) -> bool:
        """Whether the picture is being dragged or zoomed right now."""
        dragged = self._drag is not None and self._drag[0] in ("pan", "wipe")
        return dragged or time.monotonic() - self._wheeled < SETTLE_S

    @property
    def dragging(self) -> bool:
        """Whether a button that went down in the viewer is still down."""
        return self._drag is not None

    def take_click(self) -> Point | None:
        """The image point clicked since last asked, once."""
        clicked, self.clicked = self.clicked, None
        return clicked
