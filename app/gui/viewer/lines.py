"""The lines that belong to a value, over the micrograph."""

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.theme import rgb
from graingraph.app.gui.viewer.screen import Screen
from graingraph.app.gui.viewer.shown import Shown


class LinesLayer:
    """Draws them anew when they or the place looked at change."""

    def __init__(self, shown: Shown, screen: Screen) -> None:
        self._shown, self._screen = shown, screen
        self._drawn: tuple[object, ...] = ()

    def refresh(self, *, hidden: bool) -> None:
        """Draw what changed."""
        viewpoint = self._shown.viewpoint
        lines = () if hidden else self._shown.content.lines
        drawn = (lines, viewpoint.view, viewpoint.size)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        layer, view = self._screen.lines_layer, viewpoint.view
        dpg.delete_item(layer, children_only=True)
        for line in lines:
            points = (np.asarray(line.points, float) - (view.x, view.y)) * view.zoom
            if len(points) > 1:
                look = {"color": rgb(line.color), "thickness": line.width, "closed": line.closed}
                dpg.draw_polyline(points.tolist(), parent=layer, **look)
            if line.text and len(points):
                self._screen.words.write(points[0].tolist(), line.text, layer)
