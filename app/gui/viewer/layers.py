"""The list of layers of a traced node: name, colour, line width, order, and how each is shown while drawing."""

from dataclasses import replace
from functools import partial

import dearpygui.dearpygui as dpg

from graingraph.app.document import layer_edits
from graingraph.app.document.roles import TracedClass
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.icons import icon
from graingraph.app.gui.base.nouns import IMAGE, STROKE
from graingraph.app.gui.base.theme import rgb
from graingraph.app.gui.base.typed_field import TypedField
from graingraph.app.gui.viewer.draw_tool import DrawTool
from graingraph.app.gui.viewer.small_window import CANCEL, SmallWindow
from graingraph.app.rendering.geometry import Point
from graingraph.engine.values.wording import counted

LAYERS = "Layers"
SHOW = "show"
LOCK = "lock"
ADD_LAYER = "Add layer"
BUTTONS = (
    ("up", "Further up: its number is one less"),
    ("down", "Further down: its number is one more"),
    ("delete", "Delete this layer; what to do with its strokes is asked"),
)
"""Those of each layer, by their icons, and what they say."""
NEW_LAYER = "class {number}"
HOLDS = "{layer} holds {strokes} on {images}."
DELETE_WITH_STROKES = "Delete layer and strokes"
KEEP_THE_STROKES = "Keep the strokes, unused"
ONE_AT_LEAST = "There has to be one layer at least; rename this one instead."

COLORS = ("#ff5252", "#448aff", "#4caf50", "#ffca28", "#ab47bc", "#26c6da", "#ff7043")
"""Of new layers, in turn."""


class LayersPopup(SmallWindow):
    """A small window beside the picture, open until it is closed."""

    def __init__(self, app: AppContext, tool: DrawTool) -> None:
        super().__init__(app)
        self._tool = tool
        self._shown: tuple[object, ...] = ()
        self._doomed = ""

    def toggle(self, corner: Point) -> None:
        """Open the list at a pixel of the window, or close it."""
        if not self.close():
            self._open_window(LAYERS, pos=(corner.x + 8, corner.y + 8))
            self._shown = ()

    def refresh(self) -> None:
        """Show the layers as they are now."""
        if not self.is_open:
            return
        if self._tool.node is None or self._crossed:
            self.close()
            return
        layers = self._tool.classes
        shown = (self._tool.node, self._tool.image, layers, self._doomed)
        if shown != self._shown:
            self._shown = shown
            self._rebuild(layers)

    def close(self) -> bool:
        """Close the list; False where it is not open."""
        self._doomed = ""
        return super().close()

    def _rebuild(self, layers: tuple[TracedClass, ...]) -> None:
        assert self._window is not None
        dpg.delete_item(self._window, children_only=True)
        self.widgets.clear()
        scale = self._app.ui_scale
        for index, layer in enumerate(layers):
            state = self._tool.layer(layer.name)
            with dpg.group(horizontal=True, parent=self._window):
                dpg.add_color_edit(
                    rgb(layer.color), no_inputs=True, no_alpha=True, user_data=index, callback=self._set_color
                )
                field = TypedField(layer.name, partial(self._rename, index), width=round(110 * scale))
                self.widgets[f"layer name {index}"] = field.item
                dpg.add_checkbox(
                    label=SHOW, default_value=state.visible, user_data=(layer.name, "visible"), callback=self._set
                )
                dpg.add_checkbox(
                    label=LOCK, default_value=state.locked, user_data=(layer.name, "locked"), callback=self._set
                )
                dpg.add_slider_float(
                    default_value=state.opacity,
                    max_value=1.0,
                    width=round(70 * scale),
                    format="%.2f",
                    user_data=(layer.name, "opacity"),
                    callback=self._set,
                )
                for (name, tip), act in zip(BUTTONS, (self._up, self._down, self._delete), strict=True):
                    button = dpg.add_button(label=icon(name), small=True, user_data=index, callback=act)
                    self.widgets[f"layer {name} {index}"] = button
                    with dpg.tooltip(button):
                        dpg.add_text(tip)
        if self._doomed in [layer.name for layer in layers]:
            self._ask_about_strokes()
        self.widgets["add layer"] = dpg.add_button(label=ADD_LAYER, parent=self._window, callback=self._add)

    def _ask_about_strokes(self) -> None:
        """Say what deleting a layer would do to what is drawn in it."""
        app, node = self._app, self._tool.node or ""
        strokes, images = layer_edits.strokes_in(app.session, node, self._doomed)
        counts = {"strokes": counted(strokes, STROKE), "images": counted(images, IMAGE)}
        dpg.add_text(HOLDS.format(layer=self._doomed, **counts), parent=self._window or 0)
        with dpg.group(horizontal=True, parent=self._window or 0):
            choices = {
                "delete with strokes": (DELETE_WITH_STROKES, lambda: self._delete_now(with_strokes=True)),
                "delete layer only": (KEEP_THE_STROKES, lambda: self._delete_now(with_strokes=False)),
                "keep layer": (CANCEL, self._spare),
            }
            for name, (label, act) in choices.items():
                self.widgets[name] = dpg.add_button(label=label, callback=act)

    def _set(self, sender: int, value: float | bool, place: tuple[str, str]) -> None:
        name, what = place
        image, node = self._tool.image, self._tool.node
        if image and node:
            layer = replace(self._tool.layer(name), **{what: value})  # type: ignore[arg-type]
            self._app.session.marks.set_layer(image, node, layer)
            self._tool.look_again()

    def _set_color(self, sender: int, value: list[float], index: int) -> None:
        factor = 255 if max(value[:3]) <= 1 else 1
        text = "#" + "".join(f"{round(v * factor):02x}" for v in value[:3])
        self._change(index, color=text)

    def _rename(self, index: int, value: str) -> None:
        self._change(index, name=value)

    def _change(self, index: int, **changes: str) -> None:
        layers = list(self._tool.classes)
        layers[index] = replace(layers[index], **changes)  # type: ignore[arg-type]
        self._use(layers)

    def _up(self, sender: int, value: object, index: int) -> None:
        self._move(index, -1)

    def _down(self, sender: int, value: object, index: int) -> None:
        self._move(index, 1)

    def _move(self, index: int, by: int) -> None:
        layers = list(self._tool.classes)
        if 0 <= index + by < len(layers):
            layers[index], layers[index + by] = layers[index + by], layers[index]
            self._use(layers)

    def _delete(self, sender: int, value: object, index: int) -> None:
        layers, app = self._tool.classes, self._app
        if len(layers) == 1 or self._tool.node is None:
            app.session.say(ONE_AT_LEAST, "warning")
            return
        self._doomed = layers[index].name
        if not layer_edits.strokes_in(app.session, self._tool.node, self._doomed)[0]:
            self._delete_now(with_strokes=False)

    def _delete_now(self, *, with_strokes: bool) -> None:
        app, node, name = self._app, self._tool.node, self._doomed
        self._spare()
        if node:
            delete = layer_edits.delete_layer
            app.attempt(lambda: app.session.do(delete(app.session, node, name, with_strokes=with_strokes)))
            app.session.seal()

    def _spare(self) -> None:
        self._doomed = ""

    def _add(self) -> None:
        layers = list(self._tool.classes)
        name, color = NEW_LAYER.format(number=len(layers) + 1), COLORS[len(layers) % len(COLORS)]
        self._use([*layers, TracedClass(name, color, 0.0)])

    def _use(self, layers: list[TracedClass]) -> None:
        app, node = self._app, self._tool.node
        if node:
            rows = [vars(layer) for layer in layers]
            app.attempt(lambda: app.session.do(layer_edits.set_layers(app.session, node, rows)))
            app.session.seal()
            self._shown = ()  # a name that was refused is shown as it was
