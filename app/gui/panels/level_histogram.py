"""The histogram of the image that a node takes grey levels of, with the levels that it is set to."""

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.rendering.histogram import histogram_of
from graingraph.engine.recipe.parts import Step
from graingraph.engine.values import Image

HEIGHT = 70


class LevelHistogram:
    """Shown for nodes with a setting that is a grey level of an image input whose image is known."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._drawing: int | str = 0
        self._drawn: tuple[object, ...] = ()

    def build(self, parent: int | str) -> None:
        """Make an empty place for it."""
        self._drawing = dpg.add_drawlist(10, 1, parent=parent)
        self._drawn = ()

    def refresh(self, node: str, step: Step) -> None:
        """Draw it when the image, the levels or the width changed."""
        if not dpg.does_item_exist(self._drawing):
            return
        of, levels = _levels(step)
        image = self._image(node, of) if levels else None
        width = max(60, dpg.get_item_rect_size(dpg.get_item_parent(self._drawing) or 0)[0] - 16)
        drawn = (image is not None and id(image.pixels), levels, width, self._app.colors)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        dpg.delete_item(self._drawing, children_only=True)
        if image is None:
            dpg.configure_item(self._drawing, width=10, height=1)
            return
        self._draw(image, levels, float(width))

    def _draw(self, image: Image, levels: tuple[float, ...], width: float) -> None:
        height = HEIGHT * self._app.ui_scale
        dpg.configure_item(self._drawing, width=int(width), height=int(height))
        bars, _ = histogram_of(image)
        step = width / len(bars)
        for i, bar in enumerate(bars):
            corners = ((i * step, height * (1 - bar)), ((i + 1) * step, height))
            dpg.draw_rectangle(*corners, fill=self._app.colors.faint, color=(0, 0, 0, 0), parent=self._drawing)
        for level in levels:
            ends = ((level * width, 0), (level * width, height))
            dpg.draw_line(*ends, color=self._app.colors.accent, thickness=2, parent=self._drawing)

    def _image(self, node: str, of: str) -> Image | None:
        wire = self._app.session.recipe.wire_into(node, of)
        value = self._app.live.value(wire.source, wire.output) if wire else None
        return value if isinstance(value, Image) else None


def _levels(step: Step) -> tuple[str, tuple[float, ...]]:
    """The input whose grey levels are set, and the levels in force, as fractions of full scale."""
    declared = step.declared
    values = {**declared.defaults(), **step.settings} if declared else {}
    found = [
        (setting.grey_level.of, float(values[setting.name]))
        for setting in (declared.settings if declared else ())
        if setting.grey_level and setting.applies(values)
    ]
    return (found[0][0] if found else "", tuple(level for _, level in found))
