"""The wires on the screen, touched only when they change."""

from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.theme import Color, Colors
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.gestures import DragWire, MoveNodes
from graingraph.app.gui.canvas.model import in_sight
from graingraph.app.rendering.geometry import Box
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values.registry import declared


class WiresLayer:
    """Keeps the curves of each wire of the canvas."""

    def __init__(self, canvas: Canvas, parent: int | str) -> None:
        self._canvas, self._parent = canvas, parent
        self._items: dict[Wire, list[int]] = {}
        self._looks: dict[Wire, tuple[Any, ...]] = {}
        self._visible = np.zeros(0, bool)
        self._stamp: tuple[Any, ...] = ()

    def redraw(self) -> None:
        """Draw everything anew at the next turn."""
        self._stamp = ()
        self._looks.clear()

    def sync(self, seen: Box, colors: Colors) -> None:
        """Bring the wires in step; where only the viewpoint was moved, only what came into sight costs time."""
        canvas = self._canvas
        scene, drag = canvas.scene, canvas.gesture
        lifted = drag.lifted if isinstance(drag, DragWire) else None
        target = drag.target if isinstance(drag, MoveNodes) else None
        hovered = canvas.hover.wire
        stamp = (scene, canvas.viewpoint.zoom, lifted, target, hovered)
        visible = in_sight(scene.wire_bounds, seen)
        if stamp == self._stamp:
            changed = np.flatnonzero(visible != self._visible)
        else:
            for wire in [wire for wire in self._items if wire not in scene.curves]:
                self._drop(wire)
            changed = np.arange(len(visible))
            self._stamp = stamp
        self._visible = visible
        wires = list(scene.curves)
        for index in changed:
            wire = wires[index]
            strong = wire in (target, hovered)
            self._sync_wire(wire, bool(visible[index]) and wire != lifted, colors, strong=strong)

    def _sync_wire(self, wire: Wire, visible: bool, colors: Colors, *, strong: bool) -> None:
        curve = self._canvas.scene.curves[wire]
        thickness = max(1.0, (3.4 if strong else 2.2) * self._canvas.viewpoint.zoom)
        color = colors.accent if strong else self._color(wire, colors)
        look = (curve, color, thickness, visible)
        if look == self._looks.get(wire):
            return
        if len(self._items.get(wire, ())) != len(curve.pieces):
            self._drop(wire)
            self._items[wire] = [
                dpg.draw_bezier_cubic(*piece, segments=32, parent=self._parent) for piece in curve.pieces
            ]
        self._looks[wire] = look
        for item, piece in zip(self._items[wire], curve.pieces, strict=True):
            points = {"p1": piece.start, "p2": piece.first, "p3": piece.second, "p4": piece.end}
            dpg.configure_item(item, **points, color=color, thickness=thickness, show=visible)

    def _drop(self, wire: Wire) -> None:
        for item in self._items.pop(wire, ()):
            dpg.delete_item(item)
        self._looks.pop(wire, None)

    def _color(self, wire: Wire, colors: Colors) -> Color:
        scene = self._canvas.scene
        spot = scene.spots[wire.source, wire.output, True]
        return colors.of_pin(declared(spot.kinds[0]).pin, 120 if scene.recipe.steps[wire.source].muted else 220)
