"""Where the viewer looks: zoom and place, in image pixels and panel pixels. No display.

Image coordinates are x to the right and y down with pixel edges at integers, as in marks; the pixel in column c covers
x from c to c + 1.
"""

from dataclasses import dataclass, replace

from graingraph.app.rendering.geometry import Point

LEAST_ZOOM, MOST_ZOOM = 1 / 128, 64.0


@dataclass(frozen=True)
class View:
    """``zoom`` is panel pixels per image pixel; ``x``, ``y`` the image point in the panel's top left corner."""

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_image(self, at: tuple[float, float]) -> Point:
        """The image point under a panel pixel."""
        return Point(self.x + at[0] / self.zoom, self.y + at[1] / self.zoom)

    def to_panel(self, at: tuple[float, float]) -> Point:
        """The panel pixel that shows an image point."""
        return Point((at[0] - self.x) * self.zoom, (at[1] - self.y) * self.zoom)

    def panned(self, dx: float, dy: float) -> "View":
        """The picture moved by panel pixels."""
        return replace(self, x=self.x - dx / self.zoom, y=self.y - dy / self.zoom)

    def zoomed(self, factor: float, about: tuple[float, float]) -> "View":
        """Closer by a factor (within limits); the image point under ``about`` stays there."""
        zoom = min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        fixed = self.to_image(about)
        return View(zoom, fixed.x - about[0] / zoom, fixed.y - about[1] / zoom)

    def at_zoom(self, zoom: float, about: tuple[float, float]) -> "View":
        """At exactly this zoom, with the image point under ``about`` where it is."""
        return self.zoomed(zoom / self.zoom, about)

    def centred_on(self, at: tuple[float, float], size: tuple[float, float]) -> "View":
        """With an image point in the middle of a panel of this size."""
        return replace(self, x=at[0] - size[0] / 2 / self.zoom, y=at[1] - size[1] / 2 / self.zoom)


def fit(shape: tuple[int, int], size: tuple[float, float]) -> View:
    """The whole image (rows, columns) in the middle of a panel (width, height)."""
    rows, columns = max(shape[0], 1), max(shape[1], 1)
    zoom = min(max(min(size[0] / columns, size[1] / rows), LEAST_ZOOM), MOST_ZOOM)
    return View(zoom).centred_on((columns / 2, rows / 2), size)
