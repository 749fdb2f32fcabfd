"""The wires on the screen, touched only when they change."""

from collections.abc import Sequence
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.theme import Color, Colors
from graingraph.app.gui.canvas.bounds import meeting
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.gestures import DragWire, MoveNodes
from graingraph.app.gui.canvas.reroutes import Reroute
from graingraph.app.rendering.geometry import Box
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values.registry import declared


class WiresLayer:
    """Keeps the curves of each wire of the canvas."""

    def __init__(self, canvas: Canvas, parent: int | str) -> None:
        self._canvas, self._parent = canvas, parent
        self._items: dict[Wire, list[int]] = {}
        self._points: dict[Wire, list[int]] = {}
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
        lifted = drag.lifted if isinstance(drag, DragWire) and drag.moved else None
        target = drag.target if isinstance(drag, MoveNodes) else None
        hovered, picked = canvas.hover, canvas.wire_selection
        stamp = (scene, canvas.viewpoint.zoom, lifted, target, hovered.wire, hovered.reroute, picked)
        visible = meeting(scene.wire_bounds, seen)
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
            shown = bool(visible[index]) and wire != lifted
            self._sync_wire(wire, shown, colors, hovered=wire in (target, hovered.wire), picked=wire == picked.wire)

    def _sync_wire(self, wire: Wire, visible: bool, colors: Colors, *, hovered: bool, picked: bool) -> None:
        curve = self._canvas.scene.curves[wire]
        thickness = max(1.0, (3.4 if hovered or picked else 2.2) * self._canvas.viewpoint.zoom)
        color = colors.text if picked else colors.accent if hovered else self._color(wire, colors)
        chosen, below = self._canvas.wire_selection.points, self._canvas.hover.reroute
        points = self._canvas.scene.reroutes_of(wire)
        marks = tuple(
            (at, Reroute(wire, index) in chosen, Reroute(wire, index) == below) for index, at in enumerate(points)
        )
        look = (curve, color, thickness, visible, marks)
        if look == self._looks.get(wire):
            return
        if len(self._items.get(wire, ())) != len(curve.pieces):
            self._drop(wire)
            self._items[wire] = [
                dpg.draw_bezier_cubic(*piece, segments=32, parent=self._parent) for piece in curve.pieces
            ]
        self._looks[wire] = look
        for item, piece in zip(self._items[wire], curve.pieces, strict=True):
            ends = {"p1": piece.start, "p2": piece.first, "p3": piece.second, "p4": piece.end}
            dpg.configure_item(item, **ends, color=color, thickness=thickness, show=visible)
        self._draw_points(wire, marks if visible else (), color, colors)

    def _draw_points(
        self, wire: Wire, marks: Sequence[tuple[tuple[float, float], bool, bool]], color: Color, colors: Colors
    ) -> None:
        """The reroute points, each where it is, whether it is picked and whether pointed at."""
        for item in self._points.pop(wire, ()):
            dpg.delete_item(item)
        zoom, scale = self._canvas.viewpoint.zoom, self._canvas.ui_scale
        if marks:
            self._points[wire] = [
                dpg.draw_circle(
                    at,
                    max(5.5 * zoom, 3.5 * scale) * (1.35 if hovered else 1.0),
                    color=colors.text if picked else colors.accent if hovered else color,
                    fill=colors.text if picked else color,
                    thickness=max(1.0, 1.6 * zoom),
                    parent=self._parent,
                )
                for at, picked, hovered in marks
            ]

    def _drop(self, wire: Wire) -> None:
        for item in (*self._items.pop(wire, ()), *self._points.pop(wire, ())):
            dpg.delete_item(item)
        self._looks.pop(wire, None)

    def _color(self, wire: Wire, colors: Colors) -> Color:
        scene = self._canvas.scene
        spot = scene.spots[wire.source, wire.output, True]
        return colors.of_pin(declared(spot.kinds[0]).pin, 120 if scene.recipe.steps[wire.source].muted else 220)
