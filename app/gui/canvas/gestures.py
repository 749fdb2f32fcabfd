"""What a held mouse button can do on the canvas: pan, select, move, pull a wire, cut, look around, resize a frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from graingraph.app.document import commands
from graingraph.app.document.edit import Change
from graingraph.app.gui.canvas import reroutes
from graingraph.app.gui.canvas.boxes import Spot
from graingraph.app.gui.canvas.reroutes import ADD_REROUTE_POINT, Reroute
from graingraph.app.gui.canvas.room import make_room
from graingraph.app.gui.canvas.scene import PIN_REACH
from graingraph.app.gui.canvas.state import CanvasState, Gesture
from graingraph.app.rendering.geometry import Box, Point
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.recipe import Recipe

OUTPUT_TO_INPUT = "An output goes to an input."
INPUT_FROM_OUTPUT = "An input takes an output."
WIRE_STAYS = "The wire stays where it is: drop its end on a pin."
NO_PIN_FOR_WIRE = "{node} has no pin for this wire."

# steps of undo
MOVE = "Move"
MOVE_REROUTE_POINT = "Move reroute point"
RESIZE_FRAME = "Resize frame"

GRID = 10.0
CLICK_REACH = 4.0
"""How far a hand shakes in a click, pixels."""


@dataclass
class Pan(Gesture):
    """Drag the canvas itself; ``grabbed`` stays under the pointer. Without a drag it may open the menu instead."""

    grabbed: Point
    opens_menu: bool = False
    travelled: float = 0.0
    scrolls: ClassVar[bool] = False

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Shift the viewpoint."""
        zoom = canvas.viewpoint.zoom
        dx, dy = (at.x - self.grabbed.x) * zoom, (at.y - self.grabbed.y) * zoom
        self.travelled += abs(dx) + abs(dy)
        canvas.viewpoint = canvas.viewpoint.panned(dx, dy)

    def release(self, canvas: CanvasState, at: Point) -> None:
        """A click, not a drag: the menu of what lies there."""
        if self.opens_menu and self.travelled < CLICK_REACH:
            canvas.open_menu(at)


@dataclass
class PressButton(Gesture):
    """Press the button of a node; it works where the pointer is still on it when it is let go."""

    node: str
    scrolls: ClassVar[bool] = False

    def release(self, canvas: CanvasState, at: Point) -> None:
        """Do what the button says."""
        hit = canvas.scene.hit(at)
        if hit.on_button and hit.node == self.node:
            canvas.on_request.press(self.node)


@dataclass
class BoxSelect(Gesture):
    """Draw a box; the nodes that it meets and the reroute points in it are selected, besides those that were."""

    start: Point
    kept: frozenset[str] = frozenset()
    kept_points: frozenset[Reroute] = frozenset()
    end: Point | None = None

    @property
    def box(self) -> Box:
        """The box drawn so far."""
        return Box.around((self.start, self.end or self.start))

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Select as the box grows."""
        self.end = at
        canvas.session.select(self.kept | set(canvas.scene.nodes_in(self.box)))
        canvas.select_wires(points=self.kept_points | canvas.scene.reroutes_in(self.box))

    def release(self, canvas: CanvasState, at: Point) -> None:
        """The selection is made already; a click without a drag clears it."""
        if self.end is None:
            canvas.session.select(self.kept)
            canvas.select_wires(points=self.kept_points)


@dataclass
class MoveNodes(Gesture):
    """Move the selected nodes and reroute points (and frames' contents).

    Dropped on a wire, a single unwired node is inserted; dropped on others, a single one pushes them aside. Let go
    where it was, ``clicked`` alone of all that were selected stays so.
    """

    start: Point
    positions: Mapping[str, tuple[float, float]]
    frames: frozenset[int] = frozenset()
    points: frozenset[Reroute] = frozenset()
    clicked: str = ""
    delta: tuple[float, float] = (0.0, 0.0)
    target: Wire | None = None

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Follow the pointer in steps of the grid; note the wire that the node would be inserted into."""
        self.delta = (
            round((at.x - self.start.x) / GRID) * GRID,
            round((at.y - self.start.y) / GRID) * GRID,
        )
        self.target = self._wire_below(canvas)

    def release(self, canvas: CanvasState, at: Point) -> None:
        """Make the move one edit; with a wire below, the insertion belongs to it."""
        if self.delta == (0.0, 0.0):
            if self.clicked:
                canvas.session.select([self.clicked])
            return
        recipe = canvas.session.recipe
        label = MOVE if self.positions or self.frames else MOVE_REROUTE_POINT
        change = Change(label, recipe, self.apply(recipe))
        inserted = commands.insert(change.after, next(iter(self.positions)), self.target) if self.target else None
        if inserted:
            change = replace(inserted, before=recipe)
        if len(self.positions) == 1 and not self.frames and not self.points:
            change = replace(change, after=make_room(change.after, next(iter(self.positions))))
        canvas.session.do(change)

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe as it looks with the drag so far."""
        dx, dy = self.delta
        moved = recipe.with_positions({node: (x + dx, y + dy) for node, (x, y) in self.positions.items()})
        if self.points:
            moved = moved.with_reroutes(reroutes.shifted(recipe, self.points, dx, dy))
        if not self.frames:
            return moved
        return moved.with_frames(
            replace(frame, x=frame.x + dx, y=frame.y + dy) if index in self.frames else frame
            for index, frame in enumerate(recipe.layout.frames)
        )

    def _wire_below(self, canvas: CanvasState) -> Wire | None:
        if len(self.positions) != 1 or self.frames or self.points:
            return None
        (node,) = self.positions
        recipe = canvas.session.recipe
        if node not in recipe.steps or any(node in (wire.source, wire.target) for wire in recipe.wires):
            return None
        scene = canvas.scene
        wire = scene.wire_at(scene.boxes[node].box.centre, reach=30.0)
        return wire if wire and commands.insert(recipe, node, wire) else None


@dataclass
class Bend(Gesture):
    """Drag the middle of a wire: a new reroute point follows the pointer."""

    start: Point
    point: Reroute
    at: Point | None = None

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Follow the pointer in steps of the grid, once it has left the place."""
        if self.at or at.distance(self.start) * canvas.viewpoint.zoom > CLICK_REACH:
            self.at = Point(round(at.x / GRID) * GRID, round(at.y / GRID) * GRID)

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe as it looks with the drag so far."""
        if self.at is None or recipe.locked:
            return recipe
        return recipe.with_reroutes(reroutes.with_point(recipe, self.point.wire, self.point.number, self.at))

    def release(self, canvas: CanvasState, at: Point) -> None:
        """Make it one edit; a click has picked the wire already."""
        recipe = canvas.session.recipe
        if self.at:
            canvas.session.do(Change(ADD_REROUTE_POINT, recipe, self.apply(recipe)))
            canvas.select_wires(points=[self.point])


@dataclass
class DragWire(Gesture):
    """Pull a wire from a pin. ``lifted`` is the wire whose end was picked up, from its input or (not ``by_pin``) where
    the wire itself was grabbed; then a click picks it, and dropped on nothing it stays. With it go those that are one
    with it on this level.

    ``reasons`` says for every pin of the other side why it cannot take this wire (None: it can); ``reason`` is the one
    under the pointer.
    """

    end: commands.WireEnd
    lifted: Wire | None
    reasons: Mapping[tuple[str, str], str | None]
    start: Point
    by_pin: bool = True
    at: Point | None = None
    over: Spot | None = None
    moved: bool = False

    @property
    def reason(self) -> str | None:
        """Why the pin under the pointer refuses; None where there is none or it accepts."""
        if self.over is None:
            return None
        if self.over.is_output == self.end.is_output:
            return OUTPUT_TO_INPUT if self.end.is_output else INPUT_FROM_OUTPUT
        return self.reasons.get((self.over.end.node, self.over.end.pin))

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Follow the pointer and look for a pin below it."""
        reach = 2.0 if self.by_pin else 3 * CLICK_REACH / canvas.viewpoint.zoom
        self.moved = self.moved or at.distance(self.start) > reach
        self.at = at
        self.over = canvas.scene.pin_at(at, reach=max(16.0, PIN_REACH * canvas.slack))

    def release(self, canvas: CanvasState, at: Point) -> None:
        """Connect, say why not, cut a lifted wire on empty canvas, or ask what to add there."""
        self.move(canvas, at)
        session = canvas.session
        if not self.moved or (self.over and self.end in self.over.ends):
            return
        if self.over:
            self._connect(canvas, self.over)
        elif canvas.scene.hit(at).kind == "node":
            self._connect_to_node(canvas, canvas.scene.hit(at).node)
        elif not self.by_pin:
            canvas.complain(WIRE_STAYS)
        elif self.lifted:
            session.do(commands.cut(session.recipe, self._lifted_at(canvas)))
        else:
            canvas.open_palette(at, self.end)

    def _connect(self, canvas: CanvasState, spot: Spot) -> None:
        session = canvas.session
        if self.reason:
            canvas.complain(self.reason)
            return
        wires = [self.end.wire_to(end.node, end.pin) for end in spot.ends]
        try:
            session.do(commands.connect(session.recipe, *wires, instead_of=self._lifted_at(canvas)))
            if not self.by_pin:
                canvas.select_wires(wire=wires[0])
        except Problem as problem:
            canvas.complain(problem.message)

    def _connect_to_node(self, canvas: CanvasState, node: str) -> None:
        """Dropped on a node rather than a pin: the first pin that fits."""
        recipe, box = canvas.session.recipe, canvas.scene.boxes[node]
        spots = box.inputs if self.end.is_output else box.outputs
        if box.is_group:
            fitting = (spot for spot in spots if self.reasons.get((spot.end.node, spot.end.pin), "") is None)
            spot = next(fitting, None)
            wires = [self.end.wire_to(end.node, end.pin) for end in spot.ends] if spot else []
        else:
            wire = commands.wire_that_fits(recipe, self.end, node)
            wires = [wire] if wire else []
        if wires:
            canvas.session.do(commands.connect(recipe, *wires, instead_of=self._lifted_at(canvas)))
        elif canvas.scene.spots[self.end].node != node:
            reasons = (self.reasons.get((spot.end.node, spot.end.pin)) for spot in spots)
            canvas.complain(next(filter(None, reasons), NO_PIN_FOR_WIRE.format(node=box.title)))

    def _lifted_at(self, canvas: CanvasState) -> list[Wire]:
        """The wires that were picked up."""
        return canvas.scene.all_of([self.lifted]) if self.lifted else []


@dataclass
class Knife(Gesture):
    """Draw a line; the wires that it crosses are cut."""

    path: list[Point] = field(default_factory=list)

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Lengthen the line."""
        if not self.path or self.path[-1].distance(at) > 3:
            self.path.append(at)

    def release(self, canvas: CanvasState, at: Point) -> None:
        """Cut what was crossed, as one edit."""
        self.path.append(at)
        wires = canvas.scene.wires_crossed(self.path)
        if wires:
            canvas.session.do(commands.cut(canvas.session.recipe, canvas.scene.all_of(wires)))


@dataclass
class LookAround(Gesture):
    """Drag on the minimap: the view follows."""

    scrolls: ClassVar[bool] = False

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Bring what the map shows under the pointer to the middle of the panel."""
        minimap = canvas.minimap
        if minimap:
            wanted = minimap.to_canvas(canvas.viewpoint.to_screen(at))
            middle = canvas.viewpoint.to_screen(wanted)
            canvas.viewpoint = canvas.viewpoint.panned(canvas.size[0] / 2 - middle.x, canvas.size[1] / 2 - middle.y)


@dataclass
class ResizeFrame(Gesture):
    """Pull a frame's lower right corner."""

    index: int
    start: Point
    frame: Frame
    delta: tuple[float, float] = (0.0, 0.0)

    def move(self, canvas: CanvasState, at: Point) -> None:
        """Follow the pointer."""
        self.delta = (at.x - self.start.x, at.y - self.start.y)

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe as it looks with the drag so far."""
        width = max(80.0, round((self.frame.width + self.delta[0]) / GRID) * GRID)
        height = max(50.0, round((self.frame.height + self.delta[1]) / GRID) * GRID)
        sized = replace(self.frame, width=width, height=height)
        frames = list(recipe.layout.frames)
        frames[self.index] = sized
        return recipe.with_frames(frames)

    def release(self, canvas: CanvasState, at: Point) -> None:
        """Make it one edit."""
        recipe = canvas.session.recipe
        canvas.session.do(Change(RESIZE_FRAME, recipe, self.apply(recipe)))
