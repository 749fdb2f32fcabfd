"""E112 grain size of several fields together, from the rows that each of them gave."""

import math
from typing import NamedTuple

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from graingraph.engine.values.wording import counted, with_uncertainty
from graingraph.nodes.imaging.stereology.over_fields import OverFields, ratio
from graingraph.nodes.imaging.stereology.reportable import Network, Sampling, reasons, twice
from graingraph.nodes.imaging.stereology.statistics import spread, statistics_columns
from graingraph.nodes.imaging.stereology.stereology import DIRECTIONS, g_from_density, g_from_intercept

METHODS = ("circles", "lines", "circles and lines", "planimetric")


class FieldsSize(NamedTuple):
    """The size by one method: the mean over the fields in ``unit``, their standard deviation, G of the mean and half
    of its 95 % interval; NaN for sizes in pixels."""

    method: str
    quantity: str
    unit: str
    mean: OverFields
    spread: float
    g: float
    g_half: float


def sizes_over_fields(table: Table) -> list[FieldsSize]:
    """The size by each method over the rows of pooled GrainSize tables.

    All grains on all areas, all test lines on all crossings (``over_fields.ratio``): a large field counts by its size,
    a field without a crossing enters with its lines. ``Problem`` where the columns are others.
    Source: ASTM E112, statistical analysis. Oracles: scipy.stats.t.interval on fields of one size; coverage on 3-D
    Voronoi sections.
    """
    needed = {"Grains", "Field area", *(f"{n} {m}" for n in ("Test line", "Mean intercept") for m in METHODS[:3])}
    if not needed <= table.columns.keys():
        raise Problem("Wire the table of GrainSize into it; this one has other columns.")
    column = {name: np.asarray(values, float) for name, values in table.columns.items() if name in table.quantities}
    found = []
    for method in METHODS:
        if method == "planimetric":
            quantity, mean = "Grains per area", ratio(column["Grains"], column["Field area"])
        else:
            quantity, lines = f"Mean intercept {method}", column[f"Test line {method}"]
            per_line = 1000.0 if table.units[quantity] == "µm" else 1.0
            crossings = np.nan_to_num(lines * per_line / column[quantity])
            mean = ratio(lines * per_line, crossings)
        unit, values = table.units[quantity], column[quantity]
        found.append(
            FieldsSize(method, quantity, unit, mean, spread(values[np.isfinite(values)]), *_number(mean, unit))
        )
    return found


def _number(mean: OverFields, unit: str) -> tuple[float, float]:
    """G of a mean, and half of its 95 % interval; NaN for sizes in pixels."""
    if unit == "1/mm²":
        numbers = [g_from_density(value) for value in (mean.value, mean.low, mean.high)]
    elif unit == "µm":
        numbers = [g_from_intercept(value / 1000) for value in (mean.value, mean.low, mean.high)]
    else:
        return math.nan, math.nan
    return numbers[0], abs(numbers[2] - numbers[1]) / 2


def statistics_of(sizes: list[FieldsSize], fields: int) -> Table:
    """One statistic a row: columns "Statistic", "Value", "Unit"."""
    rows: list[tuple[str, float, str]] = [("Number of fields", float(fields), "")]
    for size in sizes:
        rows += [
            (size.quantity, size.mean.value, size.unit),
            (f"{size.quantity}, 95 % CI over fields (±)", size.mean.half_width, size.unit),
            (f"{size.quantity}, standard deviation of fields", size.spread, size.unit),
            (f"Relative accuracy {size.method}", size.mean.relative_accuracy, "%"),
            (f"Fields needed for 10 % {size.method}", size.mean.fields_needed, ""),
            (f"G {size.method}", size.g, ""),
            (f"G {size.method}, 95 % CI over fields (±)", size.g_half, ""),
        ]
    return Table(statistics_columns(rows), {}, rows="statistics", headline=headline(sizes, fields))


def headline(sizes: list[FieldsSize], fields: int) -> str:
    """The grain size of all fields by circles, in a line; ± is the 95 % interval over the fields."""
    size = sizes[0]
    if not math.isfinite(size.mean.value):
        return "no grain boundary crosses the test circles"
    known = math.isfinite(size.mean.half_width)
    number = f"ASTM grain size number G {_g(size)}, " if math.isfinite(size.g) else ""
    length = with_uncertainty(size.mean.value, size.mean.half_width, size.unit)
    many = f"95 % CI over {counted(fields, 'field')}" if known else counted(fields, "field")
    return f"{number}mean intercept {length} by circles ({many})"


def _g(size: FieldsSize) -> str:
    """G never to more than two places, as tables of grain sizes have it."""
    if not math.isfinite(size.g_half):
        return f"{size.g:.1f}"
    return f"{size.g:.2f} ± {size.g_half:.2f}" if size.g_half < 0.095 else f"{size.g:.1f} ± {size.g_half:.1f}"


def not_reportable(table: Table, sizes: list[FieldsSize]) -> list[str]:
    """Why the grain size of these fields (rows of pooled GrainSize tables) may not be reported; empty where it may."""
    column = {name: np.asarray(values, float) for name, values in table.columns.items() if name in table.quantities}
    lines, area = column["Test line circles and lines"], column["Field area"]
    by_method = {size.method: size for size in sizes}
    network = Network(
        scaled=table.units["Field area"] == "mm²",
        fewest_grains=float(column["Grains"].min(initial=math.inf)),
        without_crossing=int(np.count_nonzero(column["Crossings circles and lines"] == 0)),
        g_planimetric=by_method["planimetric"].g,
        g_intercept=by_method["circles and lines"].g,
        open_share=float(np.average(np.nan_to_num(column["Open ends"]), weights=lines)) / 100
        if "Open ends" in column and lines.sum()
        else 0.0,
        per_length=[float(np.average(column[f"Crossings per length {angle}°"], weights=area)) for angle in DIRECTIONS],
    )
    accuracy = max(by_method["circles"].mean.relative_accuracy, by_method["planimetric"].mean.relative_accuracy)
    told = ["Grains per area", *(f"Mean intercept {m}" for m in METHODS[:2])]
    told += [f"Crossings per length {angle}°" for angle in DIRECTIONS]
    names = [str(name) for name in table.columns.get("Image", np.arange(table.count))]
    return [*reasons(network, Sampling(table.count, accuracy)), *twice(names, [column[name] for name in told])]
