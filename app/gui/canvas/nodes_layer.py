"""The nodes on the screen: drawn anew only when their look changes, moved by a transform, hidden out of sight."""

from collections.abc import Callable
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.groups import status_of
from graingraph.app.document.status import NodeStatus
from graingraph.app.gui.base.text import TextWidth
from graingraph.app.gui.base.theme import Colors
from graingraph.app.gui.canvas.bounds import meeting
from graingraph.app.gui.canvas.boxes import NodeBox
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.gestures import DragWire
from graingraph.app.gui.canvas.node_drawing import Look, draw_node
from graingraph.app.rendering.geometry import Box
from graingraph.engine.recipe.groups import steps_in
from graingraph.engine.recipe.parts import WireEnd

Pins = frozenset[WireEnd]


class NodesLayer:
    """Keeps one draw node for each node of the canvas."""

    def __init__(self, canvas: Canvas, parent: int | str, text_width: TextWidth) -> None:
        self._canvas, self._parent, self._text_width = canvas, parent, text_width
        self._groups: dict[str, int] = {}
        self._looks: dict[str, Look] = {}
        self._corners: dict[str, tuple[float, float]] = {}
        self._visible = np.zeros(0, bool)
        self._stamp: tuple[Any, ...] = ()
        self._textures: dict[str, int] = {}
        self._registry = dpg.add_texture_registry()

    def redraw(self) -> None:
        """Draw everything anew at the next turn."""
        self._stamp = ()
        self._looks.clear()

    def sync(self, seen: Box, colors: Colors) -> None:
        """Bring the nodes in step; where only the viewpoint was moved, only those that came into sight cost time."""
        canvas = self._canvas
        scene = canvas.scene
        drag = canvas.gesture if isinstance(canvas.gesture, DragWire) else None
        buttons = tuple(map(canvas.on_request.label, scene.with_buttons))
        stamp = (scene, canvas.session.revision, canvas.viewpoint.zoom, drag and id(drag), buttons)
        visible = meeting(scene.node_bounds, seen)
        if stamp == self._stamp:
            changed = np.flatnonzero(visible != self._visible)
        else:
            self._forget(scene.boxes)
            changed = np.arange(len(visible))
            self._stamp = stamp
        self._visible = visible
        nodes = list(scene.boxes)
        dimmed = _pins_dimmed_by(drag)
        for index in changed:
            node = nodes[index]
            shown = bool(visible[index])
            if node not in self._groups:
                self._groups[node] = dpg.add_draw_node(parent=self._parent)
            dpg.configure_item(self._groups[node], show=shown)
            if shown:
                self._sync_node(scene.boxes[node], dimmed(scene.boxes[node]), colors)

    def _forget(self, kept: dict[str, NodeBox]) -> None:
        for name in self._textures.keys() - self._canvas.session.thumbnails.keys() - self._drawn_textures():
            dpg.delete_item(self._textures.pop(name))
        for node in [node for node in self._groups if node not in kept]:
            dpg.delete_item(self._groups.pop(node))
            self._looks.pop(node, None)
            self._corners.pop(node, None)

    def _drawn_textures(self) -> set[str]:
        return {look.status.thumbnail for look in self._looks.values()}

    def _sync_node(self, box: NodeBox, dimmed: Pins, colors: Colors) -> None:
        group = self._groups[box.node]
        corner = (box.box.left, box.box.top)
        if corner != self._corners.get(box.node):
            self._corners[box.node] = corner
            dpg.apply_transform(group, dpg.create_translation_matrix(corner))
        look = self._look(box, dimmed)
        if look != self._looks.get(box.node):
            self._looks[box.node] = look
            dpg.delete_item(group, children_only=True)
            draw_node(group, look, box, colors, self._texture(look.status.thumbnail), self._text_width)

    def _look(self, box: NodeBox, dimmed: Pins) -> Look:
        session, scene = self._canvas.session, self._canvas.scene
        return Look(
            title=box.title,
            category=box.category,
            pins=box.pins,
            size=(box.box.width, box.box.height),
            muted=box.muted,
            placeholder=box.step is not None and box.step.declared is None,
            selected=box.node in session.selection,
            viewed=session.viewed is not None and scene.level.item_of.get(session.viewed.node) == box.node,
            status=self._status(box),
            zoom=self._canvas.viewpoint.zoom,
            ui_scale=self._canvas.ui_scale,
            dimmed=dimmed,
            change=self._change(box),
            button=self._canvas.on_request.label(box.node) if box.button else "",
            kind="group" if box.is_group else "border" if box.is_border else "node",
        )

    def _status(self, box: NodeBox) -> NodeStatus:
        session = self._canvas.session
        if box.is_group and box.node in session.recipe.layout.groups:
            return status_of(session.recipe, session.status, box.node)
        return session.status(box.node)

    def _change(self, box: NodeBox) -> str:
        """What is new or changed beside the recipe that is compared with: of a group, something in it."""
        changes = self._canvas.session.changes
        if box.is_group and changes:
            inside = steps_in(self._canvas.scene.recipe, [box.node])
            return "changed" if any(step in changes for step in inside) else ""
        return changes.get(box.node, "")

    def _texture(self, name: str) -> int | None:
        """The static texture of a thumbnail, uploaded once; it goes with the thumbnail."""
        picture = self._canvas.session.thumbnails.get(name)
        if picture is None:
            return None
        if name not in self._textures:
            height, width = picture.shape[:2]
            data = (picture.astype(np.float32) / 255).ravel()
            self._textures[name] = dpg.add_static_texture(width, height, data, parent=self._registry)
        return self._textures[name]


def _pins_dimmed_by(drag: DragWire | None) -> Callable[[NodeBox], Pins]:
    """For a node, the pins that cannot take the wire being dragged."""
    if drag is None:
        return lambda box: frozenset()
    end, reasons = drag.end, drag.reasons

    def dimmed(box: NodeBox) -> Pins:
        same_side = (spot for spot in (*box.inputs, *box.outputs) if spot.is_output == end.is_output)
        refusing = (
            spot
            for spot in (*box.inputs, *box.outputs)
            if spot.is_output != end.is_output and reasons.get((spot.end.node, spot.end.pin))
        )
        others = (spot for spot in same_side if end not in spot.ends)
        return frozenset(spot.end for spot in (*others, *refusing))

    return dimmed
