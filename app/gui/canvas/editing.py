"""What menus and keys do to the recipe on the canvas: each one edit that can be undone. No mouse, no display."""

from collections.abc import Callable, Collection
from dataclasses import replace

from graingraph.app.document import commands, groups
from graingraph.app.document.edit import Change
from graingraph.app.document.names import title_in
from graingraph.app.document.session import Session
from graingraph.app.gui.canvas import reroutes
from graingraph.app.gui.canvas.align import Edge, align
from graingraph.app.gui.canvas.boxes import HEADER, ROW, WIDTH, frame_box
from graingraph.app.gui.canvas.layout import around, arrange
from graingraph.app.gui.canvas.reroutes import ADD_REROUTE_POINT, Reroute
from graingraph.app.gui.canvas.room import GAP, make_room
from graingraph.app.gui.canvas.scene import Hit, Scene
from graingraph.app.gui.canvas.state import CanvasState
from graingraph.app.rendering.geometry import Box, Point, in_sight
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.lock import LOCKED
from graingraph.engine.recipe.parts import Frame, Wire
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe

NO_WIRE_PICKED = "Pick a wire first, or a node that one leads to."
NO_NODE_OR_POINT_SELECTED = "Select a node first, or a reroute point."
NO_NODE_OF_GROUP_SELECTED = "Open a group and select a node in it: the group then shows its picture."
NO_PIN_OF_GROUP_POINTED_AT = "Open a group and point at a pin of a node in it: the group then has that pin."
NO_NODES_ON_CLIPBOARD = (
    "There are no nodes on the clipboard; copy some with Ctrl+C first. A picture is pasted over the images."
)
THE_CLIPBOARD = "The clipboard"
NEW_FRAME, NEW_NOTE = "Frame", "Note"

# steps of undo
DELETE_REROUTE_POINT = "Delete reroute point"
DELETE_REROUTE_POINTS = "Delete {count} reroute points"
DELETE_FRAME = "Delete frame"
ADD_FRAME = {"frame": "Add frame", "note": "Add note"}
EDIT_FRAME = {"frame": "Edit frame", "note": "Edit note"}
PASTE, DUPLICATE = "Paste", "Duplicate"
ARRANGE, ALIGN, MOVE = "Arrange", "Align", "Move"

NOTE_COLOR = "#8a6d3b"
NUDGE = 10.0
IN_LINE = 60.0
"""A node dropped from a wire goes in line with the wire's pin if it is no further off than this, canvas units."""


class Editing(CanvasState):
    """The canvas without its mouse."""

    def __init__(self, session: Session, *, copy: Callable[[str], None], paste: Callable[[], str]) -> None:
        super().__init__(session)
        self._copy, self._paste = copy, paste

    def _carried(self, nodes: Collection[str]) -> frozenset[Reroute]:
        """The reroute points that move with these nodes: of wires between them, and those picked."""
        return self.wire_selection.points | self.scene.reroutes_between(nodes)

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
            label = DELETE_REROUTE_POINT if len(points) == 1 else DELETE_REROUTE_POINTS.format(count=len(points))
            session.do(commands.reroute(session.recipe, reroutes.without(session.recipe, points), label))
        elif wire:
            session.do(commands.cut(session.recipe, self.scene.all_of([wire])))
        elif pointed.frame >= 0:
            frames = session.recipe.layout.frames
            kept = (frame for index, frame in enumerate(frames) if index != pointed.frame)
            session.do(commands.set_frames(session.recipe, kept, DELETE_FRAME))
        self.hover, self.frames_selected = Hit(), False

    def delete_or_leave(self) -> None:
        """Backspace: delete, or with nothing to delete leave the group that is open.

        A group that was just left is selected, but not for that: pressed again and again, it leads to the outside.
        """
        if self._left and self.session.selection == {self._left}:
            self.leave_group()
            return
        before = self.session.recipe
        self.delete()
        if self.session.recipe is before:
            self.leave_group()

    def add_reroute(self, wire: Wire | None = None, at: Point | None = None) -> None:
        """Lead a wire through a point: the one that the menu was opened on, that was picked, or leads to a node.

        Of the wires that lead to the selected node it is the one that has the fewest points; its middle, if ``at`` is
        not given.
        """
        if wire is None and self.menu:
            wire, at = self.menu.wire, self.menu_at
        wire = wire or self.wire_selection.wire or self._wire_of_selected()
        if self.session.recipe.locked:
            self.complain(LOCKED)
        elif wire is None:
            self.complain(NO_WIRE_PICKED)
        else:
            at = at or self.scene.curves[wire].at(0.5)
            index = self.scene.curves[wire].nearest_piece(at)
            led = reroutes.with_point(self.session.recipe, wire, index, at)
            self.session.do(commands.reroute(self.session.recipe, led, ADD_REROUTE_POINT))
            self.session.select(())
            self.select_wires(points=[Reroute(wire, index)])

    def _wire_of_selected(self) -> Wire | None:
        points = self.session.recipe.layout.reroutes
        leading = (wire for wire in self.scene.curves if wire.target in self.selected)
        return min(leading, key=lambda wire: len(points.get(wire, ())), default=None)

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
            other = with_places(recipe_file.parse(self._paste().encode(), THE_CLIPBOARD))
        except Problem:
            self.complain(NO_NODES_ON_CLIPBOARD)
            return
        pasted = Scene(other)
        extent = pasted.extent_of(pasted.boxes)
        if extent:
            at = self.here
            self._add_copies(other, (at.x - extent.left, at.y - extent.top), PASTE)

    def duplicate(self) -> None:
        """Add copies of the selected nodes, their frames and notes beside them."""
        if self.selected:
            part = self._selected_part()
            self._add_copies(part, (4 * NUDGE, 4 * NUDGE), DUPLICATE)

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
            self.complain(NO_NODE_OF_GROUP_SELECTED)
            return
        self.session.do(groups.show_on_group(self.session.recipe, steps[0]))

    def offer_on_group(self) -> None:
        """Have the group that is open offer the pin that the menu was opened on, or no longer."""
        hit = self.menu or self.hover
        if not self.group or hit.kind not in ("input", "output") or hit.node not in self.scene.level.items:
            self.complain(NO_PIN_OF_GROUP_POINTED_AT)
            return
        end = commands.WireEnd(hit.node, hit.pin, hit.kind == "output")
        self.session.do(groups.offer_on_group(self.session.recipe, end))

    def arrange(self) -> None:
        """Lay out the selected nodes, or all, in rows of columns along the flow; frames go with their nodes.

        One node alone, as after it was added, has nothing to be arranged to: then all are meant, too.
        """
        recipe, selection = self.session.recipe, self.selected
        found = arrange(self.scene, selection if len(selection) > 1 else (), self.size)
        straight = {one.wire: () for one in self.scene.reroutes_between(found.positions)}
        after = recipe.with_positions(found.positions).with_reroutes(straight).with_frames(found.frames)
        self.session.do(Change(ARRANGE, recipe, after))

    def align(self, edge: Edge) -> None:
        """Bring one edge of the selected nodes, and the picked reroute points, in line."""
        recipe = self.session.recipe
        boxes: dict[str | Reroute, Box] = {node: self.scene.boxes[node].box for node in self.selected}
        boxes |= {one: Box(*at, *at) for one, at in self.scene.reroutes.items() if one in self.wire_selection.points}
        found = align(boxes, edge)
        after = recipe.with_positions({name: at for name, at in found.items() if isinstance(name, str)})
        led = reroutes.moved_to(recipe, {one: at for one, at in found.items() if isinstance(one, Reroute)})
        self.session.do(Change(ALIGN, recipe, after.with_reroutes(led)))

    def nudge(self, dx: float, dy: float) -> None:
        """Move what is selected by grid steps; a row of nudges is one edit."""
        recipe, nodes = self.session.recipe, self.selected
        if not nodes and not self.wire_selection.points:
            self.complain(NO_NODE_OR_POINT_SELECTED)
            return
        positions = recipe.layout.positions
        moved = recipe.with_positions({n: (positions[n][0] + dx * NUDGE, positions[n][1] + dy * NUDGE) for n in nodes})
        led = reroutes.shifted(recipe, self._carried(nodes), dx * NUDGE, dy * NUDGE)
        self.session.do(Change(MOVE, recipe, moved.with_reroutes(led), merge="nudge"))

    def add_frame(self) -> None:
        """Put a frame around the selected nodes."""
        area = self.scene.extent_of(self.selected)
        if area:
            self._add_frame(around(Frame(0, 0, 0, 0, NEW_FRAME), area))

    def add_note(self) -> None:
        """Put a note at the pointer."""
        at = self.here
        self._add_frame(Frame(at.x, at.y, 200, 90, NEW_NOTE, NOTE_COLOR, "note"))

    def set_frame(self, index: int, text: str, color: str | None = None) -> None:
        """Change what a frame or note says, and its colour (``#rrggbb``)."""
        frames = list(self.session.recipe.layout.frames)
        frames[index] = replace(frames[index], text=text, color=color or frames[index].color)
        self.session.do(commands.set_frames(self.session.recipe, frames, EDIT_FRAME[frames[index].kind]))

    def _add_frame(self, frame: Frame) -> None:
        frames = (*self.session.recipe.layout.frames, replace(frame, inside=self.group))
        self.session.do(commands.set_frames(self.session.recipe, frames, ADD_FRAME[frame.kind]))
        self.editing_frame = len(frames) - 1

    def _add_copies(self, other: Recipe, offset: tuple[float, float], label: str) -> None:
        self._do_and_select(commands.paste(self.session.recipe, other, offset, label, self.group))

    def _do_and_select(self, addition: commands.Addition) -> None:
        self.session.do(addition.change)
        self.session.select(addition.nodes)
