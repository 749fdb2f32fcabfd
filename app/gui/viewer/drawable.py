"""Which nodes can be drawn on, with which tools, in which layers."""

from dataclasses import dataclass

from graingraph.engine.declare.injected import Marks
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Raster

TRACE_TOOLS = ("pen", "livewire", "polygon", "brush", "eraser", "fill", "rectangle", "ellipse")
BOUNDARY_TOOLS = ("pen", "livewire", "eraser", "brush", "fill")
FEATURE_TOOLS = ("brush", "polygon", "eraser", "cut", "merge", "delete", "fill", "rectangle", "ellipse")
NAMES = {
    "pen": "Pen",
    "livewire": "Snap",
    "polygon": "Polygon",
    "brush": "Brush",
    "eraser": "Eraser",
    "fill": "Fill",
    "rectangle": "Box",
    "ellipse": "Ellipse",
    "cut": "Cut",
    "merge": "Merge",
    "delete": "Delete",
    "pick": "Pick",
    "": "Hand",
}
HELP = {
    "pen": "Draw a line freehand, or click its corners and end with a double click or Enter (P)",
    "livewire": "Click along a ridge; the line between the clicks follows it (W)",
    "polygon": "Draw around an area, or click its corners; it closes on the first one (G)",
    "brush": "Paint (B); [ and ] change the size",
    "eraser": "Take away; on boundaries: cross one out and the grains merge (E)",
    "fill": "Fill what is connected, or the hole clicked (K)",
    "rectangle": "Drag a rectangle (R)",
    "ellipse": "Drag an ellipse (O)",
    "cut": "Split a feature along a line (C)",
    "merge": "Join the features along a line (J)",
    "delete": "Remove the feature clicked (D)",
    "pick": "Click a feature; its read-out appears beside it (I)",
    "": "Pan and click features; middle or right drag pans with any tool (H)",
}
KEYS = {
    "P": "pen",
    "W": "livewire",
    "G": "polygon",
    "B": "brush",
    "E": "eraser",
    "K": "fill",
    "R": "rectangle",
    "O": "ellipse",
    "C": "cut",
    "J": "merge",
    "D": "delete",
    "I": "pick",
}


@dataclass(frozen=True)
class TracedClass:
    """A layer of a Trace node, as its settings say."""

    name: str
    color: str
    width: float
    role: str = "automatic"
    of: str = ""


def takes_marks(recipe: Recipe, node: str) -> bool:
    """Whether a person can draw on this node."""
    declared = recipe.steps[node].declared if node in recipe.steps else None
    return declared is not None and declared.takes(Marks)


def tools_for(recipe: Recipe, node: str) -> tuple[str, ...]:
    """The tools that mean something to this node."""
    step = recipe.steps[node]
    if "classes" in step.settings:
        return TRACE_TOOLS
    if step.type == "MirrorOverlap":
        return ("pick",)
    return BOUNDARY_TOOLS if step.settings.get("kind") == "boundaries" else FEATURE_TOOLS


def layers_of(recipe: Recipe, node: str) -> tuple[TracedClass, ...]:
    """The classes that can be drawn in; none where the node has no layers."""
    rows = recipe.steps[node].settings.get("classes", ())
    return tuple(TracedClass(**row) for row in rows)


def lies_under(recipe: Recipe, node: str) -> tuple[str, str] | None:
    """The output that the marks are drawn on: the node's first wired raster input that is no micrograph."""
    declared = recipe.steps[node].declared
    for pin in declared.inputs if declared else ():
        wire = recipe.wire_into(node, pin.name)
        kinds = recipe.kinds(wire.source, wire.output) if wire else ()
        if wire and all(issubclass(kind, Raster) and not issubclass(kind, Image) for kind in kinds):
            return wire.source, wire.output
    return None
