"""Arranging nodes: in columns along the flow, the columns in rows that fill the canvas, frames around their nodes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from math import ceil
from typing import TYPE_CHECKING

from graingraph.app.gui.canvas.boxes import FRAME_GRIP, frame_box
from graingraph.app.gui.canvas.routes import TURN
from graingraph.app.gui.canvas.scene import Scene
from graingraph.app.rendering.geometry import Box, Point
from graingraph.engine.recipe.parts import Frame

if TYPE_CHECKING:
    import networkx as nx

STACK_GAP, ROW_GAP, FRAME_PAD = 30.0, 60.0, 20.0
FRAME_HEAD = FRAME_PAD + 2 * FRAME_GRIP
"""How far a frame reaches over its nodes: room for its title."""
MORE_ROWS = 0.95
"""What the zoom has to gain for one more row to be worth it."""
ALL_LENGTHS_TO = 24
"""Of short recipes rows of every length are tried, of longer ones only even ones."""

Columns = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Arrangement:
    """Where nodes go, and all frames of the recipe: those that held arranged nodes lie around them again."""

    positions: Mapping[str, Point] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()


def arrange(scene: Scene, nodes: Collection[str] = (), room: tuple[float, float] = (800.0, 400.0)) -> Arrangement:
    """Columns from left to right along the flow, broken into as many rows as read largest in a panel of this size.

    Within a row every node is right of all that feed it. A frame is not broken, and keeps other nodes out. With
    ``nodes`` only those are moved; the upper left corner of what is arranged stays where it is.
    """
    flow = scene.flow(nodes or scene.level.items)
    extent = scene.extent_of(flow)
    if extent is None:
        return Arrangement(frames=scene.recipe.layout.frames)
    held = {index: [node for node in inside if node in flow] for index, inside in held_by_frames(scene).items()}
    held = {index: inside for index, inside in held.items() if inside}
    columns = _columns(flow)
    best: tuple[float, dict[str, Point]] = (-1.0, {})
    for rows in _ways_to_break(columns, list(held.values())):
        positions = _placed(scene, flow, [[columns[n] for n in row] for row in rows], list(held.values()))
        area = _extent(scene, positions)
        zoom = min(room[0] / area.width, room[1] / area.height, 1.0) * MORE_ROWS ** len(rows)
        best = max(best, (zoom, positions), key=lambda one: one[0])
    positions = _moved_to(best[1], Point(extent.left, extent.top))
    frames = list(scene.recipe.layout.frames)
    for index, inside in held.items():
        frames[index] = around(frames[index], _extent(scene, {node: positions[node] for node in inside}))
    return Arrangement(positions, tuple(frames))


def held_by_frames(scene: Scene) -> dict[int, list[str]]:
    """The nodes in each frame, by its place in the recipe; a node belongs to the smallest frame around its middle."""
    frames = scene.frames
    held: dict[int, list[str]] = {}
    for node in scene.level.items:
        centre = scene.boxes[node].box.centre
        over = [i for i, f in frames.items() if f.kind == "frame" and frame_box(f).holds(centre)]
        if over:
            held.setdefault(min(over, key=lambda i: frames[i].width * frames[i].height), []).append(node)
    return held


def around(frame: Frame, area: Box) -> Frame:
    """The frame laid around an area."""
    box = area.grown(FRAME_PAD)
    top = area.top - FRAME_HEAD
    return replace(frame, x=box.left, y=top, width=box.width, height=box.bottom - top)


def _columns(flow: "nx.DiGraph[str]") -> list[list[str]]:
    """Every node in a column right of what feeds it; what nothing feeds, just left of what it feeds first."""
    column: dict[str, int] = {}
    for node in flow:
        column[node] = max((column[source] + 1 for source in flow.predecessors(node)), default=0)
    for node in flow:
        fed = [column[target] for target in flow.successors(node)]
        if fed and not flow.in_degree(node):
            column[node] = min(fed) - 1
    columns: list[list[str]] = [[] for _ in range(max(column.values()) + 1)]
    for node in flow:
        columns[column[node]].append(node)
    return columns


def _ways_to_break(columns: Columns, groups: Sequence[Sequence[str]]) -> list[list[list[int]]]:
    """Rows of different lengths to choose from; fewest first."""
    count = len(columns)
    limits = {*range(1, min(count, ALL_LENGTHS_TO) + 1), *(ceil(count / rows) for rows in range(1, count + 1))}
    ways: list[list[list[int]]] = []
    for limit in sorted(limits, reverse=True):
        rows = _rows(columns, groups, limit)
        if rows not in ways:
            ways.append(rows)
    return ways


def _rows(columns: Columns, groups: Sequence[Sequence[str]], limit: int) -> list[list[int]]:
    """The numbers of the columns in each row: at most ``limit`` of them, unless a group reaches over more."""
    place = {node: number for number, members in enumerate(columns) for node in members}
    spans = [(min(map(place.__getitem__, group)), max(map(place.__getitem__, group))) for group in groups]
    breaks = [n for n in range(1, len(columns)) if not any(first < n <= last for first, last in spans)]
    rows, start = [], 0
    for here, following in zip(breaks, [*breaks, len(columns)][1:], strict=True):
        if following - start > limit:
            rows.append(list(range(start, here)))
            start = here
    return [*rows, list(range(start, len(columns)))]


def _placed(
    scene: Scene, flow: "nx.DiGraph[str]", rows: Sequence[Columns], groups: Sequence[Sequence[str]]
) -> dict[str, Point]:
    """Positions for these rows, the first at 0, 0."""
    positions: dict[str, Point] = {}
    top = 0.0
    for members in rows:
        widths = [max((scene.boxes[node].box.width for node in column), default=0.0) for column in members]
        lefts = list(accumulate((width + TURN for width in widths), initial=0.0))
        here = {node for column in members for node in column}
        inside = [group for group in groups if here.issuperset(group)]
        placed = _stacked(scene, flow, members, inside, FRAME_HEAD if inside else 0.0)
        for number, column in enumerate(members):
            positions.update((node, Point(lefts[number], top + placed[node])) for node in column)
        bottom = max(positions[node].y + scene.boxes[node].box.height for node in here)
        top = bottom + ROW_GAP + (FRAME_PAD if inside else 0.0)
    return positions


def _stacked(
    scene: Scene, flow: "nx.DiGraph[str]", columns: Columns, groups: Sequence[Sequence[str]], head: float
) -> dict[str, float]:
    """The height of every node of a row: a group goes as one block, everything as near to what feeds it as can be."""
    number = {node: place for place, column in enumerate(columns) for node in column}
    order = {node: place for place, node in enumerate(flow)}
    grouped = {node for group in groups for node in group}
    blocks = [*groups, *([node] for node in number if node not in grouped)]
    blocks.sort(key=lambda block: (min(number[node] for node in block), order[block[0]]))
    bottoms = [head] * len(columns)
    placed: dict[str, float] = {}
    for block in blocks:
        framed = block[0] in grouped
        span = range(min(number[node] for node in block), max(number[node] for node in block) + 1)
        sources = {source for node in block for source in flow.predecessors(node)} & placed.keys()
        wanted = sum(placed[source] for source in sources) / len(sources) if sources else head
        floor = max(bottoms[place] for place in span)
        top = max(wanted, floor + (FRAME_HEAD if framed and floor > head else 0.0))
        below = _fill(scene, flow, block, number, top, placed) if framed else _one(scene, block[0], top, placed)
        for place in span:
            bottoms[place] = below + STACK_GAP + (FRAME_PAD if framed else 0.0)
    return placed


def _one(scene: Scene, node: str, top: float, placed: dict[str, float]) -> float:
    placed[node] = top
    return top + scene.boxes[node].box.height


def _fill(
    scene: Scene,
    flow: "nx.DiGraph[str]",
    block: Sequence[str],
    number: Mapping[str, int],
    top: float,
    placed: dict[str, float],
) -> float:
    """Put the nodes of a block into their columns from a height on; returns the lowest edge."""
    bottoms = dict.fromkeys(range(len(number)), top)
    for node in sorted(block, key=number.__getitem__):
        inside = [placed[source] for source in flow.predecessors(node) if source in block]
        wanted = sum(inside) / len(inside) if inside else top
        bottom = _one(scene, node, max(bottoms[number[node]], wanted), placed)
        bottoms[number[node]] = bottom + STACK_GAP
    return max(bottoms.values()) - STACK_GAP


def _extent(scene: Scene, positions: Mapping[str, Point]) -> Box:
    sizes = {node: scene.boxes[node].box for node in positions}
    return Box.around(
        corner for node, at in positions.items() for corner in (at, at.moved(sizes[node].width, sizes[node].height))
    )


def _moved_to(positions: Mapping[str, Point], corner: Point) -> dict[str, Point]:
    dx = corner.x - min(at.x for at in positions.values())
    dy = corner.y - min(at.y for at in positions.values())
    return {node: at.moved(dx, dy) for node, at in positions.items()}
