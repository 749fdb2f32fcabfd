"""The drawing tools: what each is called, its key, how it is used and what it does."""

from dataclasses import dataclass
from typing import Literal

Gesture = Literal["line", "paint", "box", "span", "snap", "click", "branch"]
"""A freehand line or clicked corners, a painted line, a box, a straight line, a line that snaps to ridges, one click,
or a click on a boundary, which takes it from junction to junction."""


@dataclass(frozen=True)
class Tool:
    """A tool, as a person sees it. ``least`` points make a stroke, which ends by itself at ``most`` (0: at no number).

    A ``wide`` one has the width that is set, a ``layered`` one draws in the layer that is chosen.
    """

    label: str
    key: str
    gesture: Gesture
    help: str
    least: int = 1
    most: int = 0
    wide: bool = False
    layered: bool = True


TOOLS = {
    "pen": Tool(
        "Pen", "P", "line", "Draw a line freehand, or click its corners and end with a double click or Enter", wide=True
    ),
    "livewire": Tool(
        "Snap", "W", "snap", "Click along a ridge; the line between the clicks follows it", least=2, wide=True
    ),
    "polygon": Tool(
        "Polygon", "G", "line", "Draw around an area, or click its corners; it closes on the first one", least=3
    ),
    "brush": Tool("Brush", "B", "paint", "Paint; [ and ] change the size", wide=True),
    "eraser": Tool("Eraser", "E", "paint", "Take away; on boundaries: cross one out and the grains merge", wide=True),
    "fill": Tool("Fill", "K", "click", "Fill what is connected, or the hole clicked"),
    "rectangle": Tool("Box", "R", "box", "Drag a rectangle", least=2),
    "ellipse": Tool("Ellipse", "O", "box", "Drag an ellipse", least=2),
    "cut": Tool("Cut", "C", "line", "Split a feature along a line", least=2),
    "merge": Tool("Merge", "J", "line", "Join the features along a line", least=2),
    "delete": Tool("Delete", "D", "click", "Remove the feature clicked"),
    "accept": Tool("Accept", "A", "branch", "Click a boundary that is right, or a faint one to draw it", layered=False),
    "reject": Tool("Reject", "X", "branch", "Click a boundary that is none", layered=False),
    "complete": Tool(
        "Block",
        "V",
        "box",
        "Drag a rectangle that is complete: nothing is missing there and nothing is wrong; Y: all that is in view",
        least=2,
        layered=False,
    ),
    "pick": Tool("Pick", "I", "click", "Click a feature; its read-out appears beside it"),
    "length": Tool("Length", "L", "span", "Drag from one end of a length to the other", least=2),
    "edges": Tool("Edges", "T", "span", "Drag across two edges; the ends snap to them between the pixels", least=2),
    "angle": Tool("Angle", "U", "line", "Click three points; the angle is at the second", least=3, most=3),
    "radius": Tool(
        "Radius", "Q", "line", "Draw along an arc, or click points on it; end with a double click or Enter", least=3
    ),
}
"""By the name that the marks carry."""
CLASS_KEYS = "123456789"
"""The keys of the classes that are drawn in, in their order."""
VIEW_KEY = "Y"
"""Says of everything in view that it is complete."""
REMOVE_KEY = "Delete"
"""Takes away the stroke pointed at."""
HAND, HAND_KEY = "Hand", "H"
HAND_HELP = "Pan and click features; middle or right drag pans with any tool"
