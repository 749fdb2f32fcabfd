"""The state of the canvas beside the document, and what menus and keys do to it. No mouse, no drawing, no display."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import ClassVar

from graingraph.app.document import commands, groups
from graingraph.app.document.edit import Change
from graingraph.app.document.names import title_in
from graingraph.app.document.session import Session
from graingraph.app.gui.base.on_request import NothingRuns, OnRequest
from graingraph.app.gui.canvas import reroutes
from graingraph.app.gui.canvas.align import Edge, align
from graingraph.app.gui.canvas.breadcrumb import Crumb, breadcrumb
from graingraph.app.gui.canvas.layout import around, arrange
from graingraph.app.gui.canvas.minimap import Minimap
from graingraph.app.gui.canvas.model import HEADER, ROW, WIDTH, Hit, Scene, frame_box
from graingraph.app.gui.canvas.reroutes import Reroute
from graingraph.app.gui.canvas.room import GAP, make_room
from graingraph.app.rendering.geometry import Box, Point, Viewpoint, fit, in_sight
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.groups import path_to
from graingraph.engine.recipe.lock import LOCKED
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe

NUDGE = 10.0
IN_LINE = 60.0
"""A node dropped from a wire goes in line with the wire's pin if it is no further off than this, canvas units."""


@dataclass(frozen=True)
class PaletteRequest:
    """An open search palette: where the new node goes, and the wire end that it shall fit.

    Without one it is wired behind a node, if there is one and if it fits there.
    """

    at: Point
    end: commands.WireEnd | None = None
    behind: str = ""


@dataclass(frozen=True)
class WireSelection:
    """What is picked on the canvas besides the selected nodes: a wire, or reroute points.

    It holds as long as ``nodes`` are the selected ones.
    """

    nodes: frozenset[str] = frozenset()
    wire: Wire | None = None
    points: frozenset[Reroute] = frozenset()


class Gesture:
    """What a held mouse button does: told where the pointer is and, at the end, to act. Points are in canvas units.

    It changes nothing of the document before it is finished, so a drag is one edit and Escape costs nothing. One that
    ``scrolls`` moves the canvas on where it comes to the edge of the panel.
    """

    scrolls: ClassVar[bool] = True

    def move(self, canvas: "Editing", at: Point) -> None:
        """The pointer moved."""

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe as it looks with the drag so far."""
        return recipe

    def release(self, canvas: "Editing", at: Point) -> None:
        """The button went up: do what was asked for."""


class Editing:
    """The canvas without its mouse. ``size`` is the panel's, in pixels."""

    def __init__(self, session: Session, *, copy: Callable[[str], None], paste: Callable[[], str]) -> None:
        self.session = session
        self.viewpoint = Viewpoint()
        self.size = (800.0, 500.0)
        self.ui_scale = 1.0
        self.wheel_pans = False
        self.gesture: Gesture | None = None
        self.hover = Hit()
        self.pointer = Point(0, 0)
        self.palette: PaletteRequest | None = None
        self.wiring = ""
        """The node for one of whose pins the other end of a wire is looked for by the keys; empty for none."""
        self.menu: Hit | None = None
        """What the open menu of a right click is about."""
        self.menu_at = Point(0, 0)
        """Where on the canvas it was asked for."""
        self._wire_selection = WireSelection()
        self.editing_frame: int | None = None
        self.renaming: str | None = None
        self.frames_selected = False
        """Whether all frames and notes are selected, besides every node."""
        self.complaint = ""
        self.on_request: OnRequest = NothingRuns()
        self._copy, self._paste = copy, paste
        self._path: tuple[str, ...] = ()
        self._document = session.document
        self._viewpoints: dict[str, Viewpoint] = {}
        self._scene = Scene(session.recipe)

    @property
    def scene(self) -> Scene:
        """The recipe, or what lies in the group that is open, laid out with the drag in progress applied."""
        recipe = self.gesture.apply(self.session.recipe) if self.gesture else self.session.recipe
        group = self.group
        if group != self._scene.group or (recipe is not self._scene.recipe and recipe != self._scene.recipe):
            self._scene = Scene(recipe, self._scene, group)
        return self._scene

    @property
    def group(self) -> str:
        """The group that is open, or what is left of those around it; empty where the recipe itself is shown."""
        there = self.session.recipe.layout.groups
        if self._document != self.session.document:
            self._document, self._viewpoints, there = self.session.document, {}, {}
        kept = tuple(takewhile(lambda group: group in there, self._path))
        if kept != self._path:
            self._path = kept
            self.fit(everything=True)
        return self._path[-1] if self._path else ""

    @property
    def breadcrumb(self) -> tuple[Crumb, ...]:
        """The way back out of the group that is open."""
        return breadcrumb(self.session.recipe, self.group, self.ui_scale)

    @property
    def selected(self) -> frozenset[str]:
        """What is selected of what is seen here: nodes and groups."""
        return self.session.selection.intersection(self.scene.level.items)

    def open_group(self, group: str) -> None:
        """Show what lies in a group, or (empty) the recipe itself; the group that was left is selected then."""
        left = self.group
        if group == left:
            return
        self._viewpoints[left] = self.viewpoint
        self._path = (*path_to(self.session.recipe, group), group) if group else ()
        self.gesture, self.hover = None, Hit()
        came_from = next((one for one in (left, *path_to(self.session.recipe, left)) if one in self.scene.boxes), "")
        self.session.select([came_from] if came_from else ())
        self.session.revision += 1
        if group in self._viewpoints:
            self.viewpoint = self._viewpoints[group]
        else:
            self.fit(everything=True)

    def open_selected(self) -> None:
        """Show what lies in the selected group."""
        group = next((one for one in sorted(self.selected) if one in self.session.recipe.layout.groups), None)
        if group:
            self.open_group(group)

    def leave_group(self) -> None:
        """Show what lies around the group that is open."""
        if self.group:
            self.open_group(self.session.recipe.layout.holder.get(self.group, ""))

    def _open_around(self, items: Collection[str]) -> None:
        """Show the level on which these lie, where they are not seen here."""
        here = self.scene.level.items
        hidden = [
            one for one in sorted(items) if one in (*self.session.recipe.steps, *self.session.recipe.layout.groups)
        ]
        if hidden and not any(one in here for one in hidden):
            self.open_group(self.session.recipe.layout.holder.get(hidden[0], ""))
            self.session.select(items)

    @property
    def slack(self) -> float:
        """How much wider than usual pins and wires are taken, so that they can be hit when seen from afar."""
        return min(max(1.0, 0.8 * self.ui_scale / self.viewpoint.zoom), 2.4)

    @property
    def here(self) -> Point:
        """The canvas point under the pointer; in the middle of the panel where the pointer is elsewhere."""
        inside = 0 <= self.pointer.x <= self.size[0] and 0 <= self.pointer.y <= self.size[1]
        return self.viewpoint.to_canvas(self.pointer) if inside else self.middle

    @property
    def middle(self) -> Point:
        """The canvas point in the middle of the panel."""
        return self.viewpoint.to_canvas((self.size[0] / 2, self.size[1] / 2))

    @property
    def minimap(self) -> Minimap | None:
        """The map in the corner; None for an empty canvas."""
        extent = self.scene.extent
        return Minimap.of(extent, self.size, self.ui_scale) if extent else None

    @property
    def wire_selection(self) -> WireSelection:
        """What is picked besides nodes, as far as it is still there."""
        picked, recipe = self._wire_selection, self.session.recipe
        wire = picked.wire
        if picked.nodes != self.session.selection:
            picked = WireSelection(self.session.selection)
        elif wire and recipe.wire_into(wire.target, wire.input) != wire:
            picked = replace(picked, wire=None)
        elif picked.points:
            there = reroutes.places(recipe).keys()
            picked = picked if picked.points <= there else replace(picked, points=picked.points & there)
        self._wire_selection = picked
        return picked

    def select_wires(self, *, wire: Wire | None = None, points: Iterable[Reroute] = ()) -> None:
        """Pick a wire or reroute points besides the nodes that are selected, and let go of what was picked."""
        self._wire_selection = WireSelection(self.session.selection, wire, frozenset(points))

    def _carried(self, nodes: Collection[str]) -> frozenset[Reroute]:
        """The reroute points that move with these nodes: of wires between them, and those picked."""
        return self.wire_selection.points | self.scene.reroutes_between(nodes)

    def complain(self, sentence: str) -> None:
        """Say beside the pointer why something was not done."""
        self.complaint = sentence

    def open_palette(self, at: Point, end: commands.WireEnd | None = None, behind: str = "") -> None:
        """Ask which node to add at a canvas point; say why not where the recipe is locked."""
        if self.session.recipe.locked:
            self.complain(LOCKED)
            return
        self.palette = PaletteRequest(at, end, behind)

    def open_menu(self, at: Point) -> None:
        """Ask what to do with what lies at a canvas point; a node there becomes the selection, or all of it stays."""
        hit = self.scene.hit(at, self.slack)
        node = self.scene.box_of(hit)
        if node in self.scene.level.items and node not in self.session.selection:
            self.session.select([node])
        elif hit.reroute and hit.reroute in self.wire_selection.points:
            pass
        elif not hit.node and hit.kind != "empty":
            self.session.select(())
            self.select_wires(wire=hit.wire, points=[hit.reroute] if hit.reroute else [])
        self.menu, self.menu_at = hit, at

    def open_menu_of_selected(self) -> None:
        """Ask what to do with the selected node, the wire that is picked, or the canvas."""
        node, wire = min(self.selected, default=""), self.wire_selection.wire
        if node:
            self.menu, self.menu_at = Hit("node", node), self.scene.boxes[node].box.centre
        elif wire:
            self.menu, self.menu_at = Hit("wire", wire=wire), self.scene.curves[wire].at(0.5)
        else:
            self.menu, self.menu_at = Hit(), self.here

    def choose_recipe(self, other: Recipe) -> None:
        """Add the snippet that was chosen in the palette."""
        request, self.palette = self.palette, None
        if request:
            self.put(other, request.at, request.end)

    def choose(self, type_name: str) -> None:
        """Add the node that was chosen in the palette, wired to what the palette was opened from."""
        request, self.palette = self.palette, None
        if request is None:
            return
        end = self._end_behind(request.behind, type_name)
        if end:
            spot = self.scene.spots[end]
            self.add(type_name, Point(self.scene.boxes[spot.node].box.right + GAP, spot.at.y), end)
        else:
            self.add(type_name, request.at, request.end)

    def _end_behind(self, node: str, type_name: str) -> commands.WireEnd | None:
        """The first output of a node that a new one of this type can be wired to."""
        recipe, box = self.session.recipe, self.scene.boxes.get(node)
        ends = [spot.end for spot in box.outputs] if box else []
        wired = (end for end in ends if commands.add(recipe, type_name, (0, 0), end).change.after.wires != recipe.wires)
        return next(wired, None)

    def add(self, type_name: str, at: Point, end: commands.WireEnd | None = None) -> str:
        """Add a node, select it, look at it where nothing is missing that it needs, and keep it in sight."""
        node = self._put(commands.add(self.session.recipe, type_name, self._corner(at, end), end, self.group))
        recipe, box = self.session.recipe, self.scene.boxes[node]
        if all(spot.pin.optional or recipe.wire_into(node, spot.name) for spot in box.inputs):
            self.session.view(node)
        return node

    def put(self, other: Recipe, at: Point, end: commands.WireEnd | None = None) -> None:
        """Add a recipe whose all is one group, such as a snippet; select the group and keep it in sight."""
        self._put(groups.put(self.session.recipe, other, self._corner(at, end), self.group, end))

    def _put(self, addition: commands.Addition) -> str:
        """Add one node or group, with room for it, select it and keep it in sight."""
        (node,) = addition.nodes
        change = replace(addition.change, after=make_room(addition.change.after, node))
        self._do_and_select(addition._replace(change=change))
        self.viewpoint = in_sight(self.viewpoint, self.scene.boxes[node].box, *self.size)
        return node

    def selected_as_recipe(self) -> tuple[Recipe, str]:
        """The selected nodes as a recipe of their own, and the name of the group that they are, where they are one."""
        name = title_in(self.session.recipe, min(self.selected, default="")) if len(self.selected) == 1 else ""
        is_group = bool(self.selected & self.session.recipe.layout.groups.keys())
        return self._selected_part(), name if is_group else ""

    def _corner(self, at: Point, end: commands.WireEnd | None) -> Point:
        """Where a node goes that was asked for at a point: its pin there, in line with the one it is wired to."""
        spot = self.scene.spots.get(end) if end else None
        if spot is None:
            return at
        level = spot.at.y if abs(spot.at.y - at.y) < IN_LINE else at.y
        return Point(at.x if spot.is_output else at.x - WIDTH, level - HEADER - ROW / 2)

    # commands of the keyboard and the menus ----------------------------------------------------------------------

    def cancel(self) -> None:
        """Escape: give up the drag, close the palette, let go of the selection, then leave the group."""
        if self.gesture or self.palette or self.wiring:
            self.gesture, self.palette, self.wiring = None, None, ""
        elif self.group and not (self.session.selection or self.wire_selection.wire or self.wire_selection.points):
            self.leave_group()
        else:
            self.session.select(())
            self.select_wires()
            self.frames_selected = False

    def fit(self, *, everything: bool = False) -> None:
        """Show the selected nodes, opening the group that they lie in, or everything."""
        selected = () if everything else self.session.selection
        self._open_around(selected)
        area = self.scene.extent_of(selected) or self.scene.extent
        if area:
            self.viewpoint = fit(area, *self.size, largest=self.ui_scale)

    def zoom(self, factor: float) -> None:
        """Zoom about the middle of the panel."""
        self.viewpoint = self.viewpoint.zoomed(factor, (self.size[0] / 2, self.size[1] / 2))

    def open_palette_here(self) -> None:
        """Ask which node to add: behind the selected one where it fits, else under the pointer."""
        selected = self.session.selection
        self.open_palette(self.here, behind=min(selected) if len(selected) == 1 else "")

    def start_wire(self) -> None:
        """Ask where a wire from or to the selected node shall go."""
        self.wiring = min(self.selected, default="")
        if not self.wiring:
            self.complain("Select a node first, by a click or the arrow keys.")

    def go(self, dx: int, dy: int) -> None:
        """Select and view the next node in a direction; the one nearest to the middle where none is selected."""
        boxes = {node: self.scene.boxes[node].box for node in self.scene.level.items}
        chosen = min(self.selected, default="")
        start = boxes[chosen].centre if chosen else self.middle
        far: dict[str, float] = {}
        for node, box in boxes.items():
            x, y = box.centre.x - start.x, box.centre.y - start.y
            along, aside = dx * x + dy * y, abs(dx * y) + abs(dy * x)
            if not chosen or (node != chosen and along > 0):
                far[node] = abs(along) + 2 * aside
        if far:
            node = min(far, key=lambda one: far[one])
            self.session.select([node])
            self.session.view(node)
            if not self.viewpoint.seen(*self.size).covers(boxes[node]):
                self.viewpoint = in_sight(self.viewpoint, boxes[node], *self.size)

    def select_all(self) -> None:
        """Select every node, frame and note."""
        self.session.select(self.scene.level.items)
        self.select_wires(points=self.scene.reroutes)
        self.frames_selected = bool(self.scene.frames)

    @property
    def everything_selected(self) -> bool:
        """Whether nodes, frames and notes are all selected."""
        return self.frames_selected and self.session.selection == set(self.scene.level.items)

    def delete(self, *, reconnect: bool = False) -> None:
        """Delete what is selected and picked, else the wire, reroute point or frame pointed at.

        ``reconnect`` closes the gap that nodes leave.
        """
        session, pointed, picked = self.session, self.menu or self.hover, self.wire_selection
        points = picked.points or ({pointed.reroute} if pointed.reroute else set())
        wire = picked.wire or pointed.wire
        if self.everything_selected and not reconnect:
            session.do(commands.remove_everything(session.recipe, self.scene.level.items, self.scene.frames))
        elif self.selected:
            act = commands.dissolve if reconnect else commands.remove
            fewer = session.recipe.with_reroutes(reroutes.without(session.recipe, picked.points))
            session.do(replace(act(fewer, sorted(self.selected)), before=session.recipe))
        elif points:
            label = "Delete reroute point" if len(points) == 1 else f"Delete {len(points)} reroute points"
            session.do(commands.reroute(session.recipe, reroutes.without(session.recipe, points), label))
        elif wire:
            session.do(commands.cut(session.recipe, self.scene.all_of([wire])))
        elif pointed.frame >= 0:
            frames = session.recipe.layout.frames
            kept = (frame for index, frame in enumerate(frames) if index != pointed.frame)
            session.do(commands.set_frames(session.recipe, kept, "Delete frame"))
        self.hover, self.frames_selected = Hit(), False

    def delete_or_leave(self) -> None:
        """Backspace: delete, or with nothing to delete leave the group that is open."""
        before = self.session.recipe
        self.delete()
        if self.session.recipe is before:
            self.leave_group()

    def add_reroute(self, wire: Wire | None = None, at: Point | None = None) -> None:
        """Lead a wire through a point: that which the menu was opened on, if not given."""
        at = at or self.menu_at
        if wire is None and self.menu:
            wire = self.menu.wire
        if self.session.recipe.locked:
            self.complain(LOCKED)
        elif wire:
            index = self.scene.curves[wire].nearest_piece(at)
            led = reroutes.with_point(self.session.recipe, wire, index, at)
            self.session.do(commands.reroute(self.session.recipe, led, "Add reroute point"))
            self.session.select(())
            self.select_wires(points=[Reroute(wire, index)])

    def mute(self) -> None:
        """Mute the selected nodes, or wake them."""
        if self.selected:
            self.session.do(commands.mute(self.session.recipe, sorted(self.selected)))

    def copy(self) -> None:
        """Put the selected nodes with their frames and notes on the clipboard, as a recipe file of their own."""
        if self.selected:
            part = self._selected_part()
            self._copy(recipe_file.dump(replace(part, exposed=(), locked=False)).decode())

    def cut(self) -> None:
        """Copy, then delete; frames and notes stay where not everything is selected."""
        self.copy()
        if self.selected:
            self.delete()

    def paste(self) -> None:
        """Add the nodes on the clipboard, their corner at the pointer."""
        try:
            other = with_places(recipe_file.parse(self._paste().encode(), "The clipboard"))
        except Problem:
            self.complain("There are no nodes on the clipboard; copy some with Ctrl+C first.")
            return
        pasted = Scene(other)
        extent = pasted.extent_of(pasted.boxes)
        if extent:
            at = self.here
            self._add_copies(other, (at.x - extent.left, at.y - extent.top), "Paste")

    def duplicate(self) -> None:
        """Add copies of the selected nodes, their frames and notes beside them."""
        if self.selected:
            part = self._selected_part()
            self._add_copies(part, (4 * NUDGE, 4 * NUDGE), "Duplicate")

    def _selected_part(self) -> Recipe:
        """The selected nodes, with the frames around them alone and the notes in these frames."""
        return self.session.recipe.part(self.selected, [self.scene.frames[index] for index in self._own_frames()])

    def _own_frames(self) -> list[int]:
        """The frames around the selected nodes alone, and the notes in these; with everything selected, all of them."""
        if self.everything_selected:
            return list(self.scene.frames)
        boxes = {node: self.scene.boxes[node].box for node in self.scene.level.items}
        areas = {index: frame_box(frame) for index, frame in self.scene.frames.items()}
        inside = {index: {node for node, box in boxes.items() if area.covers(box)} for index, area in areas.items()}
        own = [areas[index] for index, nodes in inside.items() if nodes and nodes <= self.selected]
        return [index for index, area in areas.items() if any(one.covers(area) for one in own)]

    def make_group(self) -> None:
        """Show the selected nodes as one, with the frames around them alone in it, and ask for its name."""
        if self.selected:
            self._do_and_select(groups.group(self.session.recipe, self.selected, self._own_frames()))
            self.rename()

    def ungroup(self) -> None:
        """Put what lies in the selected groups in their place."""
        chosen = sorted(one for one in self.selected if one in self.session.recipe.layout.groups)
        if chosen:
            self._do_and_select(groups.ungroup(self.session.recipe, chosen))

    def show_on_group(self) -> None:
        """Have the group that is open show the picture of the selected node, or its last one again."""
        steps = [one for one in sorted(self.selected) if one in self.session.recipe.steps]
        if not self.group or not steps:
            self.complain("Open a group and select a node in it: the group then shows its picture.")
            return
        self.session.do(groups.show_on_group(self.session.recipe, steps[0]))

    def offer_on_group(self) -> None:
        """Have the group that is open offer the pin that the menu was opened on, or no longer."""
        hit = self.menu or self.hover
        if not self.group or hit.kind not in ("input", "output") or hit.node not in self.scene.level.items:
            self.complain("Open a group and point at a pin of a node in it: the group then has that pin.")
            return
        end = commands.WireEnd(hit.node, hit.pin, hit.kind == "output")
        self.session.do(groups.offer_on_group(self.session.recipe, end))

    def rename(self) -> None:
        """Ask for a name of the selected node or group."""
        self.renaming = next(iter(sorted(self.selected)), None)

    def arrange(self) -> None:
        """Lay out the selected nodes, or all, in rows of columns along the flow; frames go with their nodes.

        One node alone, as after it was added, has nothing to be arranged to: then all are meant, too.
        """
        recipe, selection = self.session.recipe, self.selected
        found = arrange(self.scene, selection if len(selection) > 1 else (), self.size)
        straight = {one.wire: () for one in self.scene.reroutes_between(found.positions)}
        after = recipe.with_positions(found.positions).with_reroutes(straight).with_frames(found.frames)
        self.session.do(Change("Arrange", recipe, after))

    def align(self, edge: Edge) -> None:
        """Bring one edge of the selected nodes, and the picked reroute points, in line."""
        recipe = self.session.recipe
        boxes: dict[str | Reroute, Box] = {node: self.scene.boxes[node].box for node in self.selected}
        boxes |= {one: Box(*at, *at) for one, at in self.scene.reroutes.items() if one in self.wire_selection.points}
        found = align(boxes, edge)
        after = recipe.with_positions({name: at for name, at in found.items() if isinstance(name, str)})
        led = reroutes.moved_to(recipe, {one: at for one, at in found.items() if isinstance(one, Reroute)})
        self.session.do(Change("Align", recipe, after.with_reroutes(led)))

    def nudge(self, dx: float, dy: float) -> None:
        """Move what is selected by grid steps; a row of nudges is one edit."""
        recipe, nodes = self.session.recipe, self.selected
        positions = recipe.layout.positions
        moved = recipe.with_positions({n: (positions[n][0] + dx * NUDGE, positions[n][1] + dy * NUDGE) for n in nodes})
        led = reroutes.shifted(recipe, self._carried(nodes), dx * NUDGE, dy * NUDGE)
        self.session.do(Change("Move", recipe, moved.with_reroutes(led), merge="nudge"))

    def add_frame(self) -> None:
        """Put a frame around the selected nodes."""
        area = self.scene.extent_of(self.selected)
        if area:
            self._add_frame(around(Frame(0, 0, 0, 0, "Frame"), area))

    def add_note(self) -> None:
        """Put a note at the pointer."""
        at = self.here
        self._add_frame(Frame(at.x, at.y, 200, 90, "Note", "#8a6d3b", "note"))

    def set_frame(self, index: int, text: str, color: str | None = None) -> None:
        """Change what a frame or note says, and its colour (``#rrggbb``)."""
        frames = list(self.session.recipe.layout.frames)
        frames[index] = replace(frames[index], text=text, color=color or frames[index].color)
        self.session.do(commands.set_frames(self.session.recipe, frames, f"Edit {frames[index].kind}"))

    def _add_frame(self, frame: Frame) -> None:
        frames = (*self.session.recipe.layout.frames, replace(frame, inside=self.group))
        self.session.do(commands.set_frames(self.session.recipe, frames, f"Add {frame.kind}"))
        self.editing_frame = len(frames) - 1

    def _add_copies(self, other: Recipe, offset: tuple[float, float], label: str) -> None:
        self._do_and_select(commands.paste(self.session.recipe, other, offset, label, self.group))

    def _do_and_select(self, addition: commands.Addition) -> None:
        self.session.do(addition.change)
        self.session.select(addition.nodes)
