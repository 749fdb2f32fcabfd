"""The drawing tools beside the picture: tools, size, layer, and what can be done with all strokes of the image."""

from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.theme import accent_button
from graingraph.app.gui.viewer import drawable
from graingraph.app.gui.viewer.tools import LEAST_SIZE, MOST_SIZE, WIDE

if TYPE_CHECKING:
    from graingraph.app.gui.viewer.draw_tool import Drawing

WIDTH = 142


class Toolbar:
    """Buttons in two columns, made anew for each kind of node; ``widgets`` names them."""

    def __init__(self, drawing: "Drawing", parent: int | str) -> None:
        self._drawing = drawing
        self._scale = drawing.app.ui_scale
        self.widgets: dict[str, int | str] = {}
        self._group = dpg.add_child_window(parent=parent, show=False, width=round(WIDTH * self._scale), border=False)

    def rebuild(self) -> None:
        """Show the tools of the node that is drawn on; nothing without one."""
        drawing = self._drawing
        dpg.delete_item(self._group, children_only=True)
        self.widgets.clear()
        dpg.configure_item(self._group, show=drawing.node is not None)
        if drawing.node is None:
            return
        tools = drawable.tools_for(drawing.app.session.recipe, drawing.node)
        if drawing.brush.tool not in tools:
            drawing.brush.take(tools[0])
        wide = round((WIDTH / 2 - 8) * self._scale)
        for pair in zip_longest(*[iter((*tools, ""))] * 2):
            with dpg.group(horizontal=True, horizontal_spacing=3, parent=self._group):
                for tool in (tool for tool in pair if tool is not None):
                    self._button(tool, drawable.NAMES[tool], drawable.HELP[tool], wide, drawing.choose)
        with dpg.group(parent=self._group):
            if any(tool in WIDE for tool in tools):
                self._add_size()
            self._add_layers()
            self._button("before", "Before", "Compare with what lies under the strokes", -1, drawing.compare_before)
            self._button("accept", "Accept", "The strokes hold for what lies under them now", -1, drawing.accept)
            self._button("clear", "Clear", "Take away every stroke on this image (can be undone)", -1, drawing.clear)
            self._button("next", "Next image", "Go on with the next image of the tray", -1, drawing.next_image)
        self.mark_chosen()

    def mark_chosen(self) -> None:
        """Set off the tool in hand."""
        colors = self._drawing.app.colors
        theme = accent_button(colors.accent, colors.on_accent)
        for tool in drawable.NAMES:
            button = self.widgets.get(f"tool {tool}")
            if button:
                chosen = tool == (self._drawing.brush.tool if self._drawing.active else "")
                dpg.bind_item_theme(button, theme if chosen else 0)

    def show_size(self, size: float) -> None:
        """Show another width of the line."""
        if "size" in self.widgets:
            dpg.set_value(self.widgets["size"], size)

    def _add_size(self) -> None:
        brush = self._drawing.brush
        self.widgets["size"] = dpg.add_slider_float(
            default_value=brush.size,
            min_value=LEAST_SIZE,
            max_value=100.0,
            format="%.0f px",
            width=-1,
            callback=lambda sender, value: setattr(brush, "size", min(max(value, 1.0), MOST_SIZE)),
        )
        with dpg.tooltip(self.widgets["size"]):
            dpg.add_text("Width of the line in image pixels: [ and ]")

    def _add_layers(self) -> None:
        brush = self._drawing.brush
        names = [layer.name for layer in self._drawing.classes]
        if brush.layer not in names:
            brush.layer = next(iter(names), "")
        if not names:
            return
        self.widgets["layer"] = dpg.add_combo(
            names,
            default_value=brush.layer,
            width=-1,
            callback=lambda sender, value: setattr(brush, "layer", value),
        )
        tip = "Names, colours, order, visibility, locks"
        self._button("layers", "Layers", tip, -1, self._drawing.layers.toggle)

    def _button(self, name: str, label: str, tip: str, width: int, act: Callable[[str], object]) -> None:
        button = dpg.add_button(
            label=label, user_data=name, width=width, callback=lambda sender, value, chosen: act(chosen)
        )
        self.widgets[f"tool {name}" if name in drawable.NAMES else name] = button
        with dpg.tooltip(button):
            dpg.add_text(tip)
