"""What is on the canvas, made from a recipe: boxes of nodes, spots of pins, curves of wires, and what a point hits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from graingraph.app.document.names import title_in
from graingraph.app.gui.canvas.reroutes import Reroute, places
from graingraph.app.gui.canvas.routes import Obstacles, Route, route
from graingraph.app.rendering.geometry import Box, Point, chains_cross, distance_to_chain, rerouted_curves
from graingraph.app.rendering.thumbnails import has_thumbnail
from graingraph.engine.declare.node import Pin
from graingraph.engine.recipe.parts import Frame, Step, Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Value

WIDTH, HEADER, ROW, THUMBNAIL, FOOTER = 190.0, 28.0, 22.0, 96.0, 24.0
PIN_REACH, WIRE_REACH, REROUTE_REACH = 11.0, 7.0, 9.0
"""How near to a pin, wire or reroute point counts as on it, in canvas units."""
LANE_SLOTS = 3
FRAME_GRIP = 16.0
"""Size of the corner by which a frame is resized, and half the height of its title."""


@dataclass(frozen=True)
class Spot:
    """A pin where it is drawn. ``kinds`` are the value types that it takes or, for an output, really gives."""

    node: str
    pin: Pin
    is_output: bool
    at: Point
    kinds: tuple[type[Value], ...]
    wired: bool

    @property
    def name(self) -> str:
        """The pin's name."""
        return self.pin.name


@dataclass(frozen=True)
class NodeBox:
    """A node as drawn: its box, its pins and the box of its thumbnail, where it can have one."""

    node: str
    step: Step
    title: str
    box: Box
    inputs: tuple[Spot, ...]
    outputs: tuple[Spot, ...]
    thumbnail: Box | None

    @cached_property
    def pins(self) -> tuple[tuple[Spot, Point], ...]:
        """Every pin and where it is from the node's corner."""
        left, top = self.box.left, self.box.top
        return tuple((spot, spot.at.moved(-left, -top)) for spot in (*self.inputs, *self.outputs))

    @property
    def category(self) -> str:
        """The category of the node's type; empty for a placeholder."""
        return self.step.declared.category if self.step.declared else ""


@dataclass(frozen=True)
class Hit:
    """What lies under a point; ``kind`` "empty" for nothing."""

    kind: Literal["empty", "input", "output", "node", "reroute", "wire", "frame", "frame corner"] = "empty"
    node: str = ""
    pin: str = ""
    wire: Wire | None = None
    frame: int = -1
    reroute: Reroute | None = None


def size_of(inputs: int, outputs: int, thumbnail: bool) -> tuple[float, float]:
    """Width and height of a node with this many pins."""
    return WIDTH, HEADER + ROW * max(inputs, outputs, 1) + (THUMBNAIL if thumbnail else 0.0) + FOOTER


class Scene:
    """A recipe laid out for drawing and hit-testing; built anew for each recipe and never changed.

    Where nothing moved since the scene ``before``, all but the steps is taken from there, ``geometry`` as well.
    """

    def __init__(self, recipe: Recipe, before: "Scene | None" = None) -> None:
        self.recipe = recipe
        self.geometry: object = object()
        if before and recipe.wiring is before.recipe.wiring and recipe.layout == before.recipe.layout:
            self._take_over(before)
            return
        touched = {(w.source, w.output) for w in recipe.wires} | {(w.target, w.input) for w in recipe.wires}
        self.boxes = {node: _node_box(recipe, node, touched) for node in recipe.steps}
        self.spots = {
            (spot.node, spot.name, spot.is_output): spot
            for box in self.boxes.values()
            for spot in (*box.inputs, *box.outputs)
        }

    def _take_over(self, before: "Scene") -> None:
        """All is where it was: only the steps are others."""
        self.__dict__.update({name: value for name, value in before.__dict__.items() if name != "recipe"})
        steps = self.recipe.steps
        self.boxes = {
            node: box if box.step is steps[node] else replace(box, step=steps[node])
            for node, box in before.boxes.items()
        }

    @cached_property
    def curves(self) -> dict[Wire, Route]:
        """The way of every wire whose two pins are known; wires from one output share a lane."""
        curves: dict[Wire, Route] = {}
        slots: dict[tuple[str, str], int] = {}
        frames = self.recipe.layout.frames
        obstacles = Obstacles(
            self.node_bounds,
            _bounds(frame_box(frame) for frame in frames if frame.kind == "frame"),
            _bounds(title_box(frame) for frame in frames),
        )
        for wire in self.recipe.wires:
            start = self.spots.get((wire.source, wire.output, True))
            end = self.spots.get((wire.target, wire.input, False))
            points = self.recipe.layout.reroutes.get(wire)
            if start and end and points:
                curves[wire] = Route(tuple(rerouted_curves(start.at, points, end.at)))
            elif start and end:
                ends = self.boxes[wire.source].box, self.boxes[wire.target].box
                slot = slots.setdefault((wire.source, wire.output), len(slots) % LANE_SLOTS)
                curves[wire] = route(start.at, end.at, ends, obstacles, slot)
        return curves

    @cached_property
    def reroutes(self) -> dict[Reroute, Point]:
        """The points that wires are led through."""
        return {one: at for one, at in places(self.recipe).items() if one.wire in self.curves}

    @cached_property
    def node_bounds(self) -> np.ndarray:
        """The boxes of the nodes, in their order: float (n, 4) as left, top, right, bottom."""
        return _bounds(box.box for box in self.boxes.values())

    @cached_property
    def wire_bounds(self) -> np.ndarray:
        """The boxes of the wires, in their order: float (n, 4)."""
        return _bounds(curve.box for curve in self.curves.values())

    @cached_property
    def extent(self) -> Box | None:
        """The box around everything; None for an empty recipe."""
        frames = (frame_box(frame) for frame in self.recipe.layout.frames)
        around = (Box.around(way.points) for way in self.curves.values() if len(way.pieces) > 1)
        return Box.union((*(box.box for box in self.boxes.values()), *frames, *around))

    def extent_of(self, nodes: Iterable[str]) -> Box | None:
        """The box around some nodes; None for none."""
        return Box.union(self.boxes[node].box for node in nodes if node in self.boxes)

    def nodes_in(self, area: Box) -> list[str]:
        """The nodes whose box meets an area."""
        return [node for node, box in self.boxes.items() if box.box.meets(area)]

    def reroutes_in(self, area: Box) -> frozenset[Reroute]:
        """The reroute points in an area."""
        return frozenset(one for one, at in self.reroutes.items() if area.holds(at))

    def pin_at(self, point: Point, reach: float = PIN_REACH) -> Spot | None:
        """The pin nearest to a point, within reach."""
        near = [spot for spot in self.spots.values() if abs(spot.at.y - point.y) <= reach]
        spot = min(near, key=lambda spot: spot.at.distance(point), default=None)
        return spot if spot and spot.at.distance(point) <= reach else None

    def reroute_at(self, point: Point, reach: float = REROUTE_REACH) -> Reroute | None:
        """The reroute point nearest to a point, within reach."""
        near = {one: at.distance(point) for one, at in self.reroutes.items()}
        one = min(near, key=lambda one: near[one], default=None)
        return one if one and near[one] <= reach else None

    def wire_at(self, point: Point, reach: float = WIRE_REACH) -> Wire | None:
        """The wire that passes nearest to a point, within reach."""
        near = {
            wire: distance_to_chain(point, curve.points)
            for wire, curve in self.curves.items()
            if curve.box.grown(reach).holds(point)
        }
        wire = min(near, key=lambda wire: near[wire], default=None)
        return wire if wire and near[wire] <= reach else None

    def wires_crossed(self, path: Sequence[Point]) -> list[Wire]:
        """The wires that a knife stroke cuts."""
        if len(path) < 2:
            return []
        area = Box.around(path)
        return [w for w, c in self.curves.items() if c.box.meets(area) and chains_cross(path, c.points)]

    def hit(self, point: Point, slack: float = 1.0) -> Hit:
        """What lies under a point: a pin, the topmost node, a reroute point, a wire, a frame.

        ``slack`` widens all but nodes and frames.
        """
        spot = self.pin_at(point, PIN_REACH * slack)
        if spot:
            return Hit("output" if spot.is_output else "input", spot.node, spot.name)
        for node in reversed(self.boxes):
            if self.boxes[node].box.holds(point):
                return Hit("node", node)
        reroute = self.reroute_at(point, REROUTE_REACH * slack)
        if reroute:
            return Hit("reroute", reroute=reroute)
        wire = self.wire_at(point, WIRE_REACH * slack)
        if wire:
            return Hit("wire", wire=wire)
        return self._frame_hit(point)

    def _frame_hit(self, point: Point) -> Hit:
        for index in reversed(range(len(self.recipe.layout.frames))):
            frame = self.recipe.layout.frames[index]
            box = frame_box(frame)
            if not box.holds(point):
                continue
            if point.x > box.right - FRAME_GRIP and point.y > box.bottom - FRAME_GRIP:
                return Hit("frame corner", frame=index)
            if frame.kind == "note" or point.y < box.top + 2 * FRAME_GRIP:
                return Hit("frame", frame=index)
        return Hit()


def in_sight(bounds: np.ndarray, seen: Box) -> np.ndarray:
    """Which of the boxes (n, 4) meet the seen area: bool (n,)."""
    left, top, right, bottom = bounds.T
    return (left <= seen.right) & (right >= seen.left) & (top <= seen.bottom) & (bottom >= seen.top)


def _bounds(boxes: Iterable[Box]) -> np.ndarray:
    return np.array(list(boxes), float).reshape(-1, 4)


def frame_box(frame: Frame) -> Box:
    """The box of a frame or note."""
    return Box(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height)


def title_box(frame: Frame) -> Box:
    """About the box of a frame's title; of a note, all of it."""
    box = frame_box(frame)
    if frame.kind == "note":
        return box
    return Box(box.left, box.top, min(box.right, box.left + 20 + 10 * len(frame.text)), box.top + 2 * FRAME_GRIP)


def _node_box(recipe: Recipe, node: str, touched: set[tuple[str, str]]) -> NodeBox:
    step = recipe.steps[node]
    left, top = recipe.layout.positions.get(node, (0.0, 0.0))
    inputs, outputs = _pins(recipe, node)
    pictured = any(has_thumbnail(kind) for pin in outputs for kind in pin.kinds)
    width, height = size_of(len(inputs), len(outputs), pictured)

    def spot(row: int, pin: Pin, is_output: bool) -> Spot:
        at = Point(left + (width if is_output else 0.0), top + HEADER + ROW * (row + 0.5))
        kinds = recipe.kinds(node, pin.name) if is_output else pin.kinds
        return Spot(node, pin, is_output, at, kinds, (node, pin.name) in touched)

    thumbnail_top = top + height - FOOTER - THUMBNAIL
    return NodeBox(
        node=node,
        step=step,
        title=title_in(recipe, node),
        box=Box(left, top, left + width, top + height),
        inputs=tuple(spot(row, pin, False) for row, pin in enumerate(inputs)),
        outputs=tuple(spot(row, pin, True) for row, pin in enumerate(outputs)),
        thumbnail=Box(left + 6, thumbnail_top, left + width - 6, top + height - FOOTER) if pictured else None,
    )


def _pins(recipe: Recipe, node: str) -> tuple[tuple[Pin, ...], tuple[Pin, ...]]:
    """Inputs and outputs; a placeholder has those that its wires name."""
    declared = recipe.steps[node].declared
    if declared:
        return declared.inputs, declared.outputs
    inputs = sorted({wire.input for wire in recipe.wires if wire.target == node})
    outputs = sorted({wire.output for wire in recipe.wires if wire.source == node})
    return tuple(Pin(name, (Value,)) for name in inputs), tuple(Pin(name, (Value,)) for name in outputs)
