"""Plots in the window: a plot value, or the histogram of a table's column."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.gui.base.icons import icon
from graingraph.app.gui.base.theme import in_font
from graingraph.app.gui.panels.table_page import decimals
from graingraph.engine.values import Plot, Series, Table
from graingraph.engine.values.wording import power_of_ten, short, times

SAVE_AS_PICTURE = "Save the diagram as a picture…"
IN_POWER_OF_TEN = "{label}, in {power}"
DISTRIBUTION = "{column}, n = {count}"
COUNT = "Count"
STATISTICS = ("n", "mean", "SD", "median", "from", "to")

LOW_PX, LEAST_PX = 180, 96
"""In a panel lower than the first there is no room for a title, nor for words along the axes; in one lower than the
second none for the plot. At UI scale 1."""
BESIDE_TICKS = 20
"""Room at both ends of an axis for half of a number below it, at UI scale 1, in pixels."""


@cache
def small_plot_theme(ui_scale: float) -> int | str:
    """A theme that lets a plot be as small as its panel, with lines that can be seen."""
    with dpg.theme() as theme:
        with dpg.theme_component(dpg.mvPlot):
            dpg.add_theme_style(dpg.mvPlotStyleVar_PlotMinSize, 60, 40, category=dpg.mvThemeCat_Plots)
            dpg.add_theme_style(
                dpg.mvPlotStyleVar_PlotPadding, BESIDE_TICKS * ui_scale, 4, category=dpg.mvThemeCat_Plots
            )
            dpg.add_theme_style(dpg.mvPlotStyleVar_LabelPadding, 3, 2, category=dpg.mvThemeCat_Plots)
        with dpg.theme_component(dpg.mvLineSeries):
            dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, 2, category=dpg.mvThemeCat_Plots)
    return theme


class PlotView:
    """One diagram that is filled anew when its value changes, and numbers above it. ``save`` hears of its button."""

    def __init__(self, parent: int | str, save: Callable[[Plot], object], ui_scale: float) -> None:
        self._parent, self._save, self._scale = parent, save, ui_scale
        self._plot: Plot | None = None
        self._numbers: Sequence[tuple[str, str]] = ()
        self._shown: tuple[object, ...] = ()
        self._row: int | str | None = None
        self.widgets: dict[str, int | str] = {}

    def show(self, plot: Plot | None, numbers: Sequence[tuple[str, str]] = ()) -> None:
        """Show a plot and named numbers; None shows nothing."""
        self._plot, self._numbers = plot, numbers
        self.refresh()

    def refresh(self) -> None:
        """Follow the height of the panel."""
        plot, numbers = self._plot, self._numbers
        height = dpg.get_item_rect_size(self._parent)[1] / self._scale
        low, none = 0 < height < LOW_PX, 0 < height < LEAST_PX
        shown = (plot, low, none)
        if shown == self._shown:
            return
        self._shown = shown
        if self._row is not None:
            dpg.delete_item(self._row)
            self._row = None
            self.widgets.clear()
        if plot is None:
            return
        with dpg.group(parent=self._parent) as self._row:
            with dpg.group(horizontal=True):
                self.widgets["save plot"] = dpg.add_button(
                    label=icon("save"), small=True, callback=lambda: self._save(plot)
                )
                with dpg.tooltip(self.widgets["save plot"]):
                    dpg.add_text(SAVE_AS_PICTURE)
                words = "   ".join(f"{name} {text}" for name, text in numbers)
                in_font(dpg.add_text(f"{plot.x_label}:   {words}" if low else words, wrap=0), "small")
            if none:
                return
            drawn = dpg.add_plot(label="" if low else plot.title, width=-1, height=-1, no_mouse_pos=False)
        dpg.bind_item_theme(drawn, small_plot_theme(self._scale))
        if any(series.kind != "bars" for series in plot.series):
            dpg.add_plot_legend(parent=drawn, location=dpg.mvPlot_Location_NorthEast)
        scaled = in_powers(plot)
        named = scaled is not plot or not low
        dpg.add_plot_axis(dpg.mvXAxis, label=scaled.x_label if named else "", parent=drawn)
        axis = dpg.add_plot_axis(dpg.mvYAxis, label=scaled.y_label if named else "", parent=drawn)
        for series in scaled.series:
            _add_series(series, axis)


def in_powers(plot: Plot) -> Plot:
    """The plot with its numbers along an axis in a power of ten, which its label names, where they are so large."""
    x = power_of_ten(max((float(np.abs(one.x).max(initial=0)) for one in plot.series), default=0.0))
    y = power_of_ten(max((float(np.abs(one.y).max(initial=0)) for one in plot.series), default=0.0))
    if not (x or y):
        return plot
    return replace(
        plot,
        x_label=_in_power(plot.x_label, x),
        y_label=_in_power(plot.y_label, y),
        series=tuple(replace(one, x=one.x / 10.0**x, y=one.y / 10.0**y) for one in plot.series),
    )


def _in_power(label: str, power: int) -> str:
    return IN_POWER_OF_TEN.format(label=label, power=times(power).removeprefix("·")) if power else label


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
    return Plot(DISTRIBUTION.format(column=column, count=len(values)), table.heading(column), COUNT, (bars,))


def column_statistics(table: Table, column: str) -> list[tuple[str, str]]:
    """Number, mean, standard deviation, median and range of a column, with as many decimals as its cells."""
    known = table.columns[column].astype(float)
    known = known[np.isfinite(known)]
    if len(known) < 2:
        return []
    found = (known.mean(), known.std(ddof=1), np.median(known), known.min(), known.max())
    places = decimals(np.array(found))
    texts = [short(value, 4) if places is None else f"{value:.{places}f}" for value in found]
    return list(zip(STATISTICS, [str(len(known)), *texts], strict=True))
