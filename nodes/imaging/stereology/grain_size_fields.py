"""E112 grain size of several fields together, from the rows that each of them gave."""

import math
from typing import NamedTuple

import numpy as np

from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from graingraph.nodes.imaging.stereology.grain_size_table import size_number
from graingraph.nodes.imaging.stereology.statistics import few_fields, mean_interval, statistics_columns
from graingraph.nodes.imaging.stereology.stereology import Estimate, g_from_density, g_from_intercept

METHODS = ("circles", "lines", "circles and lines", "planimetric")
ACCURATE = 10.0
"""Relative accuracy in per cent that E112 finds good enough for most purposes."""


class FieldsSize(NamedTuple):
    """The size by one method: the mean over the fields in ``unit``, G of the mean and half of its 95 % interval."""

    method: str
    quantity: str
    unit: str
    mean: Estimate
    g: float
    g_half: float


def sizes_over_fields(table: Table) -> list[FieldsSize]:
    """Mean, 95 % interval t · s / √n and G of the mean, over the rows of pooled GrainSize tables, by each method.

    With a single field the interval is that of its own grains or intercepts. ``Problem`` where the columns are others.
    Source: ASTM E112, statistical analysis. Oracle: scipy.stats.t.interval on the fields' values.
    """
    found = []
    for method in METHODS:
        quantity = "Grains per area" if method == "planimetric" else f"Mean intercept {method}"
        accuracy = f"Relative accuracy {method}"
        if not {quantity, accuracy} <= table.columns.keys():
            raise Problem("Wire the table of GrainSize into it; this one has other columns.")
        values = np.asarray(table.columns[quantity], float)
        known = np.isfinite(values) & (values > 0)
        mean = float(values[known].mean()) if known.any() else math.nan
        half = mean_interval(values[known])
        if np.count_nonzero(known) == 1:
            half = mean * float(np.asarray(table.columns[accuracy], float)[known][0]) / 100
        unit, estimate = table.units[quantity], Estimate(mean, half, float(np.count_nonzero(known)))
        found.append(FieldsSize(method, quantity, unit, estimate, *_number(estimate, unit)))
    return found


def _number(mean: Estimate, unit: str) -> tuple[float, float]:
    """G of a mean, and half of its 95 % interval; NaN for sizes in pixels."""
    if unit == "1/mm²":
        return size_number(mean, g_from_density, 1.0)
    return size_number(mean, g_from_intercept, 0.001 if unit == "µm" else math.nan)


def statistics_of(sizes: list[FieldsSize], fields: int) -> Table:
    """One statistic a row: columns "Statistic", "Value", "Unit"."""
    rows: list[tuple[str, float, str]] = [("Number of fields", float(fields), "")]
    for size in sizes:
        rows += [
            (size.quantity, size.mean.value, size.unit),
            (f"{size.quantity}, 95 % CI (±)", size.mean.half_width, size.unit),
            (f"Relative accuracy {size.method}", size.mean.relative_accuracy, "%"),
            (f"G {size.method}", size.g, ""),
            (f"G {size.method}, 95 % CI (±)", size.g_half, ""),
        ]
    return Table(statistics_columns(rows), {}, rows="statistics", headline=headline(sizes, fields))


def headline(sizes: list[FieldsSize], fields: int) -> str:
    """The grain size of all fields by circles, in a line."""
    size = sizes[0]
    if not math.isfinite(size.mean.value):
        return "no grain boundary crosses the test circles"
    number = f"ASTM grain size number G {size.g:.2f}{_about(size.g_half, '.2f')}, " if math.isfinite(size.g) else ""
    many = "1 field" if fields == 1 else f"{fields} fields"
    length = f"{size.mean.value:.4g}{_about(size.mean.half_width, '.2g')} {size.unit}"
    return f"{number}mean intercept {length} by circles ({many})"


def _about(half: float, form: str) -> str:
    return f" ± {half:{form}}" if math.isfinite(half) else ""


def remarks(sizes: list[FieldsSize], fields: int) -> list[str]:
    """What E112 asks for and these fields do not reach."""
    said = few_fields(fields)
    poor = [size for size in sizes[:2] if size.mean.relative_accuracy > ACCURATE]
    if poor:
        reached = " and ".join(f"{size.mean.relative_accuracy:.1f} % by {size.method}" for size in poor)
        said.append(f"All fields together reach a relative accuracy of {reached}; ASTM E112 asks for 10 % or better.")
    return said
