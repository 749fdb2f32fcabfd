"""What is on the canvas, made from a recipe: boxes of nodes, spots of pins, curves of wires, and what a point hits."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from graingraph.app.document.groups import shown_step
from graingraph.app.document.names import output_title, title_in
from graingraph.app.document.status import OutputRef
from graingraph.app.gui.canvas.reroutes import Reroute, places
from graingraph.app.gui.canvas.routes import Obstacles, Route, route
from graingraph.app.rendering.geometry import Box, Point, chains_cross, distance_to_chain, rerouted_curves
from graingraph.app.rendering.thumbnails import has_thumbnail
from graingraph.engine.declare.node import Pin
from graingraph.engine.recipe.groups import GroupPin, Level, pins_of, steps_in
from graingraph.engine.recipe.parts import Frame, Step, Wire, WireEnd
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Value

if TYPE_CHECKING:
    import networkx as nx

WIDTH, HEADER, ROW, THUMBNAIL, BUTTON, FOOTER = 190.0, 28.0, 22.0, 96.0, 30.0, 24.0
PIN_REACH, WIRE_REACH, REROUTE_REACH = 11.0, 7.0, 9.0
"""How near to a pin, wire or reroute point counts as on it, in canvas units."""
LANE_SLOTS = 3
FRAME_GRIP = 16.0
"""Size of the corner by which a frame is resized, and half the height of its title."""
BORDER_GAP = 80.0
"""How far what stands for the outside of an open group is from what lies in it."""
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Spot:
    """A pin where it is drawn, at a ``node`` (or group). ``kinds`` are what it takes or, for an output, really gives.

    ``ends`` are the pins of steps that it stands for: one, but for an input of a group that feeds several.
    """

    node: str
    pin: Pin
    is_output: bool
    at: Point
    kinds: tuple[type[Value], ...]
    wired: bool
    ends: tuple[WireEnd, ...]
    label: str

    @property
    def name(self) -> str:
        """The pin's name."""
        return self.pin.name

    @property
    def end(self) -> WireEnd:
        """The first of the pins that it stands for."""
        return self.ends[0]


@dataclass(frozen=True)
class NodeBox:
    """A node as drawn: its box, its pins and the box of its thumbnail, where it can have one.

    Without a ``step`` it is a group, whose picture is that of the step that it ``shows``, or (showing nothing) one of
    the two at the borders of an open group that stand for all that is outside.
    """

    node: str
    step: Step | None
    title: str
    box: Box
    inputs: tuple[Spot, ...]
    outputs: tuple[Spot, ...]
    thumbnail: Box | None
    muted: bool
    shows: str
    category: str = ""
    """That of the node's type, of a group that of what it shows; empty for a placeholder."""
    button: Box | None = None
    """Where a node that runs only on request has the button for it."""

    @property
    def is_group(self) -> bool:
        """Whether it stands for several nodes of this recipe that lie in it."""
        return self.step is None and bool(self.shows)

    @property
    def is_border(self) -> bool:
        """Whether it stands for what is outside of the group that is open."""
        return not self.shows

    @cached_property
    def pins(self) -> tuple[tuple[Spot, Point], ...]:
        """Every pin and where it is from the node's corner."""
        left, top = self.box.left, self.box.top
        return tuple((spot, spot.at.moved(-left, -top)) for spot in (*self.inputs, *self.outputs))


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


def size_of(inputs: int, outputs: int, *, thumbnail: bool, button: bool) -> tuple[float, float]:
    """Width and height of a node with this many pins."""
    more = (THUMBNAIL if thumbnail else 0.0) + (BUTTON if button else 0.0)
    return WIDTH, HEADER + ROW * max(inputs, outputs, 1) + more + FOOTER


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
            item: _group_box(self.level, item) if item in recipe.layout.groups else _node_box(recipe, item, touched)
            for item in self.level.items
        }
        if group:
            self.boxes |= _border_boxes(self.level, Box.union(box.box for box in self.boxes.values()))
        self.spots: dict[tuple[str, str, bool], Spot] = {
            end: spot for box in self.boxes.values() for spot in (*box.inputs, *box.outputs) for end in spot.ends
        }

    def _take_over(self, before: "Scene") -> None:
        """All is where it was: only the steps are others."""
        self.__dict__.update({name: value for name, value in before.__dict__.items() if name != "recipe"})
        self.boxes = {node: _with_steps(self.recipe, box) for node, box in before.boxes.items()}

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
            _bounds(frame_box(frame) for frame in frames if frame.kind == "frame"),
            _bounds(title_box(frame) for frame in frames),
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
        return _bounds(box.box for box in self.boxes.values())

    @cached_property
    def wire_bounds(self) -> np.ndarray:
        """The boxes of the wires, in their order: float (n, 4)."""
        return _bounds(curve.box for curve in self.curves.values())

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


def _with_steps(recipe: Recipe, box: NodeBox) -> NodeBox:
    """The box with the steps as they are now; itself where they are as they were."""
    if box.step is not None and box.step is not recipe.steps[box.node]:
        return replace(box, step=recipe.steps[box.node], muted=recipe.steps[box.node].muted)
    if box.is_group and box.muted != _all_muted(recipe, box.node):
        return replace(box, muted=not box.muted)
    return box


def _category(step: Step) -> str:
    return step.declared.category if step.declared else ""


def _all_muted(recipe: Recipe, group: str) -> bool:
    return all(recipe.steps[step].muted for step in steps_in(recipe, [group]))


def _node_box(recipe: Recipe, node: str, touched: set[tuple[str, str]]) -> NodeBox:
    step = recipe.steps[node]
    inputs, outputs = pins_of(recipe, node)

    def rows(pins: Sequence[Pin], *, is_output: bool) -> list[_Row]:
        return [
            _Row((WireEnd(node, pin.name, is_output),), pin, pin.name.replace("_", " "), (node, pin.name) in touched)
            for pin in pins
        ]

    return _box(
        recipe,
        NodeBox(node, step, title_in(recipe, node), _NOWHERE, (), (), None, step.muted, node, _category(step)),
        recipe.layout.positions.get(node, (0.0, 0.0)),
        (rows(inputs, is_output=False), rows(outputs, is_output=True)),
        pictured=any(has_thumbnail(kind) for pin in outputs for kind in pin.kinds),
    )


def _group_box(level: Level, group: str) -> NodeBox:
    recipe = level.recipe
    shows = shown_step(recipe, group)
    muted = all(recipe.steps[step].muted for step in level.steps_of[group])
    pins = (level.inputs_of(group), level.outputs_of(group))

    def wired(end: WireEnd) -> bool:
        return (end.node, end.pin) in level.leaving if end.is_output else recipe.wire_into(*end[:2]) is not None

    def rows(pins: Sequence[GroupPin]) -> list[_Row]:
        names = [pin.pin.name for pin in pins]
        found = []
        for pin in pins:
            name = pin.pin.name.replace("_", " ")
            label = name if names.count(pin.pin.name) == 1 else f"{title_in(recipe, pin.ends[0].node)}, {name}"
            found.append(_Row(pin.ends, pin.pin, label, wired(pin.ends[0])))
        return found

    return _box(
        recipe,
        NodeBox(
            group, None, title_in(recipe, group), _NOWHERE, (), (), None, muted, shows, _category(recipe.steps[shows])
        ),
        recipe.layout.positions.get(group, (0.0, 0.0)),
        (rows(pins[0]), rows(pins[1])),
        pictured=any(has_thumbnail(kind) for pin in pins_of(recipe, shows)[1] for kind in pin.kinds),
    )


def _border_boxes(level: Level, area: Box | None) -> dict[str, NodeBox]:
    """What feeds the group that is open, left of all in it, and what it feeds, on the right."""
    recipe, inside = level.recipe, level.item_of
    arriving: dict[WireEnd, _Row] = {}
    leaving: dict[WireEnd, _Row] = {}
    for wire in level.wires:
        if wire.source not in inside:
            end = WireEnd(wire.source, wire.output, True)
            _, outputs = pins_of(recipe, wire.source)
            pin = next((one for one in outputs if one.name == wire.output), Pin(wire.output, (Value,)))
            arriving[end] = _Row((end,), pin, output_title(recipe, OutputRef(wire.source, wire.output)), True)
        elif wire.target not in inside:
            end = WireEnd(wire.target, wire.input, False)
            inputs, _ = pins_of(recipe, wire.target)
            pin = next((one for one in inputs if one.name == wire.input), Pin(wire.input, (Value,)))
            label = f"{title_in(recipe, wire.target)}, {wire.input.replace('_', ' ')}"
            leaving[end] = _Row((end,), pin, label, True)
    if area is None:
        return {}
    boxes = {}
    for name, title, left, rows in (
        (f"{level.group} from", "From outside", area.left - BORDER_GAP - WIDTH, ([], list(arriving.values()))),
        (f"{level.group} to", "To outside", area.right + BORDER_GAP, (list(leaving.values()), [])),
    ):
        if any(rows):
            empty = NodeBox(name, None, title, _NOWHERE, (), (), None, muted=False, shows="")
            boxes[name] = _box(recipe, empty, (left, area.top), rows, pictured=False)
    return boxes


class _Row(NamedTuple):
    """A pin to be drawn: what it stands for, and what it is called."""

    ends: tuple[WireEnd, ...]
    pin: Pin
    label: str
    wired: bool


def _box(
    recipe: Recipe, box: NodeBox, at: tuple[float, float], rows: tuple[list[_Row], list[_Row]], *, pictured: bool
) -> NodeBox:
    """The box with its size, its pins and the place of its picture."""
    left, top = at
    has_button = box.step is not None and box.step.on_request
    width, height = size_of(len(rows[0]), len(rows[1]), thumbnail=pictured, button=has_button)
    bottom = top + height - FOOTER
    above = bottom - (BUTTON if has_button else 0.0)

    def spots(side: Sequence[_Row], x: float) -> tuple[Spot, ...]:
        return tuple(
            Spot(
                box.node,
                row.pin,
                row.ends[0].is_output,
                Point(x, top + HEADER + ROW * (place + 0.5)),
                recipe.kinds(row.ends[0].node, row.pin.name) if row.ends[0].is_output else row.pin.kinds,
                row.wired,
                row.ends,
                row.label,
            )
            for place, row in enumerate(side)
        )

    return replace(
        box,
        box=Box(left, top, left + width, top + height),
        inputs=spots(rows[0], left),
        outputs=spots(rows[1], left + width),
        thumbnail=Box(left + 6, above - THUMBNAIL, left + width - 6, above) if pictured else None,
        button=Box(left + 8, above + 2, left + width - 8, bottom - 2) if has_button else None,
    )
