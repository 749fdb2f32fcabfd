"""The canvas as a person handles it with the mouse: hover, clicks, gestures, wheel. No drawing, no display.

Points come in as pixels of the canvas panel; the window passes mouse and keys on, the view draws what is found here.
"""

from dataclasses import dataclass
from functools import partial

from graingraph.app.document import commands
from graingraph.app.document.names import title_in
from graingraph.app.gui.base.pointer import Button
from graingraph.app.gui.canvas.boxes import frame_box
from graingraph.app.gui.canvas.edge_scroll import EdgeScroll
from graingraph.app.gui.canvas.editing import Editing
from graingraph.app.gui.canvas.gestures import (
    Bend,
    BoxSelect,
    DragWire,
    Knife,
    LookAround,
    MoveNodes,
    Pan,
    PressButton,
    ResizeFrame,
)
from graingraph.app.gui.canvas.reroutes import Reroute
from graingraph.app.gui.canvas.scene import Hit, Scene
from graingraph.app.gui.canvas.state import Gesture
from graingraph.app.rendering.geometry import Point
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe

WHEEL_STEP, WHEEL_PAN = 1.15, 60.0
AWAY_PX = 12.0
"""So far, at UI scale 1, the pointer goes from where something was said beside it for that to be let go."""
END_SHARE = 1 / 3
"""The share of a wire at either end by which that end is pulled off; in between it is bent."""


@dataclass(frozen=True)
class Modifiers:
    """The keys held down with a click or another key."""

    ctrl: bool = False
    shift: bool = False
    alt: bool = False
    space: bool = False


class Canvas(Editing):
    """The whole canvas."""

    _edge: EdgeScroll | None = None
    """The scrolling of the drag in progress."""
    _found: tuple[tuple[Scene, Point, float], Hit] | None = None
    """What the pointer was on last, and what that was found from: in most turns it rests, and nothing else moved."""

    def press(self, button: Button, pixel: Point, held: Modifiers) -> None:
        """A mouse button went down."""
        self.complaint, self.frames_selected, self._left = "", False, ""
        self._edge = EdgeScroll(pixel, self.size, self.ui_scale)
        at = self.viewpoint.to_canvas(pixel)
        minimap = self.minimap
        crumb = next((one for one in self.breadcrumb if one.box.holds(pixel)), None)
        if crumb:
            self.open_group(crumb.group)
        elif minimap and minimap.box.holds(pixel) and minimap.needed(self.viewpoint.seen(*self.size)):
            self.gesture = LookAround()
        elif button == "middle" or (button == "left" and held.space):
            self.gesture = Pan(at)
        elif button == "right":
            self.gesture = Knife([at]) if held.ctrl or held.alt else Pan(at, opens_menu=True)
        elif held.alt:
            self.gesture = Knife([at])
        else:
            self.gesture = self._left_press(at, held)

    def move(self, pixel: Point) -> None:
        """The pointer is here on the canvas."""
        self._let_go(pixel)
        self.pointer = pixel
        at = self.viewpoint.to_canvas(pixel)
        if self.gesture:
            self.gesture.move(self, at)
        else:
            looked = (self.scene, at, self.slack)
            if not self._found or self._found[0] != looked:
                self._found = (looked, self.scene.hit(at, self.slack))
            self.hover = self._found[1]

    def leave(self, pixel: Point) -> None:
        """The pointer is over something else: nothing is pointed at, and what is done "here" is done where it was."""
        self._let_go(pixel)
        self.hover = Hit()

    def _let_go(self, pixel: Point) -> None:
        """Let a complaint go once the pointer has gone from where it was made."""
        if self._complained_at is None:
            self._complained_at = pixel
        elif pixel.distance(self._complained_at) > AWAY_PX * self.ui_scale:
            self.complaint = ""

    def scroll_at_edge(self, seconds: float) -> None:
        """Time went by: a drag at the edge of the panel scrolls the canvas on below it."""
        if self._edge and self.gesture and self.gesture.scrolls:
            shift = self._edge.step(self.pointer, seconds)
            if shift != (0.0, 0.0):
                self.viewpoint = self.viewpoint.panned(*shift)
                self.gesture.move(self, self.viewpoint.to_canvas(self.pointer))

    def release(self, pixel: Point) -> None:
        """The mouse button that started the gesture went up."""
        gesture = self.gesture
        if gesture:
            at = self.viewpoint.to_canvas(pixel)
            try:
                gesture.move(self, at)
                gesture.release(self, at)
            finally:
                self.gesture = None
                self.session.seal()

    def double_click(self, pixel: Point) -> None:
        """Empty canvas: the palette. A group: what lies in it. A wire: a reroute point. A frame: edit its text."""
        at = self.viewpoint.to_canvas(pixel)
        hit = self.scene.hit(at, self.slack)
        self.gesture = None
        if any(crumb.box.holds(pixel) for crumb in self.breadcrumb):
            return
        if hit.kind == "empty":
            self.open_palette(at)
        elif hit.node in self.scene.recipe.layout.groups:
            self.open_group(hit.node)
        elif hit.wire:
            self.add_reroute(hit.wire, at)
        elif hit.kind == "frame":
            self.editing_frame = hit.frame

    def wheel(self, steps: float, pixel: Point, held: Modifiers, *, sideways: float = 0.0) -> None:
        """Zoom about the pointer, or (``wheel_pans``, for trackpads) pan; Ctrl always zooms, Shift and Alt pan.

        ``sideways`` are the steps of a tilted wheel or of two fingers that go across.
        """
        if held.shift:
            sideways, steps = sideways + steps, 0.0
        if held.alt or (self.wheel_pans and not held.ctrl):
            self.viewpoint = self.viewpoint.panned(0, WHEEL_PAN * steps)
        elif steps:
            self.viewpoint = self.viewpoint.zoomed(WHEEL_STEP**steps, pixel)
        if sideways:
            self.viewpoint = self.viewpoint.panned(WHEEL_PAN * sideways, 0)

    def _left_press(self, at: Point, held: Modifiers) -> Gesture:
        hit = self.scene.hit(at, self.slack)
        if hit.kind in ("input", "output"):
            return self._pull_wire(hit, at)
        if hit.on_button and not (held.shift or held.ctrl):
            self.session.select([hit.node])
            return PressButton(hit.node)
        if hit.kind == "node":
            return self._grab_node(hit.node, at, held)
        if hit.kind in ("frame", "frame corner"):
            return self._grab_frame(hit, at)
        if hit.reroute:
            return self._grab_reroute(hit.reroute, at, held)
        if hit.wire:
            return self._grab_wire(hit.wire, at)
        if held.shift or held.ctrl:
            return BoxSelect(at, self.session.selection, self.wire_selection.points)
        return BoxSelect(at)

    def _pull_wire(self, hit: Hit, at: Point) -> DragWire:
        recipe = self.session.recipe
        lifted = recipe.wire_into(hit.node, hit.pin) if hit.kind == "input" else None
        if lifted:
            end = commands.WireEnd(lifted.source, lifted.output, True)
        else:
            end = commands.WireEnd(hit.node, hit.pin, hit.kind == "output")
            if end.is_output:
                self.session.view(hit.node, hit.pin)
        return self._drag_wire(end, lifted, at)

    def _drag_wire(self, end: commands.WireEnd, lifted: Wire | None, at: Point, *, by_pin: bool = True) -> DragWire:
        recipe = self.session.recipe
        base = recipe.disconnect(self.scene.all_of([lifted])) if lifted else recipe
        return DragWire(end, lifted, _reasons(base, self.scene, end), at, by_pin)

    def _grab_wire(self, wire: Wire, at: Point) -> Gesture:
        """Pick the wire; a drag pulls the end off that is near, or bends it."""
        self.session.select(())
        self.select_wires(wire=wire)
        route = self.scene.curves[wire]
        share = route.share_at(at)
        if share < END_SHARE:
            return self._drag_wire(commands.WireEnd(wire.target, wire.input, False), wire, at, by_pin=False)
        if share > 1 - END_SHARE:
            return self._drag_wire(commands.WireEnd(wire.source, wire.output, True), wire, at, by_pin=False)
        return Bend(at, Reroute(wire, route.nearest_piece(at)))

    def _grab_reroute(self, one: Reroute, at: Point, held: Modifiers) -> Gesture:
        session, picked = self.session, self.wire_selection.points
        if held.shift or held.ctrl:
            self.select_wires(points=picked ^ {one})
        elif one not in picked:
            session.select(())
            self.select_wires(points=[one])
        return self._move_selected(at)

    def _move_selected(self, at: Point, clicked: str = "") -> MoveNodes:
        layout, nodes = self.session.recipe.layout, self.selected
        positions = {node: layout.positions.get(node, (0.0, 0.0)) for node in nodes}
        return MoveNodes(at, positions, points=self._carried(nodes), clicked=clicked)

    def _grab_node(self, node: str, at: Point, held: Modifiers) -> Gesture:
        session = self.session
        if held.shift or held.ctrl:
            points = self.wire_selection.points
            session.select(session.selection ^ {node})
            self.select_wires(points=points)
        elif node not in session.selection:
            session.select([node])
        if node in session.selection:
            session.view(node)
        return self._move_selected(at, clicked="" if held.shift or held.ctrl else node)

    def _grab_frame(self, hit: Hit, at: Point) -> Gesture:
        recipe = self.session.recipe
        frame = recipe.layout.frames[hit.frame]
        if hit.kind == "frame corner":
            return ResizeFrame(hit.frame, at, frame)
        area = frame_box(frame)
        if frame.kind == "note":
            return MoveNodes(at, {}, frozenset({hit.frame}))
        inside = [node for node in self.scene.level.items if area.holds(self.scene.boxes[node].box.centre)]
        within = {index for index, other in self.scene.frames.items() if area.covers(frame_box(other))}
        carried = {node: recipe.layout.positions.get(node, (0.0, 0.0)) for node in inside}
        return MoveNodes(at, carried, frozenset(within), self.scene.reroutes_in(area))


def _reasons(recipe: Recipe, scene: Scene, end: commands.WireEnd) -> dict[tuple[str, str], str | None]:
    """For every pin that a wire from this end could go to: why it cannot, or None."""
    reasons: dict[tuple[str, str], str | None] = {}
    called = partial(title_in, recipe)
    for spot in scene.spots.values():
        if spot.is_output != end.is_output and (spot.end.node, spot.end.pin) not in reasons:
            found = (recipe.reason_against(end.wire_to(one.node, one.pin), called) for one in spot.ends)
            reasons[spot.end.node, spot.end.pin] = next(filter(None, found), None)
    return reasons
