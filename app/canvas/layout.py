"""Arranging nodes: in columns along the flow, and in line with each other."""

from collections.abc import Collection, Mapping
from typing import Literal

from app.canvas.geometry import Point
from app.canvas.model import Scene

COLUMN_GAP, ROW_GAP = 70.0, 30.0

Edge = Literal["left", "right", "top", "bottom"]


def arrange(scene: Scene, nodes: Collection[str] = ()) -> dict[str, Point]:
    """Positions in columns: every node right of all that feed it, rows ordered to keep wires short.

    With ``nodes`` only those are moved; the upper left corner of what is arranged stays where it is.
    """
    recipe = scene.recipe.part(nodes) if nodes else scene.recipe
    extent = scene.extent_of(recipe.steps)
    if extent is None:
        return {}
    columns: list[list[str]] = []
    column: dict[str, int] = {}
    for node in recipe.order:
        column[node] = max((column[source] + 1 for source in recipe.graph.predecessors(node)), default=0)
        if column[node] == len(columns):
            columns.append([])
        columns[column[node]].append(node)
    positions: dict[str, Point] = {}
    x = extent.left
    for members in columns:
        wanted = {node: _wanted_height(scene, recipe.graph.predecessors(node), positions) for node in members}
        members.sort(key=lambda node: wanted[node])
        y = extent.top
        for node in members:
            top = max(y, wanted[node])
            positions[node] = Point(x, top)
            y = top + scene.boxes[node].box.height + ROW_GAP
        x += max(scene.boxes[node].box.width for node in members) + COLUMN_GAP
    return _moved_to(positions, Point(extent.left, extent.top))


def align(scene: Scene, nodes: Collection[str], edge: Edge) -> dict[str, Point]:
    """Positions with one edge of all nodes in line, at the outermost of them."""
    boxes = {node: scene.boxes[node].box for node in nodes if node in scene.boxes}
    if not boxes:
        return {}
    outermost = (min if edge in ("left", "top") else max)(getattr(box, edge) for box in boxes.values())
    if edge in ("left", "right"):
        return {node: Point(box.left + outermost - getattr(box, edge), box.top) for node, box in boxes.items()}
    return {node: Point(box.left, box.top + outermost - getattr(box, edge)) for node, box in boxes.items()}


def _wanted_height(scene: Scene, sources: "Collection[str]", placed: Mapping[str, Point]) -> float:
    tops = [placed[source].y for source in sources if source in placed]
    return sum(tops) / len(tops) if tops else 0.0


def _moved_to(positions: Mapping[str, Point], corner: Point) -> dict[str, Point]:
    dx = corner.x - min(at.x for at in positions.values())
    dy = corner.y - min(at.y for at in positions.values())
    return {node: at.moved(dx, dy) for node, at in positions.items()}
