"""A pointer in the picture that keys move and press, in the place of the mouse. No display."""

from dataclasses import dataclass

from graingraph.app.rendering.geometry import Point

STEP_PX, FINE_PX = 10.0, 1.0
"""How far an arrow key moves it, and with Shift, in panel pixels at UI scale 1."""
AWAY_PX = 8.0
"""So far the mouse moves before it takes over again, in panel pixels."""
ARROWS = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}


@dataclass
class KeyPointer:
    """``at`` is where it is in the panel, in pixels; None while the mouse points. ``down`` is its one button."""

    at: Point | None = None
    down: bool = False
    _clicks: bool = False
    _mouse: Point | None = None

    def take_up(self, at: Point, mouse: Point) -> None:
        """Point at a panel pixel from now on; the mouse is at another."""
        self.at, self.down, self._mouse = at, False, mouse

    def move(self, key: str, scale: float, size: tuple[int, int]) -> Point | None:
        """Move by an arrow key within a panel of this size; how far it would have left it, None for another key."""
        arrow = ARROWS.get(key.removeprefix("Shift+"))
        if arrow is None or self.at is None:
            return None
        step = scale * (FINE_PX if key.startswith("Shift+") else STEP_PX)
        wanted = self.at.moved(step * arrow[0], step * arrow[1])
        self.at = Point(min(max(wanted.x, 0.0), size[0] - 1.0), min(max(wanted.y, 0.0), size[1] - 1.0))
        return Point(wanted.x - self.at.x, wanted.y - self.at.y)

    def press(self, *, holds: bool) -> None:
        """Press the button: to let it go again at once, or where it ``holds`` by the next press."""
        self._clicks = not holds
        self.down = not self.down if holds else True

    def turn(self, mouse: Point) -> None:
        """A turn of the main loop is over, in which the button was seen; the mouse is here now."""
        if self._clicks:
            self.down = self._clicks = False
        if self._mouse is not None and mouse.distance(self._mouse) > AWAY_PX:
            self.at, self.down, self._mouse = None, False, None
