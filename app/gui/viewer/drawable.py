"""Which nodes can be drawn on, with which tools; what the tools are called, what they do, and their keys."""

from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.recipe.recipe import Recipe

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


def takes_marks(recipe: Recipe, node: str) -> bool:
    """Whether a person can draw on this node."""
    return _declared(recipe, node) is not None


def tools_for(recipe: Recipe, node: str) -> tuple[str, ...]:
    """The tools that mean something to this node, of those that there are."""
    drawn_on = _declared(recipe, node)
    tools = drawn_on.tools(recipe.steps[node].settings) if drawn_on else ()
    return tuple(tool for tool in tools if tool in NAMES)


def lies_under(recipe: Recipe, node: str) -> tuple[str, str] | None:
    """The output that the marks are drawn on."""
    drawn_on = _declared(recipe, node)
    wire = recipe.wire_into(node, drawn_on.over) if drawn_on and drawn_on.over else None
    return (wire.source, wire.output) if wire else None


def _declared(recipe: Recipe, node: str) -> DrawnOn | None:
    declared = recipe.steps[node].declared if node in recipe.steps else None
    return declared.drawn_on if declared else None
