"""Handling a canvas without a display, as the mouse would."""

from graingraph.app.gui.canvas.controller import Canvas, Modifiers
from graingraph.app.rendering.geometry import Point

NONE = Modifiers()


class Clipboard:
    text = ""

    def copy(self, text: str) -> None:
        self.text = text

    def paste(self) -> str:
        return self.text


def pixel_of(canvas: Canvas, node: str, dx: float = 90, dy: float = 12) -> Point:
    box = canvas.scene.boxes[node].box
    return canvas.viewpoint.to_screen((box.left + dx, box.top + dy))


def pin_pixel(canvas: Canvas, node: str, pin: str, is_output: bool) -> Point:
    return canvas.viewpoint.to_screen(canvas.scene.spots[node, pin, is_output].at)


def drag(canvas: Canvas, start: Point, end: Point, button="left", held: Modifiers = NONE) -> None:
    canvas.move(start)
    canvas.press(button, start, held)
    for part in (0.3, 0.7, 1.0):
        canvas.move(Point(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part))
    canvas.release(end)
