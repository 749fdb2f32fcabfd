from collections.abc import Iterator
from types import SimpleNamespace

import dearpygui.dearpygui as dpg
import numpy as np
import pytest

from graingraph.app.gui.panels.plots import small_plot_theme
from graingraph.app.gui.panels.training_progress import TrainingProgress


@pytest.fixture
def progress() -> Iterator[TrainingProgress]:
    small_plot_theme.cache_clear()  # what was kept belongs to the context of another test
    dpg.create_context()
    with dpg.window():
        yield TrainingProgress(1.0, beside=100)
    dpg.destroy_context()


def test_curve_and_preview_are_those_of_this_training_also_before_its_first_epoch(progress: TrainingProgress):
    pixels = np.arange(64, dtype=np.float32).reshape(8, 8)
    preview = {"pixels": pixels, "probabilities": np.ones((8, 8, 1), np.float32), "colors": [(255, 0, 0)]}
    shown = []
    for curve, picture in (({"loss": [0.9, 0.5]}, preview), ({}, None)):  # one that ended, and one that begins
        progress.show(SimpleNamespace(curve=curve, preview=picture))
        shown.append([dpg.is_item_shown(item) for item in (progress._plot, progress._previews)])
    assert shown == [[True, True], [False, False]]


def test_a_curve_has_two_points_and_its_legend_only_what_it_shows(progress: TrainingProgress):
    scored = {"loss": [0.9, 0.5], "epoch": [2, 4], "iou": [0.6, 0.7], "boundary_f1": []}
    shown = []
    for curve in ({"loss": [0.9]}, {"loss": [0.9, 0.5]}, scored):
        progress.show(SimpleNamespace(curve=curve, preview=None))
        lines = [name for name, line in progress._lines.items() if dpg.get_item_configuration(line)["show"]]
        shown.append((dpg.get_item_configuration(progress._plot)["show"], lines))
    assert shown == [(False, []), (True, ["loss"]), (True, ["loss", "iou"])]
