"""The drawing tools beside the picture: tools, size, layer, and what can be done with all strokes of the image."""

from collections.abc import Callable
from functools import partial

import dearpygui.dearpygui as dpg

from graingraph.app.document.painting import is_live
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.icons import icon, labelled
from graingraph.app.gui.base.theme import SCROLLBAR, accent_button, in_font
from graingraph.app.gui.viewer.brush import LEAST_SIZE, MOST_SIZE
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.layers import LAYERS
from graingraph.app.gui.viewer.tools import CLASS_KEYS, HAND, HAND_HELP, HAND_KEY, TOOLS

TOOL = "{tool}: {help} ({key})"
SIZE = "%.0f px"
WHAT_SIZE_IS = "Width of the line in image pixels: [ and ]"
WHAT_LAYER_IS = "The class that is drawn in; over the picture the keys 1 to 9 choose it"
WHAT_LAYERS_HAVE = "Names, colours, order, visibility, locks"
OF_STROKES = (
    ("before", "contrast", "Before", "Compare with what lies under the strokes", DrawTool.compare_before),
    ("accept", "check", "Reviewed", "The strokes hold for what lies under them now", DrawTool.accept),
    ("clear", "trash", "Clear", "Take away every stroke on this image (can be undone)", DrawTool.clear),
    ("next", "next", "Next image", "Go on with the next image of the tray", DrawTool.next_image),
)
"""What can be done with all strokes of the image: the button, its icon, what it says and what it does."""
LIVE = "Live"
WHAT_LIVE_DOES = "Learn from every stroke; off, what was recorded is applied"
OF_LEARNING = (
    ("paint next", "Paint next", "Bring the place where it is least sure to the middle", DrawTool.paint_next),
    ("record", "Record", "Write what was learnt as a model file, and apply that from now on", DrawTool.record),
    (
        "make traces",
        "To traces",
        "Put the map of this image in the place of its strokes, for Train (can be undone)",
        DrawTool.make_traces,
    ),
)
"""What can be done with what was learnt from strokes: the button, what it says and what it does."""

WIDTH = 172
"""Widths at UI scale 1, in pixels."""
COLUMNS = 4


class Toolbar:
    """A button a tool by its icon, made anew for each kind of node; the one in hand is named below."""

    def __init__(
        self, app: AppContext, tool: DrawTool, parent: int | str, *, open_layers: Callable[[], object]
    ) -> None:
        self._app, self._tool, self._open_layers = app, tool, open_layers
        self._scale = app.ui_scale
        self._shown: tuple[object, ...] = ()
        self._chosen: tuple[object, ...] = ()
        self._size = 0.0
        self._layer = ""
        self.widgets: dict[str, int | str] = {}
        self._group = dpg.add_child_window(parent=parent, show=False, width=round(WIDTH * self._scale), border=False)

    def refresh(self) -> None:
        """Show the tools of the node that is drawn on, and the one in hand."""
        tool = self._tool
        shown = (tool.node, tool.tools, tool.classes, tool.painting, self._app.colors.accent)
        if shown != self._shown:
            self._shown, self._chosen = shown, ()
            self._rebuild()
        chosen = (tool.brush.tool, tool.active)
        if chosen != self._chosen:
            self._chosen = chosen
            self._mark_chosen()
        if tool.brush.layer != self._layer and "layer" in self.widgets:
            self._layer = tool.brush.layer
            dpg.set_value(self.widgets["layer"], self._shown_layer)
        if tool.painting and "live" in self.widgets:
            dpg.set_value(self.widgets["live"], is_live(self._app.session.recipe, tool.painting))
        if tool.brush.size != self._size and "size" in self.widgets:
            self._size = tool.brush.size
            dpg.set_value(self.widgets["size"], self._size)

    def _rebuild(self) -> None:
        tool = self._tool
        dpg.delete_item(self._group, children_only=True)
        self.widgets.clear()
        dpg.configure_item(self._group, show=tool.node is not None)
        if tool.node is None:
            return
        wide = round(((WIDTH - SCROLLBAR) / COLUMNS - 4) * self._scale)
        names = (*tool.tools, "")
        for start in range(0, len(names), COLUMNS):
            with dpg.group(horizontal=True, horizontal_spacing=round(4 * self._scale), parent=self._group):
                for name in names[start : start + COLUMNS]:
                    label, tip, key = _words(name)
                    sign = icon(name or "hand") or label[:2]
                    words = TOOL.format(tool=label, help=tip, key=key)
                    self._button(f"tool {name}", sign, words, wide, partial(tool.choose, name))
        self._in_hand = in_font(dpg.add_text("", parent=self._group), "strong")
        with dpg.group(parent=self._group):
            if any(TOOLS[name].wide for name in tool.tools):
                self._add_size()
            if tool.classes:
                self._add_layers()
            if tool.painting:
                self._add_painting()
            for name, sign, label, tip, act in OF_STROKES:
                self._button(name, labelled(sign, label), tip, -1, partial(act, tool))

    def _mark_chosen(self) -> None:
        """Set off the tool in hand, and name it."""
        if self._tool.node is None:
            return
        colors = self._app.colors
        theme = accent_button(colors.accent, colors.on_accent)
        dpg.set_value(self._in_hand, _words(self._tool.brush.tool if self._tool.active else "")[0])
        for name in (*TOOLS, ""):
            button = self.widgets.get(f"tool {name}")
            if button:
                chosen = name == (self._tool.brush.tool if self._tool.active else "")
                dpg.bind_item_theme(button, theme if chosen else 0)

    def _add_size(self) -> None:
        brush = self._tool.brush
        self._size = brush.size
        self.widgets["size"] = dpg.add_slider_float(
            default_value=brush.size,
            min_value=LEAST_SIZE,
            max_value=100.0,
            format=SIZE,
            width=-1,
            callback=lambda sender, value: setattr(brush, "size", min(max(value, 1.0), MOST_SIZE)),
        )
        with dpg.tooltip(self.widgets["size"]):
            dpg.add_text(WHAT_SIZE_IS)

    def _add_layers(self) -> None:
        self._layer = self._tool.brush.layer
        items = [layer.name for layer in self._tool.classes]
        self.widgets["layer"] = dpg.add_combo(
            self._numbered(items),
            default_value=self._shown_layer,
            width=-1,
            callback=lambda sender, value: setattr(
                self._tool.brush, "layer", items[self._numbered(items).index(value)]
            ),
        )
        with dpg.tooltip(self.widgets["layer"]):
            dpg.add_text(WHAT_LAYER_IS)
        self._button("layers", labelled("layers", LAYERS), WHAT_LAYERS_HAVE, -1, self._open_layers)

    @staticmethod
    def _numbered(names: list[str]) -> list[str]:
        """The names of classes behind their keys."""
        return [f"{key}  {name}" for key, name in zip(CLASS_KEYS, names, strict=False)] + names[len(CLASS_KEYS) :]

    @property
    def _shown_layer(self) -> str:
        names = [layer.name for layer in self._tool.classes]
        layer = self._tool.brush.layer
        return self._numbered(names)[names.index(layer)] if layer in names else ""

    def _add_painting(self) -> None:
        tool, attempt = self._tool, self._app.attempt
        self.widgets["live"] = dpg.add_checkbox(
            label=LIVE, callback=lambda sender, value: attempt(lambda: tool.set_live(value))
        )
        with dpg.tooltip(self.widgets["live"]):
            dpg.add_text(WHAT_LIVE_DOES)
        for name, label, tip, act in OF_LEARNING:
            self._button(name, label, tip, -1, partial(attempt, partial(act, tool)))

    def _button(self, name: str, label: str, tip: str, width: int, act: Callable[[], object]) -> None:
        self.widgets[name] = dpg.add_button(label=label, width=width, callback=lambda: act())
        with dpg.tooltip(self.widgets[name]):
            dpg.add_text(tip)


def _words(name: str) -> tuple[str, str, str]:
    """Label, help and key of a tool, or of the hand, which has no name."""
    return (TOOLS[name].label, TOOLS[name].help, TOOLS[name].key) if name else (HAND, HAND_HELP, HAND_KEY)
