"""Making room: what lies right of a node that was put on the canvas is pushed aside, so that nothing overlaps."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from math import ceil

import networkx as nx

from graingraph.app.gui.canvas import reroutes
from graingraph.app.gui.canvas.boxes import frame_box
from graingraph.app.gui.canvas.layout import FRAME_PAD, held_by_frames
from graingraph.app.gui.canvas.reroutes import Reroute
from graingraph.app.gui.canvas.scene import Scene
from graingraph.app.rendering.geometry import Box, Point
from graingraph.engine.recipe.parts import Frame
from graingraph.engine.recipe.recipe import Recipe

GAP, STEP = 50.0, 10.0
"""How far apart pushed nodes are, and of what their shift is a multiple, canvas units."""
ASIDE = 60.0
"""A node that would be free so little higher or lower goes there itself."""
MOST_ROUNDS = 8


def make_room(recipe: Recipe, node: str) -> Recipe:
    """The recipe with a node that was just put there overlapping no other, nor pushed ones each other.

    Where a small step up or down frees it, it takes that. Else it goes right of what it covers on its left, and what it
    covers on its right goes further right, with all that follows from that and whatever would be in the way. Frames
    and reroute points go along, and frames grow.
    """
    scene = Scene(recipe, group=recipe.layout.holder.get(node, ""))
    before = {name: scene.boxes[name].box for name in scene.level.items}
    after = dict(before)
    others = [box for name, box in before.items() if name != node]
    if not _met(after[node], others):
        return recipe
    after[node] = _aside(after[node], others) or after[node]
    for _ in range(MOST_ROUNDS):
        after[node] = _right_of_those_left(after[node], [box for name, box in after.items() if name != node])
        covered = [name for name, box in after.items() if name != node and _overlap(box, after[node])]
        if not covered:
            break
        shift = _steps(max(after[node].right + GAP - after[name].left for name in covered))
        for name in _pushed(scene, after, covered, shift, node):
            after[name] = _moved(after[name], shift)
    return _put(scene, before, after)


def _pushed(scene: Scene, boxes: Mapping[str, Box], covered: Collection[str], shift: float, node: str) -> set[str]:
    """The covered nodes, what depends on them and lies right of the first, and all that these would then cover."""
    first, flow = min(boxes[name].left for name in covered), scene.flow(boxes)
    pushed: set[str] = set()
    more = set(covered)
    while more:
        pushed |= more
        following = {below for name in more for below in nx.descendants(flow, name) if boxes[below].left >= first}
        pushed |= following - {node}
        moved = [_moved(boxes[name], shift) for name in pushed]
        more = {name for name, box in boxes.items() if name not in pushed and name != node and _met(box, moved)}
    return pushed


def _aside(box: Box, others: Collection[Box]) -> Box | None:
    """The box a little higher or lower, where it is free there."""
    tops = [top for other in _met(box, others) for top in (other.bottom + STEP, other.top - STEP - box.height)]
    near = sorted((_steps(top - box.top) for top in tops if abs(top - box.top) <= ASIDE), key=abs)
    moved = (box._replace(top=box.top + dy, bottom=box.bottom + dy) for dy in near)
    return next((one for one in moved if not _met(one, others)), None)


def _right_of_those_left(box: Box, others: Collection[Box]) -> Box:
    """The box, moved right of those that it covers and that lie more to the left."""
    left = [other for other in _met(box, others) if other.centre.x < box.centre.x]
    return _moved(box, _steps(max(other.right + GAP - box.left for other in left))) if left else box


def _put(scene: Scene, before: Mapping[str, Box], after: Mapping[str, Box]) -> Recipe:
    """The recipe of the scene with its nodes there, and what goes with them."""
    recipe = scene.recipe
    moves = {name: (after[name].left - box.left, after[name].top - box.top) for name, box in before.items()}
    moves = {name: by for name, by in moves.items() if by != (0.0, 0.0)}
    points: dict[Reroute, Point] = {}
    for one, at in scene.reroutes.items():
        source, target = (scene.level.item_of[step] for step in (one.wire.source, one.wire.target))
        dx, dy = moves.get(target, (0.0, 0.0))
        if source in moves or at.x >= before[target].left - GAP:
            points[one] = at.moved(dx, dy)
    led = reroutes.moved_to(recipe, points)
    positions = {name: (after[name].left, after[name].top) for name in moves}
    return recipe.with_positions(positions).with_reroutes(led).with_frames(_frames(scene, moves, after))


def _frames(scene: Scene, moves: Mapping[str, tuple[float, float]], after: Mapping[str, Box]) -> Iterable[Frame]:
    """The frames: those all of whose nodes moved go along with the frames and notes in them, others grow."""
    frames = list(scene.recipe.layout.frames)
    held = held_by_frames(scene)
    for index, inside in held.items():
        moved = {moves[name] for name in inside if name in moves}
        if not moved:
            continue
        box = frame_box(frames[index])
        if len(moved) == 1 and all(name in moves for name in inside):
            ((dx, dy),) = moved
            for other, frame in enumerate(frames):
                if other == index or (other not in held and box.covers(frame_box(frame))):
                    frames[other] = replace(frame, x=frame.x + dx, y=frame.y + dy)
        else:
            right, bottom = (max(edge) + FRAME_PAD for edge in zip(*(after[name][2:] for name in inside), strict=True))
            width, height = max(box.width, right - box.left), max(box.height, bottom - box.top)
            frames[index] = replace(frames[index], width=width, height=height)
    return frames


def _met(box: Box, others: Iterable[Box]) -> list[Box]:
    return [other for other in others if _overlap(box, other)]


def _overlap(one: Box, other: Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def _moved(box: Box, dx: float) -> Box:
    return box._replace(left=box.left + dx, right=box.right + dx)


def _steps(distance: float) -> float:
    """A distance, made longer to whole steps."""
    return ceil(abs(distance) / STEP) * (STEP if distance > 0 else -STEP)
