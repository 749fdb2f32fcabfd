"""The list of layers of a Trace node: name, colour, line width, order, and how each is shown while drawing."""

from dataclasses import replace
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg

from app.theme import popup_theme, rgb
from app.viewer import drawable
from engine.marks_file import Layer

if TYPE_CHECKING:
    from app.viewer.drawing import Drawing


class LayersPopup:
    """A small window beside the picture, open until it is closed."""

    def __init__(self, drawing: "Drawing") -> None:
        self._drawing = drawing
        self._window: int | str | None = None
        self._shown: tuple[object, ...] = ()

    def toggle(self, name: str = "") -> None:
        """Open the list, or close it."""
        if self._window is not None:
            self._close()
            return
        viewer = self._drawing.viewer
        corner = viewer.screen.corner
        self._window = dpg.add_window(
            label="Layers", autosize=True, no_collapse=True, no_saved_settings=True, pos=(corner.x + 8, corner.y + 8)
        )
        dpg.bind_item_theme(self._window, popup_theme(viewer.desk.colors))
        self._shown = ()

    def refresh(self) -> None:
        """Show the layers as they are now."""
        if self._window is None:
            return
        if self._drawing.node is None or not dpg.is_item_shown(self._window):
            self._close()
            return
        layers = self._drawing.classes
        shown = (self._drawing.node, self._drawing.image, layers)
        if shown != self._shown:
            self._shown = shown
            self._rebuild(layers)

    def state(self, name: str) -> Layer:
        """How a layer is shown on this image."""
        drawing = self._drawing
        if drawing.image is None or drawing.node is None:
            return Layer(name)
        return drawing.desk.session.marks.layers(drawing.image, drawing.node).get(name, Layer(name))

    def _close(self) -> None:
        if self._window is not None:
            dpg.delete_item(self._window)
        self._window = None

    def _rebuild(self, layers: tuple[drawable.TracedClass, ...]) -> None:
        assert self._window is not None
        dpg.delete_item(self._window, children_only=True)
        scale = self._drawing.desk.ui_scale
        for index, layer in enumerate(layers):
            state = self.state(layer.name)
            with dpg.group(horizontal=True, parent=self._window):
                dpg.add_color_edit(
                    rgb(layer.color), no_inputs=True, no_alpha=True, user_data=index, callback=self._set_color
                )
                dpg.add_input_text(
                    default_value=layer.name,
                    width=round(110 * scale),
                    on_enter=True,
                    user_data=index,
                    callback=self._rename,
                )
                dpg.add_checkbox(
                    label="show", default_value=state.visible, user_data=(layer.name, "visible"), callback=self._set
                )
                dpg.add_checkbox(
                    label="lock", default_value=state.locked, user_data=(layer.name, "locked"), callback=self._set
                )
                dpg.add_slider_float(
                    default_value=state.opacity,
                    max_value=1.0,
                    width=round(70 * scale),
                    format="%.2f",
                    user_data=(layer.name, "opacity"),
                    callback=self._set,
                )
                dpg.add_button(label="▲", small=True, user_data=index, callback=lambda s, v, i: self._move(i, -1))
                dpg.add_button(label="▼", small=True, user_data=index, callback=lambda s, v, i: self._move(i, 1))
                dpg.add_button(label="✕", small=True, user_data=index, callback=lambda s, v, i: self._remove(i))
        dpg.add_button(label="Add layer", parent=self._window, callback=self._add)

    def _set(self, sender: int, value: float | bool, place: tuple[str, str]) -> None:
        name, what = place
        drawing = self._drawing
        if drawing.image and drawing.node:
            layer = replace(self.state(name), **{what: value})  # type: ignore[arg-type]
            drawing.desk.session.marks.set_layer(drawing.image, drawing.node, layer)
            drawing.viewer.controls.look_again()

    def _set_color(self, sender: int, value: list[float], index: int) -> None:
        factor = 255 if max(value[:3]) <= 1 else 1
        text = "#" + "".join(f"{round(v * factor):02x}" for v in value[:3])
        self._change(index, color=text)

    def _rename(self, sender: int, value: str, index: int) -> None:
        self._change(index, name=value)

    def _change(self, index: int, **changes: str) -> None:
        layers = list(self._drawing.classes)
        layers[index] = replace(layers[index], **changes)  # type: ignore[arg-type]
        self._use(layers)

    def _move(self, index: int, by: int) -> None:
        layers = list(self._drawing.classes)
        if 0 <= index + by < len(layers):
            layers[index], layers[index + by] = layers[index + by], layers[index]
            self._use(layers)

    def _remove(self, index: int) -> None:
        layers = list(self._drawing.classes)
        if len(layers) > 1:
            del layers[index]
            self._use(layers)

    def _add(self) -> None:
        layers = list(self._drawing.classes)
        colors = ("#ff5252", "#448aff", "#4caf50", "#ffca28", "#ab47bc", "#26c6da", "#ff7043")
        self._use([*layers, drawable.TracedClass(f"class {len(layers) + 1}", colors[len(layers) % len(colors)], 0.0)])

    def _use(self, layers: list[drawable.TracedClass]) -> None:
        desk, node = self._drawing.desk, self._drawing.node
        if node:
            change = drawable.with_layers
            desk.attempt(lambda: desk.session.do(change(desk.session.recipe, node, tuple(layers))))
            desk.session.seal()
