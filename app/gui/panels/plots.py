"""Plots in the window: a plot value, or the histogram of a table's column."""

from functools import cache

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.engine.values import Plot, Series, Table

LOW_PX = 180
"""In a panel lower than this there is no room for a title, nor for words and numbers along the upright axis."""


@cache
def small_plot_theme() -> int | str:
    """A theme that lets a plot be as small as its panel, with lines that can be seen."""
    with dpg.theme() as theme:
        with dpg.theme_component(dpg.mvPlot):
            dpg.add_theme_style(dpg.mvPlotStyleVar_PlotMinSize, 60, 40, category=dpg.mvThemeCat_Plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_PlotPadding, 6, 4, category=dpg.mvThemeCat_Plots)
            dpg.add_theme_style(dpg.mvPlotStyleVar_LabelPadding, 3, 2, category=dpg.mvThemeCat_Plots)
        with dpg.theme_component(dpg.mvLineSeries):
            dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, 2, category=dpg.mvThemeCat_Plots)
    return theme


class PlotView:
    """One diagram that is filled anew when its value changes."""

    def __init__(self, parent: int | str) -> None:
        self._parent = parent
        self._shown: object = None
        self._plot: int | str | None = None

    def show(self, plot: Plot | None) -> None:
        """Show a plot; None shows nothing."""
        if plot is self._shown:
            return
        self._shown = plot
        if self._plot is not None:
            dpg.delete_item(self._plot)
            self._plot = None
        if plot is None:
            return
        low = 0 < dpg.get_item_rect_size(self._parent)[1] < LOW_PX
        self._plot = dpg.add_plot(
            label="" if low else plot.title, width=-1, height=-1, no_mouse_pos=False, parent=self._parent
        )
        dpg.bind_item_theme(self._plot, small_plot_theme())
        if any(series.kind != "bars" for series in plot.series):
            dpg.add_plot_legend(parent=self._plot, location=dpg.mvPlot_Location_NorthEast)
        dpg.add_plot_axis(dpg.mvXAxis, label=plot.x_label, parent=self._plot)
        axis = dpg.add_plot_axis(dpg.mvYAxis, label="" if low else plot.y_label, no_tick_labels=low, parent=self._plot)
        for series in plot.series:
            _add_series(series, axis)


def _add_series(series: Series, axis: int | str) -> None:
    x, y = np.asarray(series.x, float), np.asarray(series.y, float)
    if series.kind == "bars":
        middles, width = (x[:-1] + x[1:]) / 2, float(np.min(np.diff(x))) if len(x) > 1 else 1.0
        dpg.add_bar_series(middles.tolist(), y.tolist(), weight=0.95 * width, label=series.name, parent=axis)
    elif series.kind == "points":
        dpg.add_scatter_series(x.tolist(), y.tolist(), label=series.name, parent=axis)
    else:
        dpg.add_line_series(x.tolist(), y.tolist(), label=series.name, parent=axis)


def histogram_plot(table: Table, column: str) -> Plot | None:
    """How the values of a column are distributed, in equal bins; None for a column without numbers."""
    if column not in table.columns or table.columns[column].dtype.kind not in "iuf":
        return None
    values = table.columns[column].astype(float)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return None
    counts, edges = np.histogram(values, bins=min(40, max(5, int(np.sqrt(len(values))))))
    bars = Series("", edges, counts.astype(float), "bars")
    return Plot(f"{column}, n = {len(values)}", table.heading(column), "Count", (bars,))
