"""E112 grain size of several fields together, from the rows that each of them gave."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.problem import Problem
from engine.values import Table
from nodes.kernels.statistics import mean_interval
from nodes.kernels.stereology import g_from_density, g_from_intercept

METHODS = ("circles", "lines", "circles and lines", "planimetric")
ENOUGH_FIELDS = 5
ACCURATE = 10.0
"""Relative accuracy in per cent that E112 finds good enough for most purposes."""


class FieldsSize(NamedTuple):
    """The size by one method: mean over the fields and half of its 95 % interval in ``unit``, G and half of its."""

    method: str
    quantity: str
    unit: str
    mean: float
    half: float
    g: float
    g_half: float

    @property
    def accuracy(self) -> float:
        """Half of the 95 % interval in per cent of the mean (%RA)."""
        return 100 * self.half / self.mean


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
        unit = table.units[quantity]
        found.append(FieldsSize(method, quantity, unit, mean, half, *_number(mean, half, unit)))
    return found


def _number(mean: float, half: float, unit: str) -> tuple[float, float]:
    """G of a mean, and half of its 95 % interval; NaN for sizes in pixels."""
    per_unit: dict[str, Callable[[float], float]] = {
        "µm": lambda length: g_from_intercept(length / 1000),
        "1/mm²": g_from_density,
    }
    number = per_unit.get(unit)
    if number is None:
        return math.nan, math.nan
    return number(mean), abs(number(mean + half) - number(mean - half)) / 2


def statistics_of(sizes: list[FieldsSize], fields: int) -> Table:
    """One statistic a row: columns "Statistic", "Value", "Unit"."""
    rows: list[tuple[str, float, str]] = [("Number of fields", float(fields), "")]
    for size in sizes:
        rows += [
            (size.quantity, size.mean, size.unit),
            (f"{size.quantity}, 95 % CI (±)", size.half, size.unit),
            (f"Relative accuracy {size.method}", size.accuracy, "%"),
            (f"G {size.method}", size.g, ""),
            (f"G {size.method}, 95 % CI (±)", size.g_half, ""),
        ]
    names, numbers, units = zip(*rows, strict=True)
    columns = {
        "Statistic": np.array(names, object),
        "Value": np.array(numbers, float),
        "Unit": np.array(units, object),
    }
    return Table(columns, {}, rows="statistics", headline=headline(sizes, fields))


def headline(sizes: list[FieldsSize], fields: int) -> str:
    """The grain size of all fields by circles, in a line."""
    size = sizes[0]
    if not math.isfinite(size.mean):
        return "no grain boundary crosses the test circles"
    number = f"ASTM grain size number G {size.g:.2f}{_about(size.g_half, '.2f')}, " if math.isfinite(size.g) else ""
    many = "1 field" if fields == 1 else f"{fields} fields"
    return f"{number}mean intercept {size.mean:.4g}{_about(size.half, '.2g')} {size.unit} by circles ({many})"


def _about(half: float, form: str) -> str:
    return f" ± {half:{form}}" if math.isfinite(half) else ""


def remarks(sizes: list[FieldsSize], fields: int) -> list[str]:
    """What E112 asks for and these fields do not reach."""
    said = []
    if fields == 1:
        said.append("There are fewer than two fields, so nothing is known about how much fields differ.")
    elif fields < ENOUGH_FIELDS:
        said.append(f"Only {fields} fields; measure at least five, as ASTM E112 asks for grain sizes.")
    poor = [size for size in sizes[:2] if size.accuracy > ACCURATE]
    if poor:
        reached = " and ".join(f"{size.accuracy:.1f} % by {size.method}" for size in poor)
        said.append(f"All fields together reach a relative accuracy of {reached}; ASTM E112 asks for 10 % or better.")
    return said
