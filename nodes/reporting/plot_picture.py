"""A plot as a PNG picture for reports and exports, drawn by Matplotlib without a display."""

import io
import logging
from itertools import cycle

import numpy as np

from graingraph.engine.values import Plot
from graingraph.nodes.reporting.fonts import lacking, others_for

BAR, LINE = "#4a7fb5", "#b5483a"
LINES = ((LINE, "-"), ("#2f6f8f", "--"), ("#4d7a3f", ":"), ("#7a4d8f", "-."))
"""Colour and dashes of each line, so that they are told apart in grey print too."""


def plot_png(plot: Plot, size: tuple[float, float] = (6.4, 3.4), dpi: int = 200) -> bytes:
    """Draw the series of a plot; ``size`` in inches. Returns PNG bytes."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # that it keeps no cache concerns nobody
    from matplotlib import rc_context

    words = " ".join([plot.x_label, plot.y_label, *(series.name for series in plot.series)])
    with rc_context({"font.family": ["DejaVu Sans", *_other_families(words)]}):
        return _drawn(plot, size, dpi)


def _other_families(words: str) -> list[str]:
    """Font families for the letters that DejaVu Sans lacks; Matplotlib reads the first font of a file only."""
    from matplotlib.font_manager import FontProperties, fontManager

    families = []
    for font in others_for(lacking(words)):
        if font.number == 0:
            fontManager.addfont(font.path)
            families.append(FontProperties(fname=font.path).get_name())
    return families


def _drawn(plot: Plot, size: tuple[float, float], dpi: int) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    looks = cycle(LINES)
    for series in plot.series:
        if series.kind == "bars":
            widths = series.x[1:] - series.x[:-1]
            axes.bar(series.x[:-1], series.y, widths, align="edge", color=BAR, edgecolor="white", linewidth=0.5)
        elif series.kind == "points":
            axes.plot(series.x, series.y, "o", color=LINE, markersize=3, label=series.name)
        else:
            color, dashes = next(looks)
            axes.plot(series.x, series.y, dashes, color=color, linewidth=1.5, label=series.name)
    if all(series.kind == "bars" and not np.any(series.y % 1) for series in plot.series):
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))  # there is no half a feature
    axes.ticklabel_format(useMathText=True)  # 10⁸ over an axis, not 1e8
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    axes.spines[["top", "right"]].set_visible(False)
    if any(series.kind != "bars" for series in plot.series):
        axes.legend(frameon=False, fontsize=8)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()
