"""What is on the canvas, made from a recipe: boxes of nodes, curves of wires, and what a point hits."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from graingraph.app.gui.canvas.bounds import bounds_of
from graingraph.app.gui.canvas.boxes import (
    FRAME_GRIP,
    Spot,
    box_of_group,
    box_of_node,
    boxes_at_border,
    frame_box,
    title_box,
    with_steps,
)
from graingraph.app.gui.canvas.reroutes import Reroute, places
from graingraph.app.gui.canvas.routes import Obstacles, Route, route
from graingraph.app.rendering.geometry import Box, Point, chains_cross, distance_to_chain, rerouted_curves
from graingraph.engine.recipe.groups import Level
from graingraph.engine.recipe.parts import Frame, Wire, WireEnd
from graingraph.engine.recipe.recipe import Recipe

if TYPE_CHECKING:
    import networkx as nx

PIN_REACH, WIRE_REACH, REROUTE_REACH = 11.0, 7.0, 9.0
"""How near to a pin, wire or reroute point counts as on it, in canvas units."""
LANE_SLOTS = 3


@dataclass(frozen=True)
class Hit:
    """What lies under a point; ``kind`` "empty" for nothing. Of a group's pin ``node`` and ``pin`` are those inside."""

    kind: Literal["empty", "input", "output", "node", "reroute", "wire", "frame", "frame corner"] = "empty"
    node: str = ""
    pin: str = ""
    wire: Wire | None = None
    frame: int = -1
    reroute: Reroute | None = None
    on_button: bool = False
    """Whether it is the button of the node."""


class Scene:
    """A recipe, or what lies in one of its groups, laid out for drawing and hit-testing; built anew, never changed.

    Where nothing moved since the scene ``before``, all but the steps is taken from there, ``geometry`` as well.
    """

    def __init__(self, recipe: Recipe, before: "Scene | None" = None, group: str = "") -> None:
        self.recipe, self.group = recipe, group
        self.geometry: object = object()
        same = before and recipe.wiring is before.recipe.wiring and recipe.layout == before.recipe.layout
        if before and same and group == before.group:
            self._take_over(before)
            return
        self.level = Level(recipe, group)
        touched = {(w.source, w.output) for w in recipe.wires} | {(w.target, w.input) for w in recipe.wires}
        self.boxes = {
            item: box_of_group(self.level, item) if item in recipe.layout.groups else box_of_node(recipe, item, touched)
            for item in self.level.items
        }
        if group:
            self.boxes |= boxes_at_border(self.level, Box.union(box.box for box in self.boxes.values()))
        self.spots: dict[tuple[str, str, bool], Spot] = {
            end: spot for box in self.boxes.values() for spot in (*box.inputs, *box.outputs) for end in spot.ends
        }

    def _take_over(self, before: "Scene") -> None:
        """All is where it was: only the steps are others."""
        self.__dict__.update({name: value for name, value in before.__dict__.items() if name != "recipe"})
        self.boxes = {node: with_steps(self.recipe, box) for node, box in before.boxes.items()}

    @cached_property
    def frames(self) -> dict[int, Frame]:
        """The frames and notes of this level, by their places in the recipe."""
        return {index: frame for index, frame in enumerate(self.recipe.layout.frames) if frame.inside == self.group}

    @cached_property
    def curves(self) -> dict[Wire, Route]:
        """The way of every wire whose two pins are known; wires from one output share a lane.

        Of those that are one here, as they feed several pins in a group, there is the first.
        """
        curves: dict[Wire, Route] = {}
        slots: dict[tuple[str, str], int] = {}
        frames = self.frames.values()
        obstacles = Obstacles(
            self.node_bounds,
            bounds_of(frame_box(frame) for frame in frames if frame.kind == "frame"),
            bounds_of(title_box(frame) for frame in frames),
        )
        for wire, *_ in self._bundles.values():
            start, end = self._ends_of(wire)
            if start is None or end is None:
                continue
            points = self.reroutes_of(wire)
            if points:
                curves[wire] = Route(tuple(rerouted_curves(start.at, points, end.at)))
            else:
                ends = self.boxes[start.node].box, self.boxes[end.node].box
                slot = slots.setdefault((wire.source, wire.output), len(slots) % LANE_SLOTS)
                curves[wire] = route(start.at, end.at, ends, obstacles, slot)
        return curves

    @cached_property
    def _bundles(self) -> dict[tuple[WireEnd, WireEnd], list[Wire]]:
        """The wires that are laid between the same two pins here."""
        bundles: dict[tuple[WireEnd, WireEnd], list[Wire]] = {}
        for wire in self.level.wires:
            start, end = self._ends_of(wire)
            if start and end:
                bundles.setdefault((start.end, end.end), []).append(wire)
        return bundles

    def _ends_of(self, wire: Wire) -> tuple[Spot | None, Spot | None]:
        """The pins that the ends of a wire are seen at here."""
        return self.spots.get((wire.source, wire.output, True)), self.spots.get((wire.target, wire.input, False))

    def all_of(self, wires: Iterable[Wire]) -> list[Wire]:
        """These wires with those that are one with them here."""
        found: list[Wire] = []
        for wire in wires:
            start, end = self._ends_of(wire)
            found += self._bundles.get((start.end, end.end), [wire]) if start and end else [wire]
        return found

    def reroutes_of(self, wire: Wire) -> tuple[tuple[float, float], ...]:
        """The points that a wire is led through here: where neither of its ends lies outside."""
        inside = self.level.item_of
        here = wire.source in inside and wire.target in inside
        return self.recipe.layout.reroutes.get(wire, ()) if here else ()

    @cached_property
    def reroutes(self) -> dict[Reroute, Point]:
        """The points that wires are led through."""
        led = places(self.recipe) if self.recipe.layout.reroutes else {}
        return {one: at for one, at in led.items() if one.wire in self.curves and self.reroutes_of(one.wire)}

    def reroutes_between(self, nodes: Collection[str]) -> frozenset[Reroute]:
        """The points of wires that begin and end at these nodes and groups."""
        item = self.level.item_of
        return frozenset(
            one for one in self.reroutes if item[one.wire.source] in nodes and item[one.wire.target] in nodes
        )

    @cached_property
    def with_buttons(self) -> tuple[str, ...]:
        """The nodes that have a button."""
        return tuple(node for node, box in self.boxes.items() if box.button)

    @cached_property
    def node_bounds(self) -> np.ndarray:
        """The boxes of the nodes, in their order: float (n, 4) as left, top, right, bottom."""
        return bounds_of(box.box for box in self.boxes.values())

    @cached_property
    def wire_bounds(self) -> np.ndarray:
        """The boxes of the wires, in their order: float (n, 4)."""
        return bounds_of(curve.box for curve in self.curves.values())

    @cached_property
    def extent(self) -> Box | None:
        """The box around everything; None for an empty recipe."""
        frames = (frame_box(frame) for frame in self.frames.values())
        around = (Box.around(way.points) for way in self.curves.values() if len(way.pieces) > 1)
        return Box.union((*(box.box for box in self.boxes.values()), *frames, *around))

    def extent_of(self, nodes: Iterable[str]) -> Box | None:
        """The box around some nodes; None for none."""
        return Box.union(self.boxes[node].box for node in nodes if node in self.boxes)

    def flow(self, nodes: Collection[str]) -> "nx.DiGraph[str]":
        """Who of these nodes and groups feeds whom, in the order of the recipe; without what leads back to a group."""
        import networkx as nx

        item, place = self.level.item_of, dict[str, int]()
        for step in self.recipe.order:
            if item.get(step) in nodes:
                place.setdefault(item[step], len(place))
        flow: nx.DiGraph[str] = nx.DiGraph()
        flow.add_nodes_from(place)
        ends = ((item.get(wire.source, ""), item.get(wire.target, "")) for wire in self.level.wires)
        flow.add_edges_from((a, b) for a, b in ends if a in place and b in place and place[a] < place[b])
        return flow

    def nodes_in(self, area: Box) -> list[str]:
        """The nodes whose box meets an area."""
        return [node for node in self.level.items if self.boxes[node].box.meets(area)]

    def reroutes_in(self, area: Box) -> frozenset[Reroute]:
        """The reroute points in an area."""
        return frozenset(one for one, at in self.reroutes.items() if area.holds(at))

    def pin_at(self, point: Point, reach: float = PIN_REACH) -> Spot | None:
        """The pin nearest to a point, within reach."""
        near = [spot for spot in self.spots.values() if abs(spot.at.y - point.y) <= reach]
        spot = min(near, key=lambda spot: spot.at.distance(point), default=None)
        return spot if spot and spot.at.distance(point) <= reach else None

    def box_of(self, hit: Hit) -> str:
        """The node or group that a hit is on, or that its pin is at; empty for none."""
        spot = self.spots.get((hit.node, hit.pin, hit.kind == "output")) if hit.pin else None
        return spot.node if spot else hit.node

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
            return Hit("output" if spot.is_output else "input", spot.end.node, spot.end.pin)
        for node in reversed(self.level.items):
            if self.boxes[node].box.holds(point):
                button = self.boxes[node].button
                return Hit("node", node, on_button=button is not None and button.holds(point))
        reroute = self.reroute_at(point, REROUTE_REACH * slack)
        if reroute:
            return Hit("reroute", reroute=reroute)
        wire = self.wire_at(point, WIRE_REACH * slack)
        if wire:
            return Hit("wire", wire=wire)
        return self._frame_hit(point)

    def _frame_hit(self, point: Point) -> Hit:
        for index, frame in reversed(self.frames.items()):
            box = frame_box(frame)
            if not box.holds(point):
                continue
            if point.x > box.right - FRAME_GRIP and point.y > box.bottom - FRAME_GRIP:
                return Hit("frame corner", frame=index)
            if frame.kind == "note" or point.y < box.top + 2 * FRAME_GRIP:
                return Hit("frame", frame=index)
        return Hit()
