"""What of the recipe is seen, selected and asked for on the canvas, beside the document. No mouse, no display."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import ClassVar

from graingraph.app.document import commands
from graingraph.app.document.session import Session
from graingraph.app.gui.base.on_request import NothingRuns, OnRequest
from graingraph.app.gui.canvas import reroutes
from graingraph.app.gui.canvas.breadcrumb import Crumb, breadcrumb
from graingraph.app.gui.canvas.minimap import Minimap
from graingraph.app.gui.canvas.reroutes import Reroute
from graingraph.app.gui.canvas.scene import Hit, Scene
from graingraph.app.rendering.geometry import Box, Point, Viewpoint, fit, in_sight
from graingraph.engine.recipe.groups import path_to
from graingraph.engine.recipe.lock import LOCKED
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe

NO_NODE_SELECTED = "Select a node first, by a click or the arrow keys."
ONE_TO_RENAME = "Several nodes are selected; click the one to rename."


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

    def move(self, canvas: "CanvasState", at: Point) -> None:
        """The pointer moved."""

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe as it looks with the drag so far."""
        return recipe

    def release(self, canvas: "CanvasState", at: Point) -> None:
        """The button went up: do what was asked for."""


class CanvasState:
    """What is open, in sight, picked and asked for. ``size`` is the panel's, in pixels."""

    def __init__(self, session: Session) -> None:
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
        self._complained_at: Point | None = None
        """Where the pointer was when the complaint was made; noted in the next turn."""
        self.on_request: OnRequest = NothingRuns()
        self._path: tuple[str, ...] = ()
        self._left = ""
        """The group that was left and is selected for that alone, until the mouse or Escape says otherwise."""
        self._document = session.document
        self._viewpoints: dict[str, Viewpoint] = {}
        self._fitted: tuple[Viewpoint, Box] | None = None
        """What was fitted into the panel last, and the viewpoint of that."""
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

    @property
    def everything_selected(self) -> bool:
        """Whether nodes, frames and notes are all selected."""
        return self.frames_selected and self.session.selection == set(self.scene.level.items)

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
        self._left = came_from
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

    def fit(self, *, everything: bool = False) -> None:
        """Show the selected nodes, opening the group that they lie in, or everything."""
        selected = () if everything else self.session.selection
        self._open_around(selected)
        area = self.scene.extent_of(selected) or self.scene.extent
        if area:
            self._fit(area)

    def _fit(self, area: Box) -> None:
        self.viewpoint = fit(area, *self.size, largest=self.ui_scale)
        self._fitted = (self.viewpoint, area)

    def resize(self, size: tuple[float, float]) -> None:
        """The panel has another size: what was fitted into it still is, or else the middle stays in the middle."""
        middle, before = self.middle, self.viewpoint
        self.size = size
        if self._fitted and self._fitted[0] == before:
            self._fit(self._fitted[1])
        else:
            at = self.viewpoint.to_screen(middle)
            self.viewpoint = before.panned(size[0] / 2 - at.x, size[1] / 2 - at.y)

    def zoom(self, factor: float) -> None:
        """Zoom about the middle of the panel."""
        self.viewpoint = self.viewpoint.zoomed(factor, (self.size[0] / 2, self.size[1] / 2))

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

    def select_all(self) -> None:
        """Select every node, frame and note."""
        self.session.select(self.scene.level.items)
        self.select_wires(points=self.scene.reroutes)
        self.frames_selected = bool(self.scene.frames)

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

    def complain(self, sentence: str) -> None:
        """Say beside the pointer why something was not done."""
        self.complaint, self._complained_at = sentence, None

    def open_palette(self, at: Point, end: commands.WireEnd | None = None, behind: str = "") -> None:
        """Ask which node to add at a canvas point; say why not where the recipe is locked."""
        if self.session.recipe.locked:
            self.complain(LOCKED)
            return
        self.palette = PaletteRequest(at, end, behind)

    def open_palette_here(self) -> None:
        """Ask which node to add: behind the selected one where it fits, else under the pointer."""
        selected = self.session.selection
        self.open_palette(self.here, behind=min(selected) if len(selected) == 1 else "")

    def start_wire(self) -> None:
        """Ask where a wire from or to the selected node shall go."""
        self.wiring = min(self.selected, default="")
        if not self.wiring:
            self.complain(NO_NODE_SELECTED)

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

    def rename(self) -> None:
        """Ask for a name of the selected node or group; say that it takes one where several are selected."""
        if len(self.selected) > 1:
            self.complain(ONE_TO_RENAME)
        else:
            self.renaming = next(iter(self.selected), None)
