"""How a training goes: its curves, and what the network makes of a part of an image."""

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.panels.plots import small_plot_theme
from graingraph.app.rendering.compose import as_rgb
from graingraph.app.services.training import Training

PREVIEW = 180
COVER = 0.6
"""How strongly the colour of a class covers the preview where the network is sure of it."""
LOSSES = {"loss": "loss (left)"}
SCORES = {"iou": "held-out overlap (right)", "boundary_f1": "held-out boundaries (right)"}
"""What is drawn on the left axis, and on the right one, which goes from 0 to 1."""


class TrainingProgress:
    """A preview and a diagram in the row that is open, with ``beside`` pixels left for what follows them."""

    def __init__(self, scale: float, *, beside: int) -> None:
        self._scale = scale
        self._curve: object = None
        self._preview: object = None
        self._texture: int | str | None = None
        self._picture: int | str | None = None
        self._registry = dpg.add_texture_registry()
        self._previews = dpg.add_child_window(width=round((PREVIEW + 8) * scale), border=False, show=False)
        with dpg.plot(width=-beside, height=-1, show=False) as self._plot:
            dpg.add_plot_legend(location=dpg.mvPlot_Location_East, outside=True)
            dpg.add_plot_axis(dpg.mvXAxis, label="", auto_fit=True)
            losses = dpg.add_plot_axis(dpg.mvYAxis, label="", auto_fit=True)
            scores = dpg.add_plot_axis(dpg.mvYAxis2, label="", opposite=True)
            dpg.set_axis_limits(scores, 0, 1.02)
        dpg.bind_item_theme(self._plot, small_plot_theme(scale))
        self._lines = {
            name: dpg.add_line_series([], [], label=label, parent=axis)
            for axis, names in ((losses, LOSSES), (scores, SCORES))
            for name, label in names.items()
        }

    def show(self, training: Training) -> None:
        """Show what the training has published since; of one that has published nothing, nothing."""
        if training.curve is not self._curve:
            self._curve = training.curve
            self._show_curve(training)
        if training.preview is not self._preview:
            self._preview = training.preview
            self._show_preview(training)

    def hide(self) -> None:
        """Show nothing."""
        for item in (self._plot, self._previews):
            dpg.configure_item(item, show=False)

    def _show_curve(self, training: Training) -> None:
        dpg.configure_item(self._plot, show=len(training.curve.get("loss", ())) > 1)
        for name, line in self._lines.items():
            values = [float(v) for v in training.curve.get(name, ())]
            at = [float(v) for v in training.curve.get("epoch", ())] if name in SCORES else []
            dpg.set_value(line, [at or [float(i + 1) for i in range(len(values))], values])
            dpg.configure_item(line, show=len(values) > 1)  # a point is no line, and what is hidden is in no legend

    def _show_preview(self, training: Training) -> None:
        picture = preview_picture(training.preview)
        dpg.configure_item(self._previews, show=picture is not None)
        if picture is None:
            return
        height, width = picture.shape[:2]
        data = np.ones((height, width, 4), np.float32)
        data[..., :3] = picture / np.float32(255)
        texture = dpg.add_static_texture(width, height, data.ravel(), parent=self._registry)
        size = round(PREVIEW * self._scale)
        if self._picture is not None:
            dpg.delete_item(self._picture)
        self._picture = dpg.add_image(texture, width=size, height=round(size * height / width), parent=self._previews)
        if self._texture is not None:
            dpg.delete_item(self._texture)
        self._texture = texture


def preview_picture(preview: object) -> np.ndarray | None:
    """The part of an image that the training publishes, with every class laid over it in its colour.

    Classes that are grey, as what nobody traced is, leave the picture as it is.
    """
    if not isinstance(preview, dict) or not {"pixels", "probabilities", "colors"} <= preview.keys():
        return None
    pixels, shares = np.asarray(preview["pixels"]), np.asarray(preview["probabilities"])
    low, high = (float(v) for v in np.percentile(pixels, (1, 99)))
    rgb = as_rgb(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels, (low, max(high, low + 1e-6)))
    colors = np.array(preview["colors"], float)
    shares = np.clip(shares, 0, 1) * (np.ptp(colors, axis=1) > 0) * COVER
    return (rgb * (1 - shares.sum(axis=2, keepdims=True)) + shares @ colors).astype(np.uint8)
