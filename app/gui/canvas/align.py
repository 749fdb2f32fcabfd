"""Bringing nodes in line with each other."""

from collections.abc import Collection
from typing import Literal

from graingraph.app.gui.canvas.model import Scene
from graingraph.app.rendering.geometry import Point

Edge = Literal["left", "right", "top", "bottom"]


def align(scene: Scene, nodes: Collection[str], edge: Edge) -> dict[str, Point]:
    """Positions with one edge of all nodes in line, at the outermost of them."""
    boxes = {node: scene.boxes[node].box for node in nodes if node in scene.boxes}
    if not boxes:
        return {}
    outermost = (min if edge in ("left", "top") else max)(getattr(box, edge) for box in boxes.values())
    if edge in ("left", "right"):
        return {node: Point(box.left + outermost - getattr(box, edge), box.top) for node, box in boxes.items()}
    return {node: Point(box.left, box.top + outermost - getattr(box, edge)) for node, box in boxes.items()}
