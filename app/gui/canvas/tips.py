"""What is said about the thing under the pointer after it rested there a moment."""

from graingraph.app.document.groups import status_of
from graingraph.app.document.names import title_in
from graingraph.app.gui.canvas.boxes import NodeBox
from graingraph.app.gui.canvas.scene import Hit
from graingraph.app.gui.canvas.state import CanvasState
from graingraph.engine.recipe.groups import steps_in
from graingraph.engine.values.wording import named

REROUTE_POINT = "A reroute point: drag moves it, Delete takes it away."
WIRE = "{source}, {output} → {target}, {input}"
UNKNOWN_NODE = "This node is not known here."
GROUP = "A group: {nodes}. Double-click opens it."
OUTPUT = "{pin}: gives {kinds}"
INPUT = {
    (False, False): "{pin}: takes {kinds}",
    (False, True): "{pin}: takes {kinds}, may be left open",
    (True, False): "{pin}: gathers every image's {kinds}",
    (True, True): "{pin}: gathers every image's {kinds}, may be left open",
}
"""By whether the pin gathers, and whether it is optional."""
OR = " or "

MOST_NAMED = 6
"""So many nodes of a group are named."""


def tip_for(canvas: CanvasState, hit: Hit) -> str:
    """Lines of text: a node's summary, state and reason; a pin's type; a wire's ends. Empty for nothing to say."""
    if hit.reroute:
        return REROUTE_POINT
    if hit.wire:
        wire, recipe = hit.wire, canvas.session.recipe
        source, target = title_in(recipe, wire.source), title_in(recipe, wire.target)
        return WIRE.format(source=source, output=wire.output, target=target, input=wire.input)
    if hit.frame in canvas.scene.frames:
        return canvas.scene.frames[hit.frame].text
    if hit.kind in ("input", "output"):
        return _pin_tip(canvas, hit)
    box = canvas.scene.boxes.get(hit.node)
    if box is None:
        return ""
    if box.step is None:
        return _group_tip(canvas, box)
    declared = box.step.declared
    status = canvas.session.status(hit.node)
    lines = [box.title, declared.summary if declared else UNKNOWN_NODE]
    if status.why:
        lines.append(status.why)
    if status.headline:
        lines.append(status.headline)
    return "\n".join(lines)


def _group_tip(canvas: CanvasState, box: NodeBox) -> str:
    recipe = canvas.session.recipe
    steps = steps_in(recipe, [box.node])
    titles = [title_in(recipe, step) for step in steps]
    status = status_of(recipe, canvas.session.status, box.node)
    said = GROUP.format(nodes=named(titles, MOST_NAMED))
    return "\n".join(line for line in (box.title, said, status.why, status.headline) if line)


def _pin_tip(canvas: CanvasState, hit: Hit) -> str:
    spot = canvas.scene.spots[hit.node, hit.pin, hit.kind == "output"]
    kinds = OR.join(kind.__name__ for kind in spot.kinds)
    if spot.is_output:
        return OUTPUT.format(pin=spot.label, kinds=kinds)
    return INPUT[spot.pin.gathers, spot.pin.optional].format(pin=spot.label, kinds=kinds)
