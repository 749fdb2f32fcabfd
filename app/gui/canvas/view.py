"""The canvas on the screen: one draw list kept in step with the model. It decides nothing and changes no document.

Pan and zoom are one transform of the root; what is below it is touched only when it changes.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.theme import FONT_SIZE, Colors
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.minimap import Minimap
from graingraph.app.gui.canvas.nodes_layer import NodesLayer
from graingraph.app.gui.canvas.overlay import draw_frame, draw_overlay
from graingraph.app.gui.canvas.pin_names import named_node
from graingraph.app.gui.canvas.tips import tip_for
from graingraph.app.gui.canvas.wires_layer import WiresLayer
from graingraph.app.rendering.geometry import Box
from graingraph.engine.recipe.parts import Frame

FRAMES = "the frames of the canvas"
WIRES = "the wires of the canvas"
NODES = "the nodes of the canvas"
MAP = "the map of the canvas"
WORDS = "the words of the canvas"

TIP_AFTER_S = 0.6


@lru_cache(maxsize=4096)
def _unit_width(text: str, ui_scale: float) -> float:
    size = dpg.get_text_size(text)
    return float(size[0]) / (FONT_SIZE * ui_scale) if size else 0.55 * len(text)


class CanvasView:
    """Draws a canvas into a draw list of the given window item."""

    def __init__(self, canvas: Canvas, parent: int | str, colors: Colors) -> None:
        self.canvas, self.colors = canvas, colors
        self.drawlist = dpg.add_drawlist(100, 100, parent=parent)
        self._root = dpg.add_draw_node(parent=self.drawlist)
        self._frames_layer = dpg.add_draw_node(parent=self._root)
        self._wires = WiresLayer(canvas, dpg.add_draw_node(parent=self._root))
        self._nodes = NodesLayer(canvas, dpg.add_draw_node(parent=self._root), self.text_width)
        self._overlay = dpg.add_draw_layer(parent=self.drawlist)
        self._map_nodes = dpg.add_draw_layer(parent=self.drawlist)
        self._map_view = dpg.add_draw_layer(parent=self.drawlist)
        self._frames_drawn: tuple[Any, ...] = ()
        self._overlay_drawn: Any = None
        self._map_drawn: tuple[Any, ...] = ()
        self._seen_drawn: tuple[Any, ...] = ()
        self._transform: tuple[float, float, float] | None = None
        self.tip = ""
        self._resting = (canvas.hover, canvas.pointer)
        self._hover_since = 0.0

    def recolor(self, colors: Colors) -> None:
        """Change the colour scheme."""
        self.colors = colors
        self._nodes.redraw()
        self._wires.redraw()
        self._frames_drawn = self._map_drawn = self._seen_drawn = ()
        self._overlay_drawn = None

    def rewrite(self) -> None:
        """Measure and draw every text anew, with other fonts."""
        _unit_width.cache_clear()
        self.recolor(self.colors)

    def sync(self, guard: Callable[[str, Callable[[], object]], None]) -> None:
        """Bring what is shown in step with the canvas, each layer by itself; cheap where nothing changed."""
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
        guard(FRAMES, self._sync_frames)
        guard(WIRES, lambda: self._wires.sync(seen, self.colors))
        guard(NODES, lambda: self._nodes.sync(seen, self.colors))
        guard(MAP, lambda: self._sync_minimap(seen))
        guard(WORDS, self._sync_overlay)

    def text_width(self, text: str, size: float) -> float:
        """Width of a text in canvas units at a font size in canvas units."""
        return _unit_width(text, self.canvas.ui_scale) * size if text else 0.0

    # frames, minimap, overlay ------------------------------------------------------------------------------------

    def _sync_frames(self) -> None:
        frames: dict[int, Frame] = self.canvas.scene.frames
        all_of_them = self.canvas.everything_selected
        look = (frames, self.canvas.viewpoint.zoom, self.canvas.hover.frame, all_of_them)
        if look != self._frames_drawn:
            self._frames_drawn = look
            dpg.delete_item(self._frames_layer, children_only=True)
            for index, frame in frames.items():
                hovered = index == self.canvas.hover.frame or all_of_them
                zoom, ui_scale = self.canvas.viewpoint.zoom, self.canvas.ui_scale
                draw_frame(self._frames_layer, frame, zoom, ui_scale, self.colors, self.text_width, hovered=hovered)

    def _sync_minimap(self, seen: Box) -> None:
        minimap: Minimap | None = self.canvas.minimap
        scene = self.canvas.scene
        if minimap is None or not minimap.needed(seen.grown(-20)):
            if self._map_drawn:
                dpg.delete_item(self._map_nodes, children_only=True)
                dpg.delete_item(self._map_view, children_only=True)
                self._map_drawn = self._seen_drawn = ()
            return
        if (scene.geometry, minimap) != self._map_drawn:
            self._map_drawn = (scene.geometry, minimap)
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
        tip, named = self._tip(), named_node(canvas)
        self.tip = tip
        state = (
            tip,
            (named, canvas.scene.geometry, canvas.viewpoint) if named else "",
            self.colors,
            repr(drag) if drag else "",
            canvas.complaint,
            canvas.pointer if drag or canvas.complaint or tip else None,
            [(crumb, crumb.box.holds(canvas.pointer)) for crumb in canvas.breadcrumb],
            canvas.viewpoint if drag else None,
            not canvas.session.recipe.steps,
            canvas.size,
        )
        if state != self._overlay_drawn:
            self._overlay_drawn = state
            dpg.delete_item(self._overlay, children_only=True)
            draw_overlay(self._overlay, canvas, tip, self.colors, self.text_width)

    def _tip(self) -> str:
        """What is said about the thing under a pointer at rest."""
        canvas = self.canvas
        resting = (canvas.hover, canvas.pointer)
        if resting != self._resting or canvas.gesture or canvas.palette:
            self._resting, self._hover_since = resting, time.monotonic()
        rested = time.monotonic() - self._hover_since > TIP_AFTER_S
        return tip_for(canvas, canvas.hover) if rested else ""
