"""What is said about the thing under the pointer after it rested there a moment."""

from graingraph.app.document.status import NodeStatus
from graingraph.app.gui.canvas.editing import Editing
from graingraph.app.gui.canvas.model import Hit


def tip_for(canvas: Editing, hit: Hit) -> str:
    """Lines of text: a node's summary, state and reason; a pin's type; a wire's ends. Empty for nothing to say."""
    if hit.reroute:
        return "A reroute point: drag moves it, Delete takes it away."
    if hit.wire:
        wire = hit.wire
        return f"{wire.source}, {wire.output} → {wire.target}, {wire.input}"
    frames = canvas.scene.recipe.layout.frames
    if 0 <= hit.frame < len(frames):
        return frames[hit.frame].text
    box = canvas.scene.boxes.get(hit.node)
    if box is None:
        return ""
    if hit.kind in ("input", "output"):
        return _pin_tip(canvas, hit)
    declared = box.step.declared
    status = canvas.session.statuses.get(hit.node, NodeStatus())
    lines = [f"{box.title} ({hit.node})", declared.summary if declared else "This node is not known here."]
    if status.why:
        lines.append(status.why)
    if status.headline:
        lines.append(status.headline)
    return "\n".join(lines)


def _pin_tip(canvas: Editing, hit: Hit) -> str:
    spot = canvas.scene.spots[hit.node, hit.pin, hit.kind == "output"]
    kinds = " or ".join(kind.__name__ for kind in spot.kinds)
    if spot.is_output:
        return f"{spot.name}: gives {kinds}"
    wish = "gathers every image's" if spot.pin.gathers else "takes"
    return f"{spot.name}: {wish} {kinds}{', may be left open' if spot.pin.optional else ''}"
