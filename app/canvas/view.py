"""The canvas on the screen: one draw list kept in step with the model. It decides nothing and changes no document.

Pan and zoom are one transform of the root; a node is drawn anew only when its ``Look`` changes, moved by a transform
of its own, and hidden while it is out of sight.
"""

from functools import lru_cache
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np

from app.canvas.controller import Canvas
from app.canvas.geometry import Box, Curve, Point
from app.canvas.gestures import DragWire, MoveNodes
from app.canvas.minimap import Minimap
from app.canvas.model import NodeBox
from app.canvas.node_drawing import Look, draw_node
from app.canvas.overlay import draw_frame, draw_overlay
from app.session import NodeStatus
from app.theme import FONT_SIZE, Colors, rgb
from engine.recipe import Frame, Wire

MOST_TEXTURES = 600
_IDLE = NodeStatus()


@lru_cache(maxsize=4096)
def _unit_width(text: str, ui_scale: float) -> float:
    size = dpg.get_text_size(text)
    return float(size[0]) / (FONT_SIZE * ui_scale) if size else 0.55 * len(text)


class CanvasView:
    """Draws a canvas into a draw list of the given window item."""

    def __init__(self, canvas: Canvas, parent: int | str, colors: Colors) -> None:
        self.canvas, self.colors = canvas, colors
        self.drawlist = dpg.add_drawlist(100, 100, parent=parent)
        self._ground = dpg.add_draw_layer(parent=self.drawlist)
        self._root = dpg.add_draw_node(parent=self.drawlist)
        self._frames_layer = dpg.add_draw_node(parent=self._root)
        self._wires_layer = dpg.add_draw_node(parent=self._root)
        self._nodes_layer = dpg.add_draw_node(parent=self._root)
        self._overlay = dpg.add_draw_layer(parent=self.drawlist)
        self._map_nodes = dpg.add_draw_layer(parent=self.drawlist)
        self._map_view = dpg.add_draw_layer(parent=self.drawlist)
        self._groups: dict[str, int] = {}
        self._looks: dict[str, Look] = {}
        self._corners: dict[str, tuple[float, float]] = {}
        self._shown: dict[str, bool] = {}
        self._wires: dict[Wire, tuple[int, tuple[Any, ...]]] = {}
        self._frames_drawn: tuple[Any, ...] = ()
        self._overlay_drawn: Any = None
        self._map_drawn: tuple[Any, ...] = ()
        self._seen_drawn: tuple[Any, ...] = ()
        self._transform: tuple[float, float, float] | None = None
        self._textures: dict[str, int] = {}
        self._registry = dpg.add_texture_registry()

    def recolor(self, colors: Colors) -> None:
        """Change the colour scheme."""
        self.colors = colors
        self._looks.clear()
        self._wires = {wire: (item, ()) for wire, (item, _) in self._wires.items()}
        self._frames_drawn = self._map_drawn = self._seen_drawn = ()
        self._overlay_drawn = None

    def sync(self) -> None:
        """Bring what is shown in step with the canvas; cheap where nothing changed."""
        canvas = self.canvas
        width, height = canvas.size
        if dpg.get_item_width(self.drawlist) != int(width) or dpg.get_item_height(self.drawlist) != int(height):
            dpg.configure_item(self.drawlist, width=int(width), height=int(height))
        view = canvas.viewpoint
        if (view.zoom, view.x, view.y) != self._transform:
            self._transform = (view.zoom, view.x, view.y)
            dpg.apply_transform(
                self._root,
                dpg.create_translation_matrix((view.x, view.y)) * dpg.create_scale_matrix((view.zoom, view.zoom)),
            )
        seen = view.seen(width, height).grown(20)
        self._sync_frames()
        self._sync_wires(seen)
        self._sync_nodes(seen)
        self._sync_minimap(seen)
        self._sync_overlay()

    def text_width(self, text: str, size: float) -> float:
        """Width of a text in canvas units at a font size in canvas units."""
        return _unit_width(text, self.canvas.ui_scale) * size if text else 0.0

    # nodes -------------------------------------------------------------------------------------------------------

    def _sync_nodes(self, seen: Box) -> None:
        boxes = self.canvas.scene.boxes
        for node in [node for node in self._groups if node not in boxes]:
            dpg.delete_item(self._groups.pop(node))
            for memory in (self._looks, self._corners, self._shown):
                memory.pop(node, None)
        dimmed = self._dimmed_pins()
        for node, box in boxes.items():
            visible = box.box.meets(seen)
            if node not in self._groups:
                self._groups[node] = dpg.add_draw_node(parent=self._nodes_layer, show=visible)
                self._shown[node] = visible
            elif visible != self._shown[node]:
                dpg.configure_item(self._groups[node], show=visible)
                self._shown[node] = visible
            if visible:
                self._sync_node(node, box, dimmed)

    def _sync_node(self, node: str, box: NodeBox, dimmed: dict[str, frozenset[tuple[str, bool]]] | None) -> None:
        group = self._groups[node]
        corner = (box.box.left, box.box.top)
        if corner != self._corners.get(node):
            self._corners[node] = corner
            dpg.apply_transform(group, dpg.create_translation_matrix(corner))
        look = self._look(node, box, frozenset() if dimmed is None else dimmed.get(node, frozenset()))
        if look != self._looks.get(node):
            self._looks[node] = look
            dpg.delete_item(group, children_only=True)
            texture = self._texture(look.status.thumbnail)
            draw_node(group, look, box, self.colors, texture, self.text_width)

    def _look(self, node: str, box: NodeBox, dimmed: frozenset[tuple[str, bool]]) -> Look:
        session = self.canvas.session
        left, top = box.box.left, box.box.top
        return Look(
            title=box.title,
            category=box.category,
            pins=tuple((spot, spot.at.moved(-left, -top)) for spot in (*box.inputs, *box.outputs)),
            size=(box.box.width, box.box.height),
            muted=box.step.muted,
            placeholder=box.step.declared is None,
            selected=node in session.selection,
            viewed=session.viewed is not None and session.viewed.node == node,
            status=session.statuses.get(node, _IDLE),
            zoom=self.canvas.viewpoint.zoom,
            ui_scale=self.canvas.ui_scale,
            dimmed=dimmed,
        )

    def _dimmed_pins(self) -> dict[str, frozenset[tuple[str, bool]]] | None:
        """While a wire is dragged: the pins of each node that cannot take it."""
        drag = self.canvas.gesture
        if not isinstance(drag, DragWire):
            return None
        dimmed = {}
        for node, box in self.canvas.scene.boxes.items():
            spots = (*box.inputs, *box.outputs)
            dimmed[node] = frozenset(
                (spot.name, spot.is_output)
                for spot in spots
                if (spot.is_output == drag.end.is_output and (spot.node, spot.name) != (drag.end.node, drag.end.pin))
                or (spot.is_output != drag.end.is_output and drag.reasons.get((spot.node, spot.name)))
            )
        return dimmed

    def _texture(self, name: str) -> int | None:
        """The static texture of a thumbnail, uploaded once; unused ones go when there are many."""
        picture = self.canvas.session.thumbnails.get(name)
        if picture is None:
            return None
        if name not in self._textures:
            height, width = picture.shape[:2]
            data = (picture.astype(np.float32) / 255).ravel()
            self._textures[name] = dpg.add_static_texture(width, height, data, parent=self._registry)
            if len(self._textures) > MOST_TEXTURES:
                self._drop_textures()
        return self._textures[name]

    def _drop_textures(self) -> None:
        used = {look.status.thumbnail for look in self._looks.values()}
        for name in [name for name in self._textures if name not in used]:
            dpg.delete_item(self._textures.pop(name))
            self.canvas.session.thumbnails.pop(name, None)

    # wires -------------------------------------------------------------------------------------------------------

    def _sync_wires(self, seen: Box) -> None:
        canvas = self.canvas
        curves = canvas.scene.curves
        for wire in [wire for wire in self._wires if wire not in curves]:
            dpg.delete_item(self._wires.pop(wire)[0])
        drag = canvas.gesture
        lifted = drag.lifted if isinstance(drag, DragWire) else None
        target = drag.target if isinstance(drag, MoveNodes) else None
        zoom = canvas.viewpoint.zoom
        for wire, curve in curves.items():
            visible = wire != lifted and curve.box.meets(seen)
            strong = wire in (target, canvas.hover.wire)
            color = self._wire_color(wire, strong)
            look = (curve, color, max(1.0, (3.4 if strong else 2.2) * zoom), visible)
            item, drawn = self._wires.get(wire, (0, ()))
            if look != drawn:
                self._wires[wire] = (self._draw_wire(item, curve, color, look[2], visible), look)

    def _wire_color(self, wire: Wire, strong: bool) -> tuple[int, int, int, int]:
        if strong:
            return self.colors.accent
        spot = self.canvas.scene.spots[wire.source, wire.output, True]
        return rgb(spot.kinds[0].pin_color, 120 if self.canvas.session.recipe.steps[wire.source].muted else 220)

    def _draw_wire(
        self, item: int, curve: Curve, color: tuple[int, int, int, int], thickness: float, visible: bool
    ) -> int:
        points = {"p1": curve.start, "p2": curve.first, "p3": curve.second, "p4": curve.end}
        if item:
            dpg.configure_item(item, **points, color=color, thickness=thickness, show=visible)
            return item
        return int(
            dpg.draw_bezier_cubic(
                *curve, color=color, thickness=thickness, segments=32, show=visible, parent=self._wires_layer
            )
        )

    # frames, minimap, overlay ------------------------------------------------------------------------------------

    def _sync_frames(self) -> None:
        frames: tuple[Frame, ...] = self.canvas.scene.recipe.layout.frames
        look = (frames, self.canvas.viewpoint.zoom, self.canvas.hover.frame)
        if look != self._frames_drawn:
            self._frames_drawn = look
            dpg.delete_item(self._frames_layer, children_only=True)
            for index, frame in enumerate(frames):
                hovered = index == self.canvas.hover.frame
                draw_frame(self._frames_layer, frame, self.canvas.viewpoint.zoom, self.colors, hovered=hovered)

    def _sync_minimap(self, seen: Box) -> None:
        minimap: Minimap | None = self.canvas.minimap
        scene = self.canvas.scene
        if minimap is None or not minimap.needed(seen.grown(-20)):
            if self._map_drawn:
                dpg.delete_item(self._map_nodes, children_only=True)
                dpg.delete_item(self._map_view, children_only=True)
                self._map_drawn = self._seen_drawn = ()
            return
        if (scene, minimap) != self._map_drawn:
            self._map_drawn = (scene, minimap)
            dpg.delete_item(self._map_nodes, children_only=True)
            self._draw_minimap(minimap)
        if (seen, minimap) != self._seen_drawn:
            self._seen_drawn = (seen, minimap)
            dpg.delete_item(self._map_view, children_only=True)
            area = minimap.clipped(seen.grown(-20))
            dpg.draw_rectangle(
                (area.left, area.top), (area.right, area.bottom), color=self.colors.accent, parent=self._map_view
            )

    def _draw_minimap(self, minimap: Minimap) -> None:
        box, colors = minimap.box, self.colors
        dpg.draw_rectangle(
            (box.left, box.top),
            (box.right, box.bottom),
            fill=(*colors.panel[:3], 230),
            color=colors.border,
            parent=self._map_nodes,
        )
        for node in self.canvas.scene.boxes.values():
            corner, opposite = minimap.to_map((node.box.left, node.box.top)), minimap.to_map(node.box[2:])
            fill = colors.categories.get(node.category, colors.faint)
            dpg.draw_rectangle(corner, opposite, fill=fill, color=(0, 0, 0, 0), parent=self._map_nodes)

    def _sync_overlay(self) -> None:
        canvas = self.canvas
        drag = canvas.gesture
        state = (
            repr(drag) if drag else "",
            canvas.complaint,
            canvas.pointer if drag or canvas.complaint else None,
            canvas.viewpoint if drag else None,
            not canvas.session.recipe.steps,
            canvas.size,
        )
        if state != self._overlay_drawn:
            self._overlay_drawn = state
            dpg.delete_item(self._overlay, children_only=True)
            draw_overlay(self._overlay, canvas, self.colors, self.text_width)

    def screen_position(self, point: Point) -> Point:
        """Where a canvas point is in the panel, in pixels."""
        return self.canvas.viewpoint.to_screen(point)
